"""Finding where each day begins: the heights at which the chain's median time passes midnight.

The pages read on the way also show who was paid then, so the registry learns wallets long out of use.
"""

from datetime import date, timedelta
from functools import partial

from bot.ledger.blocks import CONFIRMATIONS, day_at, probe
from bot.sources.block_explorer import ChainClient
from bot.sources.source_error import SourceError
from storage.database import Database, Store
from storage.ledger import blocks

_DAY_SECONDS = 86_400
_FIRST_DAY = "first_day"


async def first_day(store: Store) -> date | None:
    """The ledger's first day, once it has been fixed."""
    text = await store.read(lambda db: blocks.note(db, _FIRST_DAY))
    return None if text is None else date.fromisoformat(text)


async def find_days(chain: ChainClient, store: Store, tip: int, days: int) -> date:
    """Find the opening of every day from the ledger's first to the newest; gives the first.

    The first day is fixed `days` days back the first time, later only if the chain itself is younger. Each
    page is kept before the next is asked.
    """
    confirmed = await store.read(lambda db: blocks.block_at(db, tip - CONFIRMATIONS + 1))
    if confirmed is None:
        raise SourceError("sent too few blocks to find the newest confirmed one")
    last = day_at(confirmed.median_time)
    first = await first_day(store)
    if first is None:
        first = last - timedelta(days=days)
        await _fix(store, first)
    while True:
        day = await store.write(partial(blocks.settle_openings, first=first, last=last, source=chain.source))
        if day is None:
            await store.write(blocks.prune_blocks)
            return first
        height = await store.read(partial(_next, day=day))
        if height < 0:
            first = day + timedelta(days=1)
            await _fix(store, first)
            continue
        page = await chain.blocks(height)
        await store.write(partial(blocks.save_blocks, blocks=page[::-1]))


async def _fix(store: Store, first: date) -> None:
    await store.write(lambda db: blocks.write_note(db, _FIRST_DAY, first.isoformat()))


def _next(db: Database, day: date) -> int:
    """The height to ask next; −1 when the chain begins after `day`."""
    below, above = blocks.stamps_around(db, day)
    if above is None or (below is not None and below.height >= above.height):
        raise SourceError("sent blocks whose times contradict each other")
    if above.height == 0:
        return -1
    pace = _DAY_SECONDS / max(1.0, blocks.blocks_a_day(db))
    return probe(below, above, day, page=15, block_seconds=pace)
