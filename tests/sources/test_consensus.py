"""Who is believed: properties of the decision day by day, and the calibrated tolerances at work."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.i18n.message import NOTHING
from bot.signals.series import Confidence, Reading, end_of_day
from bot.sources.consensus import (
    Agreement,
    Candidate,
    Contradiction,
    Jump,
    NotComparable,
    Tolerance,
    Verdict,
    compare,
    decide,
)

AT = datetime(2026, 11, 18, 14, tzinfo=UTC)
PRICE = Tolerance(0.02)
STRICT, LOOSE = Tolerance(0.05, week=0.025, mean=0.02), Tolerance(0.2, mean=0.05, confirms=False)
LAST = date(2026, 11, 17)


def spot(source: str, value: float, at: datetime = AT) -> Candidate:
    return Candidate(source, (Reading("btc.price", value, at, source, at),), PRICE)


def days(
    source: str, values: list[float], tolerance: Tolerance = STRICT, last: date = LAST, left_out: int = 0
) -> Candidate:
    """Daily hashrates up to `last`, without the newest `left_out` of them."""
    span = [last - timedelta(days=n) for n in range(len(values) - 1, -1, -1)]
    given_days = list(zip(span, values, strict=True))
    return Candidate(
        source,
        tuple(
            Reading("btc.hashrate", value, end_of_day(day), source, AT, day)
            for day, value in given_days[: len(values) - left_out]
        ),
        tolerance,
    )


def only(verdict: Verdict) -> Reading:
    (reading,) = verdict.readings
    return reading


prices = st.floats(1_000, 1_000_000)


@settings(deadline=None)
@given(prices, st.floats(-0.0195, 0.0195))
def test_two_within_the_tolerance_confirm_each_other_whatever_the_order(value: float, apart: float) -> None:
    each, other = spot("a", value), spot("b", value * (1 + apart))
    for pair in ([each, other], [other, each]):
        verdict = decide(pair, None, None)
        assert only(verdict).source == pair[0].source, "the first in order is believed"
        assert only(verdict).confirmed
        assert (verdict.rejected, verdict.unsettled) == ((), NOTHING)


@settings(deadline=None)
@given(prices, st.floats(0.03, 10) | st.floats(-0.9, -0.03), st.permutations(["a", "b", "c"]))
def test_one_liar_among_three_never_wins(value: float, off: float, names: list[str]) -> None:
    honest = [spot(names[0], value), spot(names[1], value * 1.001)]
    liar = spot(names[2], value * (1 + off))
    for place in range(3):
        candidates = [*honest[:place], liar, *honest[place:]]
        verdict = decide(candidates, None, None)
        assert only(verdict).source != liar.source
        assert only(verdict).confirmed
        assert [source for source, _ in verdict.rejected] == [liar.source]


@settings(deadline=None)
@given(st.lists(prices, min_size=3, max_size=3, unique=True), prices)
def test_of_three_that_all_differ_the_median_is_believed(values: list[float], before: float) -> None:
    """Whoever of them lies, the middle one lies between two honest ones or is one."""
    anchor = Reading("btc.price", before, AT - timedelta(minutes=5), "a", AT)
    candidates = [spot(name, value) for name, value in zip("abc", values, strict=True)]
    if any(isinstance(compare(a, b), Agreement) for a in candidates for b in candidates if a is not b):
        return
    reading = only(decide(candidates, anchor, Jump(0.08, 0.25)))
    assert reading.value == sorted(values)[1]
    assert reading.confirmed


@settings(deadline=None)
@given(st.lists(prices, min_size=1, max_size=5), prices)
def test_what_is_believed_was_said_and_confirmed_or_lies_near_what_was(
    values: list[float], before: float
) -> None:
    candidates = [spot(f"s{place}", value) for place, value in enumerate(values)]
    anchor = Reading("btc.price", before, AT - timedelta(minutes=5), "s0", AT)
    verdict = decide(candidates, anchor, Jump(0.08, 0.25))
    if not verdict.readings:
        assert verdict.unsettled != NOTHING
        return
    reading = only(verdict)
    assert (reading.source, reading.value) in {(each.source, each.newest.value) for each in candidates}
    if not reading.confirmed:
        assert len(values) == 1
        assert abs(reading.value / before - 1) <= 0.08 + 1e-9


def test_two_that_contradict_each_other_settle_nothing_and_both_are_named() -> None:
    verdict = decide([spot("kraken", 80_000), spot("coinbase", 90_000)], None, None)
    assert verdict.readings == ()
    assert str(verdict.unsettled) == (
        "kraken says 80,000 USD/BTC where coinbase says 90,000 USD/BTC, and no further provider decides"
    )


def test_no_answer_is_no_answer() -> None:
    verdict = decide([], None, None)
    assert (verdict.readings, str(verdict.unsettled)) == ((), "no provider gave a value that can be used")


def test_one_word_alone_is_unconfirmed_and_another_is_asked_for() -> None:
    verdict = decide([spot("kraken", 80_000)], None, None)
    assert not only(verdict).confirmed
    assert str(verdict.unsettled) == "only kraken gives the newest value"
    assert decide([spot("kraken", 80_000)], None, None, quorum=1).unsettled == NOTHING


@pytest.mark.parametrize(
    ("days_since", "value", "refused"),
    [
        (0, 75_000, False),
        (0, 73_000, True),
        (1, 61_000, False),
        (1, 59_000, True),
        (4, 41_000, False),
        (4, 39_000, True),
        (400, 39_000, True),
    ],
)
def test_one_word_alone_may_lie_further_off_with_time_but_not_without_end(
    days_since: int, value: float, refused: bool
) -> None:
    before = Reading("btc.price", 80_000, AT - timedelta(days=days_since), "kraken", AT)
    verdict = decide([spot("kraken", value)], before, Jump(0.08, 0.25))
    assert (verdict.readings == ()) is refused


@settings(deadline=None)
@given(prices, prices)
def test_a_second_word_confirms_any_jump(value: float, before: float) -> None:
    anchor = Reading("btc.price", before, AT - timedelta(minutes=5), "kraken", AT)
    pair = [spot("kraken", value), spot("coinbase", value)]
    assert only(decide(pair, anchor, Jump(0.08, 0.25))).confirmed


def believed(verdict: Verdict) -> dict[date | None, tuple[str, bool]]:
    return {reading.day: (reading.source, reading.confirmed) for reading in verdict.readings}


def test_each_day_is_decided_by_those_that_have_it() -> None:
    """A provider a day behind agrees with the liar on older days; that says nothing of the newest."""
    liar = days("mempool", [*[900.0] * 39, 630.0])
    honest = days("bitview", [900.0] * 40)
    late = days("coinmetrics", [905.0] * 40, LOOSE, left_out=1)
    result = decide([liar, honest, late], None, Jump(0.45, 0.45))
    assert LAST not in believed(result)
    assert believed(result)[LAST - timedelta(days=1)] == ("mempool", True)
    assert "mempool says 630 EH/s where bitview says 900 EH/s" in str(result.unsettled)
    deciding = days("blockchain_info", [880.0] * 40, LOOSE)
    result = decide([liar, honest, late, deciding], None, Jump(0.45, 0.45))
    assert believed(result)[LAST][1]
    assert [reading.value for reading in result.readings if reading.day == LAST] == [880.0], "the median"
    assert "mempool" in dict(result.rejected)


def test_days_long_past_are_decided_the_same_way() -> None:
    lie = [*[900.0] * 20, 700.0, *[900.0] * 19]
    result = decide([days("mempool", lie), days("bitview", [900.0] * 40)], None, None)
    assert LAST - timedelta(days=19) not in believed(result)
    assert all(confirmed for _, confirmed in believed(result).values())


def test_a_small_lie_kept_up_is_seen_in_the_means() -> None:
    honest = days("bitview", [900.0] * 40)
    for lie, words in (
        ([*[900.0] * 34, *[936.0] * 6], "7-day mean"),
        ([*[900.0] * 10, *[920.0] * 30], "30-day mean"),
    ):
        result = decide([days("mempool", lie), honest], None, None)
        assert LAST not in believed(result)
        assert words in str(result.unsettled)


def test_an_estimator_of_another_method_supports_a_value_until_more_is_known() -> None:
    exact, loose = days("mempool", [900.0] * 30), days("coinmetrics", [900.0] * 29 + [1_000.0], LOOSE)
    assert isinstance(compare(exact, days("bitview", [900.0] * 29 + [1_000.0])), Contradiction)
    assert compare(exact, loose) == Agreement()
    reading = decide([exact, loose], None, None).readings[-1]
    assert (reading.source, reading.confidence) == ("mempool", Confidence.SUPPORTED)
    other = days("bitview", [905.0] * 30)
    revised = decide([days("mempool", [*[900.0] * 29, 1_050.0]), other, loose], None, None).readings[-1]
    assert (revised.source, revised.confidence) == ("coinmetrics", Confidence.CONFIRMED), "the median"


def test_days_are_compared_on_the_newest_day_both_give() -> None:
    ahead = days("mempool", [900.0] * 40)
    assert compare(ahead, days("coinmetrics", [905.0] * 40, last=date(2026, 11, 16))) == Agreement()
    other = days("coinmetrics", [905.0] * 40, last=date(2026, 9, 1))
    assert compare(ahead, other) == NotComparable(), "no day in common"


@settings(deadline=None)
@given(st.floats(1.6, 5) | st.floats(0.1, 0.5), st.permutations(["jumped", "late"]))
def test_only_a_word_of_the_same_day_confirms_a_jump(factor: float, order: list[str]) -> None:
    late = days("late", [*[900.0] * 40, 900.0], left_out=1)
    jumped = days("jumped", [*[900.0] * 40, 900.0 * factor])
    anchor = late.newest
    pair = [{"late": late, "jumped": jumped}[name] for name in order]
    result = decide(pair, anchor, Jump(0.45, 0.45))
    assert LAST not in believed(result)
    assert "no second provider confirms it" in str(result.unsettled)
    other = days("other", [*[900.0] * 40, 900.0 * factor])
    assert believed(decide([*pair, other], anchor, Jump(0.45, 0.45)))[LAST][1]


@settings(deadline=None)
@given(st.floats(1.0, 3.0), st.permutations(["a", "b", "c"]))
def test_a_record_is_what_two_have_reached(lie: float, order: list[str]) -> None:
    """One liar can neither raise it nor, above what stands, lower it."""
    claims = [spot(order[0], 126_000), spot(order[1], 125_900), spot(order[2], 126_000 * lie)]
    anchor = Reading("btc.price_high", 125_000, AT - timedelta(days=1), "a", AT)
    reading = only(decide(claims, anchor, Jump(0.02, 0.0, upward_only=True), only_rises=True))
    assert 125_900 <= reading.value <= 126_000
    assert reading.confirmed


def test_a_claim_far_below_another_makes_a_third_be_asked() -> None:
    """A liar that claims less than there was can't keep a new record unknown."""
    jump = Jump(0.02, 0.0, upward_only=True)
    pair = [spot("coingecko", 126_000), spot("kraken", 130_000)]
    assert decide(pair, None, jump, only_rises=True).unsettled != NOTHING
    verdict = decide([*pair, spot("bitview", 129_900)], None, jump, only_rises=True)
    assert (only(verdict).value, verdict.unsettled) == (129_900, NOTHING)


