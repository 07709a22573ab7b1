"""Blindness is said once, and so is its end."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.ops.monitors import BLIND_AFTER_POLLS, OutageEnded, OutageMonitor, OutageStarted, had_usable_data
from bot.sources.types import RoundResult, SourceReport

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def _report(*, ok: bool, asked: bool = True) -> SourceReport:
    return SourceReport("mempool", ok, None if ok else "timed out", None, None, asked)


def test_a_round_is_good_when_anything_in_it_could_be_used() -> None:
    def gathered(*reports: SourceReport) -> RoundResult:
        return RoundResult((), reports, (), None, ())

    assert had_usable_data(gathered()) is None
    assert had_usable_data(gathered(_report(ok=False), _report(ok=True))) is True
    assert had_usable_data(gathered(_report(ok=False), _report(ok=False, asked=False))) is False


def test_a_few_bad_polls_are_no_blindness() -> None:
    watchman = OutageMonitor(NOW)
    assert [watchman.polled(NOW, False) for _ in range(BLIND_AFTER_POLLS - 1)] == [None] * (
        BLIND_AFTER_POLLS - 1
    )
    assert watchman.polled(NOW, True) is None
    assert watchman.polled(NOW, False) is None


def test_blindness_tells_since_when_and_why_and_its_end_too() -> None:
    watchman = OutageMonitor(NOW)
    told = [watchman.polled(NOW + timedelta(minutes=5 * n), False, ("all down",)) for n in range(1, 6)]
    assert told == [None, None, OutageStarted(NOW, 3, ("all down",)), None, None]
    assert watchman.polled(NOW + timedelta(hours=1), True) == OutageEnded(NOW)
    assert watchman.polled(NOW + timedelta(hours=2), True) is None


@given(st.lists(st.sampled_from([True, False, None]), max_size=100))
def test_words_alternate_and_never_repeat(polls: list[bool | None]) -> None:
    watchman = OutageMonitor(NOW)
    told = [watchman.polled(NOW, good) for good in polls]
    kinds = [type(one) for one in told if one is not None]
    assert kinds == [OutageStarted, OutageEnded] * (len(kinds) // 2) + [OutageStarted] * (len(kinds) % 2)
    assert watchman.blind == (len(kinds) % 2 == 1)
