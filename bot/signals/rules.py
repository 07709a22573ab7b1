"""The default rules, as data: what is measured, at which level it fires and clears, how long it must hold.

Levels and holds were calibrated by replaying 2011–2026; `docs/rules.md` shows the backtest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum, StrEnum
from typing import Final

from bot.i18n.message import Message, message
from bot.signals import indicators, outflow_indicators
from bot.signals.indicators import Indicator


class Severity(IntEnum):
    """How loud an alert is. A chat hears its minimum and all above it."""

    INFO = 0
    WARNING = 1
    CRITICAL = 2

    @property
    def word(self) -> str:
        """The severity as the contract spells it."""
        return self.name.lower()


class Quantity(StrEnum):
    """What kind of figure a rule compares, so that people can be shown it in its own unit."""

    CHANGE = "change"  # a signed fraction: −0.70 is 70 % down
    PERCENTILE = "percentile"  # 0 to 1 of the trailing year
    RECORD = "record"  # a ratio to the highest before: 1 is a new record
    OF_PRODUCTION = "of_production"  # a ratio to what was mined in the same month


@dataclass(frozen=True, slots=True)
class Rule:
    """One severity of one signal over one indicator, with a state of its own.

    Fires when the figure has been at or beyond `fire` for `fire_hold`, and clears when it has been beyond
    `clear` on the other side for `clear_hold`; below `fire` counts as beyond when `downward`. `formula` says
    in words how the figure is made of the series `inputs`.
    """

    id: str
    signal: str
    severity: Severity
    title: Message
    indicator: Indicator
    quantity: Quantity
    downward: bool
    fire: float
    clear: float
    formula: Message
    inputs: tuple[str, ...]
    fire_hold: timedelta = timedelta(0)
    clear_hold: timedelta = timedelta(0)
    remind_after: timedelta = timedelta(days=30)

    def fires(self, value: float) -> bool:
        """Whether the figure is at or beyond the firing level."""
        return value <= self.fire if self.downward else value >= self.fire

    def clears(self, value: float) -> bool:
        """Whether the figure is past the clearing level."""
        return value > self.clear if self.downward else value < self.clear


@dataclass(frozen=True, slots=True)
class Signal:
    """What people subscribe to: a name for programs, a title for people.

    `link` is the payload of a `/start` link that subscribes to it, `chart` the kind of chart that shows it.
    """

    name: str
    title: Message
    link: str
    chart: str


SIGNALS: Final[dict[str, Signal]] = {
    signal.name: signal
    for signal in (
        Signal("miner_outflow", message("Miner outflow"), "outflow", "outflow"),
        Signal("hashrate_decline", message("Hashrate decline"), "hashrate", "hashrate"),
        Signal("price_drawdown", message("Price drawdown"), "drawdown", "price"),
        Signal("energy_price", message("Energy price"), "energy", "energy"),
    )
}
"""The signals that have rules, by name, in the order in which people are shown them."""

COMPOSITE: Final = "capitulation"
"""The signal people subscribe to for changes of phase."""

SUBSCRIPTIONS: Final[dict[str, Signal]] = {
    **SIGNALS,
    COMPOSITE: Signal(COMPOSITE, message("Capitulation"), "phase", "price"),
}
"""Everything that can be subscribed to, by name."""


_DRAWDOWN = message("price ÷ record high − 1; the record is the highest of daily highs and of prices seen")
_SALES = message("bitcoin sold by public miners ÷ bitcoin mined by them, in the newest published month")


def _days(count: float) -> timedelta:
    return timedelta(days=count)


_BITCOIN = (
    Rule(
        "price_drawdown.warning",
        "price_drawdown",
        Severity.WARNING,
        message("price half below its record"),
        indicators.drawdown,
        Quantity.CHANGE,
        downward=True,
        fire=-0.50,
        clear=-0.45,
        formula=_DRAWDOWN,
        inputs=("btc.price", "btc.price_high"),
        clear_hold=_days(3),
    ),
    Rule(
        "price_drawdown.critical",
        "price_drawdown",
        Severity.CRITICAL,
        message("price 70 % below its record"),
        indicators.drawdown,
        Quantity.CHANGE,
        downward=True,
        fire=-0.70,
        clear=-0.65,
        formula=_DRAWDOWN,
        inputs=("btc.price", "btc.price_high"),
        clear_hold=_days(3),
    ),
    Rule(
        "hashrate_decline.warning",
        "hashrate_decline",
        Severity.WARNING,
        message("hash ribbon inverted (30-day mean below 60-day mean)"),
        indicators.ribbon,
        Quantity.CHANGE,
        downward=True,
        fire=-0.0005,  # nearer to zero the ribbon only flutters: its own noise is 1.07 %
        clear=0.0,
        formula=message("30-day mean ÷ 60-day mean of the daily hashrate − 1"),
        inputs=("btc.hashrate",),
        fire_hold=_days(5),
        clear_hold=_days(5),
    ),
    Rule(
        "hashrate_decline.critical",
        "hashrate_decline",
        Severity.CRITICAL,
        message("hashrate down a tenth in 30 days (7-day means)"),
        indicators.hashrate_change,
        Quantity.CHANGE,
        downward=True,
        fire=-0.10,
        clear=-0.05,
        formula=message("7-day mean of the daily hashrate ÷ the 7-day mean 30 days before − 1"),
        inputs=("btc.hashrate",),
        fire_hold=_days(1),
        clear_hold=_days(3),
    ),
    Rule(
        "miner_outflow.warning.pools",
        "miner_outflow",
        Severity.WARNING,
        message("a week's net outflow of pool wallets above 95 % of its year (a proxy for selling)"),
        outflow_indicators.miner_outflow_percentile,
        Quantity.PERCENTILE,
        formula=message(
            "share of the trailing 365 days' seven-day sums of net outflow that the last one exceeds; "
            "net outflow = rewards credited − change of balance over the pools' payout wallets"
        ),
        inputs=("btc.miner_outflow",),
        downward=False,
        fire=0.95,
        clear=0.80,
        fire_hold=_days(1),
        clear_hold=_days(3),
    ),
    Rule(
        "miner_outflow.critical.pools",
        "miner_outflow",
        Severity.CRITICAL,
        message("a week's net outflow of pool wallets the largest in a year (a proxy for selling)"),
        outflow_indicators.miner_outflow_record,
        Quantity.RECORD,
        formula=message("seven-day sum of net outflow ÷ the highest such sum of its trailing 365 days"),
        inputs=("btc.miner_outflow",),
        downward=False,
        fire=1.0,
        clear=0.90,
        fire_hold=_days(1),
        clear_hold=_days(3),
    ),
    Rule(
        "miner_outflow.warning.public",
        "miner_outflow",
        Severity.WARNING,
        message("public miners sell more than they mine"),
        indicators.public_miner_sales,
        Quantity.OF_PRODUCTION,
        downward=False,
        fire=1.0,
        clear=0.9,
        formula=_SALES,
        inputs=("btc.public_miner_sales",),
    ),
    Rule(
        "miner_outflow.critical.public",
        "miner_outflow",
        Severity.CRITICAL,
        message("public miners sell twice what they mine"),
        indicators.public_miner_sales,
        Quantity.OF_PRODUCTION,
        downward=False,
        fire=2.0,
        clear=1.8,
        formula=_SALES,
        inputs=("btc.public_miner_sales",),
    ),
)


def _energy(zone: str) -> tuple[Rule, Rule]:
    series = f"power.{zone}"
    return (
        Rule(
            f"energy_price.warning.{zone}",
            "energy_price",
            Severity.WARNING,
            message("{zone} power dearer than in 95 % of its year", zone=zone),
            indicators.energy_percentile(series),
            Quantity.PERCENTILE,
            downward=False,
            fire=0.95,
            clear=0.85,
            formula=message(
                "share of the trailing 365 days in which the 7-day mean price without its dearest day was "
                "lower than now"
            ),
            inputs=(series,),
            fire_hold=_days(2),
            clear_hold=_days(5),
        ),
        Rule(
            f"energy_price.critical.{zone}",
            "energy_price",
            Severity.CRITICAL,
            message("{zone} power dearest on record", zone=zone),
            indicators.energy_record(series),
            Quantity.RECORD,
            downward=False,
            fire=1.0,
            clear=0.95,
            formula=message("the 7-day mean price without its dearest day ÷ the highest such mean before"),
            inputs=(series,),
            fire_hold=_days(2),
            clear_hold=_days(10),
        ),
    )


def default_rules(zones: Sequence[str]) -> tuple[Rule, ...]:
    """The rules for a bot that watches these day-ahead zones."""
    return _BITCOIN + tuple(rule for zone in zones for rule in _energy(zone))
