"""Render messages, each content once for all chats that get the same."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.delivery.outcomes import OutgoingMessage
from storage.outbox import MessageContent

Render = Callable[[MessageContent, datetime], OutgoingMessage]

DELAYED_AFTER: Final = timedelta(minutes=15)
"""A message older than this says that it is late."""

_FRESH_S = 30  # a message tells ages, so a rendering is soon too old to be shared
_MAX_RENDERED = 256


class RenderError(Exception):
    """The renderer failed."""


class RenderCache:
    """Shares renderings by content, which is all that a text depends on: equal contents read the same."""

    def __init__(self, render: Render) -> None:
        self._render = render
        self._rendered: OrderedDict[tuple[MessageContent, int], OutgoingMessage] = OrderedDict()

    def message(self, content: MessageContent, now: datetime) -> OutgoingMessage:
        """The message of a content at `now`. Raises RenderError."""
        if now - content.queued_at >= DELAYED_AFTER:
            content = replace(content, delayed=True)
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
