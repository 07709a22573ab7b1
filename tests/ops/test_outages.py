"""Blindness is said once, and so is its end."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.ops.monitors import BLIND_AFTER_POLLS, Blind, Sighted, Watchman, seen
from bot.sources.types import Gathered, SourceReport

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def _report(*, ok: bool, asked: bool = True) -> SourceReport:
    return SourceReport("mempool", ok, None if ok else "timed out", None, None, asked)


def test_a_round_is_good_when_anything_in_it_could_be_used() -> None:
    def gathered(*reports: SourceReport) -> Gathered:
        return Gathered((), reports, (), None, ())

    assert seen(gathered()) is None
    assert seen(gathered(_report(ok=False), _report(ok=True))) is True
    assert seen(gathered(_report(ok=False), _report(ok=False, asked=False))) is False


def test_a_few_bad_polls_are_no_blindness() -> None:
    watchman = Watchman(NOW)
    assert [watchman.polled(NOW, False) for _ in range(BLIND_AFTER_POLLS - 1)] == [None] * (
        BLIND_AFTER_POLLS - 1
    )
    assert watchman.polled(NOW, True) is None
    assert watchman.polled(NOW, False) is None


def test_blindness_tells_since_when_and_why_and_its_end_too() -> None:
    watchman = Watchman(NOW)
    told = [watchman.polled(NOW + timedelta(minutes=5 * n), False, ("all down",)) for n in range(1, 6)]
    assert told == [None, None, Blind(NOW, 3, ("all down",)), None, None]
    assert watchman.polled(NOW + timedelta(hours=1), True) == Sighted(NOW)
    assert watchman.polled(NOW + timedelta(hours=2), True) is None


@given(st.lists(st.sampled_from([True, False, None]), max_size=100))
def test_words_alternate_and_never_repeat(polls: list[bool | None]) -> None:
    watchman = Watchman(NOW)
    told = [watchman.polled(NOW, good) for good in polls]
    kinds = [type(one) for one in told if one is not None]
    assert kinds == [Blind, Sighted] * (len(kinds) // 2) + [Blind] * (len(kinds) % 2)
    assert watchman.blind == (len(kinds) % 2 == 1)
