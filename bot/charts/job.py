"""An order for a picture as JSON, on its way to the process that draws it."""

from array import array
from dataclasses import asdict
from datetime import datetime
from typing import Any

from bot.charts.chart_data import ChartData, Level
from bot.charts.profit import ProfitChart
from bot.charts.spec import ChartKind, ChartSpec
from bot.mining.economics import Economics
from bot.signals.columns import SeriesColumn
from bot.signals.rules import default_rules
from bot.signals.series import ZONES


def letters(language: str) -> dict[str, Any]:
    """Whether pictures can be written in a language."""
    return {"letters": language}


def picture(frame: ChartData, language: str) -> dict[str, Any]:
    """The picture of a frame; its rules go by name, so they are the default ones."""
    return {
        "picture": {
            "subject": asdict(frame.subject),
            "columns": {
                series: [column.first, column.values.tolist()] for series, column in frame.columns.items()
            },
            "rules": [rule.id for rule in frame.rules],
            "newest": frame.newest.isoformat(),
            "source": frame.source,
            "levels": [[level.value, level.name] for level in frame.levels],
        },
        "language": language,
    }


def profit(profit: ProfitChart, language: str) -> dict[str, Any]:
    """The picture of a machine's profit."""
    as_of = profit.now.as_of
    now = asdict(profit.now) | {"as_of": None if as_of is None else as_of.isoformat()}
    return {"profit": {"now": now, "source": profit.source, "dark": profit.dark}, "language": language}


def frame_of(ordered: dict[str, Any]) -> ChartData:
    """The frame of an order for its picture."""
    subject = ordered["subject"]
    columns = {}
    for series, (first, values) in ordered["columns"].items():
        column = columns[series] = SeriesColumn()
        column.first, column.values = first, array("d", values)
    known = {rule.id: rule for rule in default_rules(ZONES)}
    return ChartData(
        ChartSpec(**subject | {"kind": ChartKind(subject["kind"])}),
        columns,
        tuple(known[rule] for rule in ordered["rules"]),
        datetime.fromisoformat(ordered["newest"]),
        ordered["source"],
        tuple(Level(value, name) for value, name in ordered["levels"]),
    )


def profit_of(ordered: dict[str, Any]) -> ProfitChart:
    """The profit of an order for its picture."""
    as_of = ordered["now"]["as_of"]
    now = ordered["now"] | {"as_of": None if as_of is None else datetime.fromisoformat(as_of)}
    return ProfitChart(Economics(**now), ordered["source"], ordered["dark"])
