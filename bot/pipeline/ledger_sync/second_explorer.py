"""Confirm the wallets that moved most at a second explorer, before the ledger may make a critical alert.

The ledger proves each wallet's history against its balance, but both come from one server. Balance and number
of transactions at the end of the newest day say whether another server saw the same history.
"""

import logging
from dataclasses import dataclass
from datetime import date
from typing import Final

from bot.ledger.flows import Balance
from bot.sources.block_explorer import ChainClient
from storage.database import Store
from storage.ledger import wallets

log = logging.getLogger(__name__)

MOST_WALLETS: Final = 8
_MOST_PAGES: Final = 4
_LEAST_WALLETS: Final = 3


@dataclass(frozen=True, slots=True)
class SecondExplorer:
    """The server that is asked beside the ledger's own."""

    chain: ChainClient
    store: Store

    async def agrees(self, first: date, newest: date, last_height: int) -> bool:
        """Whether its balances at the end of `newest` are the ledger's, of the wallets that moved most.

        They are those out of which most went since `first`. Wallets too busy after `newest` say nothing;
        fewer than three that do are no agreement.

        Raises SourceError when the server gives no usable answer.
        """
        movers = await self.store.read(lambda db: wallets.most_moved(db, first, newest, MOST_WALLETS))
        compared = 0
        for wallet in movers:
            balance = await self._balance_at(wallet.address, last_height)
            if balance is None:
                continue
            if balance != wallet.balance:
                log.warning("outflow ledger: %s has another history of %s", self.chain.source, wallet.address)
                return False
            compared += 1
        return compared >= min(_LEAST_WALLETS, len(movers))

    async def _balance_at(self, address: str, height: int) -> Balance | None:
        """What an address held after a block, walked back from what it holds now; None beyond a few pages."""
        now = await self.chain.balance(address)
        sat, transactions = now.sat, now.transactions
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            page = await self.chain.history(address, cursor)
            for transaction in page:
                if transaction.height <= height:
                    return Balance(sat, transactions)
                sat -= sum(o.sat or 0 for o in transaction.outputs if o.address == address)
                sat += sum(i.sat or 0 for i in transaction.inputs if i.address == address)
                transactions -= 1
            if not page:
                return Balance(sat, transactions)
            cursor = page[-1].txid
        return None
