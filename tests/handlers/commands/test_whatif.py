"""/whatif in chat."""

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.handlers.handler_client import GROUP, HandlerClient


@pytest.mark.parametrize(
    "asked",
    [
        "/whatif s19 price=40000 hashrate=-10% power=0.05 fees=+50% halving=yes",
        "/whatif price=-20%",
        "/whatif s21 5c hashrate=+25%",
        "/whatif s21 5c difficulty=100T",
        "/whatif",
        "/whatif s19 7c hashrate=-100%",
    ],
)
async def test_suppositions(chat: HandlerClient, asked: str, snapshot: SnapshotAssertion) -> None:
    assert (await chat.ask(asked)).text == snapshot


async def test_plain_words_are_a_supposition(chat: HandlerClient) -> None:
    by_command = await chat.ask("/whatif s19 7c price=40000 hashrate=-10%")
    message = await chat.ask(
        "what if the price goes to 40,000 or a tenth of the hashrate leaves, for my s19 at 7 cents?"
    )
    assert message.text == by_command.text


async def test_a_chats_fleet_is_meant_where_no_machine_is_named(chat: HandlerClient) -> None:
    before = await chat.ask("what if bitcoin falls 20%?")
    assert "Antminer S21" in before.text
    assert "none was named" in before.text
    await chat.ask("/fleet add 10 s21, 30 s9 power 6.5c")
    ours = await chat.ask("what if bitcoin falls 20%?")
    assert "Your fleet</b>: 40 machines" in ours.text
    assert "now: S9 13.5T under water" in ours.text
    assert "then: S9 13.5T under water" in ours.text
    assert ours.text == (await chat.ask("/whatif price=-20%")).text
    other = await chat.ask("what if bitcoin falls 20%? s19 at 7c")
    assert "Antminer S19" in other.text
    assert "Your fleet" not in other.text
    assert "none was named" in (await chat.ask("/whatif price=-20% 9c")).text


async def test_in_a_group_only_what_is_said_to_the_bot(chat: HandlerClient) -> None:
    chat.api.say(GROUP, "what if the price goes to 40,000?")
    await chat.ask("what if the price goes to 40,000?")
    assert [sent.chat_id == GROUP for sent in chat.api.sent] == [False]


async def test_what_was_asked_beside_the_supposition_is_reckoned_and_said(chat: HandlerClient) -> None:
    said = (await chat.ask("10 s21 6c what if btc falls 20%, per month, 2% pool fee")).text
    assert "Understood: 10 machines, per month, pool fee 2 %" in said
    assert next(line.split() for line in said.split("\n") if line.startswith("profit"))[1:] == [
        "781",
        "318",
        "383",
    ]
    payback = (await chat.ask("s21 for 2500$ at 6c payback after the halving")).text
    assert "paid in  920 days   never" in payback
    dearest = (await chat.ask("s21 max power price if btc falls 30%")).text
    assert "Max power" in dearest


async def test_a_comparison_is_of_the_time_asked_for(chat: HandlerClient) -> None:
    said = (await chat.ask("s19 vs s21 at 6c per month")).text
    assert "A month in USD" in said
    assert "82.78" in said


async def test_a_halving_of_a_later_year_says_how_many_it_takes(chat: HandlerClient) -> None:
    assert "2 halvings (up to 2032)" in (await chat.ask("s19 7c after the 2032 halving")).text
    assert "3 halvings" in (await chat.ask("s19 7c after three halvings")).text
    assert "No halving to come falls into 2030" in (await chat.ask("s19 7c after the 2030 halving")).text
