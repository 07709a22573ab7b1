"""Destinations outside Telegram: webhooks, and services through Apprise.

In the outbox a destination is an address like a chat's, with subscriptions of its own and an id that no chat
has. What it is sent is queued, tried and recorded by the same rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from storage.chats import chats
from storage.chats.chats import ELSEWHERE, Address
from storage.engine import Database

MAX_DESTINATIONS: Final = 20


class DestinationKind(StrEnum):
    """What a destination is; the value is stored as the kind of its chat."""

    WEBHOOK = "webhook"
    SERVICE = "service"


class TooManyDestinationsError(Exception):
    """There are MAX_DESTINATIONS already."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A destination. `target` is a webhook's URL or a service's name.

    `salt` is what its secret is derived with, `salt_before` the former one until the receiver has changed it.
    """

    chat_id: int
    kind: DestinationKind
    target: str
    salt: str
    salt_before: str | None
    rotated_at: datetime | None
    owner_chat_id: int
    inactive_reason: str | None

    @property
    def number(self) -> int:
        """The number operators call it by, from 1."""
        return ELSEWHERE - self.chat_id


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """What the outbox knows of a destination: rows by state, the last arrival and the newest refusal."""

    states: Mapping[str, int]
    arrived_at: datetime | None
    error: str | None


def add(
    db: Database, kind: DestinationKind, target: str, salt: str, owner_chat_id: int, now: datetime
) -> Destination:
    """Add a destination; one that is there already becomes active again and keeps its salt.

    Raises TooManyDestinationsError.
    """
    row = db.execute("SELECT chat_id FROM destinations WHERE target = ?", [target]).fetchone()
    if row is not None:
        chats.reactivate(db, row[0])
        return _selected(db, "d.chat_id = ?", row[0])[0]
    count, lowest = db.execute("SELECT count(*), min(chat_id) FROM destinations").fetchone()
    if count >= MAX_DESTINATIONS:
        raise TooManyDestinationsError
    (queued,) = db.execute(f"SELECT min(chat_id) FROM outbox WHERE chat_id <= {ELSEWHERE}").fetchone()
    chat_id = min(ELSEWHERE, lowest or 0, queued or 0) - 1
    chats.remember(db, Address(chat_id), kind.value, now)
    db.execute(
        "INSERT INTO destinations (chat_id, target, salt, owner_chat_id, created_at) VALUES (?, ?, ?, ?, ?)",
        [chat_id, target, salt, owner_chat_id, now.isoformat()],
    )
    return _selected(db, "d.chat_id = ?", chat_id)[0]


def every(db: Database) -> list[Destination]:
    """All destinations, the first added first."""
    return _selected(db, "d.chat_id <= ?", ELSEWHERE)


def of_chat_id(db: Database, chat_id: int) -> Destination | None:
    """The destination with this address; None when it was removed."""
    return next(iter(_selected(db, "d.chat_id = ?", chat_id)), None)


def of_number(db: Database, number: int) -> Destination | None:
    """The destination that operators call by this number."""
    return of_chat_id(db, ELSEWHERE - number) if number > 0 else None


def of_owner(db: Database, owner_chat_id: int) -> list[Destination]:
    """The destinations that an operators' chat has added."""
    return _selected(db, "d.owner_chat_id = ?", owner_chat_id)


def rotate(db: Database, destination: Destination, salt: str, now: datetime) -> None:
    """Give a destination a new salt; the present one becomes the former."""
    db.execute(
        "UPDATE destinations SET salt_before = salt, salt = ?, rotated_at = ? WHERE chat_id = ?",
        [salt, now.isoformat(), destination.chat_id],
    )


def remove(db: Database, destination: Destination, now: datetime) -> int:
    """Delete a destination; what waits for it is cancelled. Returns how many rows waited."""
    waiting = db.execute(
        "UPDATE outbox SET state = 'cancelled', error = 'the destination was removed', settled_at = ? "
        "WHERE chat_id = ? AND state = 'pending'",
        [now.isoformat(), destination.chat_id],
    ).rowcount
    db.execute("DELETE FROM chats WHERE chat_id = ?", [destination.chat_id])
    return int(waiting)


def delivery_record(db: Database, destination: Destination) -> DeliveryRecord:
    """What the outbox knows of a destination."""
    states = db.execute(
        "SELECT state, count(*) FROM outbox WHERE chat_id = ? GROUP BY state", [destination.chat_id]
    ).fetchall()
    (arrived,) = db.execute(
        "SELECT max(settled_at) FROM outbox WHERE chat_id = ? AND state = 'sent'", [destination.chat_id]
    ).fetchone()
    error = db.execute(
        "SELECT error FROM outbox WHERE chat_id = ? AND error IS NOT NULL AND state IN ('pending', 'dead') "
        "ORDER BY id DESC LIMIT 1",
        [destination.chat_id],
    ).fetchone()
    return DeliveryRecord(
        dict(states),
        None if arrived is None else datetime.fromisoformat(arrived),
        error[0] if error else None,
    )


def _selected(db: Database, where: str, value: int) -> list[Destination]:
    rows = db.execute(
        f"""
        SELECT d.chat_id, c.kind, d.target, d.salt, d.salt_before, d.rotated_at, d.owner_chat_id,
            c.inactive_reason
        FROM destinations d JOIN chats c USING (chat_id, topic_id) WHERE {where} ORDER BY d.chat_id DESC
        """,
        [value],
    ).fetchall()
    return [
        Destination(
            chat_id,
            DestinationKind(kind),
            target,
            salt,
            before,
            None if rotated is None else datetime.fromisoformat(rotated),
            owner,
            inactive_reason,
        )
        for chat_id, kind, target, salt, before, rotated, owner, inactive_reason in rows
    ]
