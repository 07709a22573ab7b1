"""The chain client: what it takes for an answer and what it refuses."""

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.ledger.blocks import Output
from bot.sources.block_explorer import ChainClient, pace_for
from bot.sources.own_node import is_own_node
from bot.sources.source_error import FaultKind, SourceError

ADDRESS = "bc1qexampleexampleexampleexampleexample"
OTHER = "1exampleexampleexampleexample"


def name(number: int) -> str:
    return f"{number:064x}"


def block(height: int) -> dict[str, Any]:
    return {
        "id": name(height),
        "height": height,
        "timestamp": 1_789_000_000 + 600 * height,
        "mediantime": 1_788_996_000 + 600 * height,
        "previousblockhash": name(height - 1),
        "stale": False,
        "extras": {
            "reward": 314_000_000,
            "coinbaseAddress": ADDRESS,
            "coinbaseAddresses": [ADDRESS],
            "pool": {"id": 1, "name": "ViaBTC", "slug": "viabtc", "minerNames": None},
        },
    }


def tx(number: int, height: int, *, coinbase: bool = False) -> dict[str, Any]:
    spent = {"is_coinbase": False, "prevout": {"scriptpubkey_address": ADDRESS, "value": 900}}
    made = {"is_coinbase": True, "prevout": None, "scriptsig": b"/ViaBTC/".hex()}
    return {
        "txid": name(number),
        "vin": [made if coinbase else spent],
        "vout": [{"scriptpubkey_address": ADDRESS, "value": 500}, {"value": 0}],
        "status": {"confirmed": True, "block_height": height, "block_hash": name(height)},
    }


