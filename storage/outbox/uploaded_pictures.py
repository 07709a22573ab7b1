"""Pictures that Telegram has: each is uploaded once and then sent by its file id."""

from datetime import datetime

from storage.engine import Database


def file_id(db: Database, name: str) -> str | None:
    """The file id of an uploaded picture."""
    row = db.execute("SELECT file_id FROM uploaded_pictures WHERE name = ?", [name]).fetchone()
    return None if row is None else str(row[0])


def save(db: Database, name: str, file_id: str, now: datetime) -> None:
    """Keep the file id of a picture."""
    db.execute(
        "INSERT INTO uploaded_pictures (name, file_id, uploaded_at) VALUES (?, ?, ?) "
        "ON CONFLICT (name) DO UPDATE SET file_id = excluded.file_id, uploaded_at = excluded.uploaded_at",
        [name, file_id, now.isoformat()],
    )


def forget(db: Database, name: str) -> None:
    """Telegram no longer knows the picture."""
    db.execute("DELETE FROM uploaded_pictures WHERE name = ?", [name])


def prune(db: Database, before: datetime) -> None:
    """Forget pictures uploaded before a moment; their alerts were all sent long ago."""
    db.execute("DELETE FROM uploaded_pictures WHERE uploaded_at < ?", [before.isoformat()])
