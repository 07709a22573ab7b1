"""What became of a send, and the one table that says so for every error Telegram and the network can give."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from bot.telegram.markup import LONGEST, plain, split
from bot.telegram.request import NotSentError, ServerFaultError


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """What a renderer makes: HTML as Telegram takes it, an inline keyboard as JSON, no sound when silent."""

    text: str
    keyboard: str | None = None
    silent: bool = False


@dataclass(frozen=True, slots=True)
class SendRequest:
    """One request: at most one message's length, and where it goes. Without `html` the text is plain."""

    chat_id: int
    topic_id: int
    text: str
    keyboard: str | None = None
    silent: bool = False
    html: bool = True


@dataclass(frozen=True, slots=True)
class Delivered:
    """Telegram has it."""

    message_id: int


@dataclass(frozen=True, slots=True)
class Retry:
    """Not sent; try again. `at` is Telegram's own word, None leaves the wait to the sender.

    `flood`: a limit was hit. `offline`: Telegram wasn't reached at all, which says nothing of the message.
    """

    at: datetime | None
    why: str
    flood: bool = False
    offline: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """Not sent: the chat has another id now, or its topic is gone (`topic_id` 0 then; None keeps topics)."""

    chat_id: int
    topic_id: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Gone:
    """Not sent and never will be: the chat doesn't want us or isn't there."""

    why: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Not sent: this message is at fault. `instead` is what may be sent in its place, once."""

    why: str
    instead: tuple[SendRequest, ...] = ()


@dataclass(frozen=True, slots=True)
class Uncertain:
    """No answer came: it may have arrived or not, and Telegram offers no way to ask."""

    why: str


@dataclass(frozen=True, slots=True)
class Halt:
    """Not sent, and nothing else will be: the token is wrong, or another instance runs. Stop loudly."""

    why: str


Outcome = Delivered | Retry | Moved | Gone | Rejected | Uncertain | Halt

_GONE = (
    "chat not found",
    "peer_id_invalid",
    "user not found",
    "user is deactivated",
    "input_user_deactivated",
)
_TOPIC_GONE = ("message thread not found", "topic_deleted", "topic_id_invalid")
_TOPIC_CLOSED = ("topic_closed", "topic closed")
_TOO_LONG = (
    "message is too long",
    "text is too long",
    "message_too_long",
    "entity too large",
    "content too large",
)


def outcome_of(error: TelegramError, envelope: SendRequest, now: datetime) -> Outcome:
    """The error table. Order matters: `BadRequest` is a `NetworkError` in python-telegram-bot."""
    match error:
        case RetryAfter():
            return Retry(now + timedelta(seconds=seconds_of(error)), str(error), flood=True)
        case ChatMigrated():
            return Moved(error.new_chat_id, None, str(error))
        case Forbidden():
            return Gone(str(error))
        case InvalidToken() | Conflict():
            return Halt(str(error))
        case NotSentError():
            return Retry(None, str(error), offline=True)
        case ServerFaultError():
            return Retry(None, str(error))
        case BadRequest():
            return _refused(str(error), envelope)
        case _:
            return Uncertain(str(error))


def _refused(why: str, envelope: SendRequest) -> Outcome:
    said = why.lower()
    if any(words in said for words in _GONE):
        return Gone(why)
    if any(words in said for words in _TOPIC_GONE) and envelope.topic_id:
        return Moved(envelope.chat_id, 0, why)
    if any(words in said for words in _TOPIC_CLOSED) and envelope.topic_id:
        return Rejected(why, (replace(envelope, topic_id=0),))
    if "can't parse" in said and envelope.html:
        return Rejected(why, tuple(parts(replace(envelope, text=plain(envelope.text), html=False))))
    if any(words in said for words in _TOO_LONG):
        return Rejected(why, tuple(parts(envelope, LONGEST // 2)))
    return Rejected(why)


def parts(envelope: SendRequest, longest: int = LONGEST) -> list[SendRequest]:
    """The envelope, or several of at most `longest` UTF-16 units each; the keyboard stays with the last."""
    texts = split(envelope.text, longest, html=envelope.html)
    last = len(texts) - 1
    return [
        replace(envelope, text=text, keyboard=envelope.keyboard if index == last else None)
        for index, text in enumerate(texts)
    ]


def seconds_of(error: RetryAfter) -> float:
    """Seconds to wait, whichever of its two types python-telegram-bot gives."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
