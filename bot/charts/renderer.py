"""Who draws, one picture at a time: a painter, or a studio that has the painter in a thread of its own."""

import asyncio
from collections import OrderedDict
from collections.abc import Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from bot.charts.chart_data import ChartData, ChartEpisode, episodes
from bot.charts.drawing import draw
from bot.charts.fonts import can_write
from bot.charts.profit import ProfitChart, draw_profit
from bot.charts.style import ChartTranslator

_MARKINGS = 16


class DrawingError(Exception):
    """A picture could not be drawn; the text says why."""


class Renderer(Protocol):
    """Draws; the pictures are PNGs."""

    async def can_write(self, language: str) -> bool:
        """Whether there are the letters for a picture's words in a language."""

    async def picture(self, frame: ChartData, t: ChartTranslator) -> bytes:
        """The picture of a frame."""

    async def profit(self, profit: ProfitChart, t: ChartTranslator) -> bytes:
        """The picture of a machine's profit."""

    async def close(self) -> None:
        """Draw no more."""


class ChartDrawer:
    """Draws at once; keeps the episodes of the frames it has seen, since finding them takes as long."""

    def __init__(self) -> None:
        self._episodes: OrderedDict[Hashable, list[ChartEpisode]] = OrderedDict()

    def picture(self, frame: ChartData, t: ChartTranslator) -> bytes:
        """The picture of a frame."""
        day = (frame.subject.kind, frame.subject.zone, frame.last)
        found = self._episodes.get(day)
        if found is None:
            found = self._episodes[day] = episodes(frame)
            if len(self._episodes) > _MARKINGS:
                self._episodes.popitem(last=False)
        return draw(frame, found, t)


class ThreadRenderer:
    """In a thread, which the first picture starts. The drawing library then stays in memory: 50 MiB."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="charts")
        self._painter = ChartDrawer()

    async def can_write(self, language: str) -> bool:
        """Whether there are the letters for a picture's words in a language."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, can_write, language)

    async def picture(self, frame: ChartData, t: ChartTranslator) -> bytes:
        """The picture of a frame."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._painter.picture, frame, t)

    async def profit(self, profit: ProfitChart, t: ChartTranslator) -> bytes:
        """The picture of a machine's profit."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, draw_profit, profit, t)

    async def close(self) -> None:
        """Draw no more."""
        self._thread.shutdown(cancel_futures=True)
