"""Messages, send requests and outcomes: the values that pass between the relay and a transport."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A rendered message: Telegram HTML, the inline keyboard as JSON, and whether it makes no sound.

    `caption` is what stands under a picture in place of `text`; None: the message takes no picture.
    """

    text: str
    keyboard: str | None = None
    silent: bool = False
    caption: str | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to send: the file id Telegram gave it before, or else its bytes (PNG)."""

    name: str
    file_id: str | None = None
    png: bytes = b""


@dataclass(frozen=True, slots=True)
class SendRequest:
    """One API call: text of at most one message's length and its address. Plain text when `html` is False.

    `reply_to` is the id of an earlier message of the chat; when that is gone, the request is no reply. With a
    picture the text is its caption.
    """

    chat_id: int
    topic_id: int
    text: str
    keyboard: str | None = None
    silent: bool = False
    html: bool = True
    reply_to: int | None = None
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class EditRequest:
    """One API call that gives a message of ours another text (HTML; under a picture its caption) and
    keyboard."""

    chat_id: int
    message_id: int
    text: str
    keyboard: str | None = None
    is_caption: bool = False


class RetryCause(StrEnum):
    """Why a request has to be made again."""

    FLOOD = "flood"  # 429: a limit was hit
    OFFLINE = "offline"  # no connection came about
    SERVER = "server"  # a 5xx, or an answer that is not the Bot API's
    DESTINATION = "destination"  # one destination outside Telegram is at fault, which says nothing of others
    RIGHTS = "rights"  # the bot may not write here at present
    DEPARTURES = "departures"  # too many chats refuse at once to be believed
    WAITS = "waits"  # its chat has a limit by now; nothing was sent
    STOPPED = "stopped"  # the program stops; nothing was sent
    INTERRUPTED = "interrupted"  # the program stops; the message may have arrived


@dataclass(frozen=True, slots=True)
class Delivered:
    """Telegram accepted the message; None when an earlier try had sent all of it.

    `file_id` is the picture's.
    """

    message_id: int | None
    file_id: str | None = None


@dataclass(frozen=True, slots=True)
class Retry:
    """Not sent; try again at `at`, or when the retry policy says so (None)."""

    cause: RetryCause
    why: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """Not sent: the chat has a new id, or its topic is gone (`topic_id` 0; None keeps the topics)."""

    chat_id: int
    topic_id: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Gone:
    """Not sent and never will be: the chat blocked the bot or does not exist."""

    why: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Not sent: Telegram refuses this message. `instead` may be sent in its place, once."""

    why: str
    instead: tuple[SendRequest, ...] = ()


@dataclass(frozen=True, slots=True)
class Uncertain:
    """No answer came: the message may have arrived. The Bot API has no way to ask."""

    why: str


@dataclass(frozen=True, slots=True)
class Halt:
    """Not sent, and no other message would be: wrong token or a second instance."""

    why: str


Outcome = Delivered | Retry | Moved | Gone | Rejected | Uncertain | Halt


class Transport(Protocol):
    """Where the relay sends messages to."""

    def split(self, request: SendRequest) -> list[SendRequest]:
        """Cut into requests that each fit one message; the keyboard stays with the last."""

    async def send(self, request: SendRequest) -> Outcome:
        """Send once. Never raises for what the network or Telegram does."""

    async def edit(self, request: EditRequest) -> Outcome:
        """Edit once; a message that reads so already counts as edited. Never raises as `send`."""
