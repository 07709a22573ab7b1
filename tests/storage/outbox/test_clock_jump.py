"""After a jump of the clock nothing waits for the time it ran ahead to, or expires since it was behind."""

from datetime import UTC, datetime, time, timedelta

import pytest

from bot.signals.rules import Severity
from bot.watches.parser import parse_watch
from bot.watches.watch import MIN_HOLD, WatchFigure
from storage import outbox
from storage.chats import preferences, watch_evaluation, watches
from storage.chats.chats import Address
from storage.chats.digests import queue_due, scheduled
from storage.chats.preferences import ChatSettings
from storage.database import Database
from storage.outbox import NoticeKind, SendResult, sent_messages
from storage.outbox.clock_jump import plan_anew, plan_at_start
from tests.storage.outbox.test_queue import alert, chat

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
AHEAD = NOW + timedelta(hours=2)
START = NOW - timedelta(days=3)


@pytest.fixture
def db(db: Database) -> Database:
    chat(db, 1, price=0)
    return db


def _queued(db: Database, at: datetime) -> int:
    alert(db, 1, "price", "warning")
    outbox.enqueue(db, 1, at)
    (row,) = db.execute("SELECT id FROM outbox").fetchone()
    db.execute("UPDATE outbox SET next_try_at = ? WHERE id = ?", [at.isoformat(), row])
    return int(row)


def _next_try(db: Database) -> datetime:
    return datetime.fromisoformat(db.execute("SELECT next_try_at FROM outbox").fetchone()[0])


def test_a_message_due_by_the_clock_that_was_ahead_is_due_at_once(db: Database) -> None:
    _queued(db, AHEAD)
    assert plan_anew(db, NOW, timedelta(hours=-2), START) == 1
    assert _next_try(db) == NOW


@pytest.mark.parametrize("hours", [2, -2, 24 * 365])
def test_a_watch_waits_as_long_as_it_had_to(db: Database, hours: int) -> None:
    """`hours` is how far the clock was ahead."""
    wrong = NOW + timedelta(hours=hours)
    watch = parse_watch("price below 60000 for 12h", NOW.date())
    watches.add(db, Address(1), watch, "price below 60000", {}, wrong)
    _look(db, 59_000.0, wrong)
    plan_anew(db, NOW, timedelta(hours=-hours), wrong)
    assert _look(db, 59_000.0, NOW + timedelta(hours=11, minutes=59)) == 0
    assert _look(db, 59_000.0, NOW + timedelta(hours=12)) == 1


def test_a_watch_that_told_by_a_clock_ahead_tells_again_as_soon_as_any(db: Database) -> None:
    watches.add(db, Address(1), parse_watch("price below 60000", NOW.date()), "price below 60000", {}, AHEAD)
    assert _look(db, 61_000.0, AHEAD) == 0
    assert _look(db, 59_000.0, AHEAD) == 1
    plan_anew(db, NOW, timedelta(hours=-2), START)
    assert _look(db, 61_000.0, NOW + timedelta(hours=1)) == 0
    assert _look(db, 59_000.0, NOW + MIN_HOLD) == 1


def _look(db: Database, usd: float, now: datetime) -> int:
    return watch_evaluation.evaluate(db, [WatchFigure("price", usd, now, "test")], now)


def test_a_message_to_be_tried_again_in_a_minute_still_is(db: Database) -> None:
    _queued(db, AHEAD + timedelta(minutes=1))
    plan_anew(db, NOW, timedelta(hours=-2), START)
    assert _next_try(db) == NOW + timedelta(minutes=1)


def _put_off(db: Database, at: datetime, quiet: tuple[time, time]) -> None:
    """Queue an alert that is put off for the chat's quiet hours at `at`."""
    preferences.save(db, Address(1), ChatSettings(quiet_from=quiet[0], quiet_to=quiet[1], time_zone="UTC"))
    _queued(db, at)
    assert outbox.claim(db, at, 10) == []


def test_what_was_put_off_by_a_clock_that_was_ahead_waits_for_the_next_end_of_the_silence(
    db: Database,
) -> None:
    jump = timedelta(days=365, hours=1)
    _put_off(db, NOW + jump, (time(11), time(14)))
    assert plan_anew(db, NOW, -jump, START) == 1
    assert outbox.claim(db, NOW.replace(hour=13), 10) == [], "the chat is silent by the right clock too"
    assert _next_try(db) == NOW.replace(hour=14)
    assert outbox.claim(db, NOW.replace(hour=14), 10)


