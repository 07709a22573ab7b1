"""What a personal watch can look at: figures by name, each made of the history known at a moment.

A metric is named by a key: `price`, `power.DE-LU`, `change.hashrate.30` (days), `mean.price.200`,
`record.difficulty`. Changes, distances and drawdowns are fractions; declines are negative.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from bot.i18n.message import N_, LazyText
from bot.signals import indicators, stress_index, valuation_indicators
from bot.signals.columns import SeriesColumn
from bot.signals.history import History
from bot.signals.indicators import Indicator, Measured, Missing, NoDataReason, newest_fresh
from bot.signals.series import SERIES, ZONES, end_of_day

LONGEST_WINDOW = 400
"""Days a change or a mean may look back."""


class Unit(StrEnum):
    """How a metric's level is written."""

    USD = "USD"
    HASHPRICE = "USD/PH/day"
    HASHRATE = "EH/s"
    POWER = "EUR/MWh"
    GAS = "USD/MMBtu"
    OUTFLOW = "BTC/day"
    FEES = "BTC/block"
    EURO = "USD/EUR"
    FRACTION = "%"
    RATIO = "ratio"
    PLAIN = ""

    @property
    def label(self) -> str:
        """What stands behind a figure: nothing where it is a bare number."""
        return "" if self is Unit.RATIO else self.value


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure. `back` is how far past its level it must return before a watch can fire again:
    a fraction of the level when `relative`, else an amount. `series` are its inputs.
    """

    key: str
    title: LazyText
    unit: Unit
    measure: Indicator
    series: tuple[str, ...]
    back: float = 0.01
    relative: bool = True

    def margin(self, level: float) -> float:
        """The distance back from `level` at which a watch is armed again."""
        return max(abs(level) * self.back if self.relative else self.back, 1e-9)


def metric(key: str) -> Metric | None:
    """The metric of this key; None when there is none."""
    return _metric(key)


@lru_cache(maxsize=4096)
def _metric(key: str) -> Metric | None:
    if key in _PLAIN:
        return _PLAIN[key]
    kind, _, rest = key.partition(".")
    if kind == "power" and (rest in ZONES):
        return Metric(
            key, lambda t: t("{zone} power", zone=rest), Unit.POWER, _newest(key), (key,), 1.0, relative=False
        )
    base, _, days_text = rest.partition(".")
    series = AVERAGED.get(base)
    if kind == "record" and series is not None and not days_text:
        return _record(key, base, series)
    if series is None or not days_text.isdecimal() or not 1 <= int(days_text) <= LONGEST_WINDOW:
        return None
    days = int(days_text)
    if kind == "change":
        return Metric(
            key,
            # Translators: {figure} is “price”, “hashrate”, “difficulty” or “gas”.
            lambda t: t.plural(
                "change of {figure} in {n} day",
                "change of {figure} in {n} days",
                days,
                figure=t(_NAMES[base]),
            ),
            Unit.FRACTION,
            _change(series, days),
            (series,),
            0.01,
            relative=False,
        )
    if kind == "mean":
        return Metric(
            key,
            # Translators: {figure} is “price”, “hashrate”, “difficulty” or “gas”.
            lambda t: t("{figure} against its {days}-day mean", figure=t(_NAMES[base]), days=days),
            Unit.FRACTION,
            _against_mean(series, days),
            (series,),
            0.01,
            relative=False,
        )
    return None


AVERAGED = {
    "price": "btc.price",
    "hashrate": "btc.hashrate",
    "difficulty": "btc.difficulty",
    "gas": "gas.henry_hub",
}
"""What changes and records can be asked of, by the word people use."""

# Translators: this and the next three are figures as parts of a sentence, as in “change of price in 30 days”.
_NAMES = {
    "price": N_("price"),
    "hashrate": N_("hashrate"),
    "difficulty": N_("difficulty"),
    "gas": N_("gas"),
}

_SPOT = ("btc.price", "btc.difficulty")


def _newest(series: str) -> Indicator:
    """The newest reading of a series, a complete day where it comes by days."""

    def measure(history: History, at: datetime) -> Measured | Missing:
        newest = newest_fresh(history, series, at)
        if isinstance(newest, Missing):
            return newest
        if newest.day is not None and not newest.complete:
            column = history.column(series)
            if not column.values:
                return Missing(NoDataReason.WARMING_UP)
            as_of = end_of_day(_day(column.last))
            if at - as_of > SERIES[series].stale_after:
                return Missing(NoDataReason.STALE)
            return Measured(column.values[-1], as_of, newest.source)
        return Measured(newest.value, newest.as_of, newest.source)

    return measure


def _week(series: str) -> Indicator:
    """The 7-day mean of a daily series: one day alone is noise."""

    def measure(history: History, at: datetime) -> Measured | Missing:
        newest = newest_fresh(history, series, at)
        if isinstance(newest, Missing):
            return newest
        column = history.column(series)
        value = _mean(column, column.last, 7)
        if value is None:
            return Missing(NoDataReason.WARMING_UP)
        return Measured(value, end_of_day(_day(column.last)), newest.source)

    return measure


def _change(series: str, days: int) -> Indicator:
    """Change in `days` days: of the newest value, or of 7-day means where a day alone is noise."""

    def measure(history: History, at: datetime) -> Measured | Missing:
        newest = newest_fresh(history, series, at)
        if isinstance(newest, Missing):
            return newest
        column = history.column(series)
        if series in _SPOT:
            now: float | None = newest.value
            then = column.at((newest.as_of - timedelta(microseconds=1)).date().toordinal() - days)
            before = then if then == then else None  # noqa: PLR0124 - the quickest test for NaN
            as_of = newest.as_of
        else:
            now, before = _mean(column, column.last, 7), _mean(column, column.last - days, 7)
            as_of = end_of_day(_day(column.last)) if column.values else newest.as_of
        if now is None or before is None or before <= 0:
            return Missing(NoDataReason.WARMING_UP)
        return Measured(now / before - 1, as_of, newest.source)

    return measure


def _against_mean(series: str, days: int) -> Indicator:
    """The newest value ÷ the mean of the last `days` complete days − 1."""

    def measure(history: History, at: datetime) -> Measured | Missing:
        newest = newest_fresh(history, series, at)
        if isinstance(newest, Missing):
            return newest
        column = history.column(series)
        mean = _mean(column, column.last, days)
        if mean is None or mean <= 0:
            return Missing(NoDataReason.WARMING_UP)
        return Measured(newest.value / mean - 1, newest.as_of, newest.source)

    return measure


def _record(key: str, base: str, series: str) -> Metric | None:
    """The newest value ÷ the highest before it − 1. The price's record is that of its daily highs."""
    if base == "price":
        measure: Indicator = indicators.newest_drawdown
        inputs: tuple[str, ...] = (series, "btc.price_high")
        back = 0.03
    elif base in ("hashrate", "difficulty"):
        measure = _against_highest(series, days=7 if base == "hashrate" else 1)
        inputs, back = (series,), 0.03 if base == "hashrate" else 0.0
    else:
        return None
    return Metric(
        key,
        # Translators: {figure} is “price”, “hashrate” or “difficulty”.
        lambda t: t("{figure} against its record", figure=t(_NAMES[base])),
        Unit.FRACTION,
        measure,
        inputs,
        back,
        relative=False,
    )


