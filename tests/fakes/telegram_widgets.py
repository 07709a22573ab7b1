"""Widgets of Bot API 10.4 with the limits that Telegram states for them."""

import json
import math
import zlib
from typing import Any

from tests.fakes.telegram_chats import Chats
from tests.fakes.telegram_faults import Refuse, flood

METHODS = frozenset({"sendWidget", "sendSharedWidget"})


class Widgets:
    """The widgets sent, and the shared ones by their ids.

    `gap_s`: between two edits of a shared one. `knows_shared`: whether there are shared ones at all.
    """

    def __init__(self, chats: Chats) -> None:
        self.data: dict[str, str] = {}
        self.gap_s = 1.0
        self.knows_shared = True
        self._documents: dict[str, str] = {}
        self._edited: dict[str, float] = {}
        self._chats = chats

    def take(self, method: str, fields: dict[str, str]) -> Refuse | dict[str, Any]:
        """Check a message with a widget, remember it, and give its description or a refusal."""
        widget_id = fields.get("widget_id")
        if int(fields.get("chat_id", "0")) <= 0:
            return Refuse(400, "Bad Request: widgets can be sent only to private chats")
        if method == "sendSharedWidget":
            if widget_id not in self.data:
                return Refuse(400, "Bad Request: WIDGET_ID_INVALID")
            html = self._documents[widget_id]
        else:
            html = fields.get("html", "")
            if wrong := _wrong(html) or _too_long(fields.get("public_data", "")):
                return wrong
            if self.knows_shared and fields.get("is_shared", "").lower() == "true":
                widget_id = f"widget-{self._chats.number()}"
                self._documents[widget_id], self.data[widget_id] = html, fields.get("public_data", "")
        answer = self._chats.take(method, {"caption": "", **fields}, {})
        if isinstance(answer, Refuse):
            return answer
        self._chats.note_caption(answer)
        widget = {"html": html}
        if widget_id is not None:
            widget |= {"id": widget_id, "public_data": self.data[widget_id]}
        return answer | {"caption": answer.pop("text"), "widget": widget}

    def edit(self, fields: dict[str, str], now: float) -> Refuse | bool:
        """Set the data of a shared widget."""
        widget_id, data = fields.get("widget_id", ""), fields.get("public_data", "")
        if widget_id not in self.data:
            return Refuse(400, "Bad Request: WIDGET_ID_INVALID")
        if wrong := _too_long(data):
            return wrong
        if not 5 <= int(fields.get("cache_time", "30")) <= 3600:
            return Refuse(400, "Bad Request: invalid cache time specified")
        if (wait := self._edited.get(widget_id, -math.inf) + self.gap_s - now) > 0:
            return flood(math.ceil(wait))
        self._edited[widget_id], self.data[widget_id] = now, data
        return True


def lines(data: str) -> list[str]:
    """What the data of a status widget say, line by line."""
    return [str(part) for part in json.loads(data)[2:]]


def _wrong(html: str) -> Refuse | None:
    if not 1 <= len(html.encode()) <= 32_768:
        return Refuse(400, "Bad Request: INPUT_MEDIA_WIDGET_TOO_LARGE")
    if len(zlib.compress(html.encode(), 9)) > 4_096:
        return Refuse(400, "Bad Request: INPUT_MEDIA_WIDGET_TOO_LARGE")
    return None


def _too_long(data: str) -> Refuse | None:
    return Refuse(400, "Bad Request: widget data is too long") if len(data.encode()) > 1_024 else None
