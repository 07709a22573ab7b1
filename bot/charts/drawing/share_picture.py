"""A share card as a picture: 1200 × 630, as messengers and social networks show links."""

from typing import Final

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from bot.charts.drawing.text import blank, put, width_of, wrapped
from bot.charts.drawing.theme import DARK, LIGHT, Theme
from bot.charts.share_card import MOST_FIGURES, ShareCard, Tone

CARD_WIDTH, CARD_HEIGHT = 1200, 630
_EDGE: Final = 54
_GOOD: Final = {False: "#15803d", True: "#5fd38a"}
_SIGN: Final = {Tone.NEUTRAL: "", Tone.GOOD: "●", Tone.WARNING: "▲", Tone.CRITICAL: "◆"}
_HEADLINE, _SUBTITLE, _VALUE, _LABEL, _FOOTER = 74, 52, 50, 36, 34


def draw_card(card: ShareCard) -> Figure:
    """The card: headline and finding above, figures in the middle, link and moment below."""
    theme = DARK if card.dark else LIGHT
    figure = blank(CARD_WIDTH, CARD_HEIGHT, theme.paper)
    figure.set_label(f"{card.headline} · {card.subtitle}")
    colour = _colour(card, theme)
    figure.add_artist(
        Rectangle((0, 0), 22 / CARD_WIDTH, 1, transform=figure.transFigure, facecolor=colour, linewidth=0)
    )
    room = CARD_WIDTH - 2 * _EDGE
    sign = _SIGN[card.tone]
    y = 40.0
    size = _fitting(figure, card.headline, _HEADLINE, room, lines=1)
    for line in wrapped(figure, card.headline, size, room, "bold")[:2]:
        put(figure, _EDGE, y, line, size, theme.ink, weight="bold", gid="headline")
        y += 1.18 * size
    subtitle = f"{sign} {card.subtitle}".strip()
    size = _fitting(figure, subtitle, _SUBTITLE, room, lines=1)
    put(figure, _EDGE, y + 8, subtitle, size, colour, weight="bold", gid="subtitle")
    _figures(figure, card, theme, 268.0)
    put(figure, _EDGE, CARD_HEIGHT - 40, card.link, 42, theme.line, weight="bold", va="bottom", gid="link")
    put(
        figure, CARD_WIDTH - _EDGE, CARD_HEIGHT - 44, card.footer, _FOOTER, theme.soft, ha="right",
        va="bottom", gid="footer",
    )  # fmt: skip
    return figure


def _figures(figure: Figure, card: ShareCard, theme: Theme, y: float) -> None:
    """The figures, two beside each other."""
    column = (CARD_WIDTH - 2 * _EDGE) / 2
    for place, each in enumerate(card.figures[:MOST_FIGURES]):
        x, top = _EDGE + column * (place % 2), y + 134 * (place // 2)
        label = _fitting(figure, each.label, _LABEL, column - 20, lines=1)
        put(figure, x, top, each.label, label, theme.soft, gid="label")
        value = _fitting(figure, each.value, _VALUE, column - 20, lines=1)
        put(figure, x, top + 46, each.value, value, theme.ink, weight="bold", gid="value")


def _fitting(figure: Figure, words: str, size: float, room: float, *, lines: int) -> float:
    """The size, smaller by up to a third where the words would not fit."""
    wide = width_of(figure, words, size, "bold") / lines
    return size if wide <= room else max(0.6 * size, 0.97 * size * room / wide)


def _colour(card: ShareCard, theme: Theme) -> str:
    return {
        Tone.NEUTRAL: theme.line,
        Tone.GOOD: _GOOD[card.dark],
        Tone.WARNING: theme.warning,
        Tone.CRITICAL: theme.critical,
    }[card.tone]