def test_what_was_put_off_by_a_clock_that_was_behind_does_not_expire(db: Database) -> None:
    behind = NOW - timedelta(days=3)
    _put_off(db, behind, (time(11), time(14)))
    plan_anew(db, NOW, timedelta(days=3), since=behind)
    assert outbox.claim(db, NOW.replace(hour=14), 10)


def test_what_was_sent_stays_as_it_is(db: Database) -> None:
    row = _queued(db, AHEAD)
    db.execute("UPDATE outbox SET state = 'sent' WHERE id = ?", [row])
    assert plan_anew(db, NOW, timedelta(hours=-2), START) == 0


def test_a_clock_set_ahead_moves_nothing_that_was_queued_before(db: Database) -> None:
    _queued(db, START - timedelta(hours=1))
    db.execute("UPDATE outbox SET next_try_at = ?", [AHEAD.isoformat()])
    assert plan_anew(db, NOW, timedelta(hours=2), START) == 0
    assert _next_try(db) == AHEAD


def test_a_digest_planned_by_a_clock_a_year_ahead_comes_at_its_next_time(db: Database) -> None:
    wanted = ChatSettings(digest_at=time(8))
    preferences.save(db, Address(1), scheduled(db, wanted, NOW + timedelta(days=365)))
    plan_anew(db, NOW, timedelta(days=-365), START)
    assert preferences.load(db, Address(1)).digest_next == datetime(2026, 11, 21, 8, tzinfo=UTC)


def test_a_digest_that_came_by_a_clock_two_hours_ahead_does_not_come_again_that_day(db: Database) -> None:
    wanted = scheduled(db, ChatSettings(digest_at=time(13)), NOW)
    preferences.save(db, Address(1), wanted)
    assert queue_due(db, NOW + timedelta(hours=2), lambda _since, _alerts: "{}") == 1
    plan_anew(db, NOW, timedelta(hours=-2), START)
    assert preferences.load(db, Address(1)).digest_next == datetime(2026, 11, 21, 13, tzinfo=UTC)


def test_what_was_queued_while_the_clock_was_behind_does_not_expire_when_it_is_right(db: Database) -> None:
    behind = NOW - timedelta(hours=25)
    _queued(db, behind)
    assert plan_anew(db, NOW, timedelta(hours=25), since=behind) == 1
    assert outbox.next_due(db) == behind
    assert db.execute("SELECT expires_at FROM outbox").fetchone()[0] > NOW.isoformat()


def test_what_was_queued_before_the_clock_was_behind_keeps_its_times(db: Database) -> None:
    _queued(db, NOW)
    assert plan_anew(db, NOW, timedelta(hours=25), since=NOW - timedelta(hours=25)) == 0
    assert _next_try(db) == NOW


def test_what_a_clock_ahead_queued_is_as_old_as_the_right_clock_says(db: Database) -> None:
    """Else the next alert of its rule would wait behind it, until the time that the clock showed."""
    _queued(db, NOW + timedelta(days=365))
    plan_anew(db, NOW, timedelta(days=-365), START)
    assert db.execute("SELECT queued_at FROM outbox").fetchone()[0] == NOW.isoformat()


def test_a_clock_ahead_for_a_moment_leaves_what_waits_as_it_was(db: Database) -> None:
    _queued(db, NOW)
    before = db.execute("SELECT queued_at, next_try_at FROM outbox").fetchone()
    jump = timedelta(hours=25)
    plan_anew(db, NOW + jump, jump, START)
    plan_anew(db, NOW, -jump, NOW + jump)
    assert db.execute("SELECT queued_at, next_try_at FROM outbox").fetchone() == before


def test_what_an_earlier_run_queued_by_a_clock_ahead_is_sent_at_the_start(db: Database) -> None:
    _queued(db, NOW)
    db.execute("UPDATE alerts SET at = ?", [(NOW + timedelta(days=365)).isoformat()])
    db.execute("UPDATE outbox SET next_try_at = ?", [(NOW + timedelta(days=365)).isoformat()])
    assert plan_at_start(db, NOW) == 1
    assert outbox.claim(db, NOW, 10)


def test_a_try_that_a_clock_ahead_has_put_off_is_made_after_a_start(db: Database) -> None:
    """The alert itself was queued by the right clock; only its last try came when the clock was ahead."""
    row = _queued(db, NOW - timedelta(minutes=5))
    db.execute("UPDATE alerts SET at = ?", [(NOW - timedelta(minutes=5)).isoformat()])
    in_a_day = NOW + timedelta(hours=25)
    outbox.record(db, [SendResult((row,), "pending", in_a_day, "no connection", next_try_at=in_a_day)])
    assert plan_at_start(db, NOW) == 1
    (message,) = outbox.claim(db, NOW, 10)
    assert message.content.queued_at == NOW - timedelta(minutes=5)


