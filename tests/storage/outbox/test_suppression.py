"""What is not said again, and what waits."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.backtest.replay import known_at, replay
from bot.data.bundle import bundled_readings
from bot.i18n.message import NOTHING, message
from bot.signals.alert import Alert, AlertKind
from bot.signals.phase import Phase, SignalEvidence
from bot.signals.rules import COMPOSITE, SIGNALS, Severity, default_rules
from bot.signals.series import end_of_day
from storage import outbox
from storage.chats import chats
from storage.chats.chats import Address
from storage.database import Database
from storage.outbox import clock_jump, suppression
from storage.signals import alerts
from tests.fakes.engines import new_database

NOW = datetime(2022, 6, 16, tzinfo=UTC)
BOTH, ONLY_LEG, ONLY_PHASE = Address(1), Address(2), Address(3)


def _subscribe(db: Database) -> None:
    for address, signals in (
        (BOTH, ("energy_price", COMPOSITE)),
        (ONLY_LEG, ("energy_price",)),
        (ONLY_PHASE, (COMPOSITE,)),
    ):
        chats.remember(db, address, "private", NOW)
        chats.subscribe(db, address, signals, 0)


@pytest.fixture
def db(db: Database) -> Database:
    _subscribe(db)
    return db


def phase(after: Phase, at: datetime, severity: Severity = Severity.WARNING, *named: SignalEvidence) -> Alert:
    what = (COMPOSITE, COMPOSITE, severity, AlertKind.PHASE, at, message(f"→ {after}"))
    return Alert(*what, before=Phase.CALM, after=after, evidence=named)


def leg(signal: str, severity: Severity) -> SignalEvidence:
    return SignalEvidence(signal, True, True, severity, NOW, NOW, message(signal), NOTHING)


def energy(kind: AlertKind, at: datetime, severity: Severity = Severity.WARNING) -> Alert:
    return Alert(f"energy_price.{severity.word}", "energy_price", severity, kind, at, message("dear power"))


def tell(db: Database, now: datetime, *told: Alert) -> int:
    """What the poller does; gives how many rows are left."""
    return outbox.queue_alerts(db, told, now).rows


def deliver(db: Database, now: datetime) -> list[tuple[int, tuple[str, ...]]]:
    """Send what is due: the chat and the kinds of each message."""
    messages = outbox.claim(db, now, 1000)
    outbox.record(db, [outbox.SendResult(each.ids, "sent", now) for each in messages])
    return sorted(
        (each.chat_id, tuple(subject.kind for subject in each.content.subjects)) for each in messages
    )


def test_the_phase_says_what_its_signals_minor_firings_would_have_said(db: Database) -> None:
    result = (phase(Phase.STRESS, NOW), energy(AlertKind.FIRED, NOW))
    assert tell(db, NOW, *result) == 3
    assert deliver(db, NOW) == [(1, ("phase",)), (2, ("fired",)), (3, ("phase",))]


@pytest.mark.parametrize(
    ("kind", "severity"), [(AlertKind.FIRED, Severity.CRITICAL), (AlertKind.CLEARED, Severity.WARNING)]
)
def test_a_critical_firing_and_an_end_are_said_beside_the_phase(
    db: Database, kind: AlertKind, severity: Severity
) -> None:
    tell(db, NOW, phase(Phase.STRESS, NOW), energy(kind, NOW, severity))
    assert deliver(db, NOW)[0] == (1, ("phase", kind.value))


def test_a_signal_that_the_phase_named_is_not_told_again_for_three_days(db: Database) -> None:
    tell(db, NOW, phase(Phase.STRESS, NOW, Severity.WARNING, leg("energy_price", Severity.WARNING)))
    deliver(db, NOW)
    soon, late = NOW + timedelta(days=3), NOW + timedelta(days=3, seconds=1)
    tell(db, soon, energy(AlertKind.FIRED, soon))
    assert deliver(db, soon) == [(2, ("fired",))]  # who doesn't hear of the phase is told
    tell(db, late, energy(AlertKind.REMINDER, late))
    assert deliver(db, late + suppression.REPEAT_INTERVAL) == [(1, ("reminder",)), (2, ("reminder",))]


def test_what_is_graver_than_the_phase_named_it_is_told(db: Database) -> None:
    tell(db, NOW, phase(Phase.STRESS, NOW, Severity.WARNING, leg("energy_price", Severity.WARNING)))
    deliver(db, NOW)
    soon = NOW + timedelta(days=1)
    tell(db, soon, energy(AlertKind.FIRED, soon, Severity.CRITICAL))
    assert deliver(db, soon)[0] == (1, ("fired",))


def test_under_stress_a_further_signal_is_news_and_under_capitulation_its_warning_is_not(
    db: Database,
) -> None:
    tell(db, NOW, phase(Phase.STRESS, NOW, Severity.WARNING, leg("price_drawdown", Severity.CRITICAL)))
    deliver(db, NOW)
    soon, later = NOW + timedelta(days=1), NOW + timedelta(days=2)
    tell(db, soon, energy(AlertKind.FIRED, soon))
    assert deliver(db, soon)[0] == (1, ("fired",))
    tell(db, later, phase(Phase.CAPITULATION, later, Severity.CRITICAL))
    deliver(db, later)
    last = later + timedelta(days=1)
    tell(db, last, energy(AlertKind.REMINDER, last))
    assert deliver(db, last) == [(2, ("reminder",))]


def test_an_end_told_since_takes_back_what_the_phase_said(db: Database) -> None:
    tell(db, NOW, phase(Phase.STRESS, NOW, Severity.WARNING, leg("energy_price", Severity.WARNING)))
    deliver(db, NOW)
    for day, kind in ((1, AlertKind.CLEARED), (2, AlertKind.FIRED)):
        at = NOW + timedelta(days=day)
        tell(db, at, energy(kind, at))
        assert deliver(db, at) == [(1, (kind.value,)), (2, (kind.value,))]


def test_a_phase_that_never_reached_the_chat_says_nothing(db: Database) -> None:
    tell(db, NOW, phase(Phase.STRESS, NOW, Severity.WARNING, leg("energy_price", Severity.WARNING)))
    messages = outbox.claim(db, NOW, 1000)
    outbox.record(db, [outbox.SendResult(each.ids, "dead", NOW, "refused") for each in messages])
    soon = NOW + timedelta(days=1)
    tell(db, soon, energy(AlertKind.FIRED, soon))
    assert deliver(db, soon) == [(1, ("fired",)), (2, ("fired",))]


def test_a_phase_that_must_wait_itself_absorbs_nothing(db: Database) -> None:
    tell(db, NOW, phase(Phase.STRESS, NOW))
    deliver(db, NOW)
    for hour, after in ((1, Phase.CALM), (2, Phase.STRESS)):  # in the end it is as last told: not said at all
        at = NOW + timedelta(hours=hour)
        result = (energy(AlertKind.FIRED, at),) if after is Phase.STRESS else ()
        tell(db, at, phase(after, at), *result)
    assert deliver(db, NOW + timedelta(hours=2)) == [(1, ("fired",)), (2, ("fired",))]


def test_over_two_years_nothing_grave_is_hidden(db: Database) -> None:
    """The bundled history of 2021 and 2022, told day by day to somebody who hears of everything."""
    chats.subscribe(db, BOTH, (*SIGNALS, COMPOSITE), 0)
    rules = default_rules(("DE-LU",))
    first = date(2021, 1, 1)
    readings = [each for each in bundled_readings() if each.day is not None and each.day >= date(2019, 6, 1)]
    known: dict[str, Severity] = {}  # how grave the chat takes each signal to be
    absorbed, phase_told = [], Phase.UNKNOWN
    for day in replay(sorted(readings, key=known_at), rules, date(2022, 12, 31)):
        news = day.evaluation.alerts
        if day.day < first:
            continue
        now = end_of_day(day.day)
        if news:
            tell(db, now, *news)
        messages = outbox.claim(db, now, 1000)
        outbox.record(db, [outbox.SendResult(each.ids, "sent", now) for each in messages])
        heard = [
            alerts.parse(s.body)
            for each in messages
            if each.chat_id == BOTH.chat_id
            for s in each.content.subjects
        ]
        for alert in sorted(heard, key=lambda each: each.kind is AlertKind.PHASE):
            if alert.after is not None:
                phase_told = alert.after
                known |= {each.signal: each.severity for each in alert.evidence if each.severity is not None}
            elif alert.kind is not AlertKind.CLEARED:
                known[alert.signal] = max(alert.severity, known.get(alert.signal, alert.severity))
        absorbed += [(day.day, each.rule) for each in news if each not in heard]
        for rule in rules:
            if any(each.rule == rule.id and each.kind is AlertKind.FIRED for each in news):
                outranked = phase_told is Phase.CAPITULATION and rule.severity < Severity.CRITICAL
                assert outranked or known[rule.signal] >= rule.severity
    assert absorbed
    assert {rule.rpartition(".")[0] for _, rule in absorbed}.isdisjoint({"price_drawdown.critical"})


def test_without_a_change_of_phase_nothing_is_absorbed(db: Database) -> None:
    tell(db, NOW, energy(AlertKind.FIRED, NOW))
    assert deliver(db, NOW) == [(1, ("fired",)), (2, ("fired",))]


def test_a_second_message_of_a_rule_waits_until_six_hours_after_the_first(db: Database) -> None:
    tell(db, NOW, energy(AlertKind.FIRED, NOW))
    deliver(db, NOW)
    soon = NOW + timedelta(hours=1)
    assert tell(db, soon, energy(AlertKind.CLEARED, soon)) == 2
    assert deliver(db, NOW + timedelta(hours=5, minutes=59)) == []
    assert deliver(db, NOW + timedelta(hours=6)) == [(1, ("cleared",)), (2, ("cleared",))]


def test_what_is_again_as_last_told_is_not_told_at_all(db: Database) -> None:
    tell(db, NOW, energy(AlertKind.FIRED, NOW))
    deliver(db, NOW)
    for hour, kind in ((1, AlertKind.CLEARED), (2, AlertKind.FIRED)):
        at = NOW + timedelta(hours=hour)
        tell(db, at, energy(kind, at))
    assert deliver(db, NOW + timedelta(days=1)) == []


def test_graver_news_does_not_wait(db: Database) -> None:
    tell(db, NOW, phase(Phase.STRESS, NOW))
    deliver(db, NOW)
    soon = NOW + timedelta(minutes=5)
    tell(db, soon, phase(Phase.CAPITULATION, soon, Severity.CRITICAL))
    assert deliver(db, soon) == [(1, ("phase",)), (3, ("phase",))]


def test_a_chat_that_heard_nothing_yet_does_not_wait_for_the_others(db: Database) -> None:
    tell(db, NOW, energy(AlertKind.FIRED, NOW))
    deliver(db, NOW)
    soon = NOW + timedelta(hours=1)
    chats.subscribe(db, ONLY_PHASE, ("energy_price",), 0)
    tell(db, soon, energy(AlertKind.CLEARED, soon))
    assert deliver(db, soon) == [(3, ("cleared",))]


LOUD = {
    Phase.CALM: Severity.INFO,
    Phase.STRESS: Severity.WARNING,
    Phase.RECOVERY: Severity.WARNING,
    Phase.CAPITULATION: Severity.CRITICAL,
}
news = st.lists(st.tuples(st.integers(1, 500), st.sampled_from(list(LOUD))), min_size=1, max_size=25)


@settings(max_examples=60, deadline=None)
@given(news)
def test_never_two_messages_of_a_rule_in_six_hours_and_the_last_word_is_always_said(
    news: list[tuple[int, Phase]],
) -> None:
    db = new_database()
    _subscribe(db)
    now, minutes = NOW, 0
    heard: list[tuple[datetime, Phase]] = []

    def hear(until: datetime) -> None:
        moment = max(outbox.next_due(db) or until, NOW)
        while moment <= until and outbox.next_due(db) is not None:
            for claimed in outbox.claim(db, moment, 100):
                outbox.record(db, [outbox.SendResult(claimed.ids, "sent", moment)])
                if claimed.chat_id == BOTH.chat_id:
                    after = alerts.parse(claimed.content.subjects[0].body).after
                    assert after is not None
                    heard.append((moment, after))
            moment = outbox.next_due(db) or until

    for wait, after in news:
        minutes += wait
        now = NOW + timedelta(minutes=minutes)
        hear(now)
        tell(db, now, phase(after, now, LOUD[after]))
        hear(now)
    hear(now + timedelta(days=1))
    for (at, before), (then, after) in pairwise(heard):
        assert then - at >= suppression.REPEAT_INTERVAL or LOUD[after] > LOUD[before]
    assert heard[-1][1] is news[-1][1]
    db.close()


def test_what_finds_an_older_message_unsent_goes_with_it_and_the_last_word_is_the_newest(
    db: Database,
) -> None:
    """A chat answers 429 for half an hour: the end of a warning waits when something critical comes."""
    tell(db, NOW, energy(AlertKind.FIRED, NOW))
    deliver(db, NOW)
    end, later, again = (NOW + timedelta(hours=hours) for hours in (7, 7.1, 7.5))
    tell(db, end, energy(AlertKind.CLEARED, end))
    messages = outbox.claim(db, end, 100)
    flood = [outbox.SendResult(each.ids, "pending", end, "429", next_try_at=again) for each in messages]
    outbox.record(db, flood)
    tell(db, later, energy(AlertKind.FIRED, later))
    assert deliver(db, later) == []
    assert deliver(db, again) == [(1, ("cleared", "fired")), (2, ("cleared", "fired"))]


def test_messages_that_go_together_are_as_urgent_as_the_graver(db: Database) -> None:
    calm, capitulation = NOW, NOW + timedelta(hours=1)
    tell(db, calm, phase(Phase.RECOVERY, calm, Severity.WARNING))
    messages = outbox.claim(db, calm, 100)
    failed = [
        outbox.SendResult(each.ids, "pending", calm, "502", next_try_at=capitulation) for each in messages
    ]
    outbox.record(db, failed)
    tell(db, capitulation, phase(Phase.CAPITULATION, capitulation, Severity.CRITICAL))
    claimed = outbox.claim(db, capitulation, 100)
    assert [(each.priority, len(each.ids)) for each in claimed] == [(outbox.Priority.CRITICAL, 2)] * 2


def test_what_was_never_delivered_counts_as_not_told(db: Database) -> None:
    """A firing ends as a dead letter, its end an hour later is said, and so is what fires then."""
    tell(db, NOW, energy(AlertKind.FIRED, NOW))
    dead = [outbox.SendResult(each.ids, "dead", NOW, "refused") for each in outbox.claim(db, NOW, 100)]
    outbox.record(db, dead)
    end = NOW + timedelta(hours=1)
    tell(db, end, energy(AlertKind.CLEARED, end))
    assert deliver(db, end) == [(1, ("cleared",)), (2, ("cleared",))]


def test_a_clock_set_back_takes_nothing_back_that_people_have_read(db: Database) -> None:
    tell(db, NOW, energy(AlertKind.FIRED, NOW))
    deliver(db, NOW)
    back = NOW - timedelta(hours=2)
    tell(db, back, energy(AlertKind.CLEARED, back))
    states = db.execute("SELECT state, count(*) FROM outbox GROUP BY state ORDER BY state").fetchall()
    assert states == [("pending", 2), ("sent", 2)]
    assert deliver(db, back) == []
    assert deliver(db, back + suppression.REPEAT_INTERVAL) == [(1, ("cleared",)), (2, ("cleared",))]


def test_what_was_told_by_a_clock_that_was_behind_is_what_was_told_last(db: Database) -> None:
    """An end that was sent after a start by a clock a day behind is dated before the firing that it ended."""
    tell(db, NOW, energy(AlertKind.FIRED, NOW))
    deliver(db, NOW)
    end, behind = NOW + timedelta(minutes=30), NOW - timedelta(hours=25)
    tell(db, end, energy(AlertKind.CLEARED, end))
    clock_jump.plan_at_start(db, behind)
    assert deliver(db, behind) == [(1, ("cleared",)), (2, ("cleared",))]
    moments = [NOW + timedelta(hours=hours) for hours in (1, 2, 3)]
    kinds = (AlertKind.FIRED, AlertKind.CLEARED, AlertKind.FIRED)
    told = []
    for moment, kind in zip(moments, kinds, strict=True):
        tell(db, moment, energy(kind, moment))
        told += deliver(db, moment)
    told += deliver(db, moments[-1] + suppression.REPEAT_INTERVAL)
    assert told == [(1, ("fired",)), (2, ("fired",))]


def test_what_waits_in_one_chat_is_joined_though_another_was_told_before_a_jump_of_the_clock(
    db: Database,
) -> None:
    """What was sent keeps its date by the clock as it was, what waits moves along."""
    tell(db, NOW, energy(AlertKind.FIRED, NOW))
    first, stuck = outbox.claim(db, NOW, 100)
    outbox.record(db, [outbox.SendResult(first.ids, "sent", NOW, message_id=1)])
    outbox.record(db, [outbox.SendResult(stuck.ids, "pending", NOW, "no connection", next_try_at=NOW)])
    jump = timedelta(days=365)
    clock_jump.plan_anew(db, NOW + jump, jump, NOW)
    later = NOW + jump + timedelta(minutes=1)
    tell(db, later, energy(AlertKind.REMINDER, later))
    assert deliver(db, later) == [(1, ("reminder",)), (2, ("fired", "reminder"))]


def test_what_takes_itself_back_is_dropped_in_every_chat_and_counted(db: Database) -> None:
    moments = [NOW + timedelta(hours=hours) for hours in range(3)]
    kinds = (AlertKind.FIRED, AlertKind.CLEARED, AlertKind.FIRED)
    queued = []
    for moment, kind in zip(moments, kinds, strict=True):
        queued.append(tell(db, moment, energy(kind, moment)))
        deliver(db, moment)
    assert queued == [2, 2, 0]
    assert deliver(db, NOW + timedelta(days=1)) == []


def test_what_comes_while_another_waits_takes_its_time_and_lasts_a_day_longer(db: Database) -> None:
    moments = [NOW + timedelta(hours=hours) for hours in range(3)]
    for moment, kind in zip(moments, (AlertKind.FIRED, AlertKind.CLEARED, AlertKind.REMINDER), strict=True):
        tell(db, moment, energy(kind, moment))
        deliver(db, moment)
    due = NOW + suppression.REPEAT_INTERVAL
    expires = db.execute("SELECT DISTINCT expires_at FROM outbox WHERE state = 'pending'").fetchall()
    assert expires == [((due + timedelta(hours=24)).isoformat(),)]
    assert deliver(db, due - timedelta(seconds=1)) == []
    assert deliver(db, due) == [(1, ("reminder",)), (2, ("reminder",))]


def test_inhibited_and_dropped_rows_are_counted_together(db: Database) -> None:
    """The phase says what the firing would have said to one chat, to the other it is news."""
    result = (phase(Phase.STRESS, NOW), energy(AlertKind.FIRED, NOW))
    group = alerts.add(db, result)
    assert group is not None
    assert outbox.enqueue(db, group.id, NOW) == 4
    assert suppression.apply(db, group, NOW) == 1


def _ended(db: Database) -> list[tuple[object, ...]]:
    """What was cancelled: alert, chat, why and when."""
    columns = "alert_id, chat_id, error, settled_at"
    return db.execute(f"SELECT {columns} FROM outbox WHERE state = 'cancelled' ORDER BY id").fetchall()


def _end(db: Database, now: datetime, states: dict[int, outbox.FinalState]) -> None:
    """Let what is due end in a state of each chat's own."""
    results = [
        outbox.SendResult(
            each.ids,
            states[each.chat_id],
            now,
            next_try_at=now if states[each.chat_id] == "pending" else None,
        )
        for each in outbox.claim(db, now, 100)
    ]
    outbox.record(db, results)


