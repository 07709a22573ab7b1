"""Small histories and rules for tests of the pure core."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.i18n.message import message
from bot.signals.history import History
from bot.signals.indicators import Measured, Missing
from bot.signals.rules import Quantity, Rule, Severity
from bot.signals.series import Reading, end_of_day

START = date(2020, 1, 1)
T0 = datetime(2020, 1, 1, tzinfo=UTC)


def nothing(_history: History, _at: datetime) -> Missing:
    """An indicator nobody asks: the tests hand the rule its measurements themselves."""
    raise AssertionError("a rule under test is given its measurements")


BELOW_HALF = Rule(
    "test.warning",
    "price_drawdown",
    Severity.WARNING,
    message("half below"),
    nothing,
    Quantity.CHANGE,
    downward=True,
    fire=-0.5,
    clear=-0.4,
    formula=message("the figure as it is handed"),
    inputs=(),
)


def held_rule(fire_days: float = 0, clear_days: float = 0, *, critical: bool = False) -> Rule:
    """The rule with holds."""
    return replace(
        BELOW_HALF,
        fire_hold=timedelta(days=fire_days),
        clear_hold=timedelta(days=clear_days),
        severity=Severity.CRITICAL if critical else Severity.WARNING,
    )


def seen(value: float, hours: float) -> Measured:
    """A measurement that describes the moment `hours` after the start."""
    return Measured(value, T0 + timedelta(hours=hours), "test", message(f"{value}"))


def daily(
    series: str, values: Iterable[float | None], first: date = START, source: str = "test"
) -> list[Reading]:
    """Complete days of a series, known at each day's end; None leaves a day out."""
    readings = []
    for offset, value in enumerate(values):
        if value is not None:
            day = first + timedelta(days=offset)
            end = end_of_day(day)
            readings.append(Reading(series, value, end, source, end, day))
    return readings


def spot(series: str, value: float, at: datetime, source: str = "test") -> Reading:
    """A value of a moment."""
    return Reading(series, value, at, source, at)
