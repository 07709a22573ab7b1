"""Widgets of Bot API 10.4: sent, sent again and renewed, until the server says that it takes none."""

import logging
from collections.abc import Collection
from typing import Any, Final

from telegram import Bot
from telegram.error import BadRequest, EndPointNotFound, TelegramError

from bot.settings import WidgetKind
from bot.telegram.error_outcomes import is_passing
from handlers.context import SentWidget

log = logging.getLogger(__name__)

CACHE_S: Final = 60
"""How long apps may keep a shared widget's data; Telegram takes 5 to 3,600."""


class TelegramWidgets:
    """Calls the widget methods, which python-telegram-bot doesn't know, by their names.

    One definite refusal (400 or 404 in the Bot API's own words, about anything but the chat) ends it for this
    process: from then on nothing is offered. What comes from in between, or not at all, says nothing about
    widgets and is raised.

    Args:
        bot: the bot to send as, with its rate limiter.
        kinds: what the operator has switched on.
    """

    def __init__(self, bot: Bot, kinds: Collection[WidgetKind]) -> None:
        self._bot = bot
        self._kinds = frozenset(kinds)
        self._is_refused = False

    def offers(self, kind: WidgetKind) -> bool:
        """Whether to try: switched on, and not refused yet."""
        return kind in self._kinds and not self._is_refused

    async def send(
        self, chat_id: int, html: str, *, topic_id: int = 0, reply_to: int | None = None
    ) -> SentWidget | None:
        """Send a widget of one message; None when it is refused. Raises TelegramError."""
        return await self._send("sendWidget", _fields(chat_id, topic_id, reply_to) | {"html": html})

    async def create_shared(
        self, chat_id: int, html: str, data: str, caption: str, *, topic_id: int = 0
    ) -> SentWidget | None:
        """Make a shared widget and send it; None when it is refused. Raises TelegramError."""
        fields = {"html": html, "is_shared": True, "public_data": data, "caption": caption}
        sent = await self._send("sendWidget", _fields(chat_id, topic_id) | fields)
        if sent is not None and sent.widget_id is None:
            self._refuse("the widget it made is not shared")
            await self._bot.delete_message(chat_id, sent.message_id)
            return None
        return sent

    async def send_shared(
        self, chat_id: int, widget_id: str, caption: str, *, topic_id: int = 0
    ) -> SentWidget | None:
        """Send a shared widget again; None when it is refused. Raises TelegramError."""
        fields = {"widget_id": widget_id, "caption": caption}
        return await self._send("sendSharedWidget", _fields(chat_id, topic_id) | fields)

    async def edit_shared(self, widget_id: str, data: str) -> bool:
        """Set the data of a shared widget in every message that shows it; False when that is refused.

        Raises TelegramError.
        """
        fields = {"widget_id": widget_id, "public_data": data, "cache_time": CACHE_S}
        return await self._call("editSharedWidgetData", fields) is not None

    async def _send(self, method: str, fields: dict[str, object]) -> SentWidget | None:
        answer = await self._call(method, fields)
        if answer is None:
            return None
        if not isinstance(answer, dict) or not isinstance(answer.get("message_id"), int):
            raise TelegramError("an answer without a message id")
        widget = answer.get("widget")
        widget_id = widget.get("id") if isinstance(widget, dict) else None
        return SentWidget(answer["message_id"], widget_id if isinstance(widget_id, str) else None)

    async def _call(self, method: str, fields: dict[str, object]) -> Any:
        """The answer; None when the server refuses the method or what is asked of it."""
        try:
            return await self._bot.do_api_request(method, api_kwargs=fields)
        except (BadRequest, EndPointNotFound) as error:
            if isinstance(error, BadRequest) and is_passing(error):
                raise
            self._refuse(str(error))
            return None

    def _refuse(self, why: str) -> None:
        self._is_refused = True
        log.warning(f"widgets are off until the next start, since Telegram said: {why}")


def _fields(chat_id: int, topic_id: int, reply_to: int | None = None) -> dict[str, object]:
    fields: dict[str, object] = {"chat_id": chat_id}
    if topic_id:
        fields["message_thread_id"] = topic_id
    if reply_to is not None:
        fields["reply_parameters"] = {"message_id": reply_to, "allow_sending_without_reply": True}
    return fields