def test_a_cancelled_row_says_why_and_when(db: Database) -> None:
    hours = [NOW + timedelta(hours=number) for number in range(4)]
    tell(db, hours[0], phase(Phase.STRESS, hours[0]), energy(AlertKind.FIRED, hours[0]))
    assert _ended(db) == [(2, 1, "said by the change of phase", hours[0].isoformat())]
    deliver(db, hours[0])
    tell(db, hours[1], phase(Phase.RECOVERY, hours[1]))
    tell(db, hours[2], phase(Phase.STRESS, hours[2]))
    assert _ended(db)[1:] == [
        (3, 1, "overtaken by newer news before its time", hours[2].isoformat()),
        (3, 3, "overtaken by newer news before its time", hours[2].isoformat()),
        (4, 1, "things are as last told", hours[2].isoformat()),
        (4, 3, "things are as last told", hours[2].isoformat()),
    ]


def test_what_one_chat_is_told_at_once_another_may_have_to_wait_for(db: Database) -> None:
    """Each chat by its own history, whatever becomes of the chats before it."""
    first, second, third = (NOW + timedelta(hours=number) for number in range(3))
    tell(db, first, phase(Phase.CAPITULATION, first, Severity.CRITICAL))
    _end(db, first, {1: "dead", 3: "sent"})
    tell(db, second, phase(Phase.STRESS, second))
    assert deliver(db, second) == [(1, ("phase",))], "to the other it comes too soon"
    tell(db, third, phase(Phase.CAPITULATION, third, Severity.CRITICAL))
    assert deliver(db, third) == [(1, ("phase",))], "to the other things are as last told"
    assert deliver(db, third + timedelta(days=1)) == []


