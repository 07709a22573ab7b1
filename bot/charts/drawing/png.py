"""A drawn figure as a PNG of few colours: small enough to be sent to many."""

import io
from collections.abc import Sequence
from dataclasses import astuple
from typing import Final

from matplotlib.figure import Figure
from PIL import Image

from bot.charts.drawing.theme import Theme

LARGEST_BYTES: Final = 60 * 1024
_COLOURS = (96, 48, 24, 12)
_MOST_LOOKED_AT = 1500  # of the colours, those that cover most of the picture
_NEAR: Final = 24  # red, green and blue together: colours nearer than this are one
_NEAR_AREAS: Final = 6  # of shaded areas: two light tints mean different things
_AREA: Final = 0.005  # of the picture, from which on a colour is an area's


def encode(figure: Figure, theme: Theme) -> bytes:
    """The figure as a PNG of at most 60 KiB; a busy picture makes do with fewer colours."""
    pixels = io.BytesIO()
    figure.savefig(pixels, format="rgba", facecolor=theme.paper)
    width, height = figure.canvas.get_width_height()
    image = Image.frombuffer("RGBA", (width, height), pixels.getvalue(), "raw", "RGBA", 0, 1).convert("RGB")
    palette = _palette(theme, sorted(image.getcolors(width * height) or (), reverse=True)[:_MOST_LOOKED_AT])
    for colours in _COLOURS:
        small = io.BytesIO()
        reduced = Image.new("P", (1, 1))
        reduced.putpalette([part for colour in palette[:colours] for part in colour])
        image.quantize(palette=reduced, dither=Image.Dither.NONE).save(small, "PNG", compress_level=6)
        if small.tell() <= LARGEST_BYTES:
            break
    return small.getvalue()


def _palette(theme: Theme, used: Sequence[tuple[int, object]]) -> list[tuple[int, ...]]:
    """The theme's colours, and those that cover most of the picture and differ from the ones before."""
    pixels = sum(count for count, _ in used)
    chosen = [tuple(bytes.fromhex(colour[1:])) for colour in astuple(theme)]
    for count, colour in used:
        if len(chosen) >= _COLOURS[0]:
            break
        near = _NEAR_AREAS if count > _AREA * pixels else _NEAR
        if isinstance(colour, tuple) and all(_distance(colour, other) > near for other in chosen):
            chosen.append(colour)
    return chosen


def _distance(first: Sequence[int], second: Sequence[int]) -> int:
    return abs(first[0] - second[0]) + abs(first[1] - second[1]) + abs(first[2] - second[2])
