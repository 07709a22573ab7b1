"""A chart's caption and buttons (Telegram's HTML), and what its buttons carry."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.charts.chart_data import ChartData
from bot.charts.job import DrawingError
from bot.charts.picture_cache import DrawingBusyError
from bot.charts.spec import (
    A_YEAR,
    EVERYTHING,
    NAMES,
    SHORTEST_DAYS,
    ChartKind,
    ChartSpan,
    ChartSpec,
    parse_span,
)
from bot.i18n.message import origin
from bot.i18n.translator import LocaleTranslator
from bot.mining.power_market import ZONES
from handlers.html import html

IN_PLACE, ANEW = "c1:", "c2:"
"""Callback data: change the picture above the buttons, or send one under a message of another kind."""

_LONGEST_DATA: Final = 64
_SPANS: Final = (ChartSpan(30), ChartSpan(90), A_YEAR, ChartSpan(4 * 365 + 1), EVERYTHING)
_ROWS: Final = (
    (ChartKind.PRICE, ChartKind.DRAWDOWN, ChartKind.HASHRATE),
    (ChartKind.DIFFICULTY, ChartKind.HASHPRICE, ChartKind.INCOME),
    (ChartKind.OUTFLOW, ChartKind.ENERGY, ChartKind.FEES),
    (ChartKind.STRESS, ChartKind.PUELL, ChartKind.COMPRESSION),
)


def data(spec: ChartSpec, action: str = ANEW) -> str:
    """The callback data that asks for a chart."""
    return f"{action}{spec.kind}:{spec.span.word}:{int(spec.dark)}:{spec.machine or spec.zone}"


def parse_data(text: str) -> ChartSpec | None:
    """The chart that a button's data asks for; None for data of an older version."""
    try:
        kind_text, span_text, dark, of = text.split(":", 3)
        kind = ChartKind(kind_text)
    except ValueError:
        return None
    # until version 0.3 a span was a number of days
    is_days = span_text.isdecimal() and not span_text.startswith("20")
    span = parse_span(f"{span_text}d" if is_days else span_text)
    if span is None or (span.days is not None and span.days < SHORTEST_DAYS):
        return None
    if kind is ChartKind.PROFIT:
        return ChartSpec(kind, span, dark=dark == "1", machine=of) if of else None
    return ChartSpec(kind, span, of, dark == "1") if not of or of in ZONES else None


def not_drawn(error: DrawingError, t: LocaleTranslator) -> str:
    """Why there is no picture."""
    if isinstance(error, DrawingBusyError):
        return t("Many pictures are being drawn just now. Please ask again in a minute.")
    return t("The picture could not be drawn. Please ask again in a minute.")


def caption(data: ChartData, headline: str, age: str, t: LocaleTranslator) -> str:
    """What the chart shows, its headline as text, and how old its newest figure is."""
    spec = data.spec
    of = spec.machine or spec.zone
    name = f"{t(NAMES[spec.kind])} {of}".strip()
    newest = t("Newest figure: {source}, {age} old.", source=html(origin(data.source, t)), age=age)
    length = spec.span.word
    if spec.span.named:
        days = (t.calendar_day(date.fromordinal(day)) for day in (data.first, data.last))
        length = " – ".join(days)
    title = f"<b>{html(name)}</b> · {length}"
    return "\n".join((title, *([html(headline)] if headline else []), newest))


def keyboard(spec: ChartSpec, zones: Sequence[str], t: LocaleTranslator) -> InlineKeyboardMarkup:
    """Other spans, other charts, the zones of the rules, light and dark."""

    def button(label: str, other: ChartSpec) -> InlineKeyboardButton | None:
        chosen = f"• {label} •" if other == spec else label
        carried = data(other, IN_PLACE)
        if len(carried.encode()) > _LONGEST_DATA:
            return None
        return InlineKeyboardButton(chosen, callback_data=carried)

    def of_kind(kind: ChartKind) -> InlineKeyboardButton | None:
        zone = (spec.zone or next(iter(zones), "")) if kind is ChartKind.ENERGY else ""
        return button(t(NAMES[kind]), replace(spec, kind=kind, zone=zone, machine=""))

    theme = button(t("Light") if spec.dark else t("Dark"), replace(spec, dark=not spec.dark))
    places = (
        [button(zone, replace(spec, zone=zone)) for zone in zones]
        if spec.kind is ChartKind.ENERGY and len(zones) > 1
        else []
    )
    rows = [
        [button(t("all") if span == EVERYTHING else span.word, replace(spec, span=span)) for span in _SPANS],
        *([of_kind(kind) for kind in row] for row in _ROWS),
        places[:4],
        places[4:8],
        [theme],
    ]
    button_rows = [[button for button in row if button is not None] for row in rows]
    return InlineKeyboardMarkup([row for row in button_rows if row])
