"""What the browser draws: the lines of a chart as the pictures of the chat have them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from math import isnan

from bot.charts.chart_data import ChartData
from bot.charts.chart_series import Line, hashprices, visible_line, with_live
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


def chart_body(data: ChartData, t: LocaleTranslator) -> Body:
    """Days (seconds since 1970), the values of each line with null for gaps, and the firings of its rules."""
    days, lines = _lines(data, t)
    body = {
        "unit": t(UNITS[data.spec.kind]),
        "days": [_seconds(int(day)) for day in days],
        "lines": [
            {
                "label": line.label,
                "faint": line.faint,
                "dashed": line.dashed,
                "values": [None if isnan(value) else float(f"{value:.7g}") for value in line.values],
            }
            for line in lines
        ],
        "episodes": _episodes(data),
    }
    return Body(json.dumps(body, ensure_ascii=False).encode(), "application/json")


def _lines(data: ChartData, t: LocaleTranslator) -> tuple[Sequence[float], list[ChartLine]]:
    if data.spec.kind is ChartKind.HASHPRICE:
        line = hashprices(data)
        return line[0], [ChartLine(t("Hashprice"), line[1])]
    column = data.columns[data.spec.series[0]]
    daily: Line = visible_line(data, column)
    match data.spec.kind:
        case ChartKind.HASHRATE:
            return daily[0], [
                ChartLine(t("day"), daily[1], faint=True),
                ChartLine(t("30-day mean"), visible_line(data, column, column.means(30))[1]),
                ChartLine(t("60-day mean"), visible_line(data, column, column.means(60))[1], dashed=True),
            ]
        case ChartKind.ENERGY:
            means = column.means(7, without_highest=True)
            return daily[0], [
                ChartLine(t("day"), daily[1], faint=True),
                ChartLine(t("7-day mean"), visible_line(data, column, means)[1]),
            ]
        case _:
            price = with_live(data, daily, data.live.get("btc.price"))
            return price[0], [ChartLine(t("price"), price[1])]


def _episodes(data: ChartData) -> list[list[int | str]]:
    return [
        [
            _seconds(max(episode.first.toordinal(), data.first)),
            _seconds(min(episode.last.toordinal() if episode.last else data.last, data.last)),
            episode.severity.word,
        ]
        for episode in data.episodes
    ]


def _seconds(ordinal: int) -> int:
    return int(datetime.combine(date.fromordinal(ordinal), time(), UTC).timestamp())
