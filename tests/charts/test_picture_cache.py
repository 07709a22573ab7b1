"""Who draws what, and how much may wait for it."""

import asyncio

import pytest

from bot.charts.job import Drawing, Job
from bot.charts.picture_cache import MAX_DRAWING, ChartCache, DrawingBusyError
from bot.charts.share_card import ShareCard
from bot.i18n.translator import translator_for

EN = translator_for("en")


def card(headline: str) -> ShareCard:
    return ShareCard(headline, "", (), "t.me/test")


class SlowWork:
    """Draws when it is told to."""

    def __init__(self) -> None:
        self.drawn: list[str] = []
        self.may_draw = asyncio.Event()

    async def __call__(self, job: Job) -> Drawing:
        await self.may_draw.wait()
        self.drawn.append(job.language)
        return Drawing(b"picture", "said")


async def test_a_picture_is_drawn_once_for_all_who_ask_for_it() -> None:
    work = SlowWork()
    charts = ChartCache(work)
    asked = [asyncio.create_task(charts.picture(card("s19"), EN)) for _ in range(50)]
    await asyncio.sleep(0)
    work.may_draw.set()
    assert await asyncio.gather(*asked) == [b"picture"] * 50
    await charts.picture(card("s19"), translator_for("de"))
    await charts.picture(card("s21"), EN)
    assert work.drawn == ["en", "de", "en"]


async def test_only_a_few_pictures_wait_and_others_are_refused_at_once() -> None:
    work = SlowWork()
    charts = ChartCache(work)
    asked = [asyncio.create_task(charts.picture(card(str(number)), EN)) for number in range(MAX_DRAWING)]
    await asyncio.sleep(0)
    with pytest.raises(DrawingBusyError):
        await charts.picture(card("one more"), EN)
    again = asyncio.create_task(charts.drawing(card("0"), EN))  # being drawn already
    work.may_draw.set()
    await asyncio.gather(*asked)
    assert (await again).headline == "said"
    assert await charts.picture(card("one more"), EN) == b"picture"


async def test_a_failed_picture_is_tried_again() -> None:
    answers: list[Exception | Drawing] = [MemoryError(), Drawing(b"picture")]

    async def work(_job: Job) -> Drawing:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    charts = ChartCache(work)
    with pytest.raises(MemoryError):
        await charts.picture(card("s19"), EN)
    assert await charts.picture(card("s19"), EN) == b"picture"


async def test_fonts_are_looked_for_once_a_language() -> None:
    asked: list[Job] = []

    async def work(job: Job) -> Drawing:
        asked.append(job)
        return Drawing(b"" if job.language == "zh" else b"yes")

    charts = ChartCache(work)
    assert [await charts.can_write(code) for code in ("zh", "de", "zh")] == [False, True, False]
    assert asked == [Job("zh"), Job("de")]
