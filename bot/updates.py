"""Updates on their way in: when Telegram last answered, and none that can't be read gets in the way."""

import json
import logging
from collections.abc import Callable
from typing import Any

from telegram import Update
from telegram.request import BaseRequest, RequestData

log = logging.getLogger(__name__)


def readable(raw: object) -> bool:
    """Whether the library can make an Update of it."""
    if not isinstance(raw, dict) or not isinstance(raw.get("update_id"), int):
        return False
    try:
        Update.de_json(raw, None)
    except Exception as error:  # noqa: BLE001 - whatever the library trips over, the next update is another
        log.error(f"update {raw['update_id']} can't be read ({type(error).__name__}) and is left out")
        return False
    return True


class UpdatesRequest(BaseRequest):
    """For getUpdates: calls `answered` after each answer of `inner`, and leaves out what can't be read.

    Without this one update of an unknown shape would be asked for again for ever, and nothing after it.
    """

    def __init__(self, inner: BaseRequest, answered: Callable[[], None]) -> None:
        self._inner = inner
        self._answered = answered

    @property
    def read_timeout(self) -> float | None:
        """The inner request's."""
        return self._inner.read_timeout

    async def initialize(self) -> None:
        """Open the inner request."""
        await self._inner.initialize()

    async def shutdown(self) -> None:
        """Close the inner request."""
        await self._inner.shutdown()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        *timeouts: Any,
        **named_timeouts: Any,
    ) -> tuple[int, bytes]:
        """One exchange."""
        status, body = await self._inner.do_request(url, method, request_data, *timeouts, **named_timeouts)
        if status == 200:
            self._answered()
            if url.endswith("/getUpdates") and len(body) > 64:
                body = _sifted(body)
        return status, body


def _sifted(body: bytes) -> bytes:
    try:
        answer = json.loads(body)
    except ValueError:
        return body  # the library says what is wrong with it
    result = answer.get("result") if isinstance(answer, dict) else None
    if not isinstance(result, list):
        return body
    good = [readable(raw) for raw in result]
    if all(good):
        return body
    # An update that is left out still has to be counted as received, or it would come again.
    answer["result"] = [
        raw if fine else {"update_id": raw["update_id"]}
        for raw, fine in zip(result, good, strict=True)
        if fine or (isinstance(raw, dict) and isinstance(raw.get("update_id"), int))
    ]
    return json.dumps(answer).encode()
