"""What a personal watch can look at: figures by name, each made of the history known at a moment.

A metric is named by a key: `price`, `power.DE-LU`, `change.hashrate.30` (days), `mean.price.200`,
`record.difficulty`. Changes, distances and drawdowns are fractions; declines are negative.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from bot.i18n.message import N_, LazyText, Translator
from bot.mining.power_market import ZONES
from bot.signals import indicators, stress_index, valuation_indicators
from bot.signals.indicators import Indicator
from bot.watches import measurement

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
    DAYS = "days"
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
            key,
            lambda t: t("{zone} power", zone=rest),
            Unit.POWER,
            measurement.newest(key),
            (key,),
            1.0,
            relative=False,
        )
    if kind == "record":
        return _record(key, rest)
    base, _, days_text = rest.rpartition(".")
    figure = _averaged(base)
    if figure is None or not days_text.isdecimal() or not 1 <= int(days_text) <= LONGEST_WINDOW:
        return None
    days, series = int(days_text), figure.series[0]
    if kind == "change":
        return _fraction(
            key,
            # Translators: {figure} is such as “price”, “hashrate” or “DE-LU power”.
            lambda t: t.plural(
                "change of {figure} in {n} day", "change of {figure} in {n} days", days, figure=_name(base, t)
            ),
            measurement.change(series, days),
            0.01,
            series,
        )
    if kind == "mean":
        return _fraction(
            key,
            # Translators: {figure} is such as “price”, “hashrate” or “DE-LU power”.
            lambda t: t("{figure} against its {days}-day mean", figure=_name(base, t), days=days),
            measurement.against_mean(figure.measure, series, days),
            0.01,
            series,
        )
    return None


AVERAGED = ("price", "hashrate", "hashprice", "difficulty", "fees", "gas", "euro", "outflow")
"""What changes and means can be asked of, by the word people use; and power, with its zone."""

# Translators: this and the next seven are figures as parts of a sentence, as in “change of price in 30 days”.
_NAMES = {
    "price": N_("price"),
    "hashrate": N_("hashrate"),
    "hashprice": N_("hashprice"),
    "difficulty": N_("difficulty"),
    "fees": N_("fees"),
    "gas": N_("gas"),
    "euro": N_("euro"),
    "outflow": N_("outflow"),
}


def _averaged(base: str) -> Metric | None:
    """The figure whose change or mean may be asked of; None for any other word."""
    return _metric(base) if base in AVERAGED or base.startswith("power.") else None


def _name(base: str, t: Translator) -> str:
    return t(_NAMES[base]) if base in _NAMES else t("{zone} power", zone=base.partition(".")[2])


def _record(key: str, base: str) -> Metric | None:
    """The newest value ÷ the highest before it − 1. The price's record is that of its daily highs."""
    series = {"price": "btc.price", "hashrate": "btc.hashrate", "difficulty": "btc.difficulty"}.get(base)
    if series is None:
        return None

    def title(t: Translator) -> str:
        # Translators: {figure} is “price”, “hashrate” or “difficulty”.
        return t("{figure} against its record", figure=t(_NAMES[base]))

    if base == "price":
        return _fraction(key, title, indicators.newest_drawdown, 0.03, series, "btc.price_high")
    days, back = (7, 0.03) if base == "hashrate" else (1, 0.0)
    return _fraction(key, title, measurement.against_highest(series, days), back, series)


def _fraction(key: str, title: LazyText, measure: Indicator, back: float, *series: str) -> Metric:
    return Metric(key, title, Unit.FRACTION, measure, series, back, relative=False)


def _text(text: str) -> LazyText:
    return lambda t: t(text)


_PLAIN = {
    definition.key: definition
    for definition in (
        Metric(
            "price", _text(N_("bitcoin price")), Unit.USD, measurement.newest("btc.price"), ("btc.price",)
        ),
        Metric(
            "hashprice",
            _text(N_("hashprice")),
            Unit.HASHPRICE,
            measurement.newest("btc.hashprice"),
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
            measurement.newest("btc.difficulty"),
            ("btc.difficulty",),
        ),
        Metric(
            "hashrate",
            _text(N_("hashrate (7-day mean)")),
            Unit.HASHRATE,
            measurement.week("btc.hashrate"),
            ("btc.hashrate",),
        ),
        Metric("fees", _text(N_("fees")), Unit.FEES, measurement.newest("btc.fees"), ("btc.fees",), 0.1),
        _fraction(
            "retarget",
            _text(N_("estimated change of difficulty at the retarget")),
            measurement.newest("btc.retarget_estimate"),
            0.005,
            "btc.retarget_estimate",
        ),
        Metric(
            "gas",
            _text(N_("Henry Hub gas")),
            Unit.GAS,
            measurement.newest("gas.henry_hub"),
            ("gas.henry_hub",),
        ),
        Metric(
            "halving",
            _text(N_("days to the halving")),
            Unit.DAYS,
            measurement.days_to_halving,
            ("btc.price",),
            1.0,
            relative=False,
        ),
        Metric("euro", _text(N_("euro")), Unit.EURO, measurement.newest("fx.eur_usd"), ("fx.eur_usd",)),
        Metric(
            "outflow",
            _text(N_("miner outflow (7-day mean)")),
            Unit.OUTFLOW,
            measurement.week("btc.miner_outflow"),
            ("btc.miner_outflow",),
            20.0,
            relative=False,
        ),
        _fraction(
            "drawdown",
            _text(N_("price against its record")),
            indicators.newest_drawdown,
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
