"""When a public miner's holdings have fallen, and that it is told once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.ledger.treasuries import Holding, falls
from storage.database import Store
from storage.signals import treasuries
from tests.fakes.connections import read_now, write_now

AT = datetime(2022, 7, 5, tzinfo=UTC)


def corz(btc: float) -> Holding:
    return Holding("CORZ", "Core Scientific", btc)


def test_a_fall_is_told_in_words() -> None:
    [fall] = falls([corz(9_618)], [corz(1_959)])
    assert fall.text == "Core Scientific: 9,618 → 1,959 BTC"
    assert fall.change == pytest.approx(-0.796, abs=0.001)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (9_618, 9_500, False),  # 1 %
        (1_000, 950, False),  # 5 %, but 50 BTC
        (2_000, 1_900, True),
        (500, 0, True),
        (500, 600, False),
    ],
)
def test_small_changes_are_no_news(before: float, after: float, expected: bool) -> None:
    assert bool(falls([corz(before)], [corz(after)])) is expected


def test_a_company_that_is_missing_tells_nothing_and_the_largest_fall_comes_first() -> None:
    before = [corz(9_000), Holding("RIOT", "Riot Platforms", 7_000), Holding("HUT", "Hut 8", 5_000)]
    after = [corz(8_000), Holding("RIOT", "Riot Platforms", 4_000)]
    assert [fall.symbol for fall in falls(before, after)] == ["RIOT", "CORZ"]


def test_a_fall_is_told_once_by_its_second_reading_and_small_sales_add_up(tmp_path: Path) -> None:
    with Store(tmp_path / "m.db") as store:
        messages = []
        for n, btc in enumerate([9_618, 9_618, 9_500, 9_400, 9_300, 9_130, 9_130, 1_959, 1_959, 2_100]):
            at = AT + timedelta(days=n)
            stored = write_now(store, lambda db, btc=btc, at=at: treasuries.update(db, [corz(btc)], at))  # type: ignore[misc]  # called at once
            messages += [(n, fall.text) for fall in stored]
        assert messages == [
            (6, "Core Scientific: 9,618 → 9,130 BTC"),
            (8, "Core Scientific: 9,130 → 1,959 BTC"),
        ]
        assert read_now(store, treasuries.holdings_of) == [corz(2_100)]
