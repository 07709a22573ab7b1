"""Incoming updates: when Telegram last answered, and which updates are dropped or not kept."""

import json
import logging
from collections.abc import Callable
from typing import Any

from telegram import Bot, Update
from telegram.request import BaseRequest, RequestData

log = logging.getLogger(__name__)


_TEXTS = frozenset(
    (
        *("text", "caption", "data", "query", "first_name", "last_name", "username", "title"),
        *("language_code", "type", "status"),
    )
)
_NUMBERS = frozenset(
    ("update_id", "message_id", "message_thread_id", "date", "edit_date", "offset", "length")
)
_PEOPLE = frozenset(("from", "chat", "sender_chat", "user"))
_THINGS = _PEOPLE | {
    *("message", "edited_message", "channel_post", "callback_query", "inline_query", "my_chat_member"),
    *("old_chat_member", "new_chat_member", "reply_to_message", "forward_origin"),
}
_MESSAGE = ("message_id", "date", "chat")
_MEMBER = ("status", "user")
_NEEDED = {
    **dict.fromkeys(("message", "edited_message", "channel_post", "reply_to_message"), _MESSAGE),
    **dict.fromkeys(("old_chat_member", "new_chat_member"), _MEMBER),
    "callback_query": ("id", "from"),
    "inline_query": ("id", "from", "query"),
    "my_chat_member": ("chat", "from", "date", "old_chat_member", "new_chat_member"),
}
_LARGEST = 2**53


def read_update(raw: object, bot: Bot | None = None) -> Update | None:
    """An update out of JSON, to be answered by `bot`; None for one that can't be read.

    That is when the library can't make one, or what handlers rely on has another type.
    """
    if not isinstance(raw, dict) or not _whole(raw.get("update_id")):
        return None
    try:
        if not _well_typed(raw, ""):
            raise TypeError
        return Update.de_json(raw, bot)
    except Exception as error:  # noqa: BLE001 - whatever the library trips over, the next update is another
        log.error(f"update {raw['update_id']} can't be read ({type(error).__name__}) and is left out")
        return None


def _well_typed(part: Any, name: str) -> bool:
    """The library checks no simple values: a number for a text would fail much later, in some handler."""
    if isinstance(part, list):
        return all(_well_typed(each, name) for each in part)
    if isinstance(part, str):
        return _printable(part)
    if not isinstance(part, dict):
        return True
    if not all(needed in part for needed in _NEEDED.get(name, ())):
        return False
    return all(_fits(key, value, name) and _well_typed(value, key) for key, value in part.items())


def _fits(key: str, value: object, parent: str) -> bool:
    if key in _TEXTS or (parent, key) == ("inline_query", "offset"):
        return isinstance(value, str)
    if key in _NUMBERS:
        return _whole(value)
    if key == "id":
        return _whole(value) if parent in _PEOPLE else isinstance(value, int | str)
    return bool(value) and isinstance(value, dict) if key in _THINGS else value is not None


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -_LARGEST < value < _LARGEST


def _printable(text: str) -> bool:
    """Half a surrogate pair can neither be stored nor sent."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


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
                body = _drop_invalid(body)
        return status, body


def _drop_invalid(body: bytes) -> bytes:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return body  # the library says what is wrong with it
    result = answer.get("result") if isinstance(answer, dict) else None
    if not isinstance(result, list):
        return body
    good = [read_update(raw) is not None for raw in result]
    if all(good):
        return body
    # An update that is left out still has to be counted as received, or it would come again.
    answer["result"] = [
        raw if fine else {"update_id": raw["update_id"]}
        for raw, fine in zip(result, good, strict=True)
        if fine or (isinstance(raw, dict) and _whole(raw.get("update_id")))
    ]
    return json.dumps(answer).encode()
