"""Lines of text that fit the picture's width, in fonts that a phone shows large enough."""

from typing import Final

from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

DOTS_PER_INCH: Final = 100
TITLE, HEADLINE, LABEL, SMALL = 44, 35, 31, 28
"""Sizes in pixels of a picture 1080 wide; on a phone 360 wide a third of that."""


def blank(width: int, height: int, colour: str) -> Figure:
    """An empty picture of so many pixels."""
    figure = Figure(
        figsize=(width / DOTS_PER_INCH, height / DOTS_PER_INCH), dpi=DOTS_PER_INCH, facecolor=colour
    )
    FigureCanvasAgg(figure)
    return figure


def points(pixels: float) -> float:
    """A size in pixels as the library counts it."""
    return pixels * 72 / DOTS_PER_INCH


def width_of(figure: Figure, words: str, size: float, weight: str = "normal") -> float:
    """How many pixels wide some words are."""
    text = Text(0, 0, words, fontsize=points(size), fontweight=weight, figure=figure)
    return float(text.get_window_extent(_renderer(figure)).width) if words.strip() else 0.0


def wrapped(figure: Figure, words: str, size: float, room: float, weight: str = "normal") -> list[str]:
    """The words in lines of at most `room` pixels, broken where “·” joins two parts if that helps."""
    lines: list[str] = []
    for part in words.split(" · "):
        longer = f"{lines[-1]} · {part}" if lines else part
        if lines and width_of(figure, longer, size, weight) <= room:
            lines[-1] = longer
        else:
            lines += _by_words(figure, part, size, room, weight)
    return lines


def _by_words(figure: Figure, words: str, size: float, room: float, weight: str) -> list[str]:
    """Lines broken between words; between letters only where a word is wider than a line."""
    lines = [""]
    for part in _parts(words):
        if width_of(figure, (lines[-1] + part).rstrip(), size, weight) <= room:
            lines[-1] += part
            continue
        lines.append("")
        for piece in [part] if width_of(figure, part.strip(), size, weight) <= room else list(part):
            if width_of(figure, lines[-1] + piece, size, weight) > room:
                lines.append("")
            lines[-1] += piece
    return [line.strip() for line in lines if line.strip()]


def _parts(words: str) -> list[str]:
    """Words with the blank behind them; Chinese characters one by one."""
    parts: list[str] = []
    for letter in words:
        goes_on = bool(parts) and not parts[-1].endswith(" ")
        alone = _is_chinese(letter) or (bool(parts) and _is_chinese(parts[-1][-1]))
        if goes_on and (letter == " " or not alone):
            parts[-1] += letter
        else:
            parts.append(letter)
    return parts


def _is_chinese(letter: str) -> bool:
    return "\u3400" <= letter <= "\u9fff"


def put(
    figure: Figure,
    x: float,
    y: float,
    words: str,
    size: float,
    colour: str,
    *,
    weight: str = "normal",
    ha: str = "left",
    va: str = "top",
    gid: str = "",
) -> Text:
    """Write at pixels from the upper left corner."""
    width, height = figure.canvas.get_width_height()
    return figure.text(
        x / width, 1 - y / height, words, fontsize=points(size), fontweight=weight, color=colour, ha=ha,
        va=va, gid=gid,
    )  # fmt: skip


def _renderer(figure: Figure) -> RendererAgg:
    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)  # noqa: S101 - as made by `blank`
    return canvas.get_renderer()  # type: ignore[no-untyped-call,no-any-return]  # the library's
