"""Which blocks are bitcoin's: by their own headers, and by how far the chain can have grown."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ledger.proof_of_work import MAINNET, ChainRules, Header

GENESIS = Header(
    1,
    "0" * 64,
    "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b",
    1_231_006_505,
    0x1D00FFFF,
    2_083_236_893,
)
"""The first block: published with the software, the best-known header there is."""

ANY = ChainRules()


def test_the_first_block_proves_itself() -> None:
    assert GENESIS.block_hash() == MAINNET.known[0]
    assert GENESIS.difficulty == pytest.approx(1.0)
    assert ANY.proves(MAINNET.known[0], GENESIS)
    assert not MAINNET.proves(MAINNET.known[0], GENESIS), "it was mined too easily to be one of today's"


@settings(deadline=None)
@given(st.sampled_from(["version", "time", "bits", "nonce"]), st.integers(0, 0x1F000000))
def test_no_field_can_be_changed_without_new_work(name: str, value: int) -> None:
    changed = replace(GENESIS, **{name: value})  # type: ignore[arg-type]
    if changed != GENESIS:
        assert not ANY.proves(MAINNET.known[0], changed)


def test_a_hash_above_the_target_shows_no_work() -> None:
    easy = replace(GENESIS, nonce=1)
    assert not ANY.proves(easy.block_hash(), easy)


def test_difficulty_is_read_from_the_bits() -> None:
    assert replace(GENESIS, bits=386_014_917).difficulty == pytest.approx(132_757_073_449_487.5)


@pytest.mark.parametrize(
    ("height", "days", "plausible"),
    [
        (967_729, 0, True),
        (969_900, 15, True),
        (4_800_833, 0, False),  # testnet3
        (120_000, 0, False),
        (967_729 + 144 * 365, 365, True),
        (967_729, 365, False),
    ],
)
def test_a_chain_grows_by_a_block_in_ten_minutes(height: int, days: int, plausible: bool) -> None:
    now = datetime(2026, 9, 19, 18, 2, tzinfo=UTC) + timedelta(days=days)
    assert MAINNET.is_plausible_tip(height, now) is plausible
