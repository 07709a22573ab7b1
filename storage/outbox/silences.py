"""Muted chats and quiet hours: what may not be said yet is put off, and later comes as one message.

A row that is claimed while its chat is muted or quiet goes back to the outbox, due when that ends, with the
bulletin number HELD: rows of one bulletin and address go out as one message, so all that was put off does.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlite_utils import Database

from bot.i18n.timezones import quiet_until, zone
from storage.chats.chats import Address
from storage.chats.preferences import COLUMNS, ChatSettings, of_row
from storage.outbox.types import Priority

HELD: Final = 0
"""The bulletin of everything that was put off; polls count from 1, notices are negative."""

ALWAYS_SAID: Final = ("digest", "blind", "sighted", "unclean")
"""Kinds that are never put off: what the chat asked for at this time, and the operators' own."""

_KEPT_AFTERWARDS = timedelta(hours=24)


def held_until(settings: ChatSettings, critical: bool, now: datetime) -> datetime | None:
    """Until when a chat with these settings hears nothing of this severity; None: it may hear it now."""
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
    """Give rows back to the outbox, each due at its moment, to be told together with the chat's others."""
    db.conn.executemany(
        "UPDATE outbox SET state = 'pending', bulletin = ?, priority = ?, next_try_at = ?, "
        "expires_at = max(expires_at, ?) WHERE id = ?",
        [
            (HELD, int(Priority.DIGEST), at.isoformat(), (at + _KEPT_AFTERWARDS).isoformat(), row)
            for row, at in rows.items()
        ],
    )


def restricted(db: Database, chats: Iterable[int]) -> dict[Address, ChatSettings]:
    """The settings of those addresses of these chats that are muted or have quiet hours."""
    wanted = list(chats)
    marks = ", ".join("?" * len(wanted))
    rows = db.execute(
        f"SELECT chat_id, topic_id, {', '.join(COLUMNS)} FROM chat_settings WHERE chat_id IN ({marks}) "
        "AND (muted_until IS NOT NULL OR quiet_from IS NOT NULL)",
        wanted,
    )
    return {Address(row[0], row[1]): of_row(row[2:]) for row in rows.fetchall()}


def release(db: Database, address: Address, now: datetime) -> int:
    """What was put off for an address is due now; give how many rows. Those still quiet are put off again."""
    cursor = db.execute(
        "UPDATE outbox SET next_try_at = ? WHERE state = 'pending' AND bulletin = ? "
        "AND chat_id = ? AND topic_id = ?",
        [now.isoformat(), HELD, address.chat_id, address.topic_id],
    )
    return int(cursor.rowcount)
