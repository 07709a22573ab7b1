"""/holdings: what listed miners hold."""

from datetime import timedelta

import pytest

from bot.ledger.treasuries import Holding
from handlers.commands.holdings import symbol_of
from storage.signals import treasuries
from tests.handlers.program_client import ProgramClient


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("riot", "RIOT"),
        ("RIOT", "RIOT"),
        ("Marathon", "MARA"),
        ("hut 8", "HUT"),
        ("马拉松", "MARA"),
        ("x", "x"),
    ],
)
def test_companies_are_known_by_ticker_and_name(name: str, symbol: str) -> None:
    assert symbol_of(name) == symbol


async def test_nothing_is_claimed_before_they_were_read(client: ProgramClient) -> None:
    assert "I have not read yet" in (await client.ask("/holdings")).text
    assert "I have no figure of what Riot Platforms holds." in (await client.ask("/holdings riot")).text
    assert "I have no figure of what &lt;b&gt; holds." in (await client.ask("/holdings <b>")).text


@pytest.mark.both_engines
async def test_all_are_listed_the_largest_first_and_one_is_found_by_its_name(client: ProgramClient) -> None:
    held = (Holding("RIOT", "Riot Platforms", 19_225.0), Holding("MARA", "MARA Holdings", 49_951.0))
    await client.store.write(lambda db: treasuries.update(db, held, client.now))
    text = (await client.ask("who sold the most last month?")).text
    assert text.index("MARA Holdings") < text.index("Riot Platforms")
    assert "What each of them sells in a month I don't know." in text
    one = await client.ask("how much btc does riot hold")
    assert one.text.startswith("<b>Riot Platforms: 19,225 BTC</b>")
    assert "CoinGecko" in one.text
    assert "less than a minute old" in one.text
    await client.store.write(lambda db: treasuries.update(db, held[:1], client.now - timedelta(days=2)))
    assert "2 days old" in (await client.ask("/holdings")).text
    assert "Miner outflow" in (await client.press_for_message(one, "Miner outflow")).text
