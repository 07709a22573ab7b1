"""Values of the outbox: claimed messages, their content and their results."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from hashlib import sha256
from typing import Final, Literal, NamedTuple, Self

from bot.mining.fleet import Fleet
from storage.chats.chats import ELSEWHERE
from storage.chats.watches import WatchStanding

EXPIRE_AFTER = timedelta(hours=24)
FinalState = Literal["pending", "sent", "uncertain", "dead", "cancelled"]


class Lane(StrEnum):
    """The part of the outbox that one relay sends; the value is SQL's condition on its rows."""

    TELEGRAM = f"chat_id > {ELSEWHERE}"
    ELSEWHERE = f"chat_id <= {ELSEWHERE}"


class Priority(IntEnum):
    """Order of sending, lowest first; replies never pass through the outbox."""

    REPLY = 0
    CRITICAL = 1
    WARNING = 2
    INFO = 3
    DIGEST = 4
    EDIT = 5  # of messages sent before; never in the outbox


QUEUED = (Priority.CRITICAL, Priority.WARNING, Priority.INFO, Priority.DIGEST)
"""The priorities of outbox rows, gravest first."""

PRIORITY_OF: dict[str, Priority] = {
    "critical": Priority.CRITICAL,
    "warning": Priority.WARNING,
    "info": Priority.INFO,
}


@dataclass(frozen=True, slots=True)
class MessageSubject:
    """One thing a message tells: an alert, a notice or a watch. `body` is JSON, `at` UTC.

    `rule` and `signal` are empty, `value` is None and `alert_id` 0 for what is not an alert.
    """

    kind: str
    severity: str
    at: datetime
    body: str
    rule: str = ""
    signal: str = ""
    value: float | None = None
    alert_id: int = 0


DELAYED_AFTER: Final = timedelta(minutes=15)
"""A message older than this says that it is late."""


@dataclass(frozen=True, slots=True)
class MessageContent:
    """All that the text of a message may depend on: equal contents read the same and are rendered once.

    `kind` is 'alert' for alerts, else the kind of the notice or watch. `repeat`: an earlier try may have
    arrived. The chat speaks `language` (None: unknown) and wants no sound below
    the severity `silent_below`. `in_channel`: its readers don't own the chat. Amounts are shown in
    `currency`, a code; None is US dollars. `fleet` and `watches` are the chat's own, the watches of a digest
    only. With `picture` it wants one where there is one, `dark` or light.
    """

    subjects: tuple[MessageSubject, ...]
    alert_group: int
    kind: str
    severity: str
    queued_at: datetime
    language: str | None = None
    silent_below: int = 1
    repeat: bool = False
    in_channel: bool = False
    currency: str | None = None
    fleet: Fleet | None = None
    watches: tuple[WatchStanding, ...] = ()
    picture: bool = False
    dark: bool = False

    def __hash__(self) -> int:
        """Of the fields that tell most contents apart: each message of a broadcast is looked up by it."""
        return hash((self.alert_group, self.kind, self.queued_at, self.language))

    def is_delayed(self, now: datetime) -> bool:
        """Whether it waited so long that it says so."""
        return now - self.queued_at >= DELAYED_AFTER


@dataclass(frozen=True, slots=True)
class ArrivedParts:
    """The parts of a long message that Telegram accepted: how many, and a digest of their texts in order."""

    count: int = 0
    digest: str = ""

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        """The parts with these texts."""
        arrived = cls()
        for text in texts:
            arrived = arrived.plus(text)
        return arrived

    def plus(self, text: str) -> Self:
        """These and one more part."""
        digest = sha256(f"{self.digest}\0{text}".encode()).hexdigest()[:16]
        return type(self)(self.count + 1, digest)


class OutboxMessage(NamedTuple):
    """The rows of one alert group for one address: what one message tells, and how its tries went.

    `attempts` counts failures in a row that were not about this message, `unconfirmed_sends` tries that may
    have arrived. `reply_to` is the message that told first of what this one goes on with; `continued` are the
    alerts whose incident the chat has heard of before. `claimed_by` is the number of the replica that
    may send it.
    """

    ids: tuple[int, ...]
    chat_id: int
    topic_id: int
    priority: int
    expires_at: datetime
    content: MessageContent
    attempts: int = 0
    unconfirmed_sends: int = 0
    arrived: ArrivedParts = ArrivedParts()
    reply_to: int | None = None
    continued: frozenset[int] = frozenset()
    claimed_by: int = 0


class SentMessage(NamedTuple):
    """A message that told alerts and arrived, with the outbox `rows` it was made of.

    `firsts` are those of its alerts whose incident the chat first heard of here; `watches` what else it told:
    moment and body of each. A message in several parts is not editable.
    """

    chat_id: int
    topic_id: int
    message_id: int
    alert_group: int
    alerts: tuple[int, ...]
    firsts: frozenset[int]
    rows: tuple[int, ...]
    is_editable: bool = True
    has_picture: bool = False
    watches: tuple[tuple[datetime, str], ...] = ()


class SendResult(NamedTuple):
    """What became of a message. `next_try_at` is for state 'pending' only.

    `sent` describes a message that told alerts and arrived.
    """

    ids: tuple[int, ...]
    state: FinalState
    at: datetime
    error: str | None = None
    message_id: int | None = None
    next_try_at: datetime | None = None
    attempts: int = 0
    unconfirmed_sends: int = 0
    arrived: ArrivedParts = ArrivedParts()
    sent: SentMessage | None = None


@dataclass(frozen=True, slots=True)
class RecoveredRows:
    """Rows found leased by a process that died: how many are sent again, how many count as sent."""

    again: int
    uncertain: int
