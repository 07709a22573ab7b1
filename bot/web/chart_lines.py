"""What the browser draws: the lines of a chart as the pictures of the chat have them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from math import isnan

from bot.backtest.episodes import RuleHistory
from bot.charts.chart_data import ChartData, hashprice_on, within
from bot.charts.spec import ChartKind
from bot.i18n.message import N_
from bot.i18n.translator import LocaleTranslator
from bot.web.http_cache import Body


@dataclass(frozen=True, slots=True)
class ChartLine:
    """A line by its name; `faint` when it is drawn as single days, `dashed` when it is a comparison."""

    label: str
    values: Sequence[float]
    faint: bool = False
    dashed: bool = False


UNITS = {
    ChartKind.PRICE: "USD",
    ChartKind.HASHRATE: "EH/s",
    ChartKind.ENERGY: "EUR/MWh",
    ChartKind.HASHPRICE: N_("USD a day per PH/s"),
}
"""The charts the page shows, each with its unit."""


def chart_body(data: ChartData, past: RuleHistory | None, t: LocaleTranslator) -> Body:
    """Days (seconds since 1970), the values of each line with null for gaps, and the firings of its rules."""
    column = data.columns[data.subject.series[0]]
    days, _ = within(data, column, column.values)
    lines = _lines(data, days, t)
    body = {
        "unit": t(UNITS[data.subject.kind]),
        "days": [_seconds(day) for day in days],
        "lines": [
            {
                "label": line.label,
                "faint": line.faint,
                "dashed": line.dashed,
                "values": [None if isnan(value) else float(f"{value:.7g}") for value in line.values],
            }
            for line in lines
        ],
        "episodes": [] if past is None else _episodes(data, past),
    }
    return Body(json.dumps(body, ensure_ascii=False).encode(), "application/json")


def _lines(data: ChartData, days: Sequence[int], t: LocaleTranslator) -> list[ChartLine]:
    column = data.columns[data.subject.series[0]]
    daily = within(data, column, column.values)[1]
    match data.subject.kind:
        case ChartKind.HASHRATE:
            return [
                ChartLine(t("day"), daily, faint=True),
                ChartLine(t("30-day mean"), within(data, column, column.means(30))[1]),
                ChartLine(t("60-day mean"), within(data, column, column.means(60))[1], dashed=True),
            ]
        case ChartKind.ENERGY:
            means = column.means(7, without_highest=True)
            return [
                ChartLine(t("day"), daily, faint=True),
                ChartLine(t("7-day mean"), within(data, column, means)[1]),
            ]
        case ChartKind.HASHPRICE:
            return [ChartLine(t("Hashprice"), [hashprice_on(data, day) for day in days])]
        case _:
            return [ChartLine(t("price"), daily)]


def _episodes(data: ChartData, past: RuleHistory) -> list[list[int | str]]:
    first, last = date.fromordinal(data.first), date.fromordinal(data.last)
    ours = {rule.id for rule in data.rules}
    return [
        [
            _seconds(max(episode.fired, first).toordinal()),
            _seconds(min(episode.cleared or last, last).toordinal()),
            record.rule.severity.word,
        ]
        for record in past.rules.values()
        if record.rule.id in ours
        for episode in record.episodes
        if (episode.cleared or last) >= first
    ]


def _seconds(ordinal: int) -> int:
    return int(datetime.combine(date.fromordinal(ordinal), time(), UTC).timestamp())
