"""Calls a day to each provider (a simulated day, real requests), and a poll's time over its slowest answer's.

The second figure is measured with every provider made equally slow, with one made slow, and with one that
hangs; the baseline is a single request to a slow one, made bare in the same run.
"""

import asyncio
import logging
import multiprocessing
import statistics
import sys
import time
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection

import httpx

from bot.sources.collector import Collector
from bot.sources.series_config import PROVIDERS
from bot.sources.types import Endpoint
from tests.fakes.day import polls
from tests.fakes.faults import Fault
from tests.fakes.providers import Providers
from tests.fakes.world import World

BEGIN = datetime(2026, 11, 18, tzinfo=UTC)
DAY = timedelta(days=1)
POLL = timedelta(minutes=5)
SLOW_S = 1.0
ROUNDS = 3


def feeds_for(
    urls: Mapping[str, str],
    client: httpx.AsyncClient,
    *,
    keys: bool,
    timeout_s: float = 10.0,
    refresh: timedelta | None = None,
    zones: Sequence[str] = ("DE-LU",),
) -> Collector:
    """Every provider, played; those that need a key only where there are keys."""
    key = "secret-key" if keys else None
    endpoints = {name: Endpoint(name, urls[name], key) for name in PROVIDERS}
    return Collector(endpoints, zones, contact="", refresh=refresh, client=client, timeout_s=timeout_s)


async def calls_in_a_day(
    *, keys: bool, without: str = "", zones: Sequence[str] = ("DE-LU",)
) -> dict[str, int]:
    """Requests to each provider on the second day of running."""
    async with Providers(World(BEGIN)) as fakes, httpx.AsyncClient() as client:
        if without:
            fakes.faults[without] = Fault.UNAVAILABLE
        urls = {name: fakes.url(name) for name in PROVIDERS}
        feeds = feeds_for(urls, client, keys=keys, zones=zones)
        async for _ in polls(fakes, feeds, BEGIN - DAY / 4, DAY * 1.25, POLL):
            pass
        return feeds.calls(BEGIN.date())


def play(line: Connection, delays: dict[str, float], hanging: str) -> None:
    """The fakes in a process of their own, so that their work isn't counted as ours."""

    async def serve() -> None:
        async with Providers(World(BEGIN + DAY / 2)) as fakes:
            fakes.delay_s = delays
            if hanging:
                fakes.faults[hanging] = Fault.HANG
            line.send({name: fakes.url(name) for name in PROVIDERS})
            await asyncio.to_thread(line.recv)

    asyncio.run(serve())


@contextmanager
def playing(delays: dict[str, float], hanging: str = "") -> Iterator[dict[str, str]]:
    """Addresses of fakes in a process of their own."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=play, args=(theirs, delays, hanging))
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send(None)
        process.join(5)


async def poll_times() -> list[tuple[str, float, float, float]]:
    """Situation; seconds of a poll of everything, of one slow answer, of our processor (medians)."""
    rows = []
    for title, slow in (("every provider slow", tuple(PROVIDERS)), ("only mempool slow", ("mempool",))):
        with playing(dict.fromkeys(slow, SLOW_S)) as urls:
            async with httpx.AsyncClient() as client:
                feeds = feeds_for(urls, client, keys=True, refresh=timedelta(0))
                first, first_cpu = await timed(feeds.gather(BEGIN + DAY / 2, {}))
                rounds = []
                for _ in range(ROUNDS):
                    bare, _ = await timed(client.get(f"{urls['mempool']}/api/v1/prices"))
                    rounds.append((*await timed(feeds.gather(BEGIN + DAY / 2, {})), bare))
        poll, cpu, answer = (statistics.median(column) for column in zip(*rounds, strict=True))
        rows.append((f"{title}, first poll", first, answer, first_cpu))
        rows.append((f"{title}, later polls", poll, answer, cpu))
    with playing({}, "mempool") as urls:
        async with httpx.AsyncClient() as client:
            feeds = feeds_for(urls, client, keys=True, timeout_s=2.0)
            spent, cpu = await timed(feeds.gather(BEGIN + DAY / 2, {}))
            rows.append(("mempool hangs, time-out 2 s", spent, 2.0, cpu))
    return rows


async def timed(work: Awaitable[object]) -> tuple[float, float]:
    """Seconds that something takes, and seconds of our processor in it."""
    began, worked = time.perf_counter(), time.process_time()
    await work
    return time.perf_counter() - began, time.process_time() - worked


def main() -> None:
    """Print both tables."""
    logging.getLogger("bot.sources").setLevel(logging.ERROR)
    usual = asyncio.run(calls_in_a_day(keys=False))
    keyed = asyncio.run(calls_in_a_day(keys=True))
    down = asyncio.run(calls_in_a_day(keys=False, without="mempool"))
    abroad = asyncio.run(calls_in_a_day(keys=False, zones=("DE-LU", "FR")))
    write = sys.stdout.write
    write("requests in a day, a poll every 5 minutes; power of DE-LU, in the last column of FR too\n")
    write(f"{'provider':<18}{'no keys':>9}{'all keys':>10}{'mempool down':>14}{'two zones':>11}\n")
    for name in PROVIDERS:
        counts = (usual.get(name, 0), keyed[name], down.get(name, 0), abroad.get(name, 0))
        write("{:<18}{:>9}{:>10}{:>14}{:>11}\n".format(name, *counts))
    write("\na poll of everything against the slowest single answer\n")
    write(f"{'situation':<36}{'poll s':>8}{'answer s':>10}{'ratio':>7}{'our cpu s':>11}\n")
    for title, poll_s, answer_s, cpu_s in asyncio.run(poll_times()):
        write(f"{title:<36}{poll_s:>8.2f}{answer_s:>10.2f}{poll_s / answer_s:>7.2f}{cpu_s:>11.3f}\n")


if __name__ == "__main__":
    main()
