"""The lines of charts, computed from their data with the definitions of `bot.signals`."""

from bisect import bisect_left, insort
from collections.abc import Sequence
from datetime import date
from math import fsum, isnan, nan

from bot.charts.chart_data import ChartData
from bot.mining.hashrate_mix import (
    BAND_USD_PER_KWH,
    HashrateMix,
    cost_per_btc_usd,
    mean_efficiency_j_per_th,
    mix_on,
)
from bot.mining.machines import Catalogue
from bot.mining.network import Network, subsidy_on
from bot.signals.columns import SeriesColumn
from bot.signals.history import History
from bot.signals.income_indicators import hashprice_column

Line = tuple[list[float], list[float]]
"""Days (ordinals) and a value for each, NaN where there is none."""

YEAR = 365


def history_of(data: ChartData) -> History:
    """The complete days of a chart's series, for what is computed from several."""
    history = History()
    for series, copied in data.columns.items():
        column = history.column(series)
        column.first, column.values = copied.first, copied.values
    return history


def visible_line(data: ChartData, column: SeriesColumn, values: Sequence[float] | None = None) -> Line:
    """The days drawn of a list aligned with `column` (default: its own values)."""
    values = column.values if values is None else values
    start = max(0, data.first - column.first)
    stop = max(start, data.last + 1 - column.first)
    part = list(values[start:stop])
    return [float(column.first + start + index) for index in range(len(part))], part


def with_live(data: ChartData, line: Line, value: float | None) -> Line:
    """A line that goes on to today's live value."""
    days, values = line
    if value is None or (days and data.today <= days[-1]):
        return line
    return [*days, float(data.today)], [*values, value]


def hashprices(data: ChartData) -> Line:
    """The hashprice of each day drawn, today's live; USD a day per PH/s."""
    column = hashprice_column(history_of(data))
    return with_live(data, visible_line(data, column), data.live.get("btc.hashprice"))


def coin_costs(data: ChartData, catalogue: Catalogue) -> tuple[list[float], list[float], list[float]]:
    """The days drawn and the power cost of a bitcoin at the two ends of the band, USD; NaN without a mix."""
    difficulty, fees = data.columns["btc.difficulty"], data.columns["btc.fees"]
    days, levels = visible_line(data, difficulty)
    efficiencies: dict[HashrateMix, float] = {}
    band: tuple[list[float], list[float]] = [], []
    for day, level in zip(days, levels, strict=True):
        mix = mix_on(day_of(day))
        if mix is None or isnan(level):
            band[0].append(nan)
            band[1].append(nan)
            continue
        if mix not in efficiencies:
            efficiencies[mix] = mean_efficiency_j_per_th(catalogue, mix)
        week = fees.mean(int(day), 7)
        network = Network(level, subsidy_on(day_of(day)), 0.0 if isnan(week) else week)
        for costs, power_price in zip(band, BAND_USD_PER_KWH, strict=True):
            costs.append(cost_per_btc_usd(efficiencies[mix], power_price, network))
    return days, *band


def known(values: Sequence[float]) -> list[float]:
    """The values that are numbers."""
    return [value for value in values if not isnan(value)]


def newest(line: Line) -> tuple[float, float] | None:
    """The last day with a value."""
    return next(
        ((day, value) for day, value in zip(*map(reversed, line), strict=True) if not isnan(value)), None
    )


def oldest(line: Line) -> tuple[float, float] | None:
    """The first day with a value."""
    return next(((day, value) for day, value in zip(*line, strict=True) if not isnan(value)), None)


def records(data: ChartData) -> Line:
    """The highest price up to and with each day drawn, intraday highs included."""
    prices, highs = data.columns["btc.price"], data.columns["btc.price_high"]
    record, days, values = 0.0, [], []
    first = min(column.first for column in (prices, highs) if column.values)
    for day in range(first, data.last + 1):
        for column in (highs, prices):
            value = column.at(day)
            record = max(record, value) if not isnan(value) else record
        if day == data.today and "btc.price" in data.live:
            record = max(record, data.live["btc.price"])
        if day >= data.first:
            days.append(float(day))
            values.append(record or nan)
    return days, values


def drawdowns(data: ChartData) -> Line:
    """Each day's price ÷ the record so far − 1, in %."""
    prices = with_live(data, visible_line(data, data.columns["btc.price"]), data.live.get("btc.price"))
    record = dict(zip(*records(data), strict=True))
    return prices[0], [100 * (value / record[day] - 1) for day, value in zip(*prices, strict=True)]


def changes(column: SeriesColumn, days: int) -> list[float]:
    """The change of 7-day means in so many days, in %, aligned with the column."""
    weekly = column.means(7)
    return [
        100 * (value / weekly[index - days] - 1) if index >= days else nan
        for index, value in enumerate(weekly)
    ]


def retargets(column: SeriesColumn) -> Line:
    """The days of changes of difficulty and the changes in %, from daily means.

    The day of a retarget lies between two levels, so a level is one that two days have.
    """
    days: list[float] = []
    results: list[float] = []
    level = nan
    for index in range(1, len(column.values)):
        value, before = column.values[index], column.values[index - 1]
        if isnan(value) or isnan(before) or abs(value / before - 1) > 1e-4:
            continue
        if isnan(level) or abs(value / level - 1) > 1e-4:
            if not isnan(level):
                days.append(float(column.first + index - 1))
                results.append(100 * (value / level - 1))
            level = value
    return days, results


def trailing_mean(values: Sequence[float], days: int) -> list[float]:
    """For each value the mean of it and the values before it, `days` in all; NaN for the first ones."""
    return [
        fsum(values[index + 1 - days : index + 1]) / days if index + 1 >= days else nan
        for index in range(len(values))
    ]


def trailing_quantile(values: Sequence[float], among: int, share: float, least: float = 0.6) -> list[float]:
    """For each value the quantile of the `among` values before it; NaN until enough of them are known.

    0 is the lowest, 1 the highest; `least` is the share of them that must be known.
    """
    results: list[float] = []
    before: list[float] = []
    for index, value in enumerate(values):
        enough = len(before) >= least * among
        results.append(before[min(len(before) - 1, int(share * len(before)))] if enough else nan)
        if not isnan(value):
            insort(before, value)
        if index >= among and not isnan(leaving := values[index - among]):
            del before[bisect_left(before, leaving)]
    return results


def highest_before(values: Sequence[float], warm_up: int) -> list[float]:
    """For each value the highest of all before it; NaN for the first `warm_up`."""
    highest, results = nan, []
    for index, value in enumerate(values):
        results.append(highest if index >= warm_up else nan)
        if not isnan(value) and not value <= highest:
            highest = value
    return results


def day_of(ordinal: float) -> date:
    """The day of an ordinal."""
    return date.fromordinal(int(ordinal))
