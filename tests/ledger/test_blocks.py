"""Days by height, the search for their openings, forks, and whose wallet a coinbase pays."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ledger.blocks import (
    CLOCK_LAG,
    Block,
    Calendar,
    Output,
    Pool,
    Stamp,
    day_at,
    fork,
    midnight,
    opening,
    probe,
)
from bot.ledger.pool_wallets import CoinbaseKind, coinbase_kind, pool_by_tag, retired, wallets

DAY = date(2026, 3, 1)


@given(st.lists(st.integers(0, 4_000), min_size=40, max_size=400), st.integers(0, 300_000))
@settings(max_examples=100, deadline=None)
def test_every_opening_is_found_in_a_few_pages_however_uneven_the_blocks(
    gaps: list[int], offset: int
) -> None:
    medians, now = [], midnight(DAY) - 300_000 + offset
    for gap in gaps:
        now += gap
        medians.append(now)
    target = day_at(medians[-1])
    first = next((height for height, median in enumerate(medians) if median >= midnight(target)), None)
    assert first is not None
    if first == 0:
        return  # the chain begins on that day
    known = dict(enumerate(medians))
    known = {height: known[height] for height in list(known)[-15:]}
    for pages in range(60):
        before = [height for height, median in known.items() if median < midnight(target)]
        after = [height for height, median in known.items() if median >= midnight(target)]
        below = Stamp(max(before), known[max(before)]) if before else None
        above = Stamp(min(after), known[min(after)])
        result = opening(below, above)
        if result is not None:
            assert result == first - CLOCK_LAG
            assert pages <= 40
            return
        height = probe(below, above, target, page=15, block_seconds=600.0)
        assert height not in known
        known |= {h: medians[h] for h in range(max(0, height - 14), height + 1)}
    pytest.fail("not found in 60 pages")


def test_a_calendar_puts_every_height_into_one_day() -> None:
    calendar = Calendar([(DAY + timedelta(days=1), 20), (DAY, 10), (DAY + timedelta(days=2), 33)])
    assert calendar.first == DAY
    assert calendar.newest == DAY + timedelta(days=1)
    assert [calendar.day(height) for height in (9, 10, 19, 20)] == [None, DAY, DAY, DAY + timedelta(days=1)]
    assert calendar.opening(DAY) == 10
    assert calendar.last_height(DAY + timedelta(days=1)) == 32
    with pytest.raises(KeyError):
        calendar.last_height(DAY + timedelta(days=2))
    with pytest.raises(KeyError):
        calendar.opening(DAY - timedelta(days=1))
    assert Calendar([]).newest is None


def block(height: int, name: str = "", parent: str = "") -> Block:
    return Block(height, name or f"h{height}", parent or f"h{height - 1}", 0)


def test_where_two_chains_part() -> None:
    stored = {height: f"h{height}" for height in range(90, 101)}
    page = [block(height) for height in range(103, 95, -1)]
    assert fork(stored, page) == 100
    assert fork(stored, [block(101, "n101", "n100"), block(100, "n100", "h99")]) == 99
    assert fork(stored, [block(101, "n101", "n100"), block(100, "n100", "n99")]) is None
    assert fork({}, page) is None


def coinbase(slug: str, addresses: int, name: str = "") -> Block:
    paid = tuple(Output(f"a{n}", None) for n in range(addresses))
    return Block(1, "h1", "h0", 0, Pool(slug, name or slug), 300, paid)


@pytest.mark.parametrize(
    ("slug", "addresses", "registered"),
    [
        ("foundryusa", 1, 1),
        ("antpool", 4, 4),
        ("antpool", 5, 0),
        ("ocean", 2, 0),
        ("solock", 1, 0),
        ("braiinssolo", 1, 0),
        ("publicpool", 1, 0),
        ("parasite", 3, 0),
        ("noderunners", 1, 0),
        ("unknown", 1, 0),
    ],
)
def test_whose_coinbases_pay_a_pools_own_wallet(slug: str, addresses: int, registered: int) -> None:
    assert len(wallets(coinbase(slug, addresses))) == registered


def test_blocks_nobody_is_known_to_have_mined_are_kept_apart() -> None:
    assert coinbase_kind(None) is CoinbaseKind.UNKNOWN
    assert coinbase_kind(Pool("", "")) is CoinbaseKind.UNKNOWN
    assert coinbase_kind(Pool("ocean", "OCEAN.xyz")) is CoinbaseKind.DIRECT
    assert coinbase_kind(Pool("x", "Solo CKPool")) is CoinbaseKind.SOLO
    assert wallets(Block(1, "h1", "h0", 0)) == ()


def test_a_reward_is_credited_when_its_split_is_known() -> None:
    assert coinbase("viabtc", 1).credited("a0") == 300
    assert coinbase("viabtc", 1).credited("other") == 0
    assert coinbase("viabtc", 2).credited("a0") is None
    read = coinbase("viabtc", 2).with_coinbase([Output("a0", 200), Output("a1", 100), Output(None, 0)])
    assert (read.credited("a0"), read.credited("a1"), read.reward_sat) == (200, 100, 300)
    assert Block(1, "h1", "h0", 0).credited("a0") is None


def test_pools_sign_their_coinbases() -> None:
    assert pool_by_tag(b"\x03\x01/ViaBTC/Mined by x/\xfa") == Pool("viabtc", "ViaBTC")
    assert coinbase_kind(pool_by_tag(b"/solo.ckpool.org/")) is CoinbaseKind.SOLO
    assert pool_by_tag(b"\x00\xff") is None


@pytest.mark.parametrize(
    "text",
    [
        b"/my foundry in the cellar/",
        b"mara was here",
        b"/viabtc/",
        b"luxor",
        b"/antpool/",
        b"binance to the moon",
    ],
)
def test_a_text_that_only_looks_like_a_pools_name_is_no_signature(text: bytes) -> None:
    assert pool_by_tag(text) is None


def test_what_a_solo_miner_writes_does_not_make_him_a_pool() -> None:
    result = pool_by_tag(b"/solo.ckpool.org/Mined by AntPool/")
    assert result is not None
    assert coinbase_kind(result) is CoinbaseKind.SOLO


@pytest.mark.parametrize(
    ("days", "sat", "gone"), [(121, 0, True), (121, 100_000, True), (121, 100_001, False), (120, 0, False)]
)
def test_an_empty_wallet_unpaid_for_120_days_is_let_go(days: int, sat: int, gone: bool) -> None:
    assert retired(DAY - timedelta(days=days), sat, DAY) is gone
