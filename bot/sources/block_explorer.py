"""Block explorers shaped like mempool or Esplora: blocks, balances, histories. Every answer is checked."""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from itertools import pairwise
from typing import Final, Protocol, Self
from urllib.parse import urlsplit

import httpx

from bot.ledger.blocks import Block, Output, Pool
from bot.ledger.flows import Balance, Transaction
from bot.ledger.pool_wallets import pool_by_tag
from bot.ledger.proof_of_work import MAINNET, ChainRules, Header
from bot.sources.client import ProviderClient
from bot.sources.own_node import is_own_node
from bot.sources.parse import field, mapping, rows, text
from bot.sources.rate_limit import Pace
from bot.sources.source_error import FaultKind, SourceError
from bot.sources.types import Endpoint, Provider

_HASH: Final = re.compile(r"[0-9a-f]{64}")
_ADDRESS: Final = re.compile(r"[0-9A-Za-z]{14,100}")
_MOST_SAT: Final = 21_000_000 * 100_000_000
_MOST_HEIGHT: Final = 100_000_000
_MOST_TIME: Final = 4_102_444_800


SERVER: Final = Provider(
    "mempool",
    "mempool.space",
    "https://mempool.space",
    "facts of the chain",
    "unpublished; one request a second is well within",
    pace=Pace(burst=1, interval_s=0.0),  # the ledger paces itself, by whose server it is
)

SECOND_SERVER: Final = Provider(
    "esplora",
    "blockstream.info",
    "https://blockstream.info",
    "facts of the chain",
    "unpublished; a few requests a day are made",
    pace=Pace(burst=1, interval_s=0.0),
)

_LARGEST_ANSWER: Final = 8_000_000  # a page of payouts to hundreds of miners each
_TIMEOUT_S: Final = 30.0


class Web(Protocol):
    """What a chain server is asked through; both raise SourceError."""

    async def json(self, path: str, now: datetime) -> object:
        """GET a JSON value."""

    async def text(self, path: str, now: datetime) -> str:
        """GET plain text."""


async def _at_once() -> None:
    return None


def pace_for(url: str) -> Pace:
    """How fast a server may be asked: 20 times a second when it is the operator's own, else once."""
    return Pace(burst=1, interval_s=0.05 if is_own_node(url) else 1.0)


