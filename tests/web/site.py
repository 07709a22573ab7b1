"""The page over the real history of July 2022, on a port of its own; time stands still until it passes."""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from bot.backtest.episode_cache import EpisodeCache
from bot.charts.job import Work
from bot.charts.picture_cache import ChartCache
from bot.cli.replay_feed import ReplayFeed
from bot.data.bundle import bundled_readings
from bot.data.catalogue import load_machines
from bot.ops.poll_facts import PollFacts
from bot.pipeline.factory import make_poller
from bot.settings import Settings
from bot.signals.series import Reading
from bot.snapshot import Snapshot
from bot.web.client_limit import RateLimit
from bot.web.page_context import MiniApp, PageContext
from bot.web.server import WebServer
from storage.database import Store
from tests.fakes.drawing import draw_here

NOON = datetime(2022, 7, 5, 0, 5, tzinfo=UTC)
TOKEN = "123456:TEST-token-of-nobody"
PROXY = "127.0.0.1"


@cache
def july_2022() -> tuple[Reading, ...]:
    """Real figures of two and a half years, enough for every rule."""
    return tuple(
        reading
        for reading in bundled_readings()
        if reading.day is not None and date(2020, 1, 1) <= reading.day < date(2022, 9, 1)
    )


class PageWorld:
    """The poller, its storage and the page over them."""

    def __init__(
        self,
        store: Store,
        *,
        mini_app: MiniApp | None = None,
        limit: RateLimit | None = None,
        draw: Work = draw_here,
        proxies: Sequence[str] = (PROXY,),
    ) -> None:
        self.store = store
        self.now = NOON
        known = [reading for reading in july_2022() if reading.read_at <= self.now]
        settings = Settings(_env_file=None)
        self.poller = make_poller(settings, store, ReplayFeed(july_2022()[len(known) :]), lambda: known)
        catalogue = load_machines()
        episodes = EpisodeCache(store, lambda: self.poller.rules, lambda: self.now)
        self.snapshot = Snapshot(
            self.poller,
            catalogue,
            settings.power_price,
            lambda: PollFacts(None if self.poller.last is None else self.poller.last.polled_at),
            lambda: self.now,
            lambda: episodes.latest,
        )
        self.context = PageContext(
            store=store,
            catalogue=catalogue,
            market=self.snapshot.market,
            status=self.snapshot.status,
            history=lambda: self.poller.history,
            rule_history=episodes.rule_history,
            charts=ChartCache(draw),
            clock=lambda: self.now,
            mini_app=mini_app,
        )
        self.server = WebServer(
            self.context,
            "1.2.3",
            host="127.0.0.1",
            port=0,
            proxies=proxies,
            limit=limit or RateLimit(burst=1e6, per_second=1e6),
        )
        self.url = ""

    async def start(self) -> None:
        """Fill the history, look at it once and listen."""
        await self.poller.start(self.now)
        await self.poller.poll(self.now)
        self.url = f"http://127.0.0.1:{await self.server.start()}"

    async def stop(self) -> None:
        """Stop listening and drawing."""
        await self.server.stop()

    async def pass_time(self, length: timedelta) -> None:
        """Let time pass, and look at the data every five days and at the end."""
        while length > timedelta(0):
            step = min(length, timedelta(days=5))
            self.now += step
            length -= step
            await self.poller.poll(self.now)
        self.server.updated()


_prepared: list[bytes] = []  # a database that has seen the history up to the opening, once made


def prepare(path: Path) -> None:
    """Put a database in place that holds the history already, when one was made before."""
    if _prepared:
        path.write_bytes(_prepared[0])


def keep(path: Path) -> None:
    """Keep a database for `prepare`."""
    if not _prepared:
        copy = path.with_suffix(".copy")
        with sqlite3.connect(path) as db:
            db.execute("VACUUM INTO ?", [str(copy)])
        db.close()
        _prepared.append(copy.read_bytes())


@asynccontextmanager
async def opened(
    folder: Path,
    *,
    mini_app: MiniApp | None = None,
    limit: RateLimit | None = None,
    draw: Work = draw_here,
) -> AsyncIterator[PageWorld]:
    """The page with everything running; opened again on the same folder, the program starts anew."""
    path = folder / "page.db"
    if not path.exists():
        prepare(path)
    with Store(path) as store:
        world = PageWorld(store, mini_app=mini_app, limit=limit, draw=draw)
        await world.start()
        keep(path)
        try:
            yield world
        finally:
            await world.stop()
