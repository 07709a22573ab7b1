"""What the owners of fleets are told: that theirs passes its cost, and tomorrow's hours that cost more than
they mine."""

from datetime import UTC, datetime, time, timedelta

from bot.mining.fleet_alerts import check_fleet, dump
from bot.mining.market import Market
from bot.signals.rules import Severity
from storage import outbox
from storage.chats.fleets import MARKET_TIME, every, note_below_cost, note_told
from storage.engine import Database
from storage.outbox import NoticeKind


def queue_notices(db: Database, market: Market, now: datetime) -> int:
    """Look at every fleet and queue what its owner must be told; give the number of messages.

    Belongs into the transaction of a poll: what was told and the message that tells it are kept together.
    """
    queued = 0
    tomorrow = _delivery_day(now)
    for stored in every(db):
        check = check_fleet(stored.fleet, stored.below_cost, stored.told_until, market, tomorrow)
        if check.below is not None and check.below != stored.below_cost:
            note_below_cost(db, stored.address, check.below)
        if check.looked_ahead:
            note_told(db, stored.address, tomorrow[1])
        for notice_facts in (check.crossing, check.hours):
            if notice_facts is not None:
                notice = outbox.add_notice(db, NoticeKind.FLEET, Severity.WARNING, dump(notice_facts), now)
                to = (stored.address.chat_id, stored.address.topic_id)
                queued += outbox.enqueue_notice(db, notice, now, to=[to])
    return queued


def _delivery_day(now: datetime) -> tuple[datetime, datetime]:
    """Tomorrow as the day-ahead market counts it (start, end; UTC)."""
    midnight = datetime.combine(now.astimezone(MARKET_TIME).date() + timedelta(days=1), time(), MARKET_TIME)
    following = datetime.combine(midnight.date() + timedelta(days=1), time(), MARKET_TIME)
    return midnight.astimezone(UTC), following.astimezone(UTC)
