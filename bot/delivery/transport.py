"""One message to Telegram, and what became of it."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from telegram import Bot
from telegram.error import TelegramError

from bot.delivery.outcomes import Delivered, Envelope, Outcome, outcome_of

Clock = Callable[[], datetime]
_NO_PREVIEW = '{"is_disabled":true}'


class Transport(Protocol):
    """Where the deliverer's messages go."""

    async def send(self, envelope: Envelope) -> Outcome:
        """Send once, never raise for what the network or Telegram does."""


class TelegramTransport:
    """Sends over a plain `telegram.Bot` without a rate limiter: the deliverer has waited its turn already.

    `paid` allows more than 30 messages a second, for Telegram Stars: only for owners who asked for it.
    """

    def __init__(self, bot: Bot, clock: Clock, *, paid: bool = False) -> None:
        self._bot = bot
        self._clock = clock
        self._paid = True if paid else None

    async def send(self, envelope: Envelope) -> Outcome:
        """Send once; every error becomes an outcome by the table in `outcomes`."""
        extra = {"link_preview_options": _NO_PREVIEW}
        if envelope.keyboard is not None:
            extra["reply_markup"] = envelope.keyboard
        try:
            message = await self._bot.send_message(
                envelope.chat_id,
                envelope.text,
                parse_mode="HTML" if envelope.html else None,
                message_thread_id=envelope.topic_id or None,
                disable_notification=envelope.silent or None,
                allow_paid_broadcast=self._paid,
                api_kwargs=extra,
            )
        except TelegramError as error:
            return outcome_of(error, envelope, self._clock())
        return Delivered(message.message_id)
