"""One message to Telegram, and what became of it."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from telegram import Bot
from telegram.error import TelegramError
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter  # what RequestData is made of

from bot.delivery.outcomes import Delivered, Outcome, SendRequest, Uncertain, outcome_of

Clock = Callable[[], datetime]
_NO_PREVIEW = '{"is_disabled":true}'


class Transport(Protocol):
    """Where the deliverer's messages go."""

    async def send(self, envelope: SendRequest) -> Outcome:
        """Send once, never raise for what the network or Telegram does."""


class TelegramTransport:
    """Sends over a plain `telegram.Bot` without a rate limiter: the deliverer has waited its turn already.

    `paid` allows more than 30 messages a second, for Telegram Stars: only for owners who asked for it.
    """

    def __init__(self, bot: Bot, clock: Clock, *, paid: bool = False) -> None:
        self._request = bot.request
        self._url = f"{bot.base_url}/sendMessage"
        self._clock = clock
        self._constant = [_field("link_preview_options", _NO_PREVIEW)]
        if paid:
            self._constant.append(_field("allow_paid_broadcast", True))

    async def send(self, envelope: SendRequest) -> Outcome:
        """Send once; every error becomes an outcome by the table in `outcomes`.

        The request is made at the library's request seam: `Bot.send_message` would build a whole Message of
        the answer, at a third of the cost of a send, only for its number to be taken from it.
        """
        fields = [_field("chat_id", envelope.chat_id), _field("text", envelope.text), *self._constant]
        if envelope.html:
            fields.append(_field("parse_mode", "HTML"))
        if envelope.topic_id:
            fields.append(_field("message_thread_id", envelope.topic_id))
        if envelope.silent:
            fields.append(_field("disable_notification", True))
        if envelope.keyboard is not None:
            fields.append(_field("reply_markup", envelope.keyboard))
        try:
            answer = await self._request.post(self._url, RequestData(fields))
        except TelegramError as error:
            return outcome_of(error, envelope, self._clock())
        number = answer.get("message_id") if isinstance(answer, dict) else None
        return Delivered(number) if isinstance(number, int) else Uncertain("an answer without a message")


def _field(name: str, value: str | int) -> RequestParameter:
    return RequestParameter(name, value, None)
