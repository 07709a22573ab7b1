"""Killed with SIGKILL in the middle of the first reading, the ledger sync loses at most one page of work."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import httpx
from aiohttp import web

from storage.database import Store
from tests.fakes.chain import ChainServer
from tests.pipeline.ledger_sync.conftest import Running, grown

ROOT = Path(__file__).parents[3]
KILLS = (9, 60, 130)


async def test_kill_9_costs_at_most_one_page_of_work(tmp_path: Path) -> None:
    chain = grown(40)
    now = datetime.fromtimestamp(chain.tip.time, UTC)
    path = tmp_path / "minerwatch.db"
    async with ChainServer(chain) as server, httpx.AsyncClient() as http:
        running: list[Process] = []
        kills = list(KILLS)

        def kill_at_its_page(kind: str, request: web.Request) -> web.Response | None:
            if kills and server.total == kills[0]:
                kills.pop(0)
                os.kill(running[-1].pid, signal.SIGKILL)
            return None

        server.fault = kill_at_its_page
        ends: list[int] = []
        while not ends or ends[-1]:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.pipeline.ledger_sync.reader"),
                *(server.url, str(path), now.isoformat(), "30"),
                cwd=ROOT,
            )
            running.append(process)
            ends.append(await process.wait())
        assert ends == [-signal.SIGKILL] * len(KILLS) + [0]
        pages = Counter(
            asked
            for asked in server.asked
            if asked.startswith(("/api/v1/blocks/", "/api/address/")) and not asked.endswith("/hash")
        )
        again = [asked for asked, times in pages.items() for _ in range(times - 1)]
        histories = [asked for asked in again if "/txs/" in asked or "/blocks/" in asked]
        assert len(histories) <= len(KILLS)
        assert len(again) <= 2 * len(KILLS)  # the balance before a first page is read with it again
        with Store(path) as store:
            run = Running(store, server, http, 30)
            assert len(run.ledger()) == 30
            run.assert_true(30)