def test_one_claim_of_a_record_is_unconfirmed_and_bounded_by_the_last_confirmed() -> None:
    anchor = Reading("btc.price_high", 126_000, AT - timedelta(days=400), "a", AT)
    jump = Jump(0.02, 0.0, upward_only=True)
    near = decide([spot("coingecko", 126_000 * 1.0195)], anchor, jump, only_rises=True)
    assert not only(near).confirmed
    assert decide([spot("coingecko", 126_000 * 1.0395)], anchor, jump, only_rises=True).readings == ()


def test_a_record_is_the_second_highest_of_any_number_of_claims() -> None:
    claims = [
        spot(name, value) for name, value in zip("abcd", (128_000, 130_000, 50_000, 129_900), strict=True)
    ]
    assert only(decide(claims, None, None, only_rises=True)).value == 129_900


def test_a_claim_below_the_record_is_no_jump() -> None:
    anchor = Reading("btc.price_high", 126_000, AT - timedelta(days=1), "a", AT)
    verdict = decide([spot("coingecko", 60_000)], anchor, Jump(0.02, 0.0, upward_only=True), only_rises=True)
    assert only(verdict).confidence is Confidence.ALONE


def test_of_four_that_all_differ_the_first_of_the_two_in_the_middle_is_believed() -> None:
    candidates = [
        spot(name, value) for name, value in zip("abcd", (10_000, 40_000, 20_000, 30_000), strict=True)
    ]
    assert only(decide(candidates, None, None)).value == 20_000


