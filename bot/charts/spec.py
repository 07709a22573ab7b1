"""Which chart is wanted: what it shows, over how long, light or dark."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from bot.i18n.durations import parse_duration
from bot.i18n.message import N_
from bot.mining.named_spans import is_named_span, named_bounds
from bot.signals.rules import SIGNALS, SUBSCRIPTIONS

EXAMPLE: Final = "/chart hashrate 90d"
SHORTEST_DAYS: Final = 7
FIRST_YEAR: Final = 2009


class ChartKind(StrEnum):
    """What a chart shows. `PROFIT` is a machine's profit over time, the others are of the network."""

    PRICE = "price"
    DRAWDOWN = "drawdown"
    HASHRATE = "hashrate"
    DIFFICULTY = "difficulty"
    HASHPRICE = "hashprice"
    INCOME = "income"
    FEES = "fees"
    ENERGY = "energy"
    OUTFLOW = "outflow"
    STRESS = "stress"
    PUELL = "puell"
    COMPRESSION = "compression"
    MPI = "mpi"
    PROFIT = "profit"


_THIS_YEAR: Final = "ytd"
"""The span from the first of January on, as it is typed."""


@dataclass(frozen=True, slots=True)
class ChartSpan:
    """How long a chart reaches back: the last `days`, one `year`, or with neither as far as is known.

    `to_now` is True for a year and all that came after it; with it the year 0 is the current one. `named` is
    a span of `named_spans.py`, alone.
    """

    days: int | None = None
    year: int | None = None
    to_now: bool = False
    named: str = ""

    @property
    def word(self) -> str:
        """As it is typed: `90d`, `4y`, `2022`, `2022+`, `ytd`, `winter`, `all`."""
        if self.named:
            return self.named
        if self.year is not None and self.to_now:
            return f"{self.year}+" if self.year else _THIS_YEAR
        if self.year is not None:
            return str(self.year)
        if self.days is None:
            return "all"
        years = round(self.days / 365.25)
        return f"{years}y" if years >= 1 and abs(self.days - 365.25 * years) < 4 else f"{self.days}d"

    def bounds(self, first: int, today: int) -> tuple[int, int]:
        """The first and last day (ordinals); `first` is where the figures begin, `today` where they end."""
        if self.named:
            begins, ends = named_bounds(self.named, date.fromordinal(today))
            return (
                first if begins is None else max(first, begins.toordinal()),
                today if ends is None else min(today, ends.toordinal()),
            )
        if self.year is not None:
            year = self.year or date.fromordinal(today).year
            begin = max(first, date(year, 1, 1).toordinal())
            return begin, today if self.to_now else min(today, date(year, 12, 31).toordinal())
        return (first if self.days is None else max(first, today - self.days + 1)), today


A_YEAR: Final = ChartSpan(365)
EVERYTHING: Final = ChartSpan()


@dataclass(frozen=True, slots=True)
class ChartSpec:
    """One chart. `zone` is a day-ahead zone (`ENERGY`), `machine` a question as it is typed (`PROFIT`)."""

    kind: ChartKind = ChartKind.PRICE
    span: ChartSpan = A_YEAR
    zone: str = ""
    dark: bool = False
    machine: str = ""

    @property
    def series(self) -> tuple[str, ...]:
        """The series it is drawn from, the main one first."""
        return (f"power.{self.zone}",) if self.kind is ChartKind.ENERGY else _SERIES[self.kind]

    @property
    def signal(self) -> str | None:
        """The signal whose firings are marked in it."""
        return _SIGNALS.get(self.kind)


_INCOME: Final = ("btc.price", "btc.difficulty", "btc.fees")
_SERIES: Final = {
    ChartKind.PRICE: ("btc.price", "btc.price_high"),
    ChartKind.DRAWDOWN: ("btc.price", "btc.price_high"),
    ChartKind.HASHRATE: ("btc.hashrate",),
    ChartKind.DIFFICULTY: ("btc.difficulty",),
    ChartKind.HASHPRICE: _INCOME,
    ChartKind.INCOME: _INCOME,
    ChartKind.FEES: ("btc.fees",),
    ChartKind.OUTFLOW: ("btc.miner_outflow", "btc.public_miner_sales"),
    ChartKind.STRESS: ("btc.hashrate", "btc.difficulty"),
    ChartKind.PUELL: ("btc.price", "btc.hashrate", "btc.difficulty"),
    ChartKind.COMPRESSION: ("btc.difficulty",),
    ChartKind.MPI: ("btc.miner_outflow_gross", "btc.price"),
    ChartKind.PROFIT: _INCOME,
}
WARM_UP_DAYS: Final = {
    ChartKind.HASHRATE: 61,
    ChartKind.INCOME: 8,
    ChartKind.FEES: 8,
    ChartKind.ENERGY: 8,
    ChartKind.STRESS: 430,
    ChartKind.PUELL: 366,
    ChartKind.COMPRESSION: 201,
    ChartKind.MPI: 349,
}
"""Days of the main series that must be known before there are two points to draw; 2 of the others."""

_SIGNALS: Final = {ChartKind(signal.chart): signal.name for signal in SIGNALS.values()}

NAMES: Final = {
    ChartKind.PRICE: N_("Price"),
    ChartKind.DRAWDOWN: N_("Drawdown"),
    ChartKind.HASHRATE: N_("Hashrate"),
    ChartKind.DIFFICULTY: N_("Difficulty"),
    ChartKind.HASHPRICE: N_("Hashprice"),
    ChartKind.INCOME: N_("Income"),
    ChartKind.FEES: N_("Fees"),
    ChartKind.ENERGY: N_("Energy"),
    ChartKind.OUTFLOW: N_("Outflow"),
    ChartKind.STRESS: N_("Stress index"),
    ChartKind.PUELL: N_("Puell multiple"),
    ChartKind.COMPRESSION: N_("Difficulty ribbon"),
    ChartKind.MPI: N_("Miner Position Index"),
    ChartKind.PROFIT: N_("Profit"),
}
"""What buttons and captions call each chart."""

CHART_OF_SIGNAL: Final = {name: ChartKind(signal.chart) for name, signal in SUBSCRIPTIONS.items()}


def parse_span(text: str) -> ChartSpan | None:
    """“90d”, “6m”, “4y”, “2022”, “2022+”, “ytd”, “winter”, “all” as a span; None for none.

    A span may be shorter than is drawn. A plain number is a year.
    """
    if text.lower() in ("all", "max"):
        return EVERYTHING
    if text.lower() == _THIS_YEAR:
        return ChartSpan(year=0, to_now=True)
    if re.fullmatch(r"20\d\d\+?", text) and int(text[:4]) >= FIRST_YEAR:
        return ChartSpan(year=int(text[:4]), to_now=text.endswith("+"))
    if is_named_span(text.lower()):
        return ChartSpan(named=text.lower())
    length = parse_duration(text, m="month")
    return None if length is None else ChartSpan(round(length / timedelta(days=1)))
