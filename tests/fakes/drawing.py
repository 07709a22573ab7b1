"""The chart worker of tests that look at what is said, not at pixels: pictures are laid out but not drawn."""

import io

from PIL import Image

from bot.charts.drawing.fonts import can_write
from bot.charts.drawing.pictures import figure_of
from bot.charts.job import Drawing, Job
from bot.i18n.translator import translator_for


def _pixel() -> bytes:
    png = io.BytesIO()
    Image.new("RGB", (1, 1)).save(png, "PNG")
    return png.getvalue()


PIXEL = _pixel()


async def draw_here(job: Job) -> Drawing:
    """A pixel with the headline that the picture would have."""
    if job.picture is None:
        return Drawing(PIXEL if can_write(job.language) else b"")
    figure = figure_of(job.picture, translator_for(job.language))
    return Drawing(PIXEL, str(figure.get_label()))
