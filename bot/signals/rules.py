"""The default rules, as data: what is measured, at which level it fires and clears, how long it must hold.

Levels and holds were chosen by replaying 2011–2026 and are frozen since `FROZEN`; what comes after that day
is scored apart. `docs/rules.md` shows the backtest, `docs/adr` what was tried.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum, StrEnum
from typing import Final

from bot.i18n.message import Message, message
from bot.signals import income_indicators, indicators, outflow_indicators
from bot.signals.indicators import Indicator

FROZEN: Final = date(2026, 7, 3)
"""The last day that was looked at when levels and holds were chosen."""


class Severity(IntEnum):
    """How grave an alert is. A chat is sent its minimum and everything above it."""

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
    RECORD = "record"  # a ratio to the highest, or lowest, before: past 1 is a new record, 1 ties with it
    OF_PRODUCTION = "of_production"  # a ratio to what was mined in the same month


REMINDERS: Final = (timedelta(days=30), timedelta(days=90), timedelta(days=210))
"""When, after it fired, a critical rule that still fires is repeated. Warnings are not repeated."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One severity of one signal over one indicator, with a state of its own.

    Pending while the figure is at or beyond `pend` (None: `fire`). Fires when it has been pending for
    `fire_hold` and the figure is at or beyond `fire`; clears when the figure has been beyond `clear` on the
    other side for `clear_hold`. Below counts as beyond when `downward`. `formula` says in words how the
    figure is made of the series `inputs`. Its alerts are left out while a rule named in `inhibited_by` fires.
    `minor_inputs` matter so little that one source is enough.
    `intraday`: looks at spot prices, not at closes, and is no evidence for the phase. `historical`: no live
    source publishes its figure; it fires in replay and in the demo only.
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
    pend: float | None = None
    inhibited_by: tuple[str, ...] = ()
    minor_inputs: tuple[str, ...] = ()
    intraday: bool = False
    historical: bool = False

    def __hash__(self) -> int:
        """By its name, which is quick; rules are looked up on every day of a replay."""
        return hash(self.id)

    @property
    def reminders(self) -> tuple[timedelta, ...]:
        """When it is repeated while it fires, counted from the firing."""
        return REMINDERS if self.severity is Severity.CRITICAL else ()

    @property
    def tested_as(self) -> str:
        """The rule whose past speaks for it: over prices of the day the one over closes, else itself."""
        return self.id.removesuffix(".intraday")

    @property
    def comparison(self) -> str:
        """How its figure stands to the firing level, as a sign: a record is passed, any other level met."""
        if self.quantity is Quantity.RECORD:
            return "<" if self.downward else ">"
        return "≤" if self.downward else "≥"

    def pends(self, value: float) -> bool:
        """Whether the figure is at or beyond the level from which the hold counts; a record is beyond it."""
        return self._beyond(value, self.fire if self.pend is None else self.pend)

    def fires(self, value: float) -> bool:
        """Whether the figure is at or beyond the firing level; a record is beyond it."""
        return self._beyond(value, self.fire)

    def _beyond(self, value: float, level: float) -> bool:
        if value == level:
            return self.quantity is not Quantity.RECORD  # what never changes is no record every day
        return value < level if self.downward else value > level

    def clears(self, value: float) -> bool:
        """Whether the figure is past the clearing level."""
        return value > self.clear if self.downward else value < self.clear


@dataclass(frozen=True, slots=True)
class Signal:
    """What people subscribe to: a name for programs, a title for people.

    `link` is the payload of a `/start` link that subscribes to it, `chart` the kind of chart that shows it.
    `default` is the lowest severity sent to whoever subscribes without naming a signal; None: not at all,
    unless asked for. Low income makes the phase `stress`, which is sent.
    """

    name: str
    title: Message
    link: str
    chart: str
    default: Severity | None


SIGNALS: Final[dict[str, Signal]] = {
    signal.name: signal
    for signal in (
        Signal("miner_outflow", message("Miner outflow"), "outflow", "outflow", Severity.CRITICAL),
        Signal("hashrate_decline", message("Hashrate decline"), "hashrate", "hashrate", Severity.CRITICAL),
        Signal("price_drawdown", message("Price drawdown"), "drawdown", "drawdown", Severity.WARNING),
        Signal("miner_income", message("Miner income"), "income", "income", None),
        Signal("energy_price", message("Energy price"), "energy", "energy", Severity.CRITICAL),
    )
}
"""The signals that have rules, by name, in the order in which people are shown them."""

COMPOSITE: Final = "capitulation"
"""The signal people subscribe to for changes of phase."""

SUBSCRIPTIONS: Final[dict[str, Signal]] = {
    **SIGNALS,
    COMPOSITE: Signal(COMPOSITE, message("Capitulation"), "phase", "price", Severity.WARNING),
}
"""Everything that can be subscribed to, by name."""

BY_WORD: Final[dict[str, str]] = {
    word: name for name, signal in SUBSCRIPTIONS.items() for word in (name, signal.link)
}
"""The names of what can be subscribed to, by the words people type: the name, or that of its link."""


_DRAWDOWN = message(
    "daily close ÷ record high − 1; the record is the highest of daily highs and of prices seen"
)
_INTRADAY = message("newest price ÷ record high − 1, whether or not the day closes there")
_SALES = message("bitcoin sold by public miners ÷ bitcoin mined by them, in the newest published month")
_PRICE = ("btc.price", "btc.price_high")
_HASHPRICE = ("btc.price", "btc.difficulty", "btc.fees")


def _days(count: float) -> timedelta:
    return timedelta(days=count)


