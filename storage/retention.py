"""What is kept for how long: spot values thinned to one a day, settled messages swept, alerts for good."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage import outbox
from storage.chats import received_updates, watches
from storage.engine import Database
from storage.outbox import sent_messages, uploaded_pictures

SPOTS_WHOLE_FOR = timedelta(days=90)
SETTLED_FOR = timedelta(days=30)
_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class SweepResult:
    """Rows deleted by one sweep; `more` says that another sweep has work left."""

    spots: int
    messages: int
    kept_messages: int
    notices: int
    watches: int
    updates: int
    more: bool


def sweep(db: Database, now: datetime, at_once: int = _AT_ONCE) -> SweepResult:
    """One short transaction's worth of tidying, so that nobody waits for it; repeat while there is `more`.

    Of spot values older than 90 days the last of each series' UTC day stays. Messages that were settled,
    whether sent, dead or cancelled, go after 30 days, and notices with their last message; so do watches that
    ended, and after a week those that were offered and not taken, and after a day the numbers of handled
    updates. Messages are kept up to date for 30 days after their incidents.
    """
    spots = _thin(db, now - SPOTS_WHOLE_FOR, at_once)
    messages = outbox.prune(db, now - SETTLED_FOR, at_once)
    notices = db.execute(
        "DELETE FROM notices WHERE id IN (SELECT id FROM notices WHERE at < ? AND id NOT IN "
        "(SELECT notice_id FROM outbox WHERE notice_id IS NOT NULL) LIMIT ?)",
        [(now - SETTLED_FOR).isoformat(), at_once],
    ).rowcount
    ended = watches.sweep(db, now, at_once)
    uploaded_pictures.prune(db, now - SETTLED_FOR)
    over = sent_messages.prune(db, now - SETTLED_FOR, at_once)
    updates = received_updates.prune(db, now, at_once)
    counts = (spots, messages, over, notices, ended, updates)
    return SweepResult(*counts, more=at_once in counts)


def _thin(db: Database, before: datetime, limit: int) -> int:
    old = db.execute(
        f"""
        SELECT series, as_of FROM spots AS spot WHERE as_of < ? AND EXISTS (
            SELECT 1 FROM spots AS later WHERE later.series = spot.series
            AND later.as_of > spot.as_of AND later.as_of < {db.dialect.end_of_day("spot.as_of")})
        LIMIT ?
        """,
        [before.date().isoformat(), limit],
    ).fetchall()
    db.executemany("DELETE FROM spots WHERE series = ? AND as_of = ?", old)
    return len(old)