class ChainClient:
    """One server. `source` names it in readings; `turn` is awaited before every request.

    Heights are whole numbers, amounts whole satoshi, times Unix seconds. Every method raises SourceError when
    the server gives no answer that can be believed.
    """

    def __init__(
        self,
        web: Web,
        host: str,
        clock: Callable[[], datetime],
        wait: Callable[[], Awaitable[None]] = _at_once,
        rules: ChainRules | None = None,
    ) -> None:
        """Ask a server through `web`; with `rules` only blocks of the chain they describe are believed."""
        self.rules = rules
        self.source = f"ledger:{host}"
        self._web = web
        self._host = host
        self._clock = clock
        self._wait_turn = wait
        self._plain = False

    def paced(self, wait: Callable[[], Awaitable[None]]) -> Self:
        """The same server, with `wait` awaited before every request."""
        return type(self)(self._web, self._host, self._clock, wait, self.rules)

    async def check_chain(self) -> None:
        """Look for the blocks that are known. Raises SourceError when the server has another chain."""
        for height, expected in (self.rules.known if self.rules else {}).items():
            await self._wait_turn()
            answer = await self._web.text(f"/api/block-height/{height}", self._clock())
            if _hash(answer.strip(), f"the hash of block {height}") != expected:
                raise SourceError(f"shows another chain than bitcoin's: block {height} isn't the known one")

    async def tip_hash(self) -> str:
        """The hash of the newest block."""
        await self._wait_turn()
        return _hash((await self._web.text("/api/blocks/tip/hash", self._clock())).strip(), "the tip's hash")

    async def blocks(self, height: int | None = None) -> list[Block]:
        """A page of blocks, newest first: from `height` down, or from the tip.

        Servers without pool attribution are asked the plain way; their blocks come without a coinbase.
        """
        suffix = "" if height is None else f"/{height}"
        answer: object = None
        if not self._plain:
            try:
                answer = await self._json(f"/api/v1/blocks{suffix}")
            except SourceError as error:
                if error.kind is not FaultKind.NOT_FOUND:
                    raise
                self._plain = True
        if self._plain:
            answer = await self._json(f"/api/blocks{suffix}")
        listed = rows(answer, "blocks")
        page = [_block(row) for row in listed]
        if self.rules is not None:
            for row, block in zip(listed, page, strict=True):
                _require_work(row, block, self.rules)
            if height is None and not self.rules.is_plausible_tip(page[0].height, self._clock()):
                raise SourceError(f"shows block {page[0].height:,} as the newest, which can't be by now")
        if height is not None and page[0].height != height:
            raise SourceError(f"sent block {page[0].height} where {height} was asked")
        for later, earlier in pairwise(page):
            if earlier.height != later.height - 1 or later.previous != earlier.hash:
                raise SourceError(f"sent blocks {later.height} and {earlier.height} that don't join")
            if earlier.median_time > later.median_time:
                raise SourceError(f"sent a median time that runs backwards at block {later.height}")
        return page

    async def balance(self, address: str) -> Balance:
        """What an address holds in confirmed outputs, and how many transactions it has taken part in."""
        what = "an address's figures"
        answer = await self._json(f"/api/address/{_address(address, 'an address')}")
        if field(answer, "address", what) != address:
            raise SourceError("sent the figures of another address")
        stats = mapping(field(answer, "chain_stats", what), what)
        funded = _whole(field(stats, "funded_txo_sum", what), "a sum received", _MOST_SAT * 1_000)
        spent = _whole(field(stats, "spent_txo_sum", what), "a sum spent", _MOST_SAT * 1_000)
        count = _whole(field(stats, "tx_count", what), "a transaction count", 1 << 40)
        if spent > funded:
            raise SourceError("sent an address that has spent more than it received")
        return Balance(funded - spent, count)

    async def history(self, address: str, after: str | None = None) -> list[Transaction]:
        """A page of an address's confirmed transactions, newest first; those before `after` when given.

        Empty at the end. All heights are non-increasing and every transaction touches the address.
        """
        path = f"/api/address/{_address(address, 'an address')}/txs/chain"
        answer = await self._json(path if after is None else f"{path}/{_hash(after, 'a transaction id')}")
        if not isinstance(answer, list):
            raise SourceError("sent something else where transactions belong")
        page = [_transaction(row) for row in answer]
        for later, earlier in pairwise(page):
            if earlier.height > later.height:
                raise SourceError("sent transactions out of order")
        if len({transaction.txid for transaction in page}) < len(page) or any(
            transaction.txid == after for transaction in page
        ):
            raise SourceError("sent a transaction twice")
        for transaction in page:
            if not any(part.address == address for part in (*transaction.inputs, *transaction.outputs)):
                raise SourceError("sent a transaction of another address")
        return page

    async def coinbase(self, block: Block) -> Block:
        """The block with its coinbase's outputs, and with a pool by its tag where none was attributed."""
        await self._wait_turn()
        txid = _hash(
            (await self._web.text(f"/api/block/{block.hash}/txid/0", self._clock())).strip(),
            "a coinbase's id",
        )
        answer = await self._json(f"/api/tx/{txid}")
        transaction = _transaction(answer)
        if not transaction.coinbase or transaction.txid != txid or transaction.height != block.height:
            raise SourceError(f"sent another transaction as the coinbase of block {block.height}")
        script = mapping(rows(field(answer, "vin", "a coinbase"), "inputs")[0], "an input").get("scriptsig")
        try:
            tag = bytes.fromhex(script) if isinstance(script, str) else b""
        except ValueError:
            tag = b""
        return block.with_coinbase(transaction.outputs, pool_by_tag(tag))

    async def _json(self, path: str) -> object:
        await self._wait_turn()
        return await self._web.json(path, self._clock())


