"""The outbox: messages still to be sent, queued in the transaction that made them and never lost.

A row says what it is about: an alert (`alert_id`), a notice shared by many chats (`notice_id`: digests,
broadcasts, messages to the administrators), or a personal watch (`watch_id`) that tells by the figures of a
notice. Rows of one alert group and one address that are due together are claimed together and go out as one
message: the alerts of a poll, and below them the chat's watches that the same poll made tell.

States: pending → leased → sent | uncertain | dead | cancelled; a leased row returns to pending when it must
be tried again. A leased row carries the number of the replica that has claimed it; those of a replica that
died were in flight.
"""

from storage.outbox.claims import MAX_UNCONFIRMED_SENDS, claim, record, recover, return_lost_leases
from storage.outbox.notices import NoticeKind, add_notice, enqueue_notice, notify
from storage.outbox.queue import QueuedAlerts, enqueue, next_due, prune, queue_alerts, waiting
from storage.outbox.sent_messages import EditContent, EditResult, MessageEdit
from storage.outbox.types import (
    EXPIRE_AFTER,
    PRIORITY_OF,
    ArrivedParts,
    FinalState,
    Lane,
    MessageContent,
    MessageSubject,
    OutboxMessage,
    Priority,
    RecoveredRows,
    SendResult,
    SentMessage,
)

__all__ = [
    "EXPIRE_AFTER",
    "MAX_UNCONFIRMED_SENDS",
    "PRIORITY_OF",
    "ArrivedParts",
    "EditContent",
    "EditResult",
    "FinalState",
    "Lane",
    "MessageContent",
    "MessageEdit",
    "MessageSubject",
    "NoticeKind",
    "OutboxMessage",
    "Priority",
    "QueuedAlerts",
    "RecoveredRows",
    "SendResult",
    "SentMessage",
    "add_notice",
    "claim",
    "enqueue",
    "enqueue_notice",
    "next_due",
    "notify",
    "prune",
    "queue_alerts",
    "record",
    "recover",
    "return_lost_leases",
    "waiting",
]
