"""What a chat has acknowledged: no reminders of these episodes until they are over."""

from storage.chats.chats import Address
from storage.engine import Database


def acknowledged_by(db: Database, address: Address, alert_group: int) -> str | None:
    """Who acknowledged an episode of an alert group at an address, "" when no name is shown; else None."""
    row = db.execute(
        """
        SELECT coalesce(k.by_name, '') FROM acknowledgements k JOIN alerts a ON a.rule = k.rule
        WHERE k.chat_id = ? AND k.topic_id = ? AND a.bulletin = ?
            AND a.body ->> 'began' = k.began
        LIMIT 1
        """,
        [address.chat_id, address.topic_id, alert_group],
    ).fetchone()
    return None if row is None else str(row[0])


def acknowledge(db: Database, address: Address, alert_group: int, by_name: str | None = None) -> int:
    """Note that a remembered address knows of every episode of an alert group; give how many there are.

    `by_name` is who said so, where others see it.
    """
    cursor = db.execute(
        """
        INSERT INTO acknowledgements (chat_id, topic_id, rule, began, by_name)
        SELECT ?, ?, rule, body ->> 'began', ? FROM alerts
        WHERE bulletin = ? AND kind IN ('fired', 'reminder', 'data_back')
            AND body ->> 'began' IS NOT NULL
        ON CONFLICT (chat_id, topic_id, rule) DO UPDATE SET began = excluded.began, by_name = excluded.by_name
        """,
        [address.chat_id, address.topic_id, by_name, alert_group],
    )
    return int(cursor.rowcount)