def test_what_joins_an_unsent_message_in_one_chat_waits_in_another(db: Database) -> None:
    soon = NOW + timedelta(hours=1)
    tell(db, NOW, phase(Phase.STRESS, NOW))
    _end(db, NOW, {1: "pending", 3: "sent"})
    tell(db, soon, phase(Phase.RECOVERY, soon))
    assert deliver(db, soon) == [(1, ("phase", "phase"))]
    assert deliver(db, NOW + suppression.REPEAT_INTERVAL) == [(3, ("phase",))]


def test_what_is_not_told_in_one_chat_waits_in_another(db: Database) -> None:
    first, second, third = (NOW + timedelta(hours=number) for number in range(3))
    tell(db, first, phase(Phase.STRESS, first))
    deliver(db, first)
    tell(db, second, phase(Phase.CALM, second, Severity.INFO))
    db.execute("UPDATE outbox SET state = 'dead' WHERE alert_id = 2 AND chat_id = 3")
    assert tell(db, third, phase(Phase.STRESS, third)) == 1
    assert deliver(db, third) == []
    assert deliver(db, first + suppression.REPEAT_INTERVAL) == [(3, ("phase",))]


def test_what_became_graver_while_milder_news_waited_is_told_at_once_in_its_place(db: Database) -> None:
    first, second, third = (NOW + timedelta(hours=number) for number in range(3))
    tell(db, first, phase(Phase.RECOVERY, first))
    deliver(db, first)
    tell(db, second, phase(Phase.CALM, second, Severity.INFO))
    tell(db, third, phase(Phase.CAPITULATION, third, Severity.CRITICAL))
    assert deliver(db, third) == [(1, ("phase",)), (3, ("phase",))]
    assert deliver(db, third + timedelta(days=1)) == []