def test_a_limit_may_be_a_difference_in_the_series_unit() -> None:
    jump = Jump(150, 150, absolute=True)
    anchor = Reading("power.FR", -20.0, AT - timedelta(hours=1), "a", AT)
    for value, believed_alone in ((129.0, True), (131.0, False)):
        candidate = Candidate("a", (Reading("power.FR", value, AT, "a", AT),), POWER)
        assert bool(decide([candidate], anchor, jump).readings) is believed_alone


def running(source: str, closed: float) -> Candidate:
    """A day that is over, and one still running."""
    readings = tuple(
        Reading("power.FR", value, end_of_day(day), source, AT, day, complete)
        for day, value, complete in ((LAST, closed, True), (LAST + timedelta(days=1), 95.0, False))
    )
    return Candidate(source, readings, POWER)


def test_a_running_day_is_taken_from_whoever_is_believed_and_settles_nothing() -> None:
    verdict = decide([running("a", 80.0), running("b", 81.0)], None, None)
    assert [(r.source, r.complete) for r in verdict.readings] == [("a", True), ("a", False)]
    assert verdict.unsettled == NOTHING, "nobody else need be asked about a day that isn't over"
    verdict = decide([running("a", 80.0), running("b", 160.0)], None, None)
    assert verdict.readings == (), "nor is it known whose running day to take"


