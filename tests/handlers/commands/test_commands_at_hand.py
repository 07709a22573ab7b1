"""Commands as people know them from other bots: aliases, /price, /unmute, /test, links, grouped help."""

import json
from datetime import timedelta

import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.i18n.message import ENGLISH
from handlers.commands.help import GROUPS
from handlers.events.fallback import ending_of, nearest_commands
from handlers.registry import COMMANDS
from tests.fakes.telegram import BOT
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


async def test_a_level_alone_is_offered_as_a_watch_a_tap_away(client: ProgramClient) -> None:
    refused = await client.ask("/alert btc 60000")
    offer = await client.press_for_message(refused, "Watch price crosses 60,000 USD")
    assert "price crosses 60,000 USD" in offer.text
    assert [button["text"] for button in offer.buttons] == ["Save", "Cancel"]
    assert "drawdown above 50 %" in (await client.ask("/watch drawdown 50%")).text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("unpin", "/pin off?"),
        ("unquiet", "/quiet off?"),
        ("stopdigest", "/digest off?"),
        ("unwatch", "/watches?"),
        ("unsubscripe", "/unsubscribe?"),
        ("umute", "/unmute or /mute?"),
        ("hlep", "/help?"),
    ],
)
def test_no_suggestion_does_the_opposite_alone(typed: str, meant: str) -> None:
    names = [command.name for command in COMMANDS]
    near = ending_of(typed) or [f"/{name}" for name in nearest_commands(typed, names)]
    assert f"{ENGLISH.either(near)}?" == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/ath", "/price"),
        ("/gas", "/fees"),
        ("/language_de", "/settings"),
        ("/portfolio", "/fleet"),
        ("/mute_until monday", "/mute until monday"),
        ("/nonsuch", "/help"),
    ],
)
async def test_an_unknown_command_is_read_as_words(client: ProgramClient, typed: str, meant: str) -> None:
    assert meant in (await client.ask(typed)).text


async def test_signals_are_known_by_their_short_names(client: ProgramClient) -> None:
    assert "Why: Price drawdown" in (await client.ask("/why drawdown")).text
    assert "Why: Price drawdown" in (await client.ask("/start why-drawdown")).text
    assert (await client.ask("/history drawdown")).text == (await client.ask("/history price_drawdown")).text


async def test_a_currency_is_a_tap_away_and_so_is_the_one_before(client: ProgramClient) -> None:
    shown = await client.ask("show prices in usd")
    assert "USD from now on" in shown.text
    assert next(button["text"] for button in shown.buttons) == "✓ USD"
    assert await client.press(shown, "✓ USD") == "Done"


async def test_other_bots_words_for_commands_are_known(client: ProgramClient) -> None:
    price = (await client.ask("/price")).text
    assert (await client.ask("/p btc")).text == price
    assert (await client.ask("/commands")).text == (await client.ask("/help")).text


async def test_the_word_of_a_link_subscribes_too(client: ProgramClient) -> None:
    assert "Price drawdown (critical only)" in (await client.ask("/subscribe drawdown critical")).text


async def test_samples_say_that_they_are_none(client: ProgramClient) -> None:
    before = len(client.api.sent)
    assert "Samples, not alerts" in (await client.ask("/test")).text
    await client.settled()
    texts = [sent.text for sent in client.api.sent[before:]]
    assert any("Bitcoin is 70 % below its record" in text for text in texts)
    end = next(text for text in texts if "is recovering" in text)
    assert "it ends beyond −65.0 %" in end
    assert "at worst −72.0 %" in end
    capitulation = next(text for text in texts if "Miners are capitulating" in text)
    assert "• Price drawdown: <b>critical</b> since" in capitulation


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


async def test_the_usual_commands_stand_below_the_text_field_for_who_wants_them(
    client: ProgramClient,
) -> None:
    shown = await client.ask("/keyboard")
    markup = json.loads(shown.fields["reply_markup"])
    labels = [button["text"] for row in markup["keyboard"] for button in row]
    names = {name for command in COMMANDS for name in (command.name, *command.aliases)}
    assert {label.removeprefix("/") for label in labels} <= names
    gone = await client.ask("/keyboard off")
    assert json.loads(gone.fields["reply_markup"])["remove_keyboard"]
    assert "/keyboard off" in (await client.ask("/keyboard blue")).text


async def test_a_card_to_share_names_the_bot(client: ProgramClient) -> None:
    for words, shown in (("", "Bitcoin miners: capitulation"), (" s19 7c", "S19 at 7.0 c/kWh")):
        card = await client.ask(f"/share{words}")
        assert card.uploads["photo"].startswith(b"\x89PNG")
        assert shown in card.text
        assert f"t.me/{BOT['username']}" in card.text
    assert "fleet is empty" in (await client.ask("/share fleet")).text
    await client.ask("/fleet add 3 s19 power 7c")
    assert "3 machines" in (await client.ask("/share fleet")).text
    assert "/share s19 7c" in (await client.ask("/share s19 vs s21 7c")).text


async def test_samples_sound_as_alerts_do(client: ProgramClient) -> None:
    await client.press(await client.ask("/settings"), "Change sound")
    before = len(client.api.sent)
    await client.ask("/test")
    await client.settled()
    loud = {sent.text: "disable_notification" not in sent.fields for sent in client.api.sent[before + 1 :]}
    assert loud[next(text for text in loud if "70 % below" in text)]
    assert not loud[next(text for text in loud if "50 %" in text)]


async def test_a_button_that_does_nothing_any_more_goes_away(client: ProgramClient) -> None:
    rows = [
        [
            InlineKeyboardButton("old", callback_data="zz:1"),
            InlineKeyboardButton("gone", callback_data="s1:weather"),
        ]
    ]
    before = len(client.api.sent)
    await client.program.application.bot.send_message(
        ADA, "from an older version", reply_markup=InlineKeyboardMarkup(rows)
    )
    sent = client.api.sent[before]
    edited = await client.press_for_message(sent, "old")
    assert [button["text"] for button in edited.buttons] == ["gone"]
    edited = await client.press_for_message(edited, "gone")
    assert edited.buttons == []
