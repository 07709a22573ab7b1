"""Errors as RFC 9457 says: `application/problem+json`, or for the pages a short HTML page."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from aiohttp import web

CONTENT_TYPE = "application/problem+json"


class ProblemError(Exception):
    """A request can't be answered as it stands. `detail` is one sentence for the client.

    `suggestions` are values that may have been meant.
    """

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        suggestions: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.suggestions = tuple(suggestions)
        self.headers = dict(headers or {})


def problem_response(problem: ProblemError) -> web.Response:
    """The answer for programs."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": problem.status.phrase,
        "status": int(problem.status),
        "detail": problem.detail,
    }
    if problem.suggestions:
        body["suggestions"] = list(problem.suggestions)
    return web.Response(
        text=json.dumps(body, ensure_ascii=False),
        status=problem.status,
        content_type=CONTENT_TYPE,
        headers=problem.headers,
    )
