"""A machine in a time gone by, reckoned day by day from the figures of those days."""

import calendar
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from bot.mining.answer import Answer, answer
from bot.mining.economics import MiningSite, economics
from bot.mining.errors import InvalidQuestion
from bot.mining.hashrate_mix import DayState
from bot.mining.market import Market
from bot.mining.parsing.units import Currency, Money
from bot.mining.question import Question

_A_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class PastSpan:
    """A time gone by: a day, month or year that begins on `first`, all days since it, or one counted back.

    Without `first` it is the `ago`-th day or month before today, or the year; a week is the seven days that
    end so many weeks before yesterday. `is_told` is False where nothing but a year says that it is over.
    """

    unit: str
    first: date | None = None
    ago: int = 1
    is_told: bool = True

    def is_now(self, today: date) -> bool:
        """True for this year, of which nothing says that it is told of: “still ok in 2026”."""
        first, last = self.days(today)
        return not self.is_told and first <= today <= last

    def days(self, today: date) -> tuple[date, date]:
        """The first and the last day, today known."""
        first = self.first
        if self.unit == "since":
            return first or today, today - timedelta(days=1)
        if self.unit == "week":
            last = today - timedelta(days=1) - _A_WEEK * (self.ago - 1)
            return last - timedelta(days=6), last
        if self.unit == "day":
            first = first or today - timedelta(days=self.ago)
            return first, first
        if self.unit == "month":
            first = first or _months_before(today, self.ago)
            return first, date(first.year, first.month, calendar.monthrange(first.year, first.month)[1])
        first = first or date(today.year - self.ago, 1, 1)
        return first, date(first.year, 12, 31)


def _months_before(today: date, months: int) -> date:
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    return date(year, month + 1, 1)


@dataclass(frozen=True, slots=True)
class PastRequest:
    """A question about a time gone by."""

    question: Question
    span: PastSpan


@dataclass(frozen=True, slots=True)
class PastResult:
    """What one machine made from `first` to `last`, the days held of the span asked for; money in USD.

    `site` is the answer whose tariff and terms were reckoned with; prices and difficulty are means.
    """

    site: Answer
    span: PastSpan
    first: date
    last: date
    days: int
    profit_usd: float
    revenue_usd: float
    power_cost_usd: float
    btc: float
    btc_price_usd: float
    difficulty: float

    @property
    def is_whole(self) -> bool:
        """True where every day of the span is held."""
        return (self.first, self.last) == self.span.days(self.site.at.date()) and self.days == (
            self.last - self.first
        ).days + 1


def past(
    request: PastRequest,
    market: Market,
    days_between: Callable[[date, date], Sequence[DayState]],
    currency: Currency | None = None,
) -> PastResult:
    """Reckon a time gone by. `days_between` gives what is known of the days from one to another.

    Raises InvalidQuestion for a time that is still to come, and where no figures of it are held.
    """
    first, last = request.span.days(market.at.date())
    if first >= market.at.date():
        raise InvalidQuestion(
            lambda t: t("That is still to come; I know figures up to now."),
            "/breakeven s19 7c price=20000 difficulty=30T",
        )
    states = days_between(first, last)
    if not states:
        raise InvalidQuestion(
            # Translators: both are days.
            lambda t: t(
                "I hold no figures of the days from {first} to {last}.",
                first=t.calendar_day(first),
                last=t.calendar_day(last),
            ),
            "/breakeven s19 7c price=20000 difficulty=30T",
        )
    site_answer = _at_site(request.question, market, states[-1], currency)
    question, now = request.question, site_answer.now
    site = MiningSite(
        power_price_usd_per_kwh=now.power_price_usd_per_kwh,
        pool_fee=question.pool_fee,
        uptime=question.uptime,
        overhead=question.overhead,
        fixed_cost_usd_per_day=now.fixed_cost_usd_per_day,
    )
    results = [economics(question.rig, site, state.network, state.btc_price_usd) for state in states]
    return PastResult(
        site=site_answer,
        span=request.span,
        first=states[0].day,
        last=states[-1].day,
        days=len(states),
        profit_usd=sum(each.profit_usd_per_day for each in results),
        revenue_usd=sum(each.revenue_usd_per_day for each in results),
        power_cost_usd=sum(each.power_cost_usd_per_day for each in results),
        btc=sum(each.btc_per_day for each in results),
        btc_price_usd=sum(state.btc_price_usd for state in states) / len(states),
        difficulty=sum(state.difficulty for state in states) / len(states),
    )


def _at_site(question: Question, market: Market, state: DayState, currency: Currency | None) -> Answer:
    """The question answered with a day's figures, for its tariff and terms in the rates of now."""
    then = replace(
        question,
        btc_price=Money(state.btc_price_usd),
        difficulty=state.difficulty,
        fees_btc_per_block=state.fees_btc_per_block,
        block_subsidy_btc=state.subsidy_btc,
    )
    answered = answer(then, market, currency, supposed=True)
    return replace(answered, question=question)
