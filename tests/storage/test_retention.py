"""What is kept for how long."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.signals.rules import Severity
from bot.signals.series import Reading
from storage import outbox, retention
from storage.database import Database
from storage.outbox import NoticeKind, SendResult
from storage.signals import readings
from tests.fakes.engines import new_database

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OLD = NOW - timedelta(days=200)


def _spot(series: str, at: datetime) -> Reading:
    return Reading(series, 1.0, at, "mempool", at)


def _spots(db: Database) -> list[tuple[str, str]]:
    return [tuple(row) for row in db.execute("SELECT series, as_of FROM spots ORDER BY series, as_of")]


def test_old_spot_values_are_thinned_to_the_last_of_each_day(db: Database) -> None:
    days = [OLD + timedelta(days=day) for day in range(3)]
    moments = [day.replace(hour=hour) for day in days for hour in (0, 9, 23)]
    readings.save(db, [_spot(series, at) for series in ("btc.price", "btc.fees") for at in moments])
    swept = retention.sweep(db, NOW)
    assert swept.spots == 12
    rows = [day.replace(hour=23).isoformat() for day in days]
    assert _spots(db) == [(series, at) for series in ("btc.fees", "btc.price") for at in rows]
    assert retention.sweep(db, NOW) == retention.SweepResult(0, 0, 0, 0, 0, 0, more=False)


def test_young_spot_values_and_all_days_stay(db: Database) -> None:
    young = [NOW - timedelta(days=80, minutes=minute) for minute in range(10)]
    day = Reading("btc.price", 1.0, OLD, "kraken", OLD, day=(OLD - timedelta(days=1)).date())
    readings.save(db, [day, *(_spot("btc.price", at) for at in young)])
    assert retention.sweep(db, NOW).spots == 0
    assert len(_spots(db)) == 10
    assert len(list(db.query("SELECT * FROM days"))) == 1


@given(
    st.lists(
        st.datetimes(OLD.replace(tzinfo=None), NOW.replace(tzinfo=None), timezones=st.just(UTC)), max_size=60
    )
)
def test_thinning_keeps_exactly_what_it_says(moments: list[datetime]) -> None:
    db = new_database()
    readings.save(db, [_spot("btc.price", at) for at in moments])
    while retention.sweep(db, NOW, at_once=7).more:
        pass
    limit = (NOW - retention.SPOTS_WHOLE_FOR).date()
    last = {at.date(): max(other for other in moments if other.date() == at.date()) for at in moments}
    wanted = {at for at in moments if at.date() >= limit or last[at.date()] == at}
    assert {datetime.fromisoformat(at) for _, at in _spots(db)} == wanted
    db.close()


def test_settled_messages_go_and_waiting_ones_stay(db: Database) -> None:
    notice = outbox.add_notice(db, NoticeKind.BROADCAST, Severity.INFO, "{}", OLD)
    outbox.enqueue_notice(
        db, notice, OLD, to=[(chat, 0) for chat in range(1, 6)], expire_after=timedelta(999)
    )
    young = outbox.add_notice(db, NoticeKind.BROADCAST, Severity.INFO, "{}", NOW)
    outbox.enqueue_notice(db, young, NOW, to=[(9, 0)])
    ids = {row[1]: row[0] for row in db.execute("SELECT id, chat_id FROM outbox")}
    recent = NOW - timedelta(days=3)
    outbox.claim(db, OLD, 10)  # only what is being sent can be settled
    outbox.record(
        db,
        [
            SendResult((ids[1],), "sent", OLD),
            SendResult((ids[2],), "dead", OLD),
            SendResult((ids[3],), "cancelled", OLD),
            SendResult((ids[4],), "dead", recent),
        ],
    )
    assert retention.sweep(db, NOW).messages == 3
    assert [row[0] for row in db.execute("SELECT chat_id FROM outbox ORDER BY chat_id")] == [4, 5, 9]
    assert len(list(db.query("SELECT * FROM notices"))) == 2


def test_a_notice_goes_with_its_last_message(db: Database) -> None:
    notice = outbox.add_notice(db, NoticeKind.BROADCAST, Severity.INFO, "{}", OLD)
    outbox.enqueue_notice(db, notice, OLD, to=[(1, 0)])
    db.execute("UPDATE outbox SET state = 'sent', settled_at = ?", [OLD.isoformat()])
    swept = retention.sweep(db, NOW)
    assert (swept.messages, swept.notices) == (1, 1)


def test_alerts_are_kept_for_good(db: Database) -> None:
    db.execute(
        "INSERT INTO alerts (bulletin, rule, signal, severity, kind, at, body) "
        "VALUES (1, 'r', 's', 'info', 'fired', '2009-01-03T18:15:05+00:00', '{}')"
    )
    retention.sweep(db, NOW)
    assert len(list(db.query("SELECT * FROM alerts"))) == 1


def test_one_sweep_is_short(db: Database) -> None:
    readings.save(db, [_spot("btc.price", OLD + timedelta(minutes=minute)) for minute in range(100)])
    swept = retention.sweep(db, NOW, at_once=10)
    assert (swept.spots, swept.more) == (10, True)
