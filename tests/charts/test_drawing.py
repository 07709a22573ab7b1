"""What goes into a picture, and that it is a small PNG whatever it shows."""

import asyncio
import io
import threading
from datetime import UTC, date, datetime, time, timedelta
from math import isnan, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.charts import renderer
from bot.charts.chart_data import ChartData, Level, NoDataError, episodes, take, trailing_band
from bot.charts.drawing import draw
from bot.charts.picture_cache import ChartCache
from bot.charts.spec import ChartKind, ChartSpec
from bot.charts.style import ChartTranslator
from bot.i18n.translator import translator_for
from bot.signals.history import History
from bot.signals.rules import Severity
from bot.signals.series import Reading, end_of_day
from tests.charts.history import RULES, august_2022

ENGLISH = translator_for("en")
LARGEST = 60 * 1024


def frame(kind: ChartKind, days: int = 365, *, dark: bool = False) -> ChartData:
    subject = ChartSpec(kind, days, "DE-LU" if kind is ChartKind.ENERGY else "", dark)
    return take(subject, august_2022(), RULES, [Level(57.0, "S19")] if kind is ChartKind.HASHPRICE else ())


@pytest.mark.parametrize("kind", ChartKind)
@pytest.mark.parametrize(("days", "dark"), [(30, True), (3653, False)])
def test_every_picture_is_a_small_png(kind: ChartKind, days: int, dark: bool) -> None:
    drawn = frame(kind, days, dark=dark)
    picture = draw(drawn, episodes(drawn), ENGLISH)
    assert len(picture) <= LARGEST
    image = Image.open(io.BytesIO(picture))
    assert image.format == "PNG"
    assert image.size == (990, 720)
    brightness = image.convert("L").resize((1, 1)).tobytes()[0]
    assert (brightness < 100) == dark


def test_firings_are_those_of_the_rules() -> None:
    found = episodes(frame(ChartKind.PRICE))
    critical = [one for one in found if one.severity is Severity.CRITICAL]
    assert critical[-1].first == date(2022, 6, 16)
    warning = [one for one in found if one.severity is Severity.WARNING]
    assert (warning[-1].first, warning[-1].last) == (date(2022, 5, 9), None)


def test_a_frame_is_a_copy() -> None:
    history = History([_day(n, 100.0 + n) for n in range(60)])
    taken = take(ChartSpec(days=30), history, RULES)
    history.add(_day(60, 1.0))
    assert taken.last - taken.first == 29
    assert len(taken.columns["btc.price"].values) == 60


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_to_draw_is_said(count: int) -> None:
    with pytest.raises(NoDataError, match="bitcoin price"):
        take(ChartSpec(), History([_day(n, 1.0) for n in range(count)]), RULES)


def test_gaps_and_flat_lines_are_drawn() -> None:
    days = [n for n in range(200) if n % 7 and not 50 < n < 90]
    drawn = take(ChartSpec(days=365), History([_day(n, 20_000.0) for n in days]), RULES)
    assert draw(drawn, episodes(drawn), ENGLISH).startswith(b"\x89PNG")


@given(st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(nan)), max_size=80), st.integers(5, 40))
def test_the_band_is_made_of_earlier_values(values: list[float], among: int) -> None:
    low, high = trailing_band(values, among, (0.05, 0.95))
    assert len(low) == len(high) == len(values)
    for index, (under, over) in enumerate(zip(low, high, strict=True)):
        before = [value for value in values[max(0, index - among) : index] if not isnan(value)]
        assert isnan(under) == (len(before) < 0.6 * among)
        if not isnan(under):
            assert min(before) <= under <= over <= max(before)


async def test_a_picture_is_drawn_once_in_a_thread_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[str] = []

    def counted(_frame: ChartData, _found: object, _t: ChartTranslator) -> bytes:
        threads.append(threading.current_thread().name)
        return b"png"

    monkeypatch.setattr(renderer, "draw", counted)
    held = ChartCache()
    asked = [held.picture(frame(ChartKind.PRICE), ENGLISH) for _ in range(5)]
    assert await asyncio.gather(*asked) == [b"png"] * 5
    await held.picture(frame(ChartKind.PRICE, dark=True), ENGLISH)
    await held.picture(frame(ChartKind.PRICE), translator_for("de"))
    assert len(threads) == 3
    assert all(name.startswith("charts") for name in threads)


async def test_a_failed_picture_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_frame: ChartData, _found: object, _t: ChartTranslator) -> bytes:
        raise MemoryError

    held = ChartCache()
    with monkeypatch.context() as patch:
        patch.setattr(renderer, "draw", broken)
        with pytest.raises(MemoryError):
            await held.picture(frame(ChartKind.OUTFLOW), ENGLISH)
    assert (await held.picture(frame(ChartKind.OUTFLOW), ENGLISH)).startswith(b"\x89PNG")


def _day(n: int, price: float) -> Reading:
    day = date(2022, 1, 1) + timedelta(days=n)
    return Reading("btc.price", price, end_of_day(day), "test", end_of_day(day), day)


def test_todays_price_is_the_last_point_of_the_picture() -> None:
    history = august_2022()
    last_close = history.column("btc.price").last
    noon = datetime.combine(date.fromordinal(last_close + 1), time(12), UTC)
    history.add(Reading("btc.price", 12_345.0, noon, "mempool", noon))
    data = take(ChartSpec(), history, RULES)
    assert data.last == last_close + 1
    assert data.columns["btc.price"].at(data.last) == 12_345.0
    assert data.newest == noon
    assert history.column("btc.price").last == last_close, "the history itself keeps its closes"
