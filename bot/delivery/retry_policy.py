"""The retry policy: what an outcome means for the outbox. Pure."""

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
    RetryCause,
    SendRequest,
    Uncertain,
)
from storage.chats import chats
from storage.chats.chat_migration import move_address
from storage.database import Database
from storage.outbox import MAX_UNCONFIRMED_SENDS, OutboxMessage, Priority, SendResult

RIGHTS_RETRY = timedelta(minutes=10)
"""Between two tries in a chat where the bot may not write at present."""

_MAX_SERVER_WAIT = timedelta(minutes=5)
ChatChange = Callable[[Database], None]


@dataclass(frozen=True, slots=True)
class Disposition:
    """What to record of a message, the name to count it by, and what else to change in the database."""

    result: SendResult
    counted: str
    change: ChatChange | None = None


def disposition(
    message: OutboxMessage, sent_to: SendRequest, outcome: Outcome, parts: int, now: datetime
) -> Disposition:
    """Decide what follows from one try. `parts` of the message have arrived before it.

    A message is `sent` only when Telegram said so, and `dead` only when Telegram refused this very message.
    Without an answer a critical message is sent again, marked as a possible repeat; any other counts as
    sent. Everything else is tried until the message expires.
    """
    match outcome:
        case Delivered(message_id):
            result = SendResult(message.ids, "sent", now, message_id=message_id)
            return Disposition(result, "repeated" if message.content.repeat else "sent")
        case Retry(cause, why, at):
            attempts = message.attempts + 1 if cause in (RetryCause.SERVER, RetryCause.RIGHTS) else 0
            due = at or now + _wait(cause, attempts)
            return Disposition(retry_at(message, due, parts, now, why, attempts=attempts), "later")
        case Moved(chat_id, topic_id, why):
            old = (sent_to.chat_id, None if topic_id is None else sent_to.topic_id)
            change: ChatChange = partial(move_address, old=old, new=(chat_id, topic_id))
            return Disposition(retry_at(message, now, 0, now, why), "moved", change)
        case Gone(why):
            change = partial(chats.deactivate, chat_id=sent_to.chat_id, reason=why)
            return Disposition(SendResult(message.ids, "cancelled", now, why), "gone", change)
        case Rejected(why):
            return Disposition(SendResult(message.ids, "dead", now, why, parts=parts), "dead")
        case Uncertain(why):
            unconfirmed = message.unconfirmed_sends + 1
            if message.priority == Priority.CRITICAL and unconfirmed <= MAX_UNCONFIRMED_SENDS:
                at = now + timedelta(seconds=2 ** (unconfirmed - 1))
                return Disposition(retry_at(message, at, parts, now, why, unconfirmed=unconfirmed), "again")
            result = SendResult(message.ids, "uncertain", now, why, unconfirmed_sends=unconfirmed)
            return Disposition(result, "uncertain")
        case Halt(why):
            return Disposition(retry_at(message, now, parts, now, why), "halted")


def _wait(cause: RetryCause, attempts: int) -> timedelta:
    """Pause before the next try when Telegram named none: 1, 2, 4 … s up to 5 min for a server at fault."""
    match cause:
        case RetryCause.SERVER:
            return min(_MAX_SERVER_WAIT, timedelta(seconds=2 ** min(attempts - 1, 10)))
        case RetryCause.RIGHTS:
            return RIGHTS_RETRY
        case _:
            return timedelta(seconds=1)


def retry_at(
    message: OutboxMessage,
    at: datetime,
    parts: int,
    now: datetime,
    why: str | None = None,
    *,
    attempts: int = 0,
    unconfirmed: int = 0,
) -> SendResult:
    """Return the message to the outbox, due at `at`."""
    return SendResult(
        message.ids,
        "pending",
        now,
        why,
        next_try_at=at,
        attempts=attempts,
        unconfirmed_sends=unconfirmed,
        parts=parts,
    )
