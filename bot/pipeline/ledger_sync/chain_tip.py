"""Follow the chain tip: add new blocks, remove orphaned ones, read coinbases the server leaves out."""

from dataclasses import replace
from functools import partial

from bot.ledger.blocks import Block, fork
from bot.sources.block_explorer import ChainClient
from bot.sources.source_error import SourceError
from storage.database import Database, Store
from storage.ledger import blocks, reorg

MOST_PAGES = 12
_REMEMBERED = 250
_COINBASES_FROM = 200


class ForeignChainError(SourceError):
    """The server's blocks don't join those stored, although it has not fallen behind."""

    def __init__(self) -> None:
        """The one reason there is."""
        super().__init__("shows another chain than the one the ledger holds")


async def follow(chain: ChainClient, store: Store) -> int:
    """Store new blocks, roll back those that are no longer in the best chain, and give the tip's height.

    Raises SourceError when the server is behind what is stored, or shows another chain altogether.
    """
    pages = await chain.blocks()
    tip = pages[0].height
    stored = await store.read(lambda db: blocks.hashes(db, tip - _REMEMBERED))
    highest = max(stored, default=None)
    if highest is not None and tip < highest and stored.get(tip) == pages[0].hash:
        raise SourceError(f"is {highest - tip} blocks behind what it showed before")
    joint = fork(stored, pages)
    for _ in range(MOST_PAGES - 1):
        if not stored or joint is not None or pages[-1].height <= 0:
            break
        pages += await chain.blocks(pages[-1].height - 1)
        joint = fork(stored, pages)
    if joint is None and highest is not None and highest >= pages[-1].height - 1:
        raise ForeignChainError

    def write(db: Database) -> None:
        if joint is not None and highest is not None and joint < highest:
            reorg.roll_back(db, joint)
        blocks.save_blocks(db, reversed(pages))

    await store.write(write)
    return tip


async def complete_coinbases(chain: ChainClient, store: Store, tip: int) -> None:
    """Read the coinbases of new blocks that came without, each kept as soon as it is read."""
    for block in await store.read(lambda db: blocks.without_coinbase(db, tip - _COINBASES_FROM)):
        complete = await chain.coinbase(block)
        await store.write(partial(_save, block=complete))


def _save(db: Database, block: Block) -> None:
    addresses = [item.address for item in block.payouts or () if item.address]
    payer = blocks.payer(db, addresses) if addresses else None
    blocks.save_coinbase(db, replace(block, pool=payer or block.pool))
