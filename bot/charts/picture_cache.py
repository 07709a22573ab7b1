"""Pictures drawn once: each is kept until newer data comes."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from functools import partial
from typing import Final

from bot.charts.chart_data import ChartData
from bot.charts.profit import ProfitChart
from bot.charts.renderer import Renderer, ThreadRenderer
from bot.charts.style import ChartTranslator

_PICTURES = 64
MAX_DRAWING: Final = 10
"""Pictures that may be drawn or wait for it; who asks for another is refused."""


class DrawingBusyError(Exception):
    """So many pictures are being drawn that another would come too late."""


class ChartCache:
    """Has pictures drawn on demand, by a studio of its own unless it is given one."""

    def __init__(self, studio: Renderer | None = None) -> None:
        self._studio = studio or ThreadRenderer()
        self._pictures: OrderedDict[Hashable, asyncio.Future[bytes]] = OrderedDict()
        self._writes: dict[str, bool] = {}

    async def can_write(self, language: str) -> bool:
        """Whether this machine has the letters for a picture's words in a language."""
        if language not in self._writes:
            self._writes[language] = await self._studio.can_write(language)
        return self._writes[language]

    async def picture(self, frame: ChartData, t: ChartTranslator) -> bytes:
        """The PNG of a frame. Raises DrawingBusyError, DrawingError."""
        key = (frame.subject, frame.newest, frame.levels, t.code)
        return await self._kept(key, partial(self._studio.picture, frame, t))

    async def profit(self, profit: ProfitChart, t: ChartTranslator) -> bytes:
        """The PNG of a machine's profit. Raises DrawingBusyError, DrawingError."""
        return await self._kept((profit, t.code), partial(self._studio.profit, profit, t))

    async def close(self) -> None:
        """Draw no more."""
        await self._studio.close()

    async def _kept(self, key: Hashable, draws: Callable[[], Awaitable[bytes]]) -> bytes:
        """Who asks for a picture that is being drawn waits for that one."""
        drawing = self._pictures.get(key)
        if drawing is None:
            if sum(not each.done() for each in self._pictures.values()) >= MAX_DRAWING:
                raise DrawingBusyError
            drawing = self._pictures[key] = asyncio.ensure_future(draws())
            if len(self._pictures) > _PICTURES:
                self._pictures.popitem(last=False)
        else:
            self._pictures.move_to_end(key)
        try:
            return await asyncio.shield(drawing)
        except Exception:
            self._pictures.pop(key, None)
            raise
