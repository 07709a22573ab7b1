"""Pictures in Chinese: where the machine has a font for it, and where it hasn't."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder  # type: ignore[import-untyped]  # has no types
from fontTools.pens.ttGlyphPen import TTGlyphPen  # type: ignore[import-untyped]  # likewise

from bot.charts.drawing import fonts as fonts_module
from bot.charts.drawing.pictures import draw, figure_of
from bot.charts.profit import ProfitChart
from bot.charts.spec import ChartKind, ChartSpan
from bot.data.catalogue import load_machines
from bot.i18n.translator import LANGUAGES, translator_for
from bot.mining.answer import answer
from bot.mining.parsing.question_parser import parse_command
from tests.charts.history import chart
from tests.mining.market import NOVEMBER_2026
from tests.tools import catalogues


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """The machine's fonts are looked through once: anew for every test."""
    fonts_module._chinese.cache_clear()
    yield
    fonts_module._chinese.cache_clear()


def font(path: Path, written: str) -> str:
    """A font of black boxes for these letters."""
    pen = TTGlyphPen(None)
    for number, corner in enumerate([(0, 0), (0, 700), (900, 700), (900, 0)]):
        (pen.lineTo if number else pen.moveTo)(corner)
    pen.closePath()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "box"])
    builder.setupCharacterMap({ord(letter): "box" for letter in written})
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "box": pen.glyph()})
    builder.setupHorizontalMetrics({".notdef": (1000, 0), "box": (1000, 50)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": path.stem, "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=800, usWinAscent=800, usWinDescent=200)
    builder.setupPost()
    builder.save(path)
    return str(path)


def chinese() -> str:
    """Every letter that the Chinese catalogue uses, and those of its dates."""
    text = catalogues.catalogue_of("zh")
    texts = "".join(
        each.string if isinstance(each.string, str) else "".join(each.string or ()) for each in text
    )
    return "".join({letter for letter in texts if letter > "ÿ"} | set("年月日周上下午星期"))


def draws_everything(language: str) -> None:
    """Warnings are errors here, and a letter that no font has is warned of."""
    t = translator_for(language)
    kinds = ChartKind if language == "zh" else (ChartKind.DIFFICULTY,)  # the others: test_pictures
    for kind in kinds:
        figure_of(chart(kind, ChartSpan(30)), t).canvas.draw()
    for asked in ("s19 7c", "s21 5c fee=20%", "s21 0"):
        answered = answer(parse_command(asked, load_machines()), NOVEMBER_2026)
        assert draw(ProfitChart(answered.now, "kraken"), t).png.startswith(b"\x89PNG")


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"zh"}))
def test_the_librarys_own_font_has_all_letters(language: str) -> None:
    assert fonts_module.can_write(language)
    draws_everything(language)


def test_chinese_is_drawn_in_the_machines_font(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = font(tmp_path / "wqy-microhei.ttf", chinese() + fonts_module._SAMPLE)
    monkeypatch.setattr(fonts_module, "system_fonts", lambda: ["/none/DejaVuSans.ttf", result])
    assert fonts_module.can_write("zh")
    draws_everything("zh")


def test_chinese_is_drawn_where_this_machine_says_it_can() -> None:
    if fonts_module.can_write("zh"):
        draws_everything("zh")


@pytest.mark.parametrize("written", ["", "价格算力"])
def test_a_font_that_only_bears_the_name_is_passed_over(
    written: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "NotoSansSC-Regular.otf"
    broken.write_bytes(b"no font")
    poor = font(tmp_path / "wqy-zenhei.ttf", f"abc{written}")
    monkeypatch.setattr(
        fonts_module, "system_fonts", lambda: [str(broken), poor, str(tmp_path / "simhei.ttf")]
    )
    assert not fonts_module.can_write("zh")
