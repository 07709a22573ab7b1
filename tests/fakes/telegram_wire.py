"""Requests and answers of the Bot API as they travel."""

import json
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from tests.fakes.telegram_faults import Refuse


async def fields_of(request: web.BaseRequest) -> tuple[dict[str, str], dict[str, bytes]]:
    """Parameters however they were sent, and the uploaded files."""
    fields = dict(request.query)
    files: dict[str, bytes] = {}
    if request.content_type == "application/json":
        sent = json.loads(await request.read() or b"{}")
        fields |= {
            name: value if isinstance(value, str) else json.dumps(value) for name, value in sent.items()
        }
    elif request.content_type.startswith("multipart/"):
        for name, value in (await request.post()).items():
            if isinstance(value, str):
                fields[name] = value
            else:
                files[name] = value.file.read() if isinstance(value, web.FileField) else bytes(value)
    else:
        fields |= dict(parse_qsl((await request.read()).decode(), keep_blank_values=True))
    return fields, files


def accepted(result: object) -> web.Response:
    body = json.dumps({"ok": True, "result": result}, separators=(",", ":")).encode()
    return web.Response(body=body, content_type="application/json")


def refused(refusal: Refuse) -> web.Response:
    answer: dict[str, Any] = {"ok": False, "error_code": refusal.status, "description": refusal.description}
    if refusal.parameters:
        answer["parameters"] = refusal.parameters
    return web.Response(
        status=refusal.status, body=json.dumps(answer).encode(), content_type="application/json"
    )
