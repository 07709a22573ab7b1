"""Who draws what, and how much may wait for it."""

import asyncio
from typing import Any, cast

import pytest

from bot.charts.picture_cache import MAX_DRAWING, ChartCache, DrawingBusyError
from bot.charts.renderer import Renderer
from bot.i18n.translator import translator_for

EN = translator_for("en")


class SlowRenderer:
    """Draws when it is told to."""

    def __init__(self) -> None:
        self.drawn = 0
        self.may_draw = asyncio.Event()

    async def profit(self, _profit: object, _t: object) -> bytes:
        await self.may_draw.wait()
        self.drawn += 1
        return b"picture"

    async def close(self) -> None:
        """Nothing to close."""


async def test_a_picture_is_drawn_once_for_all_who_ask_for_it() -> None:
    renderer = SlowRenderer()
    charts = ChartCache(cast(Renderer, renderer))
    asked = [asyncio.create_task(charts.profit(cast(Any, "s19"), EN)) for _ in range(50)]
    await asyncio.sleep(0)
    renderer.may_draw.set()
    assert await asyncio.gather(*asked) == [b"picture"] * 50
    assert renderer.drawn == 1


async def test_only_a_few_pictures_wait_and_others_are_refused_at_once() -> None:
    renderer = SlowRenderer()
    charts = ChartCache(cast(Renderer, renderer))
    asked = [asyncio.create_task(charts.profit(cast(Any, number), EN)) for number in range(MAX_DRAWING)]
    await asyncio.sleep(0)
    with pytest.raises(DrawingBusyError):
        await charts.profit(cast(Any, "one more"), EN)
    again = asyncio.create_task(charts.profit(cast(Any, 0), EN))  # being drawn already
    renderer.may_draw.set()
    await asyncio.gather(*asked, again)
    assert await charts.profit(cast(Any, "one more"), EN) == b"picture"
