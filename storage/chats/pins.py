"""The one status message a chat keeps pinned, so that it can be edited in place."""

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from storage.chats.chats import Address


@dataclass(frozen=True, slots=True)
class Pin:
    """A pinned status: its message, what its text hashed to and when it was last edited (UTC)."""

    address: Address
    message_id: int
    text_hash: str
    edited_at: datetime
    language: str | None = None


def save(db: Database, pin: Pin) -> None:
    """Keep the pin of a remembered address, instead of the one before."""
    db.execute(
        "INSERT OR REPLACE INTO pins (chat_id, topic_id, message_id, text_hash, edited_at) "
        "VALUES (?, ?, ?, ?, ?)",
        [pin.address.chat_id, pin.address.topic_id, pin.message_id, pin.text_hash, pin.edited_at.isoformat()],
    )


def of(db: Database, address: Address) -> Pin | None:
    """The pin of an address."""
    return next((pin for pin in every(db) if pin.address == address), None)


def every(db: Database) -> list[Pin]:
    """Every pin of a chat that can be reached, the longest unedited first."""
    rows = db.execute(
        """
        SELECT p.chat_id, p.topic_id, p.message_id, p.text_hash, p.edited_at,
               coalesce(s.language, s.telegram_language)
        FROM pins p JOIN chats c ON c.chat_id = p.chat_id AND c.topic_id = p.topic_id AND c.active = 1
        LEFT JOIN chat_settings s ON s.chat_id = p.chat_id AND s.topic_id = p.topic_id
        ORDER BY p.edited_at
        """
    )
    return [
        Pin(Address(row[0], row[1]), row[2], row[3], datetime.fromisoformat(row[4]), row[5])
        for row in rows.fetchall()
    ]


def forget(db: Database, address: Address, message_id: int) -> None:
    """The message is gone or no longer wanted."""
    db.execute(
        "DELETE FROM pins WHERE chat_id = ? AND topic_id = ? AND message_id = ?",
        [address.chat_id, address.topic_id, message_id],
    )
