"""Shared widgets that Telegram keeps for this bot: each is shown by many messages and renewed by one call."""

from dataclasses import dataclass
from datetime import datetime

from storage.engine import Database


@dataclass(frozen=True, slots=True)
class SharedWidget:
    """A shared widget: Telegram's id of it, its document by language and digest, when its data were set."""

    widget_id: str
    language: str
    document_digest: str
    edited_at: datetime


def save(db: Database, widget: SharedWidget) -> None:
    """Keep a widget, or note when its data were set."""
    db.execute(
        "INSERT INTO shared_widgets (widget_id, language, document_digest, edited_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (widget_id) DO UPDATE SET edited_at = excluded.edited_at",
        [widget.widget_id, widget.language, widget.document_digest, widget.edited_at.isoformat()],
    )


def every(db: Database) -> list[SharedWidget]:
    """Every widget kept, the newest first."""
    rows = db.execute(
        "SELECT widget_id, language, document_digest, edited_at FROM shared_widgets ORDER BY edited_at DESC"
    )
    return [SharedWidget(row[0], row[1], row[2], datetime.fromisoformat(row[3])) for row in rows.fetchall()]


def prune(db: Database) -> None:
    """Forget the widgets that no message shows any more."""
    db.execute(
        "DELETE FROM shared_widgets WHERE widget_id NOT IN "
        "(SELECT widget_id FROM sent_messages WHERE widget_id IS NOT NULL)"
    )


def give_up(db: Database) -> int:
    """Have every message that shows a widget kept up to date as text instead; returns how many."""
    db.execute("DELETE FROM shared_widgets")
    cursor = db.execute(
        "UPDATE sent_messages SET widget_id = NULL, text_digest = '' WHERE widget_id IS NOT NULL"
    )
    return int(cursor.rowcount)
