"""Every picture by what it is drawn from: as a figure, and as a PNG."""

from collections.abc import Callable
from typing import Final

from matplotlib.figure import Figure

from bot.charts.chart_data import ChartData
from bot.charts.drawing.canvas import Canvas, canvas
from bot.charts.drawing.fonts import fonts_of
from bot.charts.drawing.income_charts import draw_hashprice, draw_income, draw_profit_history, draw_puell
from bot.charts.drawing.network_charts import (
    draw_compression,
    draw_difficulty,
    draw_fees,
    draw_hashrate,
    draw_stress,
)
from bot.charts.drawing.outflow_charts import draw_outflow, draw_position
from bot.charts.drawing.png import encode
from bot.charts.drawing.power_chart import draw_power
from bot.charts.drawing.price_charts import draw_drawdown, draw_price
from bot.charts.drawing.profit_chart import draw_profit
from bot.charts.drawing.share_picture import draw_card
from bot.charts.drawing.theme import DARK, LIGHT
from bot.charts.job import Drawing
from bot.charts.picture import Picture
from bot.charts.profit import ProfitChart
from bot.charts.share_card import ShareCard
from bot.charts.spec import ChartKind
from bot.i18n.translator import LocaleTranslator

_DRAW: Final[dict[ChartKind, Callable[[Canvas, ChartData], Figure]]] = {
    ChartKind.PRICE: draw_price,
    ChartKind.DRAWDOWN: draw_drawdown,
    ChartKind.HASHRATE: draw_hashrate,
    ChartKind.DIFFICULTY: draw_difficulty,
    ChartKind.HASHPRICE: draw_hashprice,
    ChartKind.INCOME: draw_income,
    ChartKind.FEES: draw_fees,
    ChartKind.ENERGY: draw_power,
    ChartKind.OUTFLOW: draw_outflow,
    ChartKind.STRESS: draw_stress,
    ChartKind.PUELL: draw_puell,
    ChartKind.COMPRESSION: draw_compression,
    ChartKind.MPI: draw_position,
    ChartKind.PROFIT: draw_profit_history,
}


def draw(picture: Picture, t: LocaleTranslator) -> Drawing:
    """The picture as a PNG, with its headline as text."""
    with fonts_of(t.code):
        figure = _figure(picture, t)
        return Drawing(encode(figure, DARK if _is_dark(picture) else LIGHT), str(figure.get_label()))


def figure_of(picture: Picture, t: LocaleTranslator) -> Figure:
    """The picture as the drawing library's figure, laid out."""
    with fonts_of(t.code):
        return _figure(picture, t)


def _figure(picture: Picture, t: LocaleTranslator) -> Figure:
    match picture:
        case ShareCard():
            return draw_card(picture)
        case ProfitChart():
            return draw_profit(canvas(t, dark=picture.dark), picture)
        case ChartData():
            on = canvas(t, picture.first, picture.last, dark=picture.spec.dark)
            return _DRAW[picture.spec.kind](on, picture)


def _is_dark(picture: Picture) -> bool:
    return picture.spec.dark if isinstance(picture, ChartData) else picture.dark
