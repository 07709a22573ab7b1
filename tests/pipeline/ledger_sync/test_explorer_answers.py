"""Answers in the shape in which mempool's servers send them, with more fields than are read."""

from datetime import UTC, datetime

import pytest

from bot.ledger.blocks import Output
from bot.ledger.pool_wallets import CoinbaseKind, coinbase_kind, wallets
from bot.sources.block_explorer import ChainClient
from bot.sources.source_error import SourceError

WALLETS = ("bc1q" + "a" * 38, "bc1q" + "b" * 38, "3" + "C" * 33)


class Playback:
    def __init__(self, answer: object) -> None:
        self.answer = answer

    async def json(self, path: str, now: datetime) -> object:
        return self.answer

    async def text(self, path: str, now: datetime) -> str:
        raise AssertionError(path)


def client(answer: object) -> ChainClient:
    return ChainClient(Playback(answer), "recorded", lambda: datetime.now(UTC))


def block(height: int, slug: str, reward_sat: int, *addresses: str) -> dict[str, object]:
    """A block as /api/v1/blocks gives it."""
    return {
        "id": f"{height:064x}",
        "height": height,
        "version": 0x20000000,
        "timestamp": 1_779_000_000 + 600 * height,
        "mediantime": 1_778_997_000 + 600 * height,
        "bits": 0x17023774,
        "nonce": 7,
        "difficulty": 1.27e14,
        "merkle_root": "e" * 64,
        "tx_count": 3_210,
        "size": 1_612_345,
        "weight": 3_993_210,
        "previousblockhash": f"{height - 1:064x}",
        "stale": False,
        "extras": {
            "reward": reward_sat,
            "totalFees": reward_sat - 312_500_000,
            "coinbaseRaw": "03aabbcc",
            "coinbaseAddress": addresses[0],
            "coinbaseAddresses": list(addresses),
            "pool": {"id": 111, "name": slug.title(), "slug": slug, "minerNames": None},
            "feeRange": [1, 1, 2, 3, 4, 9, 120],
            "matchRate": 99.1,
        },
    }


async def test_a_page_of_blocks() -> None:
    rows = [
        block(12, "foundryusa", 317_529_947, WALLETS[0]),
        block(11, "viabtc", 314_324_332, WALLETS[1], WALLETS[2]),
        block(10, "foundryusa", 313_563_376, WALLETS[0]),
    ]
    page = await client(rows).blocks()
    assert [each.height for each in page] == [12, 11, 10]
    assert [wallets(each) for each in page] == [WALLETS[:1], WALLETS[1:], WALLETS[:1]]
    assert [each.pool.slug for each in page if each.pool] == ["foundryusa", "viabtc", "foundryusa"]
    assert page[0].credited(WALLETS[0]) == 317_529_947
    assert page[1].credited(WALLETS[1]) is None, "who of two was paid how much isn't said"
    assert all(coinbase_kind(each.pool) is CoinbaseKind.POOL for each in page)


async def test_an_address() -> None:
    answer = {
        "address": WALLETS[0],
        "chain_stats": {
            "funded_txo_count": 129,
            "funded_txo_sum": 2_044_405_441,
            "spent_txo_count": 100,
            "spent_txo_sum": 2_000_000_000,
            "tx_count": 129,
        },
        "mempool_stats": {"funded_txo_count": 1, "funded_txo_sum": 5, "tx_count": 1},
    }
    balance = await client(answer).balance(WALLETS[0])
    assert (balance.sat, balance.transactions) == (44_405_441, 129), "what isn't confirmed doesn't count"


def transaction(**status: object) -> dict[str, object]:
    output = {"scriptpubkey": "0014", "scriptpubkey_type": "v0_p2wpkh", "value": 5_000}
    return {
        "txid": "d" * 64,
        "version": 2,
        "vin": [{"txid": "c" * 64, "vout": 0, "prevout": {**output, "scriptpubkey_address": WALLETS[0]}}],
        "vout": [
            {**output, "scriptpubkey_address": WALLETS[1]},
            {"scriptpubkey_type": "op_return", "value": 0},
        ],
        "fee": 0,
        "status": status,
    }


async def test_a_transaction() -> None:
    status = {"confirmed": True, "block_height": 11, "block_hash": f"{11:064x}", "block_time": 1}
    (result,) = await client([transaction(**status)]).history(WALLETS[0])
    assert result.inputs == (Output(WALLETS[0], 5_000),)
    assert result.outputs == (Output(WALLETS[1], 5_000), Output(None, 0))


async def test_an_unconfirmed_transaction_is_refused() -> None:
    with pytest.raises(SourceError, match="unconfirmed"):
        await client([transaction(confirmed=False)]).history(WALLETS[0])


async def test_a_block_without_extras_is_one_without_a_coinbase() -> None:
    row = block(12, "foundryusa", 317_529_947, WALLETS[0])
    del row["extras"], row["stale"]
    (result,) = await client([row]).blocks()
    assert (result.height, result.payouts, result.pool) == (12, None, None)
