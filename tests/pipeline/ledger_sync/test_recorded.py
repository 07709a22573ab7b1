"""Recorded answers of a real server, where they are at hand, read as they should be."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.ledger.pool_wallets import CoinbaseKind, coinbase_kind, wallets
from bot.sources.block_explorer import ChainClient
from bot.sources.types import SourceError

RECORDED = Path(__file__).parents[4] / "shared" / "fixtures" / "mempool"

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded answers here")


class Playback:
    def __init__(self, answer: object) -> None:
        self.answer = answer

    async def json(self, path: str, now: datetime) -> object:
        return self.answer

    async def text(self, path: str, now: datetime) -> str:
        raise AssertionError(path)


def client(name: str, member: str | None = None, *, newest_first: bool = True) -> ChainClient:
    answer = json.loads((RECORDED / name).read_text())
    if member is not None:
        answer = sorted(answer[member], key=lambda block: block["height"], reverse=newest_first)
    return ChainClient(Playback(answer), "recorded", lambda: datetime.now(UTC))


async def test_a_page_of_blocks() -> None:
    page = await client("recorded-v1-blocks.2026-09-19.json").blocks()
    assert [block.height for block in page] == [967731, 967730, 967729]
    assert [block.reward_sat for block in page] == [317529947, 314324332, 313563376]
    assert [wallets(block) for block in page] == [
        ("bc1qwzrryqr3ja8w7hnja2spmkgfdcgvqwp5swz4af4ngsjecfz0w0pqud7k38",),
        ("1BM1sAcrfV6d4zPKytzziu4McLQDsFC2Qc",),
        ("32i1m6gNcSHwiPX9nfTNXVjme9j5DU8y5g",),
    ]
    assert [block.pool.slug for block in page if block.pool] == ["foundryusa", "spiderpool", "marapool"]
    assert page[0].credited(wallets(page[0])[0]) == 317529947


async def test_eight_blocks_of_2025() -> None:
    page = await client("recorded-ws-blocks.json", "blocks").blocks()
    assert [block.height for block in page] == list(range(890447, 890439, -1))
    payouts = {block.pool.slug: len(block.payouts or ()) for block in page if block.pool}
    assert payouts == {"viabtc": 1, "foundryusa": 2, "antpool": 2, "secpool": 2, "braiinspool": 1} | payouts
    for block in page:
        assert block.reward_sat is not None
        assert 312_500_000 < block.reward_sat < 340_000_000
        assert coinbase_kind(block.pool) is CoinbaseKind.POOL
        assert wallets(block)
        if len(wallets(block)) > 1:
            assert block.credited(wallets(block)[0]) is None


async def test_one_block() -> None:
    answer = json.loads((RECORDED / "recorded-v1-block.911248.mara.json").read_text())
    [block] = await ChainClient(Playback([answer]), "recorded", lambda: datetime.now(UTC)).blocks()
    assert block.reward_sat == 318825116
    assert wallets(block) == ("bc1q695z03z6kweljcvpwft7vfu6kd0guf24yaaht2",)


async def test_an_address() -> None:
    balance = await client("recorded-address.2026-09-19.json").balance("12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S")
    assert (balance.sat, balance.transactions) == (44405441, 129)


async def test_an_unconfirmed_transaction_is_refused() -> None:
    answer = [json.loads((RECORDED / "recorded-tx.json").read_text())]
    chain = ChainClient(Playback(answer), "recorded", lambda: datetime.now(UTC))
    with pytest.raises(SourceError, match="unconfirmed"):
        await chain.history("1stAprEZapjCYGUACUcXohQqSHF9MU5Kj")


async def test_the_plain_documentation_example_is_a_block_without_a_coinbase() -> None:
    answer = json.loads((RECORDED / "docs-blocks.json").read_text())
    found = [answer] if isinstance(answer, dict) else answer
    [block] = await ChainClient(Playback(found), "recorded", lambda: datetime.now(UTC)).blocks()
    assert block.height == 363366
    assert block.payouts is None
