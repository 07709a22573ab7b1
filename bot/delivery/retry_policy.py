"""What an outcome means for the outbox: the policy, pure, in one place."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bot.delivery.outcomes import (
    Delivered,
    Gone,
    Halt,
    Moved,
    Outcome,
    Rejected,
    Retry,
    SendRequest,
    Uncertain,
)
from storage.chats import chats
from storage.chats.chat_migration import move_address
from storage.database import Database
from storage.outbox import MAX_DOUBTS, OutboxMessage, Priority, SendResult

MAX_ATTEMPTS = 8  # answers of 5xx one message is tried through
_LONGEST_WAIT = timedelta(minutes=5)
ChatChange = Callable[[Database], None]


@dataclass(frozen=True, slots=True)
class Disposition:
    """What to write down of a parcel, the name to count it by, and what else must change in the database."""

    settlement: SendResult
    counted: str
    change: ChatChange | None = None


def disposition(
    parcel: OutboxMessage, sent_to: SendRequest, outcome: Outcome, parts: int, now: datetime
) -> Disposition:
    """Judge one try. `parts` of the message have arrived before this one.

    Sent is said only when Telegram said so. Uncertain: critical goes again, marked as a possible repeat;
    everything else counts as sent. Faults of the server are tried through a bounded number of times, a
    network that is down until the parcel expires.
    """
    match outcome:
        case Delivered(message_id):
            settled = SendResult(parcel.ids, "sent", now, message_id=message_id)
            return Disposition(settled, "repeated" if parcel.repeat else "sent")
        case Retry(at, why, flood, offline):
            if at is not None or flood or offline:
                return Disposition(retry_at(parcel, at or now, parts, now, why), "later")
            attempts = parcel.attempts + 1
            if attempts >= MAX_ATTEMPTS:
                return Disposition(SendResult(parcel.ids, "dead", now, why, attempts=attempts), "dead")
            wait = min(_LONGEST_WAIT, timedelta(seconds=0.5 * 2**attempts))
            return Disposition(retry_at(parcel, now + wait, parts, now, why, attempts=attempts), "later")
        case Moved(chat_id, topic_id, why):
            old = (sent_to.chat_id, None if topic_id is None else sent_to.topic_id)
            change: ChatChange = partial(move_address, old=old, new=(chat_id, topic_id))
            return Disposition(retry_at(parcel, now, parts, now, why), "moved", change)
        case Gone(why):
            change = partial(chats.deactivate, chat_id=sent_to.chat_id, reason=why)
            return Disposition(SendResult(parcel.ids, "cancelled", now, why), "gone", change)
        case Rejected(why):
            return Disposition(SendResult(parcel.ids, "dead", now, why, parts=parts), "dead")
        case Uncertain(why):
            doubts = parcel.doubts + 1
            if parcel.priority == Priority.CRITICAL and doubts <= MAX_DOUBTS:
                at = now + timedelta(seconds=2 ** (doubts - 1))
                return Disposition(retry_at(parcel, at, parts, now, why, doubts=doubts), "again")
            return Disposition(SendResult(parcel.ids, "uncertain", now, why, doubts=doubts), "uncertain")
        case Halt(why):
            return Disposition(retry_at(parcel, now, parts, now, why), "halted")


def retry_at(
    parcel: OutboxMessage,
    at: datetime,
    parts: int,
    now: datetime,
    why: str | None = None,
    *,
    attempts: int = 0,
    doubts: int = 0,
) -> SendResult:
    """Back to the outbox, due at `at`."""
    return SendResult(
        parcel.ids, "pending", now, why, next_try_at=at, attempts=attempts, doubts=doubts, parts=parts
    )
