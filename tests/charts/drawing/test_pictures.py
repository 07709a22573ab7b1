"""What every chart keeps to, whatever it shows: read off the figure that is drawn."""

import io
import re
from datetime import date

import pytest
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from PIL import Image

from bot.charts.drawing.canvas import HEIGHT, WIDTH
from bot.charts.drawing.pictures import draw, figure_of
from bot.charts.drawing.png import LARGEST_BYTES
from bot.charts.drawing.text import SMALL, points
from bot.charts.spec import EVERYTHING, ChartKind, ChartSpan
from bot.i18n.translator import translator_for
from bot.signals.rules import SIGNALS, Signal
from tests.charts.history import chart

ENGLISH = translator_for("en")
SPANS = (ChartSpan(7), ChartSpan(365), ChartSpan(year=2021), EVERYTHING)
WARNING, CRITICAL = "^", "D"
PLAIN = re.compile(r"−?\d{1,3}(,\d{3})*(\.\d+)?( [MGTPE])?")


def texts(figure: Figure, gid: str) -> list[str]:
    return [text.get_text() for text in figure.texts if text.get_gid() == gid]


def boxes(figure: Figure, *gids: str) -> list[Bbox]:
    return [text.get_window_extent() for text in figure.texts if text.get_gid() in gids]


def ticks(figure: Figure) -> list[str]:
    rows = []
    for axes in figure.axes:
        low, high = sorted(axes.get_ylim())
        formatter = axes.yaxis.get_major_formatter()
        rows += [formatter(tick) for tick in axes.yaxis.get_majorticklocs() if low <= tick <= high]
    return rows


def check_layout(figure: Figure) -> None:
    """Nothing lies on the data, nothing leaves the picture, and everything can be read on a phone."""
    areas = [axes.get_window_extent() for axes in figure.axes]
    words = boxes(figure, "title", "headline", "legend", "unit", "key", "footer")
    for box in words:
        assert not any(area.overlaps(box) for area in areas)
        assert min(box.x0, box.y0) >= 0
        assert box.x1 <= WIDTH
        assert box.y1 <= HEIGHT
    for index, box in enumerate(words):
        for other in words[index + 1 :]:
            assert not box.padded(-3).overlaps(other.padded(-3))
    for axes, area in zip(figure.axes, areas, strict=True):
        assert area.height > 130, "a panel that shows something"
        assert area.width > 0.65 * WIDTH
        assert axes.get_legend() is None
    assert all(float(text.get_fontsize()) >= points(SMALL) for text in figure.texts)
    assert len(texts(figure, "unit")) == len(figure.axes)
    assert all(texts(figure, "unit"))


@pytest.mark.parametrize("span", SPANS, ids=lambda span: span.word)
@pytest.mark.parametrize("kind", ChartKind)
def test_every_chart_over_every_span(kind: ChartKind, span: ChartSpan) -> None:
    if kind is ChartKind.MPI and span.year == 2021:
        pytest.skip("the ledger begins in 2020, its first index in 2021")
    figure = figure_of(chart(kind, span), ENGLISH)
    check_layout(figure)
    for tick in ticks(figure):
        assert PLAIN.fullmatch(tick), tick
    assert len(ticks(figure)) >= 2 * len(figure.axes)
    headline = " ".join(texts(figure, "headline"))
    assert headline
    assert re.search(r"\d", headline)
    assert "no figures" not in headline


@pytest.mark.parametrize("language", ["de", "es", "ru"])
@pytest.mark.parametrize("kind", ChartKind)
def test_every_chart_in_every_language(kind: ChartKind, language: str) -> None:
    t = translator_for(language)
    figure = figure_of(chart(kind), t)
    check_layout(figure)
    group = re.escape(t.number(1000)[1:-3])
    decimal = re.escape(t.number(0.5, 1)[1:-1])
    plain = re.compile(rf"−?\d{{1,3}}({group}\d{{3}})*({decimal}\d+)?( [MGTPE])?|−?\d{{4}}")
    for tick in ticks(figure):
        assert plain.fullmatch(tick), tick


