"""Chats and their subscriptions. An address is a chat and a topic in it (0 outside topics)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from storage.engine import Database

ELSEWHERE: Final = -(2**60)
"""Chat ids from here down are destinations outside Telegram, whose own ids have at most 52 bits."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes: a chat, and a topic of it or 0."""

    chat_id: int
    topic_id: int = 0


def remember(db: Database, address: Address, kind: str, now: datetime) -> None:
    """Note that an address exists and is reachable; one that was inactive becomes active again."""
    db.execute(
        "INSERT INTO chats (chat_id, topic_id, kind, created_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (chat_id, topic_id) DO UPDATE "
        "SET active = true, inactive_reason = NULL, kind = excluded.kind",
        [address.chat_id, address.topic_id, kind, now.isoformat()],
    )


def subscribe(db: Database, address: Address, signals: Iterable[str], min_severity: int) -> None:
    """Subscribe a remembered address; subscribing again only sets the severity."""
    db.executemany(
        "INSERT INTO subscriptions (chat_id, topic_id, signal, min_severity) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (chat_id, topic_id, signal) DO UPDATE SET min_severity = excluded.min_severity",
        [(address.chat_id, address.topic_id, signal, min_severity) for signal in signals],
    )


def unsubscribe(db: Database, address: Address, signals: Iterable[str]) -> None:
    """Take subscriptions away; one that is not there is no error."""
    db.executemany(
        "DELETE FROM subscriptions WHERE chat_id = ? AND topic_id = ? AND signal = ?",
        [(address.chat_id, address.topic_id, signal) for signal in signals],
    )


def subscriptions(db: Database, address: Address) -> dict[str, int]:
    """The signals an address is subscribed to, each with its minimum severity."""
    rows = db.query(
        "SELECT signal, min_severity FROM subscriptions WHERE chat_id = ? AND topic_id = ?",
        [address.chat_id, address.topic_id],
    )
    return {row["signal"]: row["min_severity"] for row in rows}


def subscribers(db: Database, signal: str, severity: int) -> list[Address]:
    """The active addresses that hear of a signal at this severity."""
    rows = db.query(
        "SELECT chat_id, topic_id FROM subscriptions JOIN chats USING (chat_id, topic_id) "
        "WHERE signal = ? AND min_severity <= ? AND active",
        [signal, severity],
    )
    return [Address(row["chat_id"], row["topic_id"]) for row in rows]


def deactivate(db: Database, chat_id: int, reason: str) -> None:
    """The chat can't be reached any more; its settings stay for the day it comes back."""
    db.execute("UPDATE chats SET active = false, inactive_reason = ? WHERE chat_id = ?", [reason, chat_id])


def reactivate(db: Database, chat_id: int) -> None:
    """The chat can be reached again, with everything it had set, in all its topics."""
    db.execute("UPDATE chats SET active = true, inactive_reason = NULL WHERE chat_id = ?", [chat_id])
