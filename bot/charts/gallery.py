"""Pictures drawn once: in a thread of their own, one at a time, kept until newer data comes."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from bot.charts.drawing import draw
from bot.charts.frame import Episode, Frame, episodes
from bot.charts.letters import can_write
from bot.charts.profit import Profit, draw_profit
from bot.charts.style import Words

_PICTURES = 64
_MARKINGS = 16


class Gallery:
    """Draws on demand. The thread is started by the first picture and ends with the program."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="charts")
        self._pictures: OrderedDict[Hashable, asyncio.Future[bytes]] = OrderedDict()
        self._episodes: OrderedDict[Hashable, list[Episode]] = OrderedDict()
        self._writes: dict[str, bool] = {}

    async def can_write(self, language: str) -> bool:
        """Whether this machine has the letters for a picture's words in a language."""
        if language not in self._writes:
            loop = asyncio.get_running_loop()
            self._writes[language] = await loop.run_in_executor(self._thread, can_write, language)
        return self._writes[language]

    async def picture(self, frame: Frame, t: Words) -> bytes:
        """The PNG of a frame."""
        key = (frame.subject, frame.newest, frame.levels, t.code)
        return await self._kept(key, partial(self._draw, frame, t))

    async def profit(self, profit: Profit, t: Words) -> bytes:
        """The PNG of a machine's profit."""
        return await self._kept((profit, t.code), partial(draw_profit, profit, t))

    async def _kept(self, key: Hashable, draws: Callable[[], bytes]) -> bytes:
        """Who asks for a picture that is being drawn waits for that one."""
        drawing = self._pictures.get(key)
        if drawing is None:
            loop = asyncio.get_running_loop()
            drawing = self._pictures[key] = loop.run_in_executor(self._thread, draws)
            if len(self._pictures) > _PICTURES:
                self._pictures.popitem(last=False)
        else:
            self._pictures.move_to_end(key)
        try:
            return await asyncio.shield(drawing)
        except Exception:
            self._pictures.pop(key, None)
            raise

    def _draw(self, frame: Frame, t: Words) -> bytes:
        day = (frame.subject.kind, frame.subject.zone, frame.last)
        found = self._episodes.get(day)
        if found is None:
            found = self._episodes[day] = episodes(frame)
            if len(self._episodes) > _MARKINGS:
                self._episodes.popitem(last=False)
        return draw(frame, found, t)
