"""What charts are taken from: the bundled history to the end of August 2022, and a ledger of our own."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from math import sin

from bot.backtest.episodes import RuleHistory, rule_history
from bot.charts.chart_data import ChartData, ChartSource, Level, take_chart
from bot.charts.spec import ChartKind, ChartSpan, ChartSpec
from bot.data.bundle import bundled_readings
from bot.data.catalogue import load_machines
from bot.mining.answer import answer
from bot.mining.economics import Economics
from bot.mining.parsing.question_parser import parse_command
from bot.signals.history import History
from bot.signals.rules import default_rules
from bot.signals.series import Reading, end_of_day
from bot.snapshot import market
from bot.sources.types import Retarget

RULES = default_rules(("DE-LU",))
LAST = date(2022, 8, 31)
NOW = datetime(2022, 9, 1, 15, tzinfo=UTC)
COSTS = (Level(94.0 * 24 * 0.07, "S9 at 7 c"), Level(34.5 * 24 * 0.07, "S19 at 7 c"))


@cache
def readings() -> tuple[Reading, ...]:
    bundled = [reading for reading in bundled_readings() if reading.day is not None and reading.day <= LAST]
    for back in range(900):
        day = LAST - timedelta(days=back)
        end = end_of_day(day)
        for series, value in (
            ("btc.miner_outflow", 40 * sin(back / 5)),
            ("btc.miner_outflow_gross", 900 + 200 * sin(back / 7)),
        ):
            bundled.append(Reading(series, value, end, "ledger", end, day))
    return tuple(bundled)


@cache
def august_2022() -> History:
    return History(readings())


@cache
def past() -> RuleHistory:
    return rule_history(readings(), RULES, LAST)


@cache
def source() -> ChartSource:
    """The first of September 2022, 15:00, with live price and difficulty."""
    history = History(readings())
    for series, value in (("btc.price", 19_900.0), ("btc.difficulty", 30.977e12)):
        history.add(Reading(series, value, NOW, "mempool", NOW))
    retarget = Retarget(0.09, 1200, 0.4, NOW + timedelta(days=9), "mempool", NOW)
    now = market(history, NOW, 0.07, retarget)
    return ChartSource(NOW, history, RULES, {}, past(), now, COSTS)


@cache
def machine() -> Economics:
    now = source().market
    assert now is not None
    return answer(parse_command("s19 7c", load_machines()), now).now


def chart(kind: ChartKind, span: ChartSpan = ChartSpan(365), *, dark: bool = False) -> ChartData:  # noqa: B008 - frozen
    zone = "DE-LU" if kind is ChartKind.ENERGY else ""
    asked = "s19 7c" if kind is ChartKind.PROFIT else ""
    spec = ChartSpec(kind, span, zone, dark, asked)
    return take_chart(spec, source(), machine() if asked else None)