def test_what_two_runs_by_a_clock_behind_found_waiting_is_as_old_as_the_second_when_the_clock_is_right(
    db: Database,
) -> None:
    """Else the next alert of its rule would take it for one of a year ago, and be told before it."""
    _queued(db, NOW)
    db.execute("UPDATE alerts SET at = ?", [NOW.isoformat()])
    year, first, second = (
        timedelta(days=365),
        NOW - timedelta(days=365),
        NOW - timedelta(days=365, seconds=-7),
    )
    plan_at_start(db, first)
    plan_at_start(db, second)
    plan_anew(db, second + year, year, since=second)
    assert db.execute("SELECT queued_at FROM outbox").fetchone()[0] == (second + year).isoformat()


def test_an_alert_that_waits_for_its_time_still_does_after_a_start(db: Database) -> None:
    _queued(db, NOW)
    db.execute("UPDATE alerts SET at = ?", [NOW.isoformat()])
    db.execute("UPDATE outbox SET next_try_at = ?, queued_at = ?", [AHEAD.isoformat(), AHEAD.isoformat()])
    assert plan_at_start(db, NOW) == 0
    assert _next_try(db) == AHEAD


def test_what_is_being_sent_when_the_clock_is_right_again_does_not_expire_when_it_comes_back(
    db: Database,
) -> None:
    behind = NOW - timedelta(days=3)
    _queued(db, behind)
    (message,) = outbox.claim(db, behind, 10)
    assert plan_anew(db, NOW, timedelta(days=3), since=behind) == 1
    outbox.record(db, [SendResult(message.ids, "pending", NOW, next_try_at=NOW)])
    assert outbox.claim(db, NOW, 10)


def test_an_edit_that_a_clock_ahead_has_marked_is_made_by_the_right_clock(db: Database) -> None:
    db.execute(
        "INSERT INTO sent_messages (chat_id, topic_id, message_id, kind, alert_group, is_editable, edit_due) "
        "VALUES (1, 0, 5, 'alerts', 1, ?, ?)",
        [True, AHEAD.isoformat()],
    )
    plan_anew(db, NOW, timedelta(hours=-2), START)
    assert [edit.message_id for edit in sent_messages.due_edits(db, NOW, 10)] == [5]


@pytest.mark.parametrize("plan", ["at the jump", "at the next start"])
def test_a_mute_that_a_clock_ahead_began_lasts_as_long_as_was_wanted(db: Database, plan: str) -> None:
    ahead = NOW + timedelta(days=365)
    muted = ChatSettings(muted_at=ahead, muted_until=ahead + timedelta(minutes=10))
    preferences.save(db, Address(1), muted)
    _queued(db, ahead)
    assert outbox.claim(db, ahead, 10) == []
    if plan == "at the jump":
        plan_anew(db, NOW, NOW - ahead, START)
    else:
        plan_at_start(db, NOW)
    assert outbox.claim(db, NOW, 10) == []
    assert _next_try(db) == NOW + timedelta(minutes=10)


def test_a_mute_that_the_right_clock_began_stays(db: Database) -> None:
    muted = ChatSettings(muted_at=NOW - timedelta(days=1), muted_until=NOW + timedelta(days=300))
    preferences.save(db, Address(1), muted)
    plan_anew(db, NOW, timedelta(days=-365), START)
    assert preferences.load(db, Address(1)) == muted


@pytest.mark.parametrize("jump", [timedelta(days=365), timedelta(days=-365), timedelta(hours=25)])
def test_what_an_earlier_run_queued_has_as_long_to_live_as_before_the_jump(
    db: Database, jump: timedelta
) -> None:
    _queued(db, START - timedelta(hours=1))
    left = timedelta(hours=3)
    db.execute(
        "UPDATE outbox SET expires_at = ?, next_try_at = ?", [(NOW + left).isoformat(), NOW.isoformat()]
    )
    plan_anew(db, NOW + jump, jump, START)
    db.execute("UPDATE outbox SET next_try_at = ?", [(NOW + jump).isoformat()])
    assert outbox.claim(db, NOW + jump + left - timedelta(minutes=1), 10)


def test_what_had_expired_before_a_jump_stays_expired(db: Database) -> None:
    _queued(db, NOW - timedelta(days=2))
    plan_anew(db, NOW + timedelta(days=365), timedelta(days=365), START)
    assert outbox.claim(db, NOW + timedelta(days=365), 10) == []