@pytest.mark.parametrize(
    ("kind", "dark"),
    [*((kind, number % 2 == 0) for number, kind in enumerate(ChartKind)), (ChartKind.PRICE, False)],
)
def test_every_picture_is_a_small_png(kind: ChartKind, dark: bool) -> None:
    drawing = draw(chart(kind, EVERYTHING, dark=dark), ENGLISH)
    assert len(drawing.png) <= LARGEST_BYTES
    image = Image.open(io.BytesIO(drawing.png))
    assert (image.format, image.size) == ("PNG", (WIDTH, HEIGHT))
    assert (image.convert("L").resize((1, 1)).tobytes()[0] < 100) == dark


@pytest.mark.parametrize("signal", SIGNALS.values(), ids=lambda signal: signal.name)
def test_a_signals_chart_has_its_thresholds_in_lines_and_markers_of_their_own(signal: Signal) -> None:
    kind = ChartKind(signal.chart)
    figure = figure_of(chart(kind), ENGLISH)
    legend = texts(figure, "legend")
    assert any(label.startswith("warning") for label in legend)
    assert any(label.startswith("critical") for label in legend)
    lines = {
        str(line.get_marker()): line.get_linestyle()
        for axes in figure.axes
        for line in axes.lines
        if str(line.get_label()).startswith(("warning", "critical"))
    }
    assert set(lines) <= {WARNING, CRITICAL}
    assert lines, "at least one of them within reach"


def test_the_last_point_is_todays_live_value_and_marked() -> None:
    for kind, value in ((ChartKind.PRICE, 19_900.0), (ChartKind.DRAWDOWN, 100 * (19_900 / 69_000 - 1))):
        figure = figure_of(chart(kind), ENGLISH)
        marked = [line for axes in figure.axes for line in axes.lines if line.get_label() == "now"]
        day = date(2022, 9, 1).toordinal() - date(1970, 1, 1).toordinal()
        assert float(marked[-1].get_xdata()[0]) == day  # type: ignore[index,arg-type]  # a list
        assert float(marked[-1].get_ydata()[0]) == pytest.approx(value, rel=1e-3)  # type: ignore[index,arg-type]  # a list
    assert texts(figure_of(chart(ChartKind.PRICE), ENGLISH), "headline")[0].startswith("19,900 USD · −")
    assert texts(figure_of(chart(ChartKind.PRICE), ENGLISH), "footer") == [
        "mempool, to 1 Sept 2022, 15:00 UTC"
    ]


def test_firings_are_shaded_and_the_key_says_what_the_shading_means() -> None:
    figure = figure_of(chart(ChartKind.DRAWDOWN), ENGLISH)
    assert "▲ shaded: warning fired · ◆ hatched: critical fired" in texts(figure, "key")[0]
    hatches = {patch.get_hatch() for axes in figure.axes for patch in axes.patches}
    assert hatches == {None, "//"}
    assert texts(figure_of(chart(ChartKind.DRAWDOWN, ChartSpan(year=2017)), ENGLISH), "key") == [
        "no rule fired in this span"
    ]


def test_the_next_retarget_is_marked_as_an_estimate() -> None:
    figure = figure_of(chart(ChartKind.DIFFICULTY, ChartSpan(90)), ENGLISH)
    assert "estimate of the next" in texts(figure, "legend")
    assert "retarget 10 Sept: about +9.0 %" in " ".join(texts(figure, "headline"))
    of_2021 = figure_of(chart(ChartKind.DIFFICULTY, ChartSpan(year=2021)), ENGLISH)
    assert "estimate of the next" not in texts(of_2021, "legend")


def test_a_record_far_above_the_price_does_not_flatten_its_movement() -> None:
    (axes,) = figure_of(chart(ChartKind.PRICE, ChartSpan(30)), ENGLISH).axes
    assert axes.get_ylim()[1] < 30_000
    (of_a_year,) = figure_of(chart(ChartKind.PRICE, ChartSpan(365)), ENGLISH).axes
    assert of_a_year.get_ylim()[1] > 69_000


def test_shades_of_warning_and_critical_stay_apart_in_the_picture() -> None:
    """Few colours are kept; a month that is mostly critical keeps the tint of its days of warning too."""
    shades = []
    for days in (7, 30):
        picture = draw(chart(ChartKind.PRICE, ChartSpan(days)), ENGLISH).png
        shades.append(Image.open(io.BytesIO(picture)).convert("RGB").getpixel((1030, 300)))
    assert shades[0] == shades[1], "the last days are of stress in both"