class Server:
    """Answers every path from a table."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers

    async def json(self, path: str, now: datetime) -> object:
        answer = self.answers[path]
        if isinstance(answer, SourceError):
            raise answer
        return copy.deepcopy(answer)

    async def text(self, path: str, now: datetime) -> str:
        return str(self.answers[path])


def client(**answers: Any) -> ChainClient:
    return ChainClient(
        Server({f"/api/{path}": answer for path, answer in answers.pop("at").items()}),
        "node.example",
        lambda: datetime(2026, 9, 1, tzinfo=UTC),
    )


def blocks(*heights: int) -> list[dict[str, Any]]:
    return [block(height) for height in heights]


async def test_a_page_of_blocks() -> None:
    result = await client(at={"v1/blocks/12": blocks(12, 11, 10)}).blocks(12)
    assert [b.height for b in result] == [12, 11, 10]
    assert result[0].payouts == (Output(ADDRESS, None),)
    assert result[0].credited(ADDRESS) == 314_000_000


async def test_a_server_without_attribution_is_asked_the_plain_way_from_then_on() -> None:
    plain = blocks(12, 11)
    for row in plain:
        del row["extras"], row["stale"]
    chain = client(
        at={
            "v1/blocks": SourceError("answered 404 (not found)", FaultKind.NOT_FOUND),
            "blocks": plain,
            "blocks/11": plain[1:],
        }
    )
    assert (await chain.blocks())[0].payouts is None
    assert (await chain.blocks(11))[0].height == 11


def spoil(change: Callable[[list[dict[str, Any]]], object]) -> list[dict[str, Any]]:
    page = blocks(12, 11, 10)
    change(page)
    return page


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ([], "sent no blocks"),
        ({}, "sent an object where blocks belong"),
        (spoil(lambda p: p.reverse()), "sent block 10 where 12 was asked"),
        (spoil(lambda p: p.pop(1)), "don't join"),
        (spoil(lambda p: p[1].update(id=name(99))), "don't join"),
        (spoil(lambda p: p[0].update(stale=True)), "not in the best chain"),
        (spoil(lambda p: p[0].update(height="12")), "whole number as a height"),
        (spoil(lambda p: p[0].update(height=-12)), "-12 as a height"),
        (spoil(lambda p: p[0].update(id="12")), "isn't a hash"),
        (spoil(lambda p: p[0].update(mediantime=10**12)), "as a block's median time"),
        (spoil(lambda p: p[1].update(mediantime=1_999_000_000)), "runs backwards"),
        (spoil(lambda p: p[0]["extras"].update(reward=21 * 10**14 + 1)), "as a block reward"),
        (spoil(lambda p: p[0]["extras"].update(reward=3.1)), "whole number as a block reward"),
        (spoil(lambda p: p[0]["extras"].update(coinbaseAddresses=["a/../b"])), "isn't an address"),
        (spoil(lambda p: p[0].pop("previousblockhash")), "where the hash of a block's parent belongs"),
    ],
)
async def test_a_page_that_cannot_be_is_refused(page: object, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        await client(at={"v1/blocks/12": page}).blocks(12)


@pytest.mark.parametrize(
    "change",
    [
        lambda row: row.update(extras=None),
        lambda row: row["extras"].update(coinbaseAddresses=None, coinbaseAddress=None),
        lambda row: row["extras"].update(coinbaseAddresses=[], coinbaseAddress=None),
        lambda row: row["extras"].update(reward=None),
    ],
)
async def test_a_block_whose_extras_are_missing_is_one_without_a_coinbase(
    change: Callable[[dict[str, Any]], object],
) -> None:
    page = spoil(lambda p: change(p[0]))
    result = await client(at={"v1/blocks": page}).blocks()
    assert result[0].payouts is None
    assert result[0].reward_sat is None


def figures(**stats: object) -> dict[str, Any]:
    return {
        "address": ADDRESS,
        "chain_stats": {"funded_txo_sum": 900, "spent_txo_sum": 400, "tx_count": 3, **stats},
        "mempool_stats": {"funded_txo_sum": 10**6, "spent_txo_sum": 0, "tx_count": 1},
    }


async def test_a_balance_counts_confirmed_outputs_only() -> None:
    result = await client(at={f"address/{ADDRESS}": figures()}).balance(ADDRESS)
    assert (result.sat, result.transactions) == (500, 3)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (figures(spent_txo_sum=901), "spent more than it received"),
        (figures(tx_count=None), "transaction count"),
        (figures(funded_txo_sum=True), "a sum received"),
        ({**figures(), "address": OTHER}, "another address"),
        ({"address": ADDRESS}, "left out “chain_stats”"),
    ],
)
async def test_figures_that_cannot_be_are_refused(answer: object, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        await client(at={f"address/{ADDRESS}": answer}).balance(ADDRESS)


async def test_an_address_that_is_none_is_never_asked_for() -> None:
    with pytest.raises(SourceError, match="isn't an address"):
        await client(at={}).balance("../secrets")


async def test_a_page_of_history() -> None:
    path = f"address/{ADDRESS}/txs/chain"
    chain = client(at={path: [tx(3, 30), tx(2, 30, coinbase=True)], f"{path}/{name(2)}": []})
    newest, coinbase = await chain.history(ADDRESS)
    assert newest.inputs == (Output(ADDRESS, 900),)
    assert newest.outputs == (Output(ADDRESS, 500), Output(None, 0))
    assert coinbase.coinbase
    assert coinbase.inputs == ()
    assert await chain.history(ADDRESS, name(2)) == []


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ({}, "where transactions belong"),
        ([tx(3, 30), tx(4, 31)], "out of order"),
        ([tx(3, 30), tx(3, 30)], "twice"),
        ([tx(2, 30)], "twice"),
        ([{**tx(3, 30), "status": {"confirmed": False}}], "unconfirmed"),
        ([{**tx(3, 30), "vin": [{"is_coinbase": False, "prevout": None}]}], "where an output belongs"),
        ([{**tx(3, 30), "vout": [{"scriptpubkey_address": ADDRESS, "value": 1.5}]}], "an amount"),
        ([{**tx(3, 30), "vin": [], "vout": []}], "sent no inputs"),
        (
            [{**tx(3, 30, coinbase=True), "vout": [{"scriptpubkey_address": OTHER, "value": 1}]}],
            "another address",
        ),
    ],
)
async def test_a_history_that_cannot_be_is_refused(page: object, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        await client(at={f"address/{ADDRESS}/txs/chain/{name(2)}": page}).history(ADDRESS, name(2))


async def test_a_coinbase_gives_the_split_and_the_pool_by_its_tag() -> None:
    page = blocks(12)
    page[0]["extras"] = None
    chain = client(
        at={
            "v1/blocks": page,
            f"block/{name(12)}/txid/0": name(5),
            f"tx/{name(5)}": tx(5, 12, coinbase=True),
        }
    )
    result = await chain.coinbase((await chain.blocks())[0])
    assert result.payouts == (Output(ADDRESS, 500),)
    assert result.reward_sat == 500
    assert result.pool is not None
    assert result.pool.slug == "viabtc"


@pytest.mark.parametrize("answer", [tx(5, 12), tx(6, 12, coinbase=True), tx(5, 13, coinbase=True)])
async def test_another_transaction_is_no_coinbase(answer: dict[str, Any]) -> None:
    chain = client(
        at={
            "v1/blocks": blocks(12),
            f"block/{name(12)}/txid/0": name(5),
            f"tx/{name(5)}": answer,
        }
    )
    page = await chain.blocks()
    with pytest.raises(SourceError, match="as the coinbase of block 12"):
        await chain.coinbase(page[0])


@pytest.mark.parametrize("text", ["", "Not Found", "12", name(5) + "0"])
async def test_a_tip_that_is_no_hash_is_refused(text: str) -> None:
    with pytest.raises(SourceError, match="isn't a hash"):
        await client(at={"blocks/tip/hash": text}).tip_hash()


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("https://mempool.space", False),
        ("https://blockstream.info/", False),
        ("http://8.8.8.8:3006", False),
        ("http://127.0.0.1:3006/mempool", True),
        ("http://[::1]:3006", True),
        ("http://192.168.1.20", True),
        ("http://10.0.0.7:3006", True),
        ("http://umbrel.local:3006", True),
        ("http://mempool:8080", True),
        ("http://localhost:1", True),
        ("http://172.32.0.1", False),
    ],
)
def test_public_servers_get_one_request_a_second_and_ones_own_twenty(url: str, own: bool) -> None:
    assert is_own_node(url) is own
    assert pace_for(url).interval_s == (0.05 if own else 1.0)
    assert pace_for(url).burst == 1