def test_a_summary_after_a_silence_is_joined_by_nothing(db: Database) -> None:
    """What was put off is due when the silence ends; news of its rule by then comes by itself."""
    tell(db, NOW, energy(AlertKind.FIRED, NOW))
    until = (NOW + timedelta(minutes=90)).isoformat()
    db.execute("UPDATE outbox SET bulletin = 0, next_try_at = ?", [until])
    later = NOW + timedelta(hours=1)
    tell(db, later, energy(AlertKind.CLEARED, later))
    rows = db.execute("SELECT bulletin, queued_at FROM outbox WHERE alert_id = 2").fetchall()
    assert rows == [(2, (NOW + suppression.REPEAT_INTERVAL).isoformat())] * 2


def _an_end_waits_while_the_firing_is_claimed(db: Database) -> tuple[outbox.OutboxMessage, datetime]:
    """The firing that one chat is being sent, and when its end may be told there."""
    chats.unsubscribe(db, ONLY_LEG, ("energy_price",))
    tell(db, NOW, energy(AlertKind.FIRED, NOW))
    (firing,) = outbox.claim(db, NOW, 100)
    tell(db, NOW + timedelta(hours=1), energy(AlertKind.CLEARED, NOW + timedelta(hours=1)))
    return firing, NOW + suppression.REPEAT_INTERVAL


