"""A mempool- or Esplora-shaped server over a synthetic chain, on the loopback, with faults on order."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from typing import Any, Self

from aiohttp import web

from bot.ledger.pool_wallets import TAGS
from tests.fakes.blockchain import Chain, Coin, Mined, Tx

_TAGS = {slug: tag for tag, slug, _name in TAGS}


class ChainServer:
    """Serves `chain` up to `tip` (all of it by default).

    `plain` serves as Esplora does: no attribution, ten blocks a page. `fault` may answer any request first.
    `calls` counts requests by kind: tip, blocks, address, history, coinbase.
    """

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.tip: int | None = None
        self.plain = False
        self.page = 25
        self.fault: Callable[[str, web.Request], web.Response | None] = lambda kind, request: None
        self.calls: Counter[str] = Counter()
        self.asked: list[str] = []
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        routes: list[tuple[str, str, Callable[[web.Request], web.Response]]] = [
            ("/api/blocks/tip/hash", "tip", self._tip_hash),
            ("/api/block-height/{height}", "height", self._hash_at),
            ("/api/v1/blocks", "blocks", self._blocks_v1),
            ("/api/v1/blocks/{height}", "blocks", self._blocks_v1),
            ("/api/blocks", "blocks", self._blocks_plain),
            ("/api/blocks/{height}", "blocks", self._blocks_plain),
            ("/api/address/{address}", "address", self._address),
            ("/api/address/{address}/txs/chain", "history", self._history),
            ("/api/address/{address}/txs/chain/{after}", "history", self._history),
            ("/api/block/{hash}/txid/0", "coinbase", self._coinbase_id),
            ("/api/tx/{txid}", "coinbase", self._tx),
        ]
        for path, kind, answer in routes:
            app.router.add_get(path, self._serve(kind, answer))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def total(self) -> int:
        return sum(self.calls.values())

    @property
    def height(self) -> int:
        return self.chain.tip.height if self.tip is None else self.tip

    def _serve(self, kind: str, answer: Callable[[web.Request], web.Response]) -> Any:
        async def handle(request: web.Request) -> web.Response:
            self.calls[kind] += 1
            self.asked.append(request.path)
            return self.fault(kind, request) or answer(request)

        return handle

    def _tip_hash(self, request: web.Request) -> web.Response:
        return web.Response(text=self.chain.at(self.height).hash)

    def _hash_at(self, request: web.Request) -> web.Response:
        height = int(request.match_info["height"])
        if not self.chain.first_height <= height <= self.height:
            return web.Response(status=404, text="Block not found")
        return web.Response(text=self.chain.at(height).hash)

    def _blocks_v1(self, request: web.Request) -> web.Response:
        if self.plain:
            return web.Response(status=404, text="endpoint does not exist")
        return self._page(request, 15, block_json)

    def _blocks_plain(self, request: web.Request) -> web.Response:
        return self._page(request, 10, bare_block_json)

    def _page(self, request: web.Request, size: int, shape: Callable[[Mined], object]) -> web.Response:
        top = int(request.match_info.get("height", self.height))
        if top > self.height or top < self.chain.first_height:
            return web.Response(status=404, text="Block not found")
        low = max(self.chain.first_height, top - size + 1)
        return web.json_response([shape(self.chain.at(height)) for height in range(top, low - 1, -1)])

    def _seen(self, address: str) -> list[Tx]:
        history = self.chain.history.get(address, [])
        return history[: bisect_right(history, self.height, key=lambda tx: tx.height)]

    def _address(self, request: web.Request) -> web.Response:
        wallet = request.match_info["address"]
        result = self._seen(wallet)
        funded = [sat for tx in result for to, sat in tx.outputs if to == wallet]
        spent = [coin.sat for tx in result for coin in tx.inputs if coin.address == wallet]
        none = {"funded_txo_count": 0, "funded_txo_sum": 0, "spent_txo_count": 0, "spent_txo_sum": 0}
        return web.json_response(
            {
                "address": wallet,
                "chain_stats": {
                    "funded_txo_count": len(funded),
                    "funded_txo_sum": sum(funded),
                    "spent_txo_count": len(spent),
                    "spent_txo_sum": sum(spent),
                    "tx_count": len(result),
                },
                "mempool_stats": {**none, "tx_count": 0},
            }
        )

    def _history(self, request: web.Request) -> web.Response:
        wallet, after = request.match_info["address"], request.match_info.get("after")
        newest_first = self._seen(wallet)[::-1]
        if after is not None:
            places = [index for index, tx in enumerate(newest_first) if tx.txid == after]
            if not places:
                return web.Response(status=404, text="Transaction not found")
            newest_first = newest_first[places[0] + 1 :]
        return web.json_response([self.tx_json(tx) for tx in newest_first[: self.page]])

    def _coinbase_id(self, request: web.Request) -> web.Response:
        return web.Response(text=self.chain.by_hash[request.match_info["hash"]].txs[0].txid)

    def _tx(self, request: web.Request) -> web.Response:
        return web.json_response(self.tx_json(self.chain.by_txid[request.match_info["txid"]]))

    def tx_json(self, tx: Tx) -> dict[str, object]:
        block = self.chain.at(tx.height)
        return {
            "txid": tx.txid,
            "version": 2,
            "locktime": 0,
            "vin": [_spent(coin) for coin in tx.inputs]
            or [
                {
                    "txid": "0" * 64,
                    "vout": 4_294_967_295,
                    "prevout": None,
                    "scriptsig": _TAGS.get(block.slug, f"/{block.name}/").encode().hex(),
                    "is_coinbase": True,
                    "sequence": 0,
                }
            ],
            "vout": [_paid(to, sat) for to, sat in tx.outputs],
            "fee": 0,
            "status": {
                "confirmed": True,
                "block_height": tx.height,
                "block_hash": block.hash,
                "block_time": block.time,
            },
        }


def _spent(coin: Coin) -> dict[str, object]:
    return {
        "txid": coin.txid,
        "vout": coin.vout,
        "prevout": _paid(coin.address, coin.sat),
        "is_coinbase": False,
        "sequence": 4_294_967_293,
    }


def _paid(to: str | None, sat: int) -> dict[str, object]:
    if to is None:
        return {"scriptpubkey": "6a24", "scriptpubkey_type": "op_return", "value": sat}
    return {"scriptpubkey_type": "p2pkh", "scriptpubkey_address": to, "value": sat}


def bare_block_json(block: Mined) -> dict[str, object]:
    return {
        "id": block.hash,
        "height": block.height,
        "version": 536_870_912,
        "timestamp": block.time,
        "tx_count": len(block.txs),
        "size": 1_500_000,
        "weight": 3_990_000,
        "previousblockhash": block.previous,
        "mediantime": block.median_time,
        "nonce": 1,
        "merkle_root": "e" * 64,
        "bits": 386_014_917,
        "difficulty": 132_757_073_449_487.5,
    }


def block_json(block: Mined) -> dict[str, object]:
    paid = list(dict.fromkeys(to for to, _ in block.txs[0].outputs if to))
    bare = block.bare
    return {
        **bare_block_json(block),
        "stale": False,
        "extras": {
            "reward": None if bare else sum(sat for _, sat in block.txs[0].outputs),
            "coinbaseAddress": None if bare else paid[0],
            "coinbaseAddresses": None if bare else paid,
            "pool": {"id": 1, "name": block.name, "slug": block.slug, "minerNames": None},
        },
    }
