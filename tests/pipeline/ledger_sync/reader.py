"""A process of its own that reads a ledger's history until it is complete."""

import asyncio
import sys
from datetime import datetime

import httpx

from bot.pipeline.ledger_sync.sync import LedgerSync
from bot.sources.block_explorer import chain_client
from bot.sources.types import Endpoint
from storage.database import Store
from tests.pipeline.ledger_sync.conftest import at_once


async def main(url: str, path: str, moment: str, days: int) -> None:
    now = datetime.fromisoformat(moment)
    async with httpx.AsyncClient() as http:
        with Store(path) as store:
            chain = chain_client(Endpoint("mempool", url), http, lambda: now, rules=None)
            ledger_sync = LedgerSync(store, chain, pace=at_once, calls_per_step=40, history_days=days)
            while (await ledger_sync.step(now)).busy:
                pass


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
