"""Pictures drawn once: each is kept until newer data comes."""

import asyncio
from collections import OrderedDict
from collections.abc import Hashable
from typing import Final

from bot.charts.job import Drawing, DrawingError, Job, Work
from bot.charts.picture import Picture
from bot.i18n.translator import LocaleTranslator

_PICTURES = 64
MAX_DRAWING: Final = 10
"""Pictures that may be drawn or wait for it; who asks for another is refused."""


class DrawingBusyError(DrawingError):
    """So many pictures are being drawn that another would come too late."""


class ChartCache:
    """Has pictures drawn on demand by `work`."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._pictures: OrderedDict[Hashable, asyncio.Future[Drawing]] = OrderedDict()
        self._writes: dict[str, bool] = {}

    async def can_write(self, language: str) -> bool:
        """Whether this machine has the letters for a picture's words in a language."""
        if language not in self._writes:
            self._writes[language] = bool((await self._work(Job(language))).png)
        return self._writes[language]

    async def picture(self, picture: Picture, t: LocaleTranslator) -> bytes:
        """The PNG of a picture. Raises DrawingBusyError, DrawingError."""
        return (await self.drawing(picture, t)).png

    async def drawing(self, picture: Picture, t: LocaleTranslator) -> Drawing:
        """A picture with its headline. Raises DrawingBusyError, DrawingError.

        Who asks for a picture that is being drawn waits for that one.
        """
        key = (type(picture), picture.key, t.code)
        drawing = self._pictures.get(key)
        if drawing is None:
            if sum(not each.done() for each in self._pictures.values()) >= MAX_DRAWING:
                raise DrawingBusyError
            drawing = self._pictures[key] = asyncio.ensure_future(self._work(Job(t.code, picture)))
            if len(self._pictures) > _PICTURES:
                self._pictures.popitem(last=False)
        else:
            self._pictures.move_to_end(key)
        try:
            return await asyncio.shield(drawing)
        except Exception:
            self._pictures.pop(key, None)
            raise
