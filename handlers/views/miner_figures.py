"""Well-known figures about miners that fire nothing by themselves, explained (Telegram's HTML)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from math import isnan
from typing import Final

from bot.charts.spec import ChartKind
from bot.i18n.message import N_, origin
from bot.i18n.translator import LocaleTranslator
from bot.signals import valuation_indicators
from bot.signals.columns import SeriesColumn
from bot.signals.history import History
from bot.signals.indicators import Indicator, Measured
from bot.signals.stress_index import stress
from handlers.html import fold, html
from handlers.views.explanations import input_line


@dataclass(frozen=True, slots=True)
class MinerFigure:
    """A figure: how it is asked for, what it is, and how it is usually read.

    `measures` are its definitions, each with a name; `column` gives the days it is compared with. `watch` is
    a line for `/watch`.
    """

    words: tuple[str, ...]
    title: str
    chart: ChartKind
    measures: tuple[tuple[str, Indicator], ...]
    definition: str
    reading: str
    caveat: str
    inputs: tuple[str, ...]
    watch: str
    digits: int = 2
    column: Callable[[History], SeriesColumn] | None = None


FIGURES: Final = (
    MinerFigure(
        ("puell", "puell_multiple"),
        N_("Puell multiple"),
        ChartKind.PUELL,
        (("", valuation_indicators.puell_multiple),),
        N_("the new coins of a day in USD ÷ their mean of 365 days [D. Puell, 2019]"),
        N_("By convention below 0.5 miners earn unusually little, above 4 unusually much."),
        N_("A halving halves it by itself for a year; it says nothing about costs."),
        ("btc.price", "btc.hashrate", "btc.difficulty"),
        "puell below 0.5",
        column=valuation_indicators.puell_column,
    ),
    MinerFigure(
        ("compression", "ribbon_compression", "difficulty_ribbon"),
        N_("Difficulty ribbon compression"),
        ChartKind.COMPRESSION,
        (("", valuation_indicators.ribbon_compression),),
        N_(
            "standard deviation ÷ mean of the moving averages of difficulty over 9 to 200 days [W. Woo; "
            "Glassnode]"
        ),
        N_("By convention below 0.05 the ribbon is compressed: difficulty has stopped growing."),
        N_("It looks back 200 days, so it comes late; after a halving it shrinks without anybody selling."),
        ("btc.difficulty",),
        "compression below 0.05",
        digits=3,
        column=valuation_indicators.compression_column,
    ),
    MinerFigure(
        ("mpi", "mpiscore", "miner_position_index"),
        N_("Miner Position Index"),
        ChartKind.MPI,
        (
            # Translators: a definition of the Miner Position Index, before its figure.
            (N_("outflow against its year"), valuation_indicators.position_index),
            (N_("z-score"), valuation_indicators.position_score),
        ),
        N_(
            "the day's outflow of miners in USD ÷ its mean of 365 days; the z-score is that ratio's distance "
            "from its mean of 365 days in standard deviations [CryptoQuant]"
        ),
        N_("By convention above 2 miners move unusually much."),
        N_("A proxy for selling: coins move for other reasons too, and a day alone is noise."),
        ("btc.miner_outflow_gross", "btc.price"),
        "mpi above 2",
        column=lambda history: valuation_indicators.position_columns(history)[0],
    ),
    MinerFigure(
        ("stress", "stress_index"),
        N_("Stress index"),
        ChartKind.STRESS,
        (("", stress),),
        N_(
            "100 − the mean of two percentile ranks among all days before: of the hash ribbon, and of the "
            "change the next retarget is heading for"
        ),
        N_("High values mean that miners switch off; it is an index, not a probability."),
        N_("After a halving machines are switched off too, which is income and no panic."),
        ("btc.hashrate", "btc.difficulty"),
        "stress above 90",
        digits=0,
    ),
)


def figure_of(word: str) -> MinerFigure | None:
    """The figure a word asks for, small letters with underscores; None when it is none."""
    return next((figure for figure in FIGURES if word in figure.words), None)


def why_figure(
    figure: MinerFigure, history: History, now: datetime, t: LocaleTranslator, *beside: str
) -> str:
    """A figure explained: its value, how that compares, definition, reading, caveat, inputs and age.

    `beside` are sentences that belong to it (HTML).
    """
    lines = [t("<b>Why: {signal}</b>", signal=html(t(figure.title)))]
    for name, measure in figure.measures:
        lines.append(_value(figure, name, measure, history, now, t))
    if (compared := _compared(figure, history, t)) is not None:
        lines.append(compared)
    lines += beside
    lines += [html(t(figure.reading)), html(t(figure.caveat))]
    details = [
        t("Figure: {formula}", formula=html(t(figure.definition))),
        t("Inputs:"),
        *(input_line(series, history, now, t) for series in figure.inputs),
        # Translators: {example} is what to type.
        t(
            "It fires nothing by itself; watch it: {example}",
            example=f"<code>/watch {html(figure.watch)}</code>",
        ),
    ]
    return "\n".join([*lines, fold(details)])


def _value(
    figure: MinerFigure, name: str, measure: Indicator, history: History, now: datetime, t: LocaleTranslator
) -> str:
    measured = measure(history, now)
    prefix = f"{html(t(name))}: " if name else ""
    if not isinstance(measured, Measured):
        return prefix + t("Now: no figure; {reason}", reason=html(measured.reason(t)))
    value = t.number(measured.value, figure.digits, fixed=True).replace("-", "−")
    detail = html(measured.detail(t)) or html(origin(measured.source, t))
    return prefix + t("Now: <b>{value}</b>; {detail}", value=value, detail=detail)


def _compared(figure: MinerFigure, history: History, t: LocaleTranslator) -> str | None:
    """How many of the days known lie below the newest one; None where there are few."""
    if figure.column is None:
        return None
    column = figure.column(history)
    known = [value for value in column.values if not isnan(value)]
    if len(known) < 365 or isnan(column.values[-1]):
        return None
    share = sum(value < column.values[-1] for value in known) / len(known)
    year = date.fromordinal(column.last + 1 - len(known)).year
    # Translators: {share} is a share of days in per cent.
    return t("Higher than on {share} % of days since {year}.", share=t.number(100 * share), year=year)