def _fails(db: Database, message: outbox.OutboxMessage, again: datetime) -> None:
    failed = outbox.SendResult(message.ids, "pending", NOW, "no connection", next_try_at=again, attempts=1)
    outbox.record(db, [failed])


def test_an_end_whose_time_comes_goes_in_one_message_with_the_firing_that_is_to_be_tried_again(
    db: Database,
) -> None:
    firing, due = _an_end_waits_while_the_firing_is_claimed(db)
    again = due + timedelta(minutes=20)
    _fails(db, firing, again)
    assert deliver(db, due) == []
    assert deliver(db, again - timedelta(seconds=1)) == []
    assert deliver(db, again) == [(1, ("fired", "cleared"))]


def test_an_end_is_told_when_the_firing_that_is_under_way_has_arrived(db: Database) -> None:
    firing, due = _an_end_waits_while_the_firing_is_claimed(db)
    assert deliver(db, due) == []
    outbox.record(db, [outbox.SendResult(firing.ids, "sent", due, message_id=1)])
    assert deliver(db, due + timedelta(seconds=1)) == [(1, ("cleared",))]


def test_an_end_and_a_firing_that_are_due_together_are_told_in_their_order(db: Database) -> None:
    firing, due = _an_end_waits_while_the_firing_is_claimed(db)
    _fails(db, firing, due + timedelta(seconds=1))
    later = due + timedelta(seconds=2)
    assert deliver(db, later) == [(1, ("fired",))]
    assert deliver(db, later + timedelta(seconds=1)) == [(1, ("cleared",))]


def test_an_end_is_told_when_the_firing_was_refused(db: Database) -> None:
    firing, due = _an_end_waits_while_the_firing_is_claimed(db)
    outbox.record(db, [outbox.SendResult(firing.ids, "dead", due, "refused")])
    assert deliver(db, due) == [(1, ("cleared",))]