def test_power_near_zero_agrees_by_a_difference_not_a_ratio() -> None:
    tolerance = Tolerance(0.05, slack=2.0)
    each = Candidate("a", (Reading("power.FR", -0.5, AT, "a", AT),), tolerance)
    other = Candidate("b", (Reading("power.FR", 0.7, AT, "b", AT),), tolerance)
    assert compare(each, other) == Agreement()


def test_newest_rates_of_neighbouring_days_confirm_each_other() -> None:
    tolerance = Tolerance(0.03, days=6)

    def rate(source: str, value: float, day: date) -> Candidate:
        return Candidate(source, (Reading("fx.eur_usd", value, end_of_day(day), source, AT, day),), tolerance)

    friday, monday = date(2026, 11, 13), date(2026, 11, 16)
    assert believed(decide([rate("a", 1.1, friday), rate("b", 1.11, monday)], None, None))[monday][1]
    assert not believed(decide([rate("a", 1.1, friday)], None, None))[friday][1]


TODAY = datetime(2026, 11, 18, tzinfo=UTC)
POWER = Tolerance(0.05, slack=2.0)


def ahead(source: str, prices: list[float], first: int = 0) -> Candidate:
    """A day's mean, and the prices of today's hours from the `first` on."""
    mean = Reading("power.FR", 85.0, end_of_day(LAST), source, AT, LAST)
    hours = {TODAY + timedelta(hours=first + n): each for n, each in enumerate(prices)}
    return Candidate(source, (mean,), POWER, hours)


def test_hours_to_come_must_agree_one_by_one() -> None:
    prices = [80.0 + n for n in range(24)]
    assert compare(ahead("energy_charts", prices), ahead("smard", prices)) == Agreement()
    wrong = [*prices[:13], 140.0, *prices[14:]]
    result = compare(ahead("energy_charts", wrong), ahead("smard", prices))
    assert isinstance(result, Contradiction)
    assert str(result.reason) == "says 140 EUR/MWh for 2026-11-18 13:00 UTC where smard says 93 EUR/MWh"
    assert compare(ahead("energy_charts", prices), ahead("smard", [90.0], first=30)) == Agreement()


