"""Who is believed: properties of the settlement, and the calibrated tolerances at work."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.signals.series import Reading, end_of_day
from bot.sources.consensus import Accepted, Candidate, Jump, Tolerance, Undecided, choose, contradiction

AT = datetime(2026, 11, 18, 14, tzinfo=UTC)
PRICE = Tolerance(0.02)


def spot(source: str, value: float, at: datetime = AT) -> Candidate:
    return Candidate(source, (Reading("btc.price", value, at, source, at),), PRICE)


def days(
    source: str, values: list[float], tolerance: Tolerance, last: date = date(2026, 11, 17)
) -> Candidate:
    span = [last - timedelta(days=n) for n in range(len(values) - 1, -1, -1)]
    return Candidate(
        source,
        tuple(
            Reading("btc.hashrate", value, end_of_day(day), source, AT, day)
            for day, value in zip(span, values, strict=True)
        ),
        tolerance,
    )


prices = st.floats(1_000, 1_000_000)


@given(prices, st.floats(-0.0195, 0.0195))
def test_two_within_the_tolerance_agree_whatever_the_order(value: float, apart: float) -> None:
    one, other = spot("a", value), spot("b", value * (1 + apart))
    for pair in ([one, other], [other, one]):
        verdict = choose(pair, None, None)
        assert isinstance(verdict, Accepted)
        assert verdict.candidate is pair[0], "the first in the plan's order is believed"
        assert verdict.rejected == ()


@given(prices, st.floats(0.03, 10), st.permutations(["a", "b", "c"]))
def test_one_liar_among_three_never_wins(value: float, off: float, names: list[str]) -> None:
    honest = [spot(names[0], value), spot(names[1], value * 1.001)]
    liar = spot(names[2], value * (1 + off))
    for place in range(3):
        candidates = [*honest[:place], liar, *honest[place:]]
        verdict = choose(candidates, None, None)
        assert isinstance(verdict, Accepted)
        assert verdict.candidate is not liar
        assert [source for source, _ in verdict.rejected] == [liar.source]


@given(st.lists(prices, min_size=1, max_size=5), prices)
def test_what_is_believed_was_said_by_someone(values: list[float], held: float) -> None:
    candidates = [spot(f"s{place}", value) for place, value in enumerate(values)]
    before = Reading("btc.price", held, AT - timedelta(minutes=5), "s0", AT)
    verdict = choose(candidates, before, Jump(0.08, 0.25))
    if isinstance(verdict, Accepted):
        assert verdict.candidate in candidates
        confirmed = any(
            contradiction(verdict.candidate, other) == ""
            for other in candidates
            if other is not verdict.candidate
        )
        assert confirmed or abs(verdict.candidate.newest.value / held - 1) <= 0.08 + 1e-9
    else:
        assert verdict.reason


def test_two_that_quarrel_settle_nothing_and_both_are_named() -> None:
    verdict = choose([spot("kraken", 80_000), spot("coinbase", 90_000)], None, None)
    assert verdict == Undecided(
        "kraken says 80,000 USD/BTC where coinbase says 90,000 USD/BTC, and no further provider decides"
    )


def test_no_answer_is_no_answer() -> None:
    assert choose([], None, None) == Undecided("no provider gave a value that can be used")


@pytest.mark.parametrize(
    ("days_since", "value", "held_back"),
    [(0, 75_000, False), (0, 73_000, True), (1, 61_000, False), (1, 59_000, True), (4, 41_000, False)],
)
def test_a_jump_may_be_larger_the_longer_ago_the_last_value(
    days_since: int, value: float, held_back: bool
) -> None:
    before = Reading("btc.price", 80_000, AT - timedelta(days=days_since), "kraken", AT)
    verdict = choose([spot("kraken", value)], before, Jump(0.08, 0.25))
    assert isinstance(verdict, Undecided) is held_back


@given(prices, prices)
def test_a_second_word_confirms_any_jump(value: float, held: float) -> None:
    before = Reading("btc.price", held, AT - timedelta(minutes=5), "kraken", AT)
    pair = [spot("kraken", value), spot("coinbase", value)]
    assert isinstance(choose(pair, before, Jump(0.08, 0.25)), Accepted)


def test_days_are_compared_on_the_newest_day_both_give() -> None:
    tolerance = Tolerance(0.08, mean=0.03)
    ahead = days("mempool", [900.0] * 40, tolerance)
    late = days("coinmetrics", [905.0] * 40, tolerance, last=date(2026, 11, 16))
    assert contradiction(ahead, late) == ""
    other = days("coinmetrics", [905.0] * 40, tolerance, last=date(2026, 9, 1))
    assert contradiction(ahead, other) is None, "no day in common: nothing to compare"


def test_a_looser_estimator_is_allowed_more() -> None:
    strict, loose = Tolerance(0.08, mean=0.03), Tolerance(0.2, mean=0.05)
    exact = days("mempool", [900.0] * 30, strict)
    assert contradiction(exact, days("bitview", [900.0] * 29 + [1_000.0], strict))
    assert contradiction(exact, days("coinmetrics", [900.0] * 29 + [1_000.0], loose)) == ""


def test_power_near_zero_agrees_by_a_difference_not_a_ratio() -> None:
    tolerance = Tolerance(0.05, slack=2.0)
    one = Candidate("a", (Reading("power.FR", -0.5, AT, "a", AT),), tolerance)
    other = Candidate("b", (Reading("power.FR", 0.7, AT, "b", AT),), tolerance)
    assert contradiction(one, other) == ""


TODAY = datetime(2026, 11, 18, tzinfo=UTC)
POWER = Tolerance(0.05, slack=2.0)


def ahead(source: str, prices: list[float], first: int = 0) -> Candidate:
    """A day's mean, and the prices of today's hours from the `first` on."""
    day = date(2026, 11, 17)
    mean = Reading("power.FR", 85.0, end_of_day(day), source, AT, day)
    return Candidate(
        source, (mean,), POWER, {TODAY + timedelta(hours=first + n): each for n, each in enumerate(prices)}
    )


def test_hours_to_come_must_agree_one_by_one() -> None:
    prices = [80.0 + n for n in range(24)]
    assert contradiction(ahead("energy_charts", prices), ahead("smard", prices)) == ""
    wrong = [*prices[:13], 140.0, *prices[14:]]
    assert contradiction(ahead("energy_charts", wrong), ahead("smard", prices)) == (
        "says 140 EUR/MWh for 2026-11-18 13:00 UTC where smard says 93 EUR/MWh"
    )
    assert contradiction(ahead("energy_charts", prices), ahead("smard", [90.0], first=30)) == ""


def test_a_wrong_tomorrow_is_decided_by_a_third() -> None:
    prices = [80.0 + n for n in range(24)]
    wrong = ahead("energy_charts", [price * 1.5 for price in prices])
    verdict = choose([wrong, ahead("awattar", prices), ahead("smard", prices)], None, None)
    assert isinstance(verdict, Accepted)
    assert verdict.candidate.source == "awattar"
    assert [source for source, _ in verdict.rejected] == ["energy_charts"]


@given(st.floats(1.6, 5) | st.floats(0.1, 0.5), st.permutations(["jumped", "late"]))
def test_only_a_word_of_the_same_day_confirms_a_jump(factor: float, order: list[str]) -> None:
    """Agreement on an older day says nothing of the newest."""
    tolerance, jump = Tolerance(0.08, mean=0.03), Jump(0.45, 0.45)
    late = days("late", [900.0] * 40, tolerance, last=date(2026, 11, 16))
    jumped = days("jumped", [*[900.0] * 40, 900.0 * factor], tolerance)
    held = late.newest
    pair = [{"late": late, "jumped": jumped}[name] for name in order]
    verdict = choose(pair, held, jump)
    assert isinstance(verdict, Accepted)
    assert verdict.candidate is late
    assert [source for source, _ in verdict.rejected] == ["jumped"]
    assert "no second provider confirms it" in verdict.rejected[0][1]
    other = days("other", [*[900.0] * 40, 900.0 * factor], tolerance)
    confirmed = choose([*pair, other], held, jump)
    assert isinstance(confirmed, Accepted)
    assert confirmed.rejected == ()


def test_a_jump_that_only_older_days_support_is_held_back() -> None:
    tolerance, jump = Tolerance(0.08, mean=0.03), Jump(0.45, 0.45)
    held = days("mempool", [900.0], tolerance, last=date(2026, 11, 16)).newest
    jumped = [days(name, [*[900.0] * 30, 200.0], tolerance) for name in ("mempool",)]
    silent = days("bitview", [900.0] * 30 + [380.0], tolerance, last=date(2026, 11, 16))
    verdict = choose([*jumped, silent], held, jump)
    assert isinstance(verdict, Undecided)
