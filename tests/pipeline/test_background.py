"""The slow work beside the poll, over real HTTP: the ledger's days, and what public miners hold."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
from aiohttp import web

from bot.i18n.message import ENGLISH
from bot.i18n.translator import translator_for
from bot.pipeline.background import BackgroundJobs
from bot.signals.series import Reading
from bot.sources.client import ProviderClient
from bot.sources.providers.coingecko import PROVIDER
from bot.sources.types import Endpoint
from handlers.views import notices
from storage import outbox
from storage.chats import chats
from storage.chats.chats import Address
from storage.database import Database, Store
from tests.fakes.connections import write_now
from tests.pipeline.ledger_sync.conftest import grown, running


def _subscribed(address: Address, signal: str, db: Database) -> None:
    chats.remember(db, address, "private", NOW)
    chats.subscribe(db, address, [signal], 1)


def _reading(jobs: BackgroundJobs) -> bool:
    return jobs.note is not None


NOW = datetime(2026, 9, 19, 12, tzinfo=UTC)


async def test_the_ledger_tells_how_far_it_is_and_gives_its_days(tmp_path: Path) -> None:
    with Store(tmp_path / "bot.db") as store:
        async with running(store, grown(20), days=10) as run:
            run.calls_per_step = 20
            run.restart()
            jobs = BackgroundJobs(store, httpx.AsyncClient(), run.ledger_sync, None, lambda: run.now)
            assert await jobs.sync_ledger() == ()
            assert jobs.note is not None
            assert "requests" in jobs.note(ENGLISH)
            days: list[Reading] = []
            while not days or _reading(jobs):
                days += await jobs.sync_ledger()
            await jobs.close()
        series = {reading.series for reading in days if reading.complete}
        assert series == {"btc.miner_outflow", "btc.miner_reserve"}
        assert await BackgroundJobs(store, httpx.AsyncClient(), None, None, lambda: NOW).check_holdings() == 0


async def test_a_fall_of_holdings_is_told_once_to_whoever_hears_of_outflow(tmp_path: Path) -> None:
    values = {"CORZ.US": 9_618.0, "MARA.US": 52_477.0}

    async def serve(_request: web.Request) -> web.Response:
        rows = [{"name": "", "symbol": name, "total_holdings": btc} for name, btc in values.items()]
        return web.json_response({"companies": rows})

    app = web.Application()
    app.router.add_get("/{path:.*}", serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    server = web.TCPSite(runner, "127.0.0.1", 0)
    await server.start()
    host, port = runner.addresses[0][:2]
    with Store(tmp_path / "bot.db") as store:
        for chat, signal in ((101, "miner_outflow"), (102, "energy_price")):
            write_now(store, partial(_subscribed, Address(chat), signal))
        async with httpx.AsyncClient() as http:
            site = ProviderClient(PROVIDER, Endpoint("coingecko", f"http://{host}:{port}"), http)
            now = [NOW]
            jobs = BackgroundJobs(store, http, None, site, lambda: now[0])
            assert await jobs.check_holdings() == 0, "the first look has nothing to compare with"
            values["CORZ.US"] = 0.0
            assert await jobs.check_holdings() == 0, "one reading may be a slip of theirs"
            assert await jobs.check_holdings() == 0, "and so may a second at once"
            now[0] += timedelta(days=1)
            values["CORZ.US"] = 9_618.0
            assert await jobs.check_holdings() == 0, "it was"
            values["CORZ.US"], values["MARA.US"] = 1_959.0, 0.0
            assert await jobs.check_holdings() == 0
            now[0] += timedelta(days=1)
            values["MARA.US"] = 52_477.0
            assert await jobs.check_holdings() == 1, "what two readings show is told"
            assert await jobs.check_holdings() == 0
        (message,) = write_now(store, lambda db: outbox.claim(db, now[0], 10))
        assert message.chat_id == 101
        body = message.content.subjects[0].body
        assert json.loads(body)["after_btc"] == 1_959.0
        result = notices.text(message.content.kind, body, now[0] + timedelta(hours=1), translator_for("en"))
        assert "Core Scientific: 9,618 → 1,959 BTC" in result
        assert "Read 60 min ago" in result
    await runner.cleanup()
