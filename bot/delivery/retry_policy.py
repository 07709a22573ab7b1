"""The retry policy: what an outcome means for the outbox. Pure."""

from datetime import datetime, timedelta
from functools import partial
from typing import Final, NamedTuple

from bot.backoff import backoff
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
from bot.signals.rules import Severity
from storage.chats import chats
from storage.chats.chat_migration import move_address
from storage.outbox import (
    ArrivedParts,
    OutboxMessage,
    SendResult,
    SentMessage,
)

RIGHTS_RETRY: Final = timedelta(minutes=10)
"""Between two tries in a chat where the bot may not write at present."""

DEPARTURE_RETRY: Final = timedelta(minutes=10)
"""Between two tries in a chat whose refusal is doubted."""

UNCONFIRMED_RETRIES: Final = (
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(minutes=30),
    timedelta(hours=2),
)
"""Before a critical message without an answer is sent again, the last for good: such faults last minutes."""

_FIRST_SERVER_WAIT, _MAX_SERVER_WAIT = timedelta(seconds=1), timedelta(minutes=5)
_COUNTED = (RetryCause.SERVER, RetryCause.DESTINATION)
ChatChange = partial[None]
"""Called with the database."""


class Disposition(NamedTuple):
    """What to record of a message, the name to count it by, and what else to change in the database."""

    result: SendResult
    counted: str
    change: ChatChange | None = None


def disposition(
    message: OutboxMessage, sent_to: SendRequest, outcome: Outcome, arrived: ArrivedParts, now: datetime
) -> Disposition:
    """Decide what follows from one try; `arrived` are the parts of the message that arrived by then.

    A message is `sent` only when Telegram said so, and `dead` only when Telegram refused this very message.
    Without an answer a critical message is sent again, marked as a possible repeat, until it expires; any
    other counts as sent. Everything else is tried until the message expires.
    """
    match outcome:
        case Delivered(message_id):
            sent = _sent(message, sent_to, outcome, arrived)
            result = SendResult(message.ids, "sent", now, message_id=message_id, sent=sent)
            return Disposition(result, "repeated" if message.content.repeat else "sent")
        case Retry(RetryCause.STOPPED, _):
            return Disposition(retry_at(message, now, now, arrived=arrived), "stopped")
        case Retry(RetryCause.INTERRUPTED, why):
            unconfirmed = message.unconfirmed_sends + 1
            result = retry_at(message, now, now, why, unconfirmed=unconfirmed, arrived=arrived)
            return Disposition(result, "again")
        case Retry(cause, why, at):
            attempts = message.attempts + 1 if cause in _COUNTED else message.attempts
            due = at or now + _wait(cause, attempts)
            result = retry_at(message, due, now, why, attempts=attempts, arrived=arrived)
            return Disposition(result, "later")
        case Moved(chat_id, topic_id, why):
            old = (sent_to.chat_id, None if topic_id is None else sent_to.topic_id)
            change: ChatChange = partial(move_address, old=old, new=(chat_id, topic_id))
            return Disposition(retry_at(message, now, now, why, arrived=ArrivedParts()), "moved", change)
        case Gone(why):
            change = partial(chats.deactivate, chat_id=sent_to.chat_id, reason=why)
            return Disposition(SendResult(message.ids, "cancelled", now, why), "gone", change)
        case Rejected(why):
            return Disposition(SendResult(message.ids, "dead", now, why, arrived=arrived), "dead")
        case Uncertain(why):
            unconfirmed = message.unconfirmed_sends + 1
            if _is_critical(message):
                at = now + UNCONFIRMED_RETRIES[min(unconfirmed, len(UNCONFIRMED_RETRIES)) - 1]
                result = retry_at(message, at, now, why, unconfirmed=unconfirmed, arrived=arrived)
                return Disposition(result, "again")
            result = SendResult(message.ids, "uncertain", now, why, unconfirmed_sends=unconfirmed)
            return Disposition(result, "uncertain")
        case Halt(why):
            return Disposition(retry_at(message, now, now, why, arrived=arrived), "halted")


def _is_critical(message: OutboxMessage) -> bool:
    """By its content: what was put off for a silence is queued behind everything else, and as grave."""
    return message.content.severity == Severity.CRITICAL.word


def _sent(
    message: OutboxMessage, sent_to: SendRequest, outcome: Delivered, arrived: ArrivedParts
) -> SentMessage | None:
    """What to remember of a message, so that it can be edited; None when it told no alert."""
    subjects = message.content.subjects
    alert_ids = tuple(subject.alert_id for subject in subjects if subject.alert_id)
    if not alert_ids or outcome.message_id is None:
        return None
    return SentMessage(
        message.chat_id,
        message.topic_id,
        outcome.message_id,
        message.content.alert_group,
        alert_ids,
        frozenset(alert_ids) - message.continued,
        message.ids,
        is_editable=message.content.alert_group > 0 and arrived.count == 0 and sent_to.html,
        has_picture=sent_to.picture is not None,
        watches=()
        if len(alert_ids) == len(subjects)
        else tuple((subject.at, subject.body) for subject in subjects if not subject.alert_id),
    )


def _wait(cause: RetryCause, attempts: int) -> timedelta:
    """Pause before the next try when Telegram named none: 1, 2, 4 … s up to 5 min for a server at fault."""
    match cause:
        case RetryCause.SERVER | RetryCause.DESTINATION:
            return backoff(attempts, _FIRST_SERVER_WAIT, _MAX_SERVER_WAIT)
        case RetryCause.RIGHTS:
            return RIGHTS_RETRY
        case RetryCause.DEPARTURES:
            return DEPARTURE_RETRY
        case _:
            return timedelta(seconds=1)


def retry_at(
    message: OutboxMessage,
    at: datetime,
    now: datetime,
    why: str | None = None,
    *,
    attempts: int | None = None,
    unconfirmed: int = 0,
    arrived: ArrivedParts | None = None,
) -> SendResult:
    """Return the message to the outbox, due at `at`; what is not given stays as it is.

    When parts of it have arrived and it reads differently by now, all of it goes again: as a repeat, however
    many tries that takes.
    """
    begins_anew = arrived is not None and arrived.count == 0 < message.arrived.count
    return SendResult(
        message.ids,
        "pending",
        now,
        why,
        next_try_at=at,
        attempts=message.attempts if attempts is None else attempts,
        unconfirmed_sends=max(unconfirmed, int(begins_anew)),
        arrived=message.arrived if arrived is None else arrived,
    )
