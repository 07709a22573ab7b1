"""What lasts is told once, and once when it is over."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.ops.monitors import OUTAGE_AFTER_POLLS, REJECTED_AFTER, Condition, ConditionMonitor, had_usable_data
from bot.sources.source_error import verbatim
from bot.sources.types import RoundResult, SourceReport

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FIVE_MINUTES = timedelta(minutes=5)


def _outages() -> ConditionMonitor[str, str]:
    return ConditionMonitor(after_checks=OUTAGE_AFTER_POLLS)


def _report(*, ok: bool, asked: bool = True) -> SourceReport:
    return SourceReport("mempool", ok, None if ok else verbatim("timed out"), None, None, asked)


def test_a_round_is_good_when_anything_in_it_could_be_used() -> None:
    def gathered(*reports: SourceReport) -> RoundResult:
        return RoundResult((), reports, (), None, ())

    assert had_usable_data(gathered()) is None
    assert had_usable_data(gathered(_report(ok=False), _report(ok=True))) is True
    assert had_usable_data(gathered(_report(ok=False), _report(ok=False, asked=False))) is False


def test_fewer_checks_in_a_row_than_wanted_are_not_told() -> None:
    monitor = _outages()
    holding: dict[str, str] = {"data": "all down"}
    for step in range(20):
        values = {} if step % OUTAGE_AFTER_POLLS == 0 else holding
        assert monitor.update(NOW + step * FIVE_MINUTES, values) == ([], [])


def test_what_lasts_is_told_with_its_beginning_and_its_newest_fact_and_its_end_too() -> None:
    monitor = _outages()
    messages = [monitor.update(NOW + n * FIVE_MINUTES, {"data": f"fault {n}"}) for n in range(5)]
    assert messages == [([], []), ([], []), ([Condition(NOW, 3, "fault 2")], []), ([], []), ([], [])]
    assert monitor.lasting == [Condition(NOW, 5, "fault 4")]
    assert monitor.update(NOW + timedelta(hours=1), {}) == ([], [Condition(NOW, 5, "fault 4")])
    assert monitor.lasting == []


def test_what_must_last_an_hour_is_told_after_an_hour_each_by_itself() -> None:
    monitor = ConditionMonitor[str, str](after=REJECTED_AFTER)
    messages: list[tuple[int, str]] = []
    for minutes in range(0, 180, 5):
        holding = {"price": "a"} | ({"gas": "b"} if minutes >= 30 else {})
        started, over = monitor.update(NOW + timedelta(minutes=minutes), holding)
        messages += [(minutes, condition.fact) for condition in started]
        assert over == []
    assert messages == [(60, "a"), (90, "b")]


def test_a_hiccup_is_not_told_however_often_it_comes() -> None:
    monitor = ConditionMonitor[str, str](after=REJECTED_AFTER)
    for minutes in range(0, 600, 5):
        holding = {"price": "a"} if minutes % 60 < 50 else {}
        assert monitor.update(NOW + timedelta(minutes=minutes), holding) == ([], [])


@given(st.lists(st.dictionaries(st.sampled_from("ab"), st.just("")), max_size=100))
def test_beginnings_and_ends_alternate_for_each_condition(checks: list[dict[str, str]]) -> None:
    monitor = ConditionMonitor[str, str](after_checks=2)
    messages: list[int] = []
    for step, holding in enumerate(checks):
        started, over = monitor.update(NOW + step * FIVE_MINUTES, holding)
        messages.append(len(started) - len(over))
        assert 0 <= sum(messages) <= 2
        assert len(monitor.lasting) == sum(messages)
