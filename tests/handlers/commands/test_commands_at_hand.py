"""Commands as people know them from other bots: aliases, /price, /unmute, /test, links, grouped help."""

from datetime import timedelta

from handlers.commands.help import GROUPS
from handlers.registry import COMMANDS
from tests.handlers.program_client import ADA, CHANNEL, ProgramClient

DAY = timedelta(days=1)


def test_every_command_stands_under_a_heading_of_help() -> None:
    assert {name for _, names in GROUPS for name in names} == {command.name for command in COMMANDS}


async def test_a_mute_until_tomorrow_ends_in_the_morning_there(client: ProgramClient) -> None:
    await client.ask("/quiet Berlin")
    assert "Wed 6 Jul, 08:00 (Europe/Berlin)" in (await client.ask("/mute until tomorrow")).text
    assert "Not muted" in (await client.ask("/unmute")).text
    assert "Muted until" in (await client.ask("/mute forever")).text


async def test_a_link_offers_a_watch_to_be_saved(client: ProgramClient) -> None:
    offer = await client.ask("/start watch-price-below-15000")
    assert "price below 15,000 USD" in offer.text
    assert await client.press(offer, "Save") == "Saved."


async def test_the_word_of_a_link_subscribes_too(client: ProgramClient) -> None:
    assert "Price drawdown (critical only)" in (await client.ask("/subscribe drawdown critical")).text


async def test_samples_say_that_they_are_none(client: ProgramClient) -> None:
    before = len(client.api.sent)
    assert "Samples, not alerts" in (await client.ask("/test")).text
    await client.settled()
    texts = [sent.text for sent in client.api.sent[before:]]
    assert any("Bitcoin is 70 % below its record" in text for text in texts)
    assert any("Miners are capitulating" in text for text in texts)


async def test_under_a_channels_post_are_links_into_the_readers_own_chat(client: ProgramClient) -> None:
    client.api.channels.add(CHANNEL)
    await client.ask("/subscribe", CHANNEL)
    before = len(client.api.sent)
    while len(client.api.sent) == before:
        await client.pass_time(DAY)
        await client.delivered()
    buttons = client.api.sent[before].buttons
    assert [button["text"] for button in buttons] == ["Why?", "Status"]
    assert all("callback_data" not in button for button in buttons)
    payload = buttons[0]["url"].partition("?start=")[2]
    assert "Why: " in (await client.ask(f"/start {payload}", ADA)).text
