"""What the outbox holds and what it is told, as values."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Literal

FinalState = Literal["pending", "sent", "uncertain", "dead", "cancelled"]


class Priority(IntEnum):
    """Who goes first when the limit is shared; replies never pass through the outbox."""

    REPLY = 0
    CRITICAL = 1
    WARNING = 2
    INFO = 3
    DIGEST = 4


PRIORITY_OF: dict[str, Priority] = {
    "critical": Priority.CRITICAL,
    "warning": Priority.WARNING,
    "info": Priority.INFO,
}


@dataclass(frozen=True, slots=True)
class MessageSubject:
    """One thing a message says. `body` is JSON; `id` is the alert's or notice's, 0 for a row's own facts.

    `rule` and `signal` are empty and `value` is None for what is not an alert.
    """

    id: int
    kind: str
    severity: str
    at: datetime
    body: str
    rule: str = ""
    signal: str = ""
    value: float | None = None


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """All rows of one bulletin for one address: what one message must say.

    `kind` is 'alert' for alerts, else the notice's or row's own. `repeat`: an earlier try may have arrived.
    `queued_at` is when the rows were made; `parts` counts the parts of a long message already sent. The chat
    speaks `language` (None: unknown) and wants no sound below the severity `silent_below`.
    """

    ids: tuple[int, ...]
    bulletin: int
    chat_id: int
    topic_id: int
    kind: str
    severity: str
    priority: int
    subjects: tuple[MessageSubject, ...]
    queued_at: datetime
    expires_at: datetime
    attempts: int = 0
    doubts: int = 0
    parts: int = 0
    delayed: bool = False
    language: str | None = None
    silent_below: int = 1

    @property
    def repeat(self) -> bool:
        """Whether an earlier try may have arrived already."""
        return self.doubts > 0


@dataclass(frozen=True, slots=True)
class SendResult:
    """What became of a parcel. `next_try_at` is for state 'pending' only."""

    ids: tuple[int, ...]
    state: FinalState
    at: datetime
    error: str | None = None
    message_id: int | None = None
    next_try_at: datetime | None = None
    attempts: int = 0
    doubts: int = 0
    parts: int = 0


@dataclass(frozen=True, slots=True)
class RecoveredRows:
    """What a start found leased by a process that died: how many rows go again, how many count as sent."""

    again: int
    uncertain: int
