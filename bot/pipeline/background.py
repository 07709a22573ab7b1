"""Background jobs beside the poll: the ledger of pool wallets, and public miners' holdings."""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime

import httpx

from bot.i18n.message import Message
from bot.ledger.treasuries import Holding
from bot.pipeline.ledger_sync.sync import LedgerSync, make_ledger_sync
from bot.settings import Settings
from bot.signals.rules import Severity
from bot.signals.series import Reading
from bot.sources.client import ProviderClient
from bot.sources.collector import Collector
from bot.sources.providers.company_holdings import miners
from bot.sources.source_error import SourceError
from bot.sources.types import Endpoint
from storage import outbox
from storage.chats import chats
from storage.database import Database, Store
from storage.outbox.notices import NoticeKind
from storage.signals import treasuries

log = logging.getLogger(__name__)

_SIGNAL = "miner_outflow"  # who hears of outflow hears of holdings


class BackgroundJobs:
    """Each call does a bounded piece of work, stores it, and can be killed at any moment.

    `ledger` or `companies` are None when the settings switch their server off. `note` says in a line how far
    the ledger has got while its history is still being read.
    """

    def __init__(
        self,
        store: Store,
        http: httpx.AsyncClient,
        ledger: LedgerSync | None,
        companies: ProviderClient | None,
        clock: Callable[[], datetime],
    ) -> None:
        """The jobs over what is given; `http` is closed with them."""
        self.note: Message | None = None
        self._store = store
        self._http = http
        self._ledger = ledger
        self._companies = companies
        self._clock = clock

    async def sync_ledger(self) -> tuple[Reading, ...]:
        """One step of the ledger; gives the days that have become known or changed, stored already."""
        if self._ledger is None:
            return ()
        report = await self._ledger.step(self._clock())
        progress = await self._ledger.progress()
        self.note = progress.text if progress.reading else None
        return report.readings

    async def check_holdings(self) -> int:
        """Read the public miners' holdings and queue the falls; gives the number of messages queued."""
        if self._companies is None:
            return 0
        now = self._clock()
        try:
            holdings = await miners(self._companies, now)
        except SourceError as error:
            log.warning(f"public miners' holdings: {self._companies.provider.name} {error.reason}")
            return 0
        return await self._store.write(lambda db: _store_and_queue(db, holdings, now))

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def background_jobs(
    settings: Settings, store: Store, feeds: Collector, http: httpx.AsyncClient, clock: Callable[[], datetime]
) -> BackgroundJobs:
    """The jobs over the servers that the settings name; closes the client in the end."""
    endpoint = Endpoint("mempool", settings.mempool_url)
    second = Endpoint("esplora", settings.esplora_url)
    ledger = make_ledger_sync(store, endpoint, http, clock, settings.contact, second=second)
    return BackgroundJobs(store, http, ledger, feeds.sites.get("coingecko"), clock)


def _store_and_queue(db: Database, holdings: Sequence[Holding], now: datetime) -> int:
    """Store the holdings and queue what fell, in one transaction; give the number of messages."""
    queued = 0
    to = chats.subscribers(db, _SIGNAL, Severity.WARNING)
    for fall in treasuries.update(db, holdings, now):
        body = json.dumps(asdict(fall) | {"read_at": now.isoformat()})
        notice = outbox.add_notice(db, NoticeKind.HOLDINGS_FELL, Severity.WARNING, body, now)
        queued += outbox.enqueue_notice(db, notice, now, to=[(each.chat_id, each.topic_id) for each in to])
    return queued
