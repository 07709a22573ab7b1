"""The one status message a chat keeps pinned; it is edited in place like every message that is kept up to
date."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from storage.chats.chats import Address
from storage.engine import Database

EDIT_EVERY: Final = timedelta(minutes=10)
"""Between two edits of one message that only change figures; Telegram counts edits like messages."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A pinned status: its message, the digest of its text and when it was last edited (UTC).

    `widget_id`: the shared widget that the message shows instead of a text.
    """

    address: Address
    message_id: int
    text_digest: str
    edited_at: datetime
    language: str | None = None
    widget_id: str | None = None


def save(db: Database, pin: Pin) -> None:
    """Keep the pin of a remembered address, instead of the one before."""
    where = [pin.address.chat_id, pin.address.topic_id]
    db.execute("DELETE FROM sent_messages WHERE kind = 'status' AND chat_id = ? AND topic_id = ?", where)
    db.execute(
        "INSERT INTO sent_messages (chat_id, topic_id, message_id, kind, text_digest, edited_at, widget_id) "
        "VALUES (?, ?, ?, 'status', ?, ?, ?)",
        [*where, pin.message_id, pin.text_digest, pin.edited_at.isoformat(), pin.widget_id],
    )


def of(db: Database, address: Address) -> Pin | None:
    """The pin of an address."""
    return next((pin for pin in every(db) if pin.address == address), None)


def every(db: Database) -> list[Pin]:
    """Every pin of a chat that can be reached, the longest unedited first."""
    rows = db.execute(
        """
        SELECT p.chat_id, p.topic_id, p.message_id, p.text_digest, p.edited_at,
               coalesce(s.language, s.telegram_language), p.widget_id
        FROM sent_messages p
        JOIN chats c ON c.chat_id = p.chat_id AND c.topic_id = p.topic_id AND c.active
        LEFT JOIN chat_settings s ON s.chat_id = p.chat_id AND s.topic_id = p.topic_id
        WHERE p.kind = 'status' ORDER BY p.edited_at
        """
    )
    return [
        Pin(Address(row[0], row[1]), row[2], row[3], datetime.fromisoformat(row[4]), row[5], row[6])
        for row in rows.fetchall()
    ]


def forget(db: Database, address: Address, message_id: int) -> None:
    """The message is gone or no longer wanted."""
    db.execute(
        "DELETE FROM sent_messages WHERE kind = 'status' AND chat_id = ? AND topic_id = ? AND message_id = ?",
        [address.chat_id, address.topic_id, message_id],
    )


def mark_changed(db: Database, digests: Mapping[str | None, str], now: datetime) -> int:
    """Have the pins edited that show something old; returns how many.

    `digests` gives the digest of the status by language. What only changes figures waits until EDIT_EVERY has
    passed since the last edit; what changes words does not. Messages that show a widget need no edit.
    """
    stale = [
        (now.isoformat(), pin.address.chat_id, pin.address.topic_id, pin.message_id)
        for pin in every(db)
        if pin.widget_id is None
        and (digest := digests.get(pin.language)) is not None
        and digest != pin.text_digest
        and (now - pin.edited_at >= EDIT_EVERY or _words(digest) != _words(pin.text_digest))
    ]
    db.executemany(
        "UPDATE sent_messages SET edit_due = coalesce(edit_due, ?), edit_attempts = 0 "
        "WHERE chat_id = ? AND topic_id = ? AND message_id = ?",
        stale,
    )
    return len(stale)


def languages(db: Database) -> set[str | None]:
    """The languages of the chats that keep a pin as text; None where it is unknown."""
    return {pin.language for pin in every(db) if pin.widget_id is None}


def _words(digest: str) -> str:
    """The part of a digest that leaves figures out."""
    return digest.partition(":")[0]
