"""Who must still hear of what: rows made by SQL in the poll's transaction, claimed, settled, never lost.

A row says what it is about: an alert (`alert_id`), a notice shared by many chats (`notice_id`: digests,
broadcasts, messages to the administrators), or a personal watch (`watch_id`) that tells by the figures of a
notice. Rows of one bulletin and one address that are due together are claimed together and go out as one
message: the alerts of a poll, and below them the chat's watches that the same poll made tell.

States: pending → leased → sent | uncertain | dead | cancelled; a leased row returns to pending when it must
be tried again. Only the process holding the database's lock leases, so rows still leased at its start were
in flight when the last process died.
"""

from storage.outbox.claims import MAX_DOUBTS, claim, record, recover
from storage.outbox.queue import EXPIRE_AFTER, add_notice, enqueue, enqueue_notice, next_due, prune, waiting
from storage.outbox.types import (
    PRIORITY_OF,
    FinalState,
    MessageSubject,
    OutboxMessage,
    Priority,
    RecoveredRows,
    SendResult,
)

__all__ = [
    "EXPIRE_AFTER",
    "MAX_DOUBTS",
    "PRIORITY_OF",
    "FinalState",
    "MessageSubject",
    "OutboxMessage",
    "Priority",
    "RecoveredRows",
    "SendResult",
    "add_notice",
    "claim",
    "enqueue",
    "enqueue_notice",
    "next_due",
    "prune",
    "record",
    "recover",
    "waiting",
]
