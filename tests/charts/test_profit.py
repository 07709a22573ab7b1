"""The picture of a machine's profit: small, in the other pictures' size, for any market."""

import io
from dataclasses import replace

import pytest
from PIL import Image

from bot.charts.drawing.canvas import HEIGHT, WIDTH
from bot.charts.drawing.pictures import draw
from bot.charts.profit import ProfitChart
from bot.data.catalogue import load_machines
from bot.i18n.translator import LANGUAGES, translator_for
from bot.mining.answer import answer
from bot.mining.parsing.question_parser import parse_command
from tests.mining.market import NOVEMBER_2026

CATALOGUE = load_machines()
LARGEST = 60 * 1024


def profit(asked: str, *, dark: bool = False) -> ProfitChart:
    return ProfitChart(answer(parse_command(asked, CATALOGUE), NOVEMBER_2026).now, "test", dark)


@pytest.mark.parametrize(
    "asked",
    [
        "s21 5c",
        "s19 8c fixed=1",
        "s9 25c",
        "s21 0",
        "s21 5c fee=20%",
        "0.5TH 15W 5c price=9000",
        "s21 5c uptime=0",
        "110TH 3250W 7c",
    ],
)
@pytest.mark.parametrize("dark", [False, True])
def test_it_is_a_small_picture_like_the_others(asked: str, dark: bool) -> None:
    picture = draw(profit(asked, dark=dark), translator_for("en")).png
    assert len(picture) <= LARGEST
    image = Image.open(io.BytesIO(picture))
    assert (image.format, image.size) == ("PNG", (WIDTH, HEIGHT))
    assert (image.convert("L").resize((1, 1)).tobytes()[0] < 100) == dark


@pytest.mark.parametrize("language", LANGUAGES)
def test_figures_all_given_need_no_source(language: str) -> None:
    bare = ProfitChart(replace(profit("s21 5c").now, as_of=None, machine=None))
    english = translator_for("en") if language == "zh" else translator_for(language)
    assert draw(bare, english).png.startswith(b"\x89PNG")


def test_the_curve_passes_through_now_and_the_break_even() -> None:
    drawn = profit("s19 7c fixed=0.5")
    assert drawn.at(drawn.now.btc_price_usd) == pytest.approx(drawn.now.profit_usd_per_day)
    assert drawn.at(drawn.now.breakeven_btc_price_usd or 0.0) == pytest.approx(0.0, abs=1e-9)
    assert drawn.highest_price > drawn.now.btc_price_usd
