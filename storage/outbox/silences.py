"""Silences: rows claimed while a chat is muted or in quiet hours wait, and then go out as one message.

Such a row returns to the outbox as pending, due when the silence ends, in the alert group PUT_OFF: rows of
one group and address go out as one message, so all that was put off does.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from bot.i18n.timezones import quiet_until, zone
from storage.chats.chats import Address
from storage.chats.preferences import COLUMNS, ChatSettings, of_row
from storage.engine import Database
from storage.outbox.types import Priority

PUT_OFF: Final = 0
"""The alert group of everything that was put off; polls count from 1, notices are negative."""

_EXPIRE_AFTER_SILENCE = timedelta(hours=24)


def silent_until(settings: ChatSettings, critical: bool, now: datetime) -> datetime | None:
    """End of the silence that covers a message at `now`; None when it may be sent."""
    ends = []
    if settings.muted_until is not None and settings.muted_until > now:
        ends.append(settings.muted_until)
    if (
        settings.quiet_from is not None
        and settings.quiet_to is not None
        and not (critical and settings.critical_passes)
    ):
        start = max(ends, default=now)  # quiet hours may begin before a mute ends
        quiet = quiet_until(start, settings.quiet_from, settings.quiet_to, zone(settings.time_zone))
        if quiet is not None:
            ends.append(quiet)
    return max(ends, default=None)


def put_off(db: Database, rows: Mapping[int, datetime]) -> None:
    """Return leased rows (id → end of the silence) to the outbox, to be sent with the chat's other rows."""
    db.executemany(
        "UPDATE outbox SET state = 'pending', bulletin = ?, priority = ?, next_try_at = ?, "
        "doubts = CASE WHEN parts > 0 THEN max(doubts, 1) ELSE doubts END, parts = 0, parts_digest = '', "
        "expires_at = max(expires_at, ?) WHERE id = ? AND state = 'leased'",
        [
            (PUT_OFF, int(Priority.DIGEST), at.isoformat(), (at + _EXPIRE_AFTER_SILENCE).isoformat(), row)
            for row, at in rows.items()
        ],
    )


def restricted(db: Database, chats: Iterable[int]) -> dict[Address, ChatSettings]:
    """Settings of those addresses of these chats that are muted or have quiet hours."""
    chat_ids = list(chats)
    marks = ", ".join("?" * len(chat_ids))
    rows = db.execute(
        f"SELECT chat_id, topic_id, {', '.join(COLUMNS)} FROM chat_settings WHERE chat_id IN ({marks}) "
        "AND (muted_until IS NOT NULL OR quiet_from IS NOT NULL)",
        chat_ids,
    )
    return {Address(row[0], row[1]): of_row(row[2:]) for row in rows.fetchall()}


def release(db: Database, address: Address, now: datetime) -> int:
    """Make the rows put off for an address due now; returns their number. If still silent they wait again."""
    cursor = db.execute(
        "UPDATE outbox SET next_try_at = ? WHERE state = 'pending' AND bulletin = ? "
        "AND chat_id = ? AND topic_id = ?",
        [now.isoformat(), PUT_OFF, address.chat_id, address.topic_id],
    )
    return int(cursor.rowcount)