_BITCOIN = (
    Rule(
        "price_drawdown.warning",
        "price_drawdown",
        Severity.WARNING,
        message("price 50 % below its record"),
        indicators.drawdown,
        Quantity.CHANGE,
        downward=True,
        fire=-0.50,
        clear=-0.40,
        formula=_DRAWDOWN,
        inputs=_PRICE,
        fire_hold=_days(1),  # two closes: one alone was once followed by nothing, see docs/adr
        clear_hold=_days(3),
        inhibited_by=("price_drawdown.critical",),
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
        inputs=_PRICE,
        clear_hold=_days(3),
    ),
    Rule(
        "price_drawdown.warning.intraday",
        "price_drawdown",
        Severity.WARNING,
        message("price touched 50 % below its record during the day (no close yet)"),
        indicators.intraday_drawdown,
        Quantity.CHANGE,
        downward=True,
        fire=-0.50,
        clear=-0.40,
        formula=_INTRADAY,
        inputs=_PRICE,
        clear_hold=_days(3),
        inhibited_by=(
            "price_drawdown.warning",
            "price_drawdown.critical",
            "price_drawdown.critical.intraday",
        ),
        intraday=True,
    ),
    Rule(
        "price_drawdown.critical.intraday",
        "price_drawdown",
        Severity.CRITICAL,
        message("price touched 70 % below its record during the day (no close yet)"),
        indicators.intraday_drawdown,
        Quantity.CHANGE,
        downward=True,
        fire=-0.70,
        clear=-0.65,
        formula=_INTRADAY,
        inputs=_PRICE,
        clear_hold=_days(3),
        inhibited_by=("price_drawdown.critical",),
        intraday=True,
    ),
    Rule(
        "hashrate_decline.warning",
        "hashrate_decline",
        Severity.WARNING,
        message("hash ribbon inverted beyond its usual noise (30-day mean 1 % below the 60-day mean)"),
        indicators.ribbon,
        Quantity.CHANGE,
        downward=True,
        pend=0.0,
        fire=-0.01,  # one standard deviation of the ribbon when nobody switches anything off: 1.08 %
        clear=0.0,
        formula=message("30-day mean ÷ 60-day mean of the daily hashrate − 1"),
        inputs=("btc.hashrate",),
        fire_hold=_days(5),
        clear_hold=_days(5),
        inhibited_by=("hashrate_decline.critical",),
    ),
    Rule(
        "hashrate_decline.critical",
        "hashrate_decline",
        Severity.CRITICAL,
        message("hashrate down 10 % in 30 days (7-day means)"),
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
        "miner_income.warning",
        "miner_income",
        Severity.WARNING,
        message("hashprice lower than on 90 % of days in the past year"),
        income_indicators.hashprice_percentile,
        Quantity.PERCENTILE,
        downward=True,
        fire=0.10,
        clear=0.20,
        formula=message(
            "share of the trailing 365 days' seven-day means of hashprice that the last one exceeds"
        ),
        inputs=_HASHPRICE,
        minor_inputs=("btc.fees",),
        fire_hold=_days(3),
        clear_hold=_days(5),
        inhibited_by=("miner_income.critical",),
    ),
    Rule(
        "miner_income.critical",
        "miner_income",
        Severity.CRITICAL,
        message("lowest hashprice in a year or more"),
        income_indicators.hashprice_low,
        Quantity.RECORD,
        downward=True,
        fire=1.0,
        clear=1.10,
        formula=message("7-day mean of hashprice ÷ the lowest such mean of the 365 days before"),
        inputs=_HASHPRICE,
        minor_inputs=("btc.fees",),
        fire_hold=_days(1),
        clear_hold=_days(5),
    ),
    Rule(
        "miner_outflow.warning.pools",
        "miner_outflow",
        Severity.WARNING,
        message(
            "weekly net outflow from pool wallets higher than in 95 % of weeks in the past year "
            "(a proxy for selling)"
        ),
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
        inhibited_by=("miner_outflow.critical.pools",),
    ),
    Rule(
        "miner_outflow.critical.pools",
        "miner_outflow",
        Severity.CRITICAL,
        message("largest weekly net outflow from pool wallets in a year (a proxy for selling)"),
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
        fire=1.01,  # “more than”: a month published as “more than what they mined” stands in the data as 1.01
        clear=0.9,
        formula=_SALES,
        inputs=("btc.public_miner_sales",),
        inhibited_by=("miner_outflow.critical.public",),
        historical=True,
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
        historical=True,
    ),
)


def _energy(zone: str) -> tuple[Rule, Rule]:
    series = f"power.{zone}"
    return (
        Rule(
            f"energy_price.warning.{zone}",
            "energy_price",
            Severity.WARNING,
            message("power in {zone} more expensive than on 95 % of days in the past year", zone=zone),
            indicators.energy_percentile(series),
            Quantity.PERCENTILE,
            downward=False,
            fire=0.95,
            clear=0.85,
            formula=message(
                "share of the trailing 365 days in which the 7-day mean price without its highest day was "
                "lower than now"
            ),
            inputs=(series,),
            fire_hold=_days(2),
            clear_hold=_days(5),
            inhibited_by=(f"energy_price.critical.{zone}",),
        ),
        Rule(
            f"energy_price.critical.{zone}",
            "energy_price",
            Severity.CRITICAL,
            message("power in {zone} more expensive than ever on record", zone=zone),
            indicators.energy_record(series),
            Quantity.RECORD,
            downward=False,
            fire=1.0,
            clear=0.95,
            formula=message("the 7-day mean price without its highest day ÷ the highest such mean before"),
            inputs=(series,),
            fire_hold=_days(2),
            clear_hold=_days(10),
        ),
    )


def default_rules(zones: Sequence[str]) -> tuple[Rule, ...]:
    """The rules for a bot that watches these day-ahead zones."""
    return _BITCOIN + tuple(rule for zone in zones for rule in _energy(zone))