def _block(row: object) -> Block:
    what = "a block"
    if mapping(row, what).get("stale") is True:
        raise SourceError("sent a block that is not in the best chain")
    height = _whole(field(row, "height", what), "a height", _MOST_HEIGHT)
    pool: Pool | None = None
    reward: int | None = None
    payouts: tuple[Output, ...] | None = None
    extras = mapping(row, what).get("extras")
    if isinstance(extras, dict):
        named = extras.get("pool")
        if isinstance(named, dict) and isinstance(named.get("slug"), str):
            name = named.get("name")
            pool = Pool(named["slug"][:60], (name if isinstance(name, str) and name else named["slug"])[:60])
        addresses = extras.get("coinbaseAddresses")
        if not addresses and isinstance(extras.get("coinbaseAddress"), str):
            addresses = [extras["coinbaseAddress"]]
        if isinstance(addresses, list) and addresses and extras.get("reward") is not None:
            reward = _whole(extras["reward"], "a block reward", _MOST_SAT)
            payouts = tuple(
                Output(_address(item, "a coinbase address"), None) for item in dict.fromkeys(addresses)
            )
    previous = mapping(row, what).get("previousblockhash")
    return Block(
        height,
        _hash(field(row, "id", what), "a block's hash"),
        "" if height == 0 else _hash(previous, "the hash of a block's parent"),
        _whole(field(row, "mediantime", what), "a block's median time", _MOST_TIME),
        pool,
        reward,
        payouts,
    )


def _require_work(row: object, block: Block, chain: ChainRules) -> None:
    """Raise SourceError unless the block's own header shows the work that the chain asks for."""
    what = "a block header"
    header = Header(
        _whole(field(row, "version", what), "a version", 0xFFFFFFFF),
        block.previous or "0" * 64,
        _hash(field(row, "merkle_root", what), "a merkle root"),
        *(_whole(field(row, name, what), name, 0xFFFFFFFF) for name in ("timestamp", "bits", "nonce")),
    )
    if not chain.proves(block.hash, header):
        raise SourceError(f"sent block {block.height} without the work that bitcoin's blocks show")


def _transaction(row: object) -> Transaction:
    what = "a transaction"
    status = mapping(field(row, "status", what), what)
    if status.get("confirmed") is not True:
        raise SourceError("sent an unconfirmed transaction among the confirmed")
    spent = rows(field(row, "vin", what), "inputs")
    coinbase = mapping(spent[0], "an input").get("is_coinbase") is True
    return Transaction(
        _hash(field(row, "txid", what), "a transaction id"),
        _whole(field(status, "block_height", what), "a height", _MOST_HEIGHT),
        coinbase,
        () if coinbase else tuple(_output(field(item, "prevout", "an input")) for item in spent),
        tuple(_output(item) for item in rows(field(row, "vout", what), "outputs")),
    )


def _output(row: object) -> Output:
    value = _whole(field(row, "value", "an output"), "an amount", _MOST_SAT)
    address = mapping(row, "an output").get("scriptpubkey_address")
    return Output(address if isinstance(address, str) and address else None, value)


def _whole(value: object, what: str, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise SourceError(f"sent something that isn't a whole number as {what}")
    if not 0 <= value <= most:
        raise SourceError(f"sent {value} as {what}, which can't be")
    return value


def _hash(value: object, what: str) -> str:
    if not _HASH.fullmatch(text(value, what)):
        raise SourceError(f"sent something that isn't a hash as {what}")
    return str(value)


def _address(value: object, what: str) -> str:
    if not _ADDRESS.fullmatch(text(value, what)):
        raise SourceError(f"sent something that isn't an address as {what}")
    return str(value)


def chain_client(
    endpoint: Endpoint,
    http: httpx.AsyncClient,
    clock: Callable[[], datetime],
    contact: str = "",
    *,
    server: Provider = SERVER,
    rules: ChainRules | None = MAINNET,
) -> ChainClient:
    """The server the settings name, or `server` itself."""
    site = ProviderClient(
        server,
        endpoint,
        http,
        contact=contact,
        timeout_s=_TIMEOUT_S,
        max_bytes=_LARGEST_ANSWER,
        remember=False,
    )
    return ChainClient(site, urlsplit(site.base).hostname or "", clock, rules=rules)
