"""Render messages, each content once for all chats that get the same."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Generic, TypeVar

from bot.delivery.outcomes import OutgoingMessage
from storage.outbox import MessageContent

Render = Callable[[MessageContent, datetime], OutgoingMessage]
Content = TypeVar("Content")

_FRESH_S = 30  # a message tells ages, so a rendering is soon too old to be shared
_MAX_RENDERED = 256


class RenderError(Exception):
    """The renderer failed."""


class RenderCache(Generic[Content]):
    """Shares renderings by content, which is all that a text depends on: equal contents read the same."""

    def __init__(self, render: Callable[[Content, datetime], OutgoingMessage]) -> None:
        self._render = render
        self._rendered: OrderedDict[tuple[Content, int], OutgoingMessage] = OrderedDict()

    def message(self, content: Content, now: datetime) -> OutgoingMessage:
        """The message of a content at `now`. Raises RenderError."""
        key = (content, int(now.timestamp() / _FRESH_S))
        message = self._rendered.get(key)
        if message is None:
            try:
                message = self._render(content, now)
            except Exception as error:
                raise RenderError(f"can't be rendered: {type(error).__name__}") from error
            self._rendered[key] = message
            if len(self._rendered) > _MAX_RENDERED:
                self._rendered.popitem(last=False)
        return message


def text_digest(message: OutgoingMessage) -> str:
    """Two digests in one: of a message's words without figures, and of everything."""
    words = "".join(char for char in message.text if not char.isdigit() and char not in ".,−+-")
    everything = f"{message.text}\0{message.keyboard or ''}"
    return f"{sha256(words.encode()).hexdigest()[:16]}:{sha256(everything.encode()).hexdigest()[:16]}"