def test_a_wrong_tomorrow_is_decided_by_a_third_and_costs_no_day_that_is_over() -> None:
    prices = [80.0 + n for n in range(24)]
    wrong = ahead("energy_charts", [price * 1.5 for price in prices])
    result = decide([wrong, ahead("awattar", prices), ahead("smard", prices)], None, None)
    assert result.ahead == "awattar"
    assert [source for source, _ in result.rejected] == ["energy_charts"]
    result = decide([wrong, ahead("smard", prices)], None, None)
    assert result.ahead is None
    assert believed(result) == {LAST: ("energy_charts", True)}
    assert str(result.unsettled) == (
        "energy_charts says 120 EUR/MWh for 2026-11-18 00:00 UTC where smard says 80 EUR/MWh, "
        "and no further provider decides"
    )


def test_of_two_claims_of_a_record_the_lower_is_confirmed_and_the_higher_asked_about() -> None:
    verdict = decide([spot("kraken", 130_000), spot("coingecko", 126_000)], None, None, only_rises=True)
    assert (only(verdict).source, only(verdict).confidence) == ("coingecko", Confidence.CONFIRMED)
    assert verdict.rejected == ()
    assert str(verdict.unsettled) == (
        "kraken says 130,000 USD/BTC where coingecko says 126,000 USD/BTC, and no further provider decides"
    )
    agreed = decide([spot("kraken", 126_500), spot("coingecko", 126_000)], None, None, only_rises=True)
    assert (only(agreed).source, only(agreed).confidence) == ("coingecko", Confidence.CONFIRMED)
    assert (agreed.rejected, agreed.unsettled) == ((), NOTHING)


def test_of_three_claims_of_a_record_a_highest_that_nobody_shares_is_rejected() -> None:
    claims = [spot("bitview", 125_000), spot("kraken", 150_000), spot("coingecko", 126_000)]
    verdict = decide(claims, None, None, only_rises=True)
    assert (only(verdict).source, verdict.unsettled) == ("coingecko", NOTHING)
    [(source, reason)] = verdict.rejected
    assert (source, str(reason)) == ("kraken", "says 150,000 USD/BTC where coingecko says 126,000 USD/BTC")


def test_one_claim_of_a_record_makes_another_be_asked_for() -> None:
    verdict = decide([spot("kraken", 126_000)], None, None, only_rises=True)
    assert str(verdict.unsettled) == "only kraken gives the newest value"


def test_a_moment_and_a_day_are_not_compared() -> None:
    moment, day = spot("kraken", 900.0), days("bitview", [900.0] * 3)
    assert compare(moment, day) == compare(day, moment) == NotComparable()


def test_newest_days_are_compared_only_nearer_than_the_tolerance_says() -> None:
    tolerance = Tolerance(0.03, days=6)
    newest = days("ecb", [1.1], tolerance)
    assert compare(newest, days("frankfurter", [1.1], tolerance, LAST - timedelta(days=5))) == Agreement()
    far = days("frankfurter", [1.1], tolerance, LAST - timedelta(days=6))
    assert compare(newest, far) == NotComparable()


def test_whoever_is_contradicted_on_any_day_is_rejected() -> None:
    """One provider errs on one day, another on the next: a third has both."""
    honest, other = days("a", [100.0, 100.0, 100.0]), days("b", [100.0, 101.0, 200.0])
    verdict = decide([honest, other, days("c", [300.0, 101.0, 100.0])], None, None)
    assert [reading.value for reading in verdict.readings] == [100.0, 100.0, 100.0]
    assert {source for source, _ in verdict.rejected} == {"b", "c"}


def test_means_that_differ_are_told_with_their_unit_and_span() -> None:
    """Each day lies within its tolerance, the week does not."""
    low, high = (days(source, [value] * 7) for source, value in (("a", 100.0), ("b", 104.0)))
    result = compare(low, high)
    assert isinstance(result, Contradiction)
    assert str(result.reason) == "has a 7-day mean of 100 EH/s where b has 104 EH/s"
