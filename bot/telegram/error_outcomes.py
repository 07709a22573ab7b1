"""The error table: what each exception of a Bot API call means for the message it was to send."""

from dataclasses import replace
from datetime import datetime, timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.delivery.outcomes import (
    Gone,
    Halt,
    Moved,
    Outcome,
    Rejected,
    Retry,
    RetryCause,
    SendRequest,
    Uncertain,
)
from bot.telegram.markup import MAX_UNITS, plain, split
from bot.telegram.request import NotSentError, ServerFaultError

_GONE = (
    "chat not found",
    "peer_id_invalid",
    "user not found",
    "user is deactivated",
    "input_user_deactivated",
)
_TOPIC_GONE = ("message thread not found", "topic_deleted", "topic_id_invalid")
_TOPIC_CLOSED = ("topic_closed", "topic closed")
_NO_RIGHTS = (
    "not enough rights",
    "have no rights",
    "need administrator rights",
    "chat_write_forbidden",
    "chat_admin_required",
    "chat_restricted",
    "chat_send_plain_forbidden",
)
_TOO_LONG = (
    "message is too long",
    "text is too long",
    "message_too_long",
    "entity too large",
    "content too large",
)


def outcome_of(error: TelegramError, request: SendRequest, now: datetime) -> Outcome:
    """Outcome of a send that raised `error`. `BadRequest` is a subclass of `NetworkError`: order matters."""
    match error:
        case RetryAfter():
            wait = timedelta(seconds=retry_after_s(error))
            return Retry(RetryCause.FLOOD, str(error), now + wait)
        case ChatMigrated():
            return Moved(error.new_chat_id, None, str(error))
        case Forbidden():
            if lacks_rights(error):
                return Retry(RetryCause.RIGHTS, str(error))
            return Gone(str(error))
        case InvalidToken() | Conflict():
            return Halt(str(error))
        case NotSentError():
            return Retry(RetryCause.OFFLINE, str(error))
        case ServerFaultError():
            return Retry(RetryCause.SERVER, str(error))
        case BadRequest():
            return _refused(error, request)
        case _:
            return Uncertain(str(error))


def _refused(error: BadRequest, request: SendRequest) -> Outcome:
    why = str(error)
    if is_chat_gone(error):
        return Gone(why)
    if is_topic_gone(error) and request.topic_id:
        return Moved(request.chat_id, 0, why)
    if is_topic_closed(error) and request.topic_id:
        return Rejected(why, (replace(request, topic_id=0),))
    if lacks_rights(error):
        return Retry(RetryCause.RIGHTS, why)
    if "can't parse" in why.lower() and request.html:
        as_text = replace(request, text=plain(request.text), html=False)
        return Rejected(why, tuple(split_request(as_text)))
    if _mentions(error, _TOO_LONG):
        return Rejected(why, tuple(split_request(request, MAX_UNITS // 2)))
    return Rejected(why)


def is_chat_gone(error: TelegramError) -> bool:
    """Whether the chat does not exist any more."""
    return _mentions(error, _GONE)


def is_topic_gone(error: TelegramError) -> bool:
    """Whether the topic was deleted."""
    return _mentions(error, _TOPIC_GONE)


def is_topic_closed(error: TelegramError) -> bool:
    """Whether the topic takes no messages at present."""
    return _mentions(error, _TOPIC_CLOSED)


def lacks_rights(error: TelegramError) -> bool:
    """Whether the bot is a member without the right to write, which may come back."""
    return _mentions(error, _NO_RIGHTS)


def is_not_modified(error: TelegramError) -> bool:
    """Whether an edit failed because the message reads so already."""
    return _mentions(error, ("not modified",))


def _mentions(error: TelegramError, phrases: tuple[str, ...]) -> bool:
    description = str(error).lower()
    return any(phrase in description for phrase in phrases)


def split_request(request: SendRequest, max_units: int = MAX_UNITS) -> list[SendRequest]:
    """Cut into requests of at most `max_units` UTF-16 units each; the keyboard stays with the last."""
    texts = split(request.text, max_units, html=request.html)
    if len(texts) == 1:
        return [request]
    last = len(texts) - 1
    return [
        replace(
            request,
            text=text,
            keyboard=request.keyboard if index == last else None,
            reply_to=request.reply_to if index == 0 else None,
        )
        for index, text in enumerate(texts)
    ]


def retry_after_s(error: RetryAfter) -> float:
    """Seconds to wait after a 429, whichever of its two types python-telegram-bot gives."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


class ReplyDroppedError(TelegramError):
    """A reply was not sent: too many waited in its chat, it waited too long, or the program stops."""


def is_passing(error: BaseException) -> bool:
    """Whether a failed reply is due to the network, a limit or the chat, not to the program."""
    if isinstance(error, BadRequest):
        return lacks_rights(error) or is_topic_closed(error) or is_topic_gone(error) or is_chat_gone(error)
    return isinstance(error, NetworkError | RetryAfter | Forbidden | ReplyDroppedError)
