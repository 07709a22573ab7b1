"""Send one message to Telegram and return its outcome."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from telegram import Bot, InputFile
from telegram.error import TelegramError
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter  # what RequestData is made of

from bot.delivery.outcomes import Delivered, EditRequest, Outcome, Picture, SendRequest, Uncertain
from bot.telegram.error_outcomes import is_not_modified, outcome_of, split_request

Clock = Callable[[], datetime]
_NO_PREVIEW = '{"is_disabled":true}'


class TelegramTransport:
    """Transport over a plain `telegram.Bot` without a rate limiter, since the relay paces its messages.

    Args:
        bot: the bot to send as.
        clock: aware UTC now.
        paid: whether to pay Telegram Stars for more than 30 messages a second.
    """

    def __init__(self, bot: Bot, clock: Clock, *, is_paid: bool = False) -> None:
        self._request = bot.request
        self._send_url = f"{bot.base_url}/sendMessage"
        self._photo_url = f"{bot.base_url}/sendPhoto"
        self._edit_url = f"{bot.base_url}/editMessageText"
        self._edit_caption_url = f"{bot.base_url}/editMessageCaption"
        self._clock = clock
        self._constant = [_field("link_preview_options", _NO_PREVIEW)]
        if is_paid:
            self._constant.append(_field("allow_paid_broadcast", True))

    def split(self, request: SendRequest) -> list[SendRequest]:
        """Cut into requests that each fit one message; the keyboard stays with the last."""
        return split_request(request)

    async def send(self, request: SendRequest) -> Outcome:
        """Send once; errors become outcomes by the table in `error_outcomes`.

        The call is made at the library's request seam: `Bot.send_message` would build a whole Message of the
        answer, at a third of the cost of a send, only for its id to be taken from it.
        """
        url, fields = self._send_url, [_field("chat_id", request.chat_id)]
        if request.picture is None:
            fields += [_field("text", request.text), *self._constant]
        else:
            url = self._photo_url
            fields += [_field("caption", request.text), *self._constant[1:], _photo(request.picture)]
        if request.html:
            fields.append(_field("parse_mode", "HTML"))
        if request.topic_id:
            fields.append(_field("message_thread_id", request.topic_id))
        if request.silent:
            fields.append(_field("disable_notification", True))
        if request.keyboard is not None:
            fields.append(_field("reply_markup", request.keyboard))
        if request.reply_to is not None:
            target = f'{{"message_id":{request.reply_to},"allow_sending_without_reply":true}}'
            fields.append(_field("reply_parameters", target))
        try:
            answer = await self._request.post(url, RequestData(fields))
        except TelegramError as error:
            return outcome_of(error, request, self._clock())
        message_id = answer.get("message_id") if isinstance(answer, dict) else None
        if not isinstance(message_id, int):
            return Uncertain("an answer without a message id")
        return Delivered(message_id, _file_id(answer) if request.picture is not None else None)

    async def edit(self, request: EditRequest) -> Outcome:
        """Edit once; a message that reads so already counts as edited."""
        fields = [
            _field("chat_id", request.chat_id),
            _field("message_id", request.message_id),
            _field("caption" if request.is_caption else "text", request.text),
            _field("parse_mode", "HTML"),
        ]
        if not request.is_caption:
            fields.append(self._constant[0])
        if request.keyboard is not None:
            fields.append(_field("reply_markup", request.keyboard))
        try:
            await self._request.post(
                self._edit_caption_url if request.is_caption else self._edit_url, RequestData(fields)
            )
        except TelegramError as error:
            if is_not_modified(error):
                return Delivered(request.message_id)
            return outcome_of(error, SendRequest(request.chat_id, 0, request.text), self._clock())
        return Delivered(request.message_id)


def _photo(picture: Picture) -> RequestParameter:
    """The picture by its file id, or uploaded."""
    if picture.file_id is not None:
        return _field("photo", picture.file_id)
    return RequestParameter.from_input("photo", InputFile(picture.png, filename="chart.png"))


def _file_id(answer: Any) -> str | None:
    """The file id of the largest size of a picture that was sent."""
    sizes = answer.get("photo") if isinstance(answer, dict) else None
    largest = sizes[-1] if isinstance(sizes, list) and sizes else None
    file_id = largest.get("file_id") if isinstance(largest, dict) else None
    return file_id if isinstance(file_id, str) else None


def _field(name: str, value: str | int) -> RequestParameter:
    return RequestParameter(name, value, None)
