"""Drawing in a process of its own: the same pictures, no secrets, and it goes when nothing is asked."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.charts.chart_data import ChartData, Level, episodes, take
from bot.charts.drawing import draw
from bot.charts.picture_cache import ChartCache
from bot.charts.process_renderer import ProcessRenderer
from bot.charts.profit import ProfitChart, draw_profit
from bot.charts.renderer import DrawingError
from bot.charts.spec import ChartKind, ChartSpec
from bot.data.catalogue import load_machines
from bot.i18n.translator import translator_for
from bot.mining.answer import answer
from bot.mining.parsing.question_parser import parse_command
from tests.charts.history import RULES, august_2022
from tests.mining.market import NOVEMBER_2026

ENGLISH, GERMAN = translator_for("en"), translator_for("de")


@pytest.fixture
async def studio() -> AsyncIterator[ProcessRenderer]:
    made = ProcessRenderer()
    yield made
    await made.close()


def frame(kind: ChartKind = ChartKind.PRICE) -> ChartData:
    subject = ChartSpec(kind, 90, "DE-LU" if kind is ChartKind.ENERGY else "")
    return take(subject, august_2022(), RULES, [Level(57.0, "S19")])


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


async def test_the_pictures_are_those_that_are_drawn_here(studio: ProcessRenderer) -> None:
    for kind in (ChartKind.PRICE, ChartKind.ENERGY):
        here = draw(frame(kind), episodes(frame(kind)), GERMAN)
        assert await studio.picture(frame(kind), GERMAN) == here
    machine = ProfitChart(answer(parse_command("s19 7c", load_machines()), NOVEMBER_2026).now, "test")
    assert await studio.profit(machine, GERMAN) == draw_profit(machine, GERMAN)


async def test_it_is_told_no_secret(studio: ProcessRenderer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "4200:secret")
    monkeypatch.setenv("EIA_API_KEY", "secret")
    await studio.can_write("en")
    assert studio.pid is not None
    assert "secret" not in (known(studio.pid, "environ") or "secret")
    assert "secret" not in (known(studio.pid, "cmdline") or "secret")


async def test_it_ends_when_nothing_is_asked_and_comes_back() -> None:
    studio = ProcessRenderer(idle_s=0.0)
    await studio.can_write("en")
    first = studio.pid
    assert first is not None
    await gone(first)
    assert await studio.can_write("en")
    assert studio.pid != first
    await studio.close()
    assert studio.pid is None


async def test_a_killed_process_costs_one_picture(studio: ProcessRenderer) -> None:
    gallery = ChartCache(studio)
    await studio.can_write("en")
    assert studio.pid is not None
    os.kill(studio.pid, signal.SIGKILL)
    with pytest.raises(DrawingError, match="the drawing process failed"):
        await gallery.picture(frame(), ENGLISH)
    assert (await gallery.picture(frame(), ENGLISH)).startswith(b"\x89PNG")


async def test_a_picture_that_takes_for_ever_is_given_up() -> None:
    studio = ProcessRenderer(patience_s=0.0)
    with pytest.raises(DrawingError, match="longer than 0 s"):
        await studio.picture(frame(), ENGLISH)
    assert studio.pid is None
    await studio.close()


async def test_what_cannot_be_drawn_is_said_and_the_next_one_is_drawn(studio: ProcessRenderer) -> None:
    broken = replace(frame(), columns={})
    with pytest.raises(DrawingError, match="Error"):
        await studio.picture(broken, ENGLISH)
    assert (await studio.picture(frame(), ENGLISH)).startswith(b"\x89PNG")