def _against_highest(series: str, days: int) -> Indicator:
    def measure(history: History, at: datetime) -> Measured | Missing:
        newest = newest_fresh(history, series, at)
        if isinstance(newest, Missing):
            return newest
        column = history.column(series)
        peaks = column.peaks(days)
        value = column.means(days)[-1] if column.values else None
        if value is None or value != value or len(peaks) < 2:  # noqa: PLR0124 - likewise
            return Missing(NoDataReason.WARMING_UP)
        return Measured(value / peaks[-2] - 1, end_of_day(_day(column.last)), newest.source)

    return measure


def _mean(column: SeriesColumn, last: int, days: int) -> float | None:
    """The mean of the days that end with `last`; None when fewer than seven tenths are known."""
    window = column.window(last, days)
    return sum(window) / len(window) if len(window) >= max(1, 0.7 * days) else None


def _day(ordinal: int) -> date:
    return date.fromordinal(ordinal)


def _fraction(key: str, title: LazyText, measure: Indicator, back: float, *series: str) -> Metric:
    return Metric(key, title, Unit.FRACTION, measure, series, back, relative=False)


def _text(text: str) -> LazyText:
    return lambda t: t(text)


_PLAIN = {
    outflow_metric.key: outflow_metric
    for outflow_metric in (
        Metric("price", _text(N_("bitcoin price")), Unit.USD, _newest("btc.price"), ("btc.price",)),
        Metric(
            "hashprice",
            _text(N_("hashprice")),
            Unit.HASHPRICE,
            _newest("btc.hashprice"),
            ("btc.hashprice",),
        ),
        Metric(
            "puell",
            _text(N_("Puell multiple")),
            Unit.RATIO,
            valuation_indicators.puell_multiple,
            ("btc.price", "btc.difficulty"),
            0.05,
        ),
        Metric(
            "compression",
            _text(N_("difficulty ribbon compression")),
            Unit.RATIO,
            valuation_indicators.ribbon_compression,
            ("btc.difficulty",),
            0.05,
        ),
        Metric(
            "mpi",
            _text(N_("Miner Position Index (outflow against its year)")),
            Unit.RATIO,
            valuation_indicators.position_index,
            ("btc.miner_outflow_gross", "btc.price"),
            0.1,
        ),
        Metric(
            "mpiscore",
            _text(N_("Miner Position Index (z-score)")),
            Unit.RATIO,
            valuation_indicators.position_score,
            ("btc.miner_outflow_gross", "btc.price"),
            0.2,
            relative=False,
        ),
        Metric(
            "stress",
            _text(N_("stress index (0 to 100)")),
            Unit.RATIO,
            stress_index.stress,
            ("btc.hashrate", "btc.difficulty"),
            3.0,
            relative=False,
        ),
        Metric(
            "difficulty",
            _text(N_("difficulty")),
            Unit.PLAIN,
            _newest("btc.difficulty"),
            ("btc.difficulty",),
        ),
        Metric(
            "hashrate",
            _text(N_("hashrate (7-day mean)")),
            Unit.HASHRATE,
            _week("btc.hashrate"),
            ("btc.hashrate",),
        ),
        Metric("fees", _text(N_("fees")), Unit.FEES, _newest("btc.fees"), ("btc.fees",), 0.1),
        Metric("gas", _text(N_("Henry Hub gas")), Unit.GAS, _newest("gas.henry_hub"), ("gas.henry_hub",)),
        Metric("euro", _text(N_("euro")), Unit.EURO, _newest("fx.eur_usd"), ("fx.eur_usd",)),
        Metric(
            "outflow",
            _text(N_("miner outflow (7-day mean)")),
            Unit.OUTFLOW,
            _week("btc.miner_outflow"),
            ("btc.miner_outflow",),
            20.0,
            relative=False,
        ),
        _fraction(
            "drawdown",
            _text(N_("price against its record")),
            indicators.drawdown,
            0.01,
            "btc.price",
            "btc.price_high",
        ),
        _fraction("ribbon", _text(N_("hash ribbon")), indicators.ribbon, 0.002, "btc.hashrate"),
        _fraction(
            "sales",
            _text(N_("public miners' sales of their production")),
            indicators.public_miner_sales,
            0.05,
            "btc.public_miner_sales",
        ),
    )
}

PLAIN_KEYS = tuple(_PLAIN)
"""The metrics without a parameter."""
