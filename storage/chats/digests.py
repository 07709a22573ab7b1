"""Digests: when each is due is kept here; a tick asks what is due, so that none is lost or sent twice."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.i18n.timezones import next_due, zone
from bot.signals.alert import Alert
from bot.signals.rules import Severity
from storage import outbox
from storage.chats import preferences
from storage.chats.chats import Address
from storage.chats.preferences import COLUMNS, ChatSettings, of_row
from storage.engine import Database
from storage.outbox.notices import NoticeKind
from storage.outbox.types import Priority
from storage.signals import alerts

_LASTS = timedelta(hours=12)
_MOST = 40  # alerts one digest tells


def scheduled(db: Database, settings: ChatSettings, now: datetime) -> ChatSettings:
    """The settings with the moment of the next digest after `now` (UTC); no moment when none is wanted.

    One that has come by a clock up to a day ahead does not come again at the same time of day.
    """
    if settings.digest_at is None:
        return replace(settings, digest_next=None, digest_last=None)
    last = settings.digest_last
    after = last if last is not None and now < last < now + timedelta(days=1) else now
    due = next_due(after, settings.digest_at, settings.digest_weekday, zone(settings.time_zone))
    if settings.digest_last is None:
        settings = replace(settings, digest_last=now, digest_alert=alerts.newest_id(db))
    return replace(settings, digest_next=due)


def rescheduled(db: Database, before: ChatSettings, after: ChatSettings, now: datetime) -> ChatSettings:
    """The settings after a change, with the moment of the next digest.

    One that is due already comes all the same, unless the change is about when digests come.
    """
    is_due = before.digest_next is not None and before.digest_next <= now
    wish = before.digest_at, before.digest_weekday
    if is_due and wish == (after.digest_at, after.digest_weekday):
        return after
    return scheduled(db, after, now)


def any_due(db: Database, now: datetime) -> bool:
    """Whether any digest is due."""
    due = db.execute("SELECT 1 FROM chat_settings WHERE digest_next <= ? LIMIT 1", [now.isoformat()])
    return due.fetchone() is not None


def queue_due(db: Database, now: datetime, words: Callable[[datetime, Sequence[Alert]], str]) -> int:
    """Queue every digest that is due and set the next one, in one transaction; give how many were queued.

    `words` makes the JSON of a digest from when it begins and the alerts since then. However late the tick
    comes there is one digest, not several. A chat that is muted or gone gets none; the next one covers what
    it missed.
    """
    rows = db.execute(
        f"""
        SELECT s.chat_id, s.topic_id, c.active, {", ".join(f"s.{name}" for name in COLUMNS)}
        FROM chat_settings s JOIN chats c ON c.chat_id = s.chat_id AND c.topic_id = s.topic_id
        WHERE s.digest_next <= ? ORDER BY s.chat_id, s.topic_id
        """,
        [now.isoformat()],
    ).fetchall()
    newest = alerts.newest_id(db)
    groups: dict[tuple[datetime, int], list[tuple[int, int]]] = {}
    for chat_id, topic_id, active, *columns in rows:
        settings = of_row(tuple(columns))
        muted = settings.muted_until is not None and settings.muted_until > now
        after = scheduled(db, settings, now)
        if active and not muted:
            begins = (settings.digest_last or now, settings.digest_alert)
            groups.setdefault(begins, []).append((chat_id, topic_id))
            after = replace(after, digest_last=now, digest_alert=newest)
        preferences.save(db, Address(chat_id, topic_id), after)
    queued = 0
    for (since, last), addresses in groups.items():
        body = words(since, alerts.after(db, last, _MOST))
        notice = outbox.add_notice(db, NoticeKind.DIGEST, Severity.INFO, body, now)
        queued += outbox.enqueue_notice(
            db, notice, now, to=addresses, priority=Priority.DIGEST, expire_after=_LASTS
        )
    return queued


def schedule_anew(db: Database, now: datetime) -> None:
    """Bring forward digests that a clock that was ahead has scheduled after the next wanted one."""
    rows = db.execute(
        f"SELECT chat_id, topic_id, {', '.join(COLUMNS)} FROM chat_settings WHERE digest_next IS NOT NULL"
    ).fetchall()
    for chat_id, topic_id, *columns in rows:
        settings = of_row(tuple(columns))
        after = scheduled(db, settings, now)
        if after.digest_next and settings.digest_next and after.digest_next < settings.digest_next:
            preferences.save(db, Address(chat_id, topic_id), after)