def _times(db: Database) -> tuple[datetime, datetime, datetime]:
    queued, due, expires = map(
        datetime.fromisoformat,
        db.execute("SELECT queued_at, next_try_at, expires_at FROM outbox").fetchone(),
    )
    return queued, due, expires


@pytest.mark.parametrize("state", ["pending", "leased"])
def test_what_was_queued_by_the_right_clock_and_waits_by_one_ahead_waits_as_long_by_the_right_one(
    db: Database, state: str
) -> None:
    queued, tolerance = NOW - timedelta(hours=1), timedelta(minutes=10)
    _queued(db, queued)
    expires = _times(db)[2]
    db.execute("UPDATE outbox SET state = ?, next_try_at = ?", [state, (AHEAD + tolerance).isoformat()])
    assert plan_anew(db, NOW, timedelta(hours=-2), START) == 1
    assert _times(db) == (queued, NOW + tolerance, expires - timedelta(hours=2))


def test_nothing_is_planned_for_a_time_that_is_over(db: Database) -> None:
    _queued(db, NOW + timedelta(minutes=1))
    plan_anew(db, NOW, timedelta(hours=-2), START)
    assert _times(db)[:2] == (NOW, NOW)


@pytest.mark.parametrize(("after", "moves"), [(timedelta(hours=6), 1), (timedelta(hours=6, seconds=1), 0)])
def test_what_has_to_wait_for_its_time_moves_along_with_a_clock_set_ahead(
    db: Database, after: timedelta, moves: int
) -> None:
    """A second message of a rule is dated with the moment at which it may be sent, six hours at most."""
    jump = timedelta(days=30)
    _queued(db, NOW + after)
    assert plan_anew(db, NOW + jump, jump, START) == moves
    assert _times(db)[:2] == (NOW + after + jump * moves,) * 2
    assert _times(db)[2] == NOW + after + outbox.EXPIRE_AFTER + jump


@pytest.mark.parametrize("hours", [2, 24 * 365])
def test_what_has_to_wait_for_its_time_still_does_when_the_clock_is_right_again(
    db: Database, hours: int
) -> None:
    jump, due = timedelta(hours=hours), NOW + timedelta(hours=5)
    _queued(db, due)
    plan_anew(db, NOW - jump, -jump, START)
    plan_anew(db, NOW, jump, START - jump)
    assert _times(db)[:2] == (due, due)


@pytest.mark.parametrize(("after_s", "moves"), [(-61, 1), (-60, 0), (0, 0), (60, 0), (61, 1)])
def test_what_is_queued_before_the_plans_are_made_anew_is_due_at_once(
    db: Database, after_s: int, moves: int
) -> None:
    """A notice of the jump itself is written by the clock as it is now."""
    queued, jump = AHEAD + timedelta(seconds=after_s), timedelta(hours=2)
    _queued(db, queued)
    assert plan_anew(db, AHEAD, jump, START) == moves
    assert _times(db)[:2] == (queued + jump * moves,) * 2


@pytest.mark.parametrize(("ahead", "moves"), [(timedelta(seconds=60), 0), (timedelta(seconds=61), 1)])
def test_at_a_start_an_ordinary_correction_of_the_clock_moves_nothing(
    db: Database, ahead: timedelta, moves: int
) -> None:
    _queued(db, AHEAD)
    db.execute("UPDATE alerts SET at = ?", [(NOW + ahead).isoformat()])
    assert plan_at_start(db, NOW) == moves
    assert _times(db)[:2] == ((NOW, NOW) if moves else (AHEAD, AHEAD))


def test_at_a_start_a_notice_of_a_clock_ahead_is_sent_too(db: Database) -> None:
    notice = outbox.add_notice(db, NoticeKind.BROADCAST, Severity.INFO, "{}", AHEAD)
    outbox.enqueue_notice(db, notice, AHEAD)
    assert plan_at_start(db, NOW) == 1
    assert len(outbox.claim(db, NOW, 10)) == 1


def test_a_digest_planned_by_a_clock_ahead_is_planned_anew_at_a_start_too(db: Database) -> None:
    wanted = ChatSettings(digest_at=time(8))
    preferences.save(db, Address(1), scheduled(db, wanted, NOW + timedelta(days=365)))
    plan_at_start(db, NOW)
    assert preferences.load(db, Address(1)).digest_next == datetime(2026, 11, 21, 8, tzinfo=UTC)
