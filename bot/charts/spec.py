"""Which picture is wanted: what it shows, over how long, light or dark."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from bot.i18n.durations import parse_duration
from bot.signals.rules import SIGNALS, SUBSCRIPTIONS

SHORTEST_DAYS, LONGEST_DAYS = 7, 3653
USUAL_DAYS = 365


class ChartKind(StrEnum):
    """What a picture shows."""

    PRICE = "price"
    HASHRATE = "hashrate"
    ENERGY = "energy"
    OUTFLOW = "outflow"
    HASHPRICE = "hashprice"


@dataclass(frozen=True, slots=True)
class ChartSpec:
    """One picture. `zone` is a day-ahead zone and matters for `ENERGY` only."""

    kind: ChartKind = ChartKind.PRICE
    days: int = USUAL_DAYS
    zone: str = ""
    dark: bool = False

    @property
    def series(self) -> tuple[str, ...]:
        """The series it is drawn from, the one that is told first."""
        return (f"power.{self.zone}",) if self.kind is ChartKind.ENERGY else _SERIES[self.kind]

    @property
    def signal(self) -> str | None:
        """The signal whose rules are marked in it."""
        return _SIGNALS.get(self.kind)


_SERIES: Final = {
    ChartKind.PRICE: ("btc.price", "btc.price_high"),
    ChartKind.HASHRATE: ("btc.hashrate",),
    ChartKind.OUTFLOW: ("btc.public_miner_sales", "btc.miner_outflow"),
    ChartKind.HASHPRICE: ("btc.price", "btc.difficulty", "btc.fees"),
}

_SIGNALS: Final = {ChartKind(signal.chart): signal.name for signal in SIGNALS.values()}

_WORDS: Final = {
    **{kind.value: kind for kind in ChartKind},
    **{name: ChartKind(signal.chart) for name, signal in SUBSCRIPTIONS.items()},
    **{f"btc.{kind.value}": kind for kind in (ChartKind.PRICE, ChartKind.HASHRATE, ChartKind.HASHPRICE)},
    "btc": ChartKind.PRICE,
    "drawdown": ChartKind.PRICE,
    "power": ChartKind.ENERGY,
    "btc.miner_outflow": ChartKind.OUTFLOW,
    "btc.public_miner_sales": ChartKind.OUTFLOW,
}


def kind_of(word: str) -> ChartKind | None:
    """The kind that a word, a series or a signal names."""
    return _WORDS.get(word.lower())


def days_of(text: str) -> int | None:
    """“90d”, “6m”, “4y” in days, kept between 30 days and ten years; None for what is no span."""
    if text.lower() in ("all", "max"):
        return LONGEST_DAYS
    length = parse_duration(text, m="month")
    if length is None:
        return None
    return max(SHORTEST_DAYS, min(LONGEST_DAYS, round(length / timedelta(days=1))))


def span_word(days: int) -> str:
    """365 as “1y”, 90 as “90d”."""
    years = round(days / 365.25)
    return f"{years}y" if years >= 1 and abs(days - 365.25 * years) < 4 else f"{days}d"
