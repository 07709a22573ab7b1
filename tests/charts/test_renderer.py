"""Drawing in a process of its own: the same pictures, no secrets, and it goes when nothing is asked."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from bot.charts.chart_data import ChartData
from bot.charts.drawing.pictures import draw
from bot.charts.job import DrawingError, Job, from_line, to_line
from bot.charts.picture import Picture
from bot.charts.picture_cache import ChartCache
from bot.charts.profit import ProfitChart
from bot.charts.renderer import Renderer
from bot.charts.share_card import CardFigure, ShareCard
from bot.charts.spec import ChartKind, ChartSpan
from bot.data.catalogue import load_machines
from bot.i18n.translator import translator_for
from bot.mining.answer import answer
from bot.mining.parsing.question_parser import parse_command
from tests.charts.history import chart
from tests.mining.market import NOVEMBER_2026

ENGLISH, GERMAN = translator_for("en"), translator_for("de")


@pytest.fixture
async def renderer() -> AsyncIterator[Renderer]:
    made = Renderer()
    yield made
    await made.close()


def job(kind: ChartKind = ChartKind.PRICE) -> Job:
    return Job("en", chart(kind, ChartSpan(90)))


def known(pid: int, name: str = "stat") -> str | None:
    """What the system says of a process, None when it has ended and been taken note of."""
    try:
        return Path(f"/proc/{pid}/{name}").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return None


async def gone(pid: int) -> None:
    """Wait until a process has ended and been taken note of."""
    async with asyncio.timeout(20):
        while known(pid) is not None:  # noqa: ASYNC110 - the system tells nobody
            await asyncio.sleep(0.01)


@cache
def pictures() -> list[Picture]:
    machine = ProfitChart(answer(parse_command("s19 7c", load_machines()), NOVEMBER_2026).now, "test")
    card = ShareCard("S19", "loses 1 USD a day", (CardFigure("Bitcoin", "20,000 USD"),), "t.me/test")
    return [*(chart(kind, ChartSpan(90)) for kind in ChartKind), machine, card]


@pytest.mark.parametrize("number", range(len(ChartKind) + 2))
def test_a_job_is_one_line_and_reads_back_as_the_same_picture(number: int) -> None:
    picture = pictures()[number]
    line = to_line(Job("de", picture))
    assert line.count(b"\n") == 1
    read = from_line(line).picture
    assert read is not None
    assert type(read) is type(picture)
    assert read.key == picture.key
    if isinstance(read, ChartData) and isinstance(picture, ChartData):
        for series, column in picture.columns.items():
            assert read.columns[series].first == column.first
            assert read.columns[series].values.tobytes() == column.values.tobytes()


async def test_the_pictures_are_those_that_are_drawn_here(renderer: Renderer) -> None:
    for picture in (pictures()[0], *pictures()[-2:]):
        assert await renderer.work(Job("de", picture)) == draw(picture, GERMAN)


async def test_it_is_told_no_secret(renderer: Renderer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "4200:secret")
    monkeypatch.setenv("EIA_API_KEY", "secret")
    await renderer.work(Job("en"))
    assert renderer.pid is not None
    assert "secret" not in (known(renderer.pid, "environ") or "secret")
    assert "secret" not in (known(renderer.pid, "cmdline") or "secret")


async def test_it_ends_when_nothing_is_asked_and_comes_back() -> None:
    renderer = Renderer(idle_s=0.0)
    await renderer.work(Job("en"))
    first = renderer.pid
    assert first is not None
    await gone(first)
    assert (await renderer.work(Job("en"))).png
    assert renderer.pid != first
    await renderer.close()
    assert renderer.pid is None


async def test_a_killed_process_costs_one_picture(renderer: Renderer) -> None:
    charts, data = ChartCache(renderer.work), chart(ChartKind.PRICE, ChartSpan(90))
    assert await charts.can_write("en")
    assert renderer.pid is not None
    os.kill(renderer.pid, signal.SIGKILL)
    with pytest.raises(DrawingError, match="the drawing process failed"):
        await charts.picture(data, ENGLISH)
    assert (await charts.picture(data, ENGLISH)).startswith(b"\x89PNG")


async def test_a_picture_that_takes_for_ever_is_given_up() -> None:
    renderer = Renderer(patience_s=0.0)
    with pytest.raises(DrawingError, match="longer than 0 s"):
        await renderer.work(job())
    assert renderer.pid is None
    await renderer.close()


async def test_what_cannot_be_drawn_is_said_and_the_next_one_is_drawn(renderer: Renderer) -> None:
    broken = replace(chart(ChartKind.PRICE), columns={})
    with pytest.raises(DrawingError, match="Error"):
        await renderer.work(Job("en", broken))
    assert (await renderer.work(job())).png.startswith(b"\x89PNG")


async def test_a_worker_that_was_warmed_up_is_there_when_a_picture_is_wanted(renderer: Renderer) -> None:
    renderer.warm_up()
    drawing = await renderer.work(job())  # waits for its turn, which the warming has
    pid = renderer.pid
    renderer.warm_up()
    assert pid is not None
    assert (await renderer.work(job())).png == drawing.png
    assert renderer.pid == pid


@pytest.mark.parametrize("begun", [False, True])
async def test_no_worker_is_started_behind_the_end(renderer: Renderer, begun: bool) -> None:
    renderer.warm_up()
    if begun:
        await asyncio.sleep(0.01)
    await renderer.close()
    assert renderer.pid is None
    assert asyncio.all_tasks() == {asyncio.current_task()}
