"""What a year of daily outflow says about this week: rank, z-score, record, reserve, Miner Position Index.

Plain arithmetic over daily values; a missing day is simply absent. Pools pay out by the day and the week, so
a single day says little: everything here looks at sums of seven days, each compared with sums of seven days.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import fsum, isnan, nan, sqrt
from typing import Final

from bot.i18n.message import Message, NumberValue, message
from bot.signals.columns import SeriesColumn

WEEK: Final = 7
YEAR: Final = 365
NEEDED: Final = 347
"""Of the trailing year's 365 seven-day sums this many (95 %) must be known."""


@dataclass(frozen=True, slots=True)
class WarmingUp:
    """Not enough history yet: `days_so_far` of `days_needed` sums or values."""

    days_so_far: int
    days_needed: int


@dataclass(frozen=True, slots=True)
class WeekAgainstYear:
    """The net outflow of the seven days that end with `day`, in BTC, against its trailing 365 days.

    `percentile` is the share of the year's other sums it exceeds (0 to 1, ties halved), `z_score` its
    distance from their mean in standard deviations (None when they never vary), `highest_btc` the highest.
    `record_since` is the last day in all history held whose sum was as high, None when there is none;
    `record_days` the days since then, or since the first sum held.
    """

    day: date
    sum_btc: float
    percentile: float
    z_score: float | None
    mean_btc: float
    highest_btc: float
    record_since: date | None
    record_days: int

    @property
    def of_highest(self) -> float | None:
        """The sum ÷ the year's highest other sum: above 1 it is a record; None unless both are above zero."""
        if self.highest_btc <= 0 or self.sum_btc <= 0:
            return None
        return self.sum_btc / self.highest_btc


def week_against_year(daily: SeriesColumn, day: date) -> WeekAgainstYear | WarmingUp | None:
    """The week that ends with `day` against the year before it. `daily` is BTC a day, complete days only.

    None when one of the week's own days is missing.
    """
    sums = daily.sums(WEEK)
    index = day.toordinal() - daily.first
    now = sums[index] if 0 <= index < len(sums) else nan
    if isnan(now):
        return None
    year_before = sorted(value for value in sums[max(0, index - YEAR) : index] if not isnan(value))
    if len(year_before) < NEEDED:
        return WarmingUp(len(year_before), YEAR)
    mean = fsum(year_before) / len(year_before)
    deviation = sqrt(fsum((value - mean) ** 2 for value in year_before) / len(year_before))
    since = next((earlier for earlier in range(index - 1, -1, -1) if sums[earlier] >= now), None)
    first = next(earlier for earlier in range(index) if not isnan(sums[earlier]))
    return WeekAgainstYear(
        day,
        now,
        (bisect_left(year_before, now) + bisect_right(year_before, now)) / 2 / len(year_before),
        (now - mean) / deviation if deviation > 0 else None,
        mean,
        year_before[-1],
        None if since is None else date.fromordinal(daily.first + since),
        index - (first if since is None else since),
    )


def largest_in(week: WeekAgainstYear) -> Message | None:
    """“the largest in 14 months”, or None when there was as much within the last month."""
    months = int(week.record_days / 30.44)
    if months < 1:
        return None
    span = message("{count} months", count=NumberValue(months)) if months > 1 else message("a month")
    if week.record_since is None:
        return message("the largest since my data began, {span} ago", span=span)
    return message("the largest in {span}", span=span)


@dataclass(frozen=True, slots=True)
class ReserveChange:
    """The wallets' balance at the end of `day`, and by how much it changed in `days` days, in BTC."""

    day: date
    days: int
    reserve_btc: float
    change_btc: float

    @property
    def fraction(self) -> float | None:
        """Change ÷ what it was; None when it was nothing."""
        before = self.reserve_btc - self.change_btc
        return self.change_btc / before if before > 0 else None


def reserve_change(reserve: Mapping[date, float], day: date, days: int) -> ReserveChange | None:
    """How the reserve changed in the `days` days up to `day`; None while either end is missing."""
    now, before = reserve.get(day), reserve.get(day - timedelta(days=days))
    return None if now is None or before is None else ReserveChange(day, days, now, now - before)


def mpi_ratio(
    outflow_btc: Mapping[date, float], price_usd: Mapping[date, float], day: date
) -> float | WarmingUp | None:
    """Miner Position Index (a): the day's outflow in USD ÷ its mean of the last 365 days, that day included.

    The gross outflow belongs here. Above 2 is conventionally unusual. None when the mean is not above zero.
    """
    return _mpi_ratio(_in_usd(outflow_btc, price_usd), day)


def mpi_z_score(
    outflow_btc: Mapping[date, float], price_usd: Mapping[date, float], day: date
) -> float | WarmingUp | None:
    """Miner Position Index (b): the 365-day z-score of (a) [CryptoQuant]; needs two years.

    None when (a) does not vary.
    """
    usd = _in_usd(outflow_btc, price_usd)
    ratios = [_mpi_ratio(usd, day - timedelta(days=n)) for n in range(YEAR)]
    numbers = [ratio for ratio in ratios if isinstance(ratio, float)]
    if len(numbers) < NEEDED or not isinstance(ratios[0], float):
        return WarmingUp(len(numbers), YEAR)
    mean = fsum(numbers) / len(numbers)
    deviation = sqrt(fsum((ratio - mean) ** 2 for ratio in numbers) / len(numbers))
    return (ratios[0] - mean) / deviation if deviation > 0 else None


def _in_usd(outflow_btc: Mapping[date, float], price_usd: Mapping[date, float]) -> dict[date, float]:
    return {day: value * price_usd[day] for day, value in outflow_btc.items() if day in price_usd}


def _mpi_ratio(usd: Mapping[date, float], day: date) -> float | WarmingUp | None:
    year = [usd[before] for n in range(YEAR) if (before := day - timedelta(days=n)) in usd]
    if day not in usd or len(year) < NEEDED:
        return WarmingUp(len(year), YEAR)
    mean = fsum(year) / len(year)
    return usd[day] / mean if mean > 0 else None
