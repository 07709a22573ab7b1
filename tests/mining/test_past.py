"""A machine in a time gone by: whole days, what is held of them, what is still to come."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.mining.economics import MiningSite, Rig, economics
from bot.mining.errors import InvalidQuestion
from bot.mining.hashrate_mix import DayState
from bot.mining.market import Market
from bot.mining.parsing.units import Money
from bot.mining.past import PastRequest, PastSpan, past
from bot.mining.question import Question

AT = datetime(2022, 7, 5, 12, tzinfo=UTC)
S19 = Question(Rig(95.0, 3250.0, "Antminer S19"), power_price=Money(0.05))


def _held(first: date, last: date) -> Sequence[DayState]:
    """June 2022 and July so far, with a price that grows."""
    days = [date(2022, 6, 1) + timedelta(days=number) for number in range(34)]
    return [
        DayState(day, 20_000.0 + 100.0 * number, 30e12, 0.1, 6.25)
        for number, day in enumerate(days)
        if first <= day <= last
    ]


def test_a_month_is_the_sum_of_its_days() -> None:
    result = past(PastRequest(S19, PastSpan("month", date(2022, 6, 1))), Market(AT), _held)
    days = _held(date(2022, 6, 1), date(2022, 6, 30))
    alone = [economics(S19.rig, MiningSite(0.05), day.network, day.btc_price_usd) for day in days]
    assert result.days == 30
    assert result.is_whole
    assert result.profit_usd == pytest.approx(sum(day.profit_usd_per_day for day in alone))
    assert result.btc == pytest.approx(sum(day.btc_per_day for day in alone))


def test_of_a_month_that_goes_on_the_days_held_are_told() -> None:
    result = past(PastRequest(S19, PastSpan("month", date(2022, 7, 1))), Market(AT), _held)
    assert (result.first, result.last, result.days) == (date(2022, 7, 1), date(2022, 7, 4), 4)
    assert not result.is_whole


@pytest.mark.parametrize("span", [PastSpan("year", date(2015, 1, 1)), PastSpan("day", date(2030, 1, 1))])
def test_without_figures_nothing_is_reckoned(span: PastSpan) -> None:
    with pytest.raises(InvalidQuestion):
        past(PastRequest(S19, span), Market(AT), _held)


@pytest.mark.parametrize(
    ("span", "first", "last"),
    [
        (PastSpan("day"), date(2022, 7, 4), date(2022, 7, 4)),
        (PastSpan("week"), date(2022, 6, 28), date(2022, 7, 4)),
        (PastSpan("month"), date(2022, 6, 1), date(2022, 6, 30)),
        (PastSpan("month", ago=12), date(2021, 7, 1), date(2021, 7, 31)),
        (PastSpan("year"), date(2021, 1, 1), date(2021, 12, 31)),
        (PastSpan("since", date(2022, 1, 1)), date(2022, 1, 1), date(2022, 7, 4)),
    ],
)
def test_a_span_is_whole_days(span: PastSpan, first: date, last: date) -> None:
    assert span.days(AT.date()) == (first, last)


def test_a_year_that_goes_on_is_now_unless_it_is_told_of() -> None:
    assert PastSpan("year", date(2022, 1, 1), is_told=False).is_now(AT.date())
    assert not PastSpan("year", date(2022, 1, 1)).is_now(AT.date())
    assert not PastSpan("year", date(2021, 1, 1), is_told=False).is_now(AT.date())
