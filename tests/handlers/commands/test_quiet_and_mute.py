"""/mute, /quiet, the buttons under alerts, and what comes afterwards."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from bot.i18n.timezones import nearest_zones
from handlers.commands.quiet_hours import span_of
from storage.chats import preferences
from storage.chats.chats import Address
from tests.fakes.connections import read_now
from tests.fakes.telegram import Sent
from tests.handlers.program_client import ADA, BOB, CHANNEL, GROUP, ProgramClient

DAY = timedelta(days=1)


async def an_alert(client: ProgramClient, chat: int = ADA, topic: int = 0) -> Sent:
    """Power becomes dear: the first alert after the opening."""
    await client.ask("/subscribe", chat, topic=topic)
    before = len(client.api.sent)
    while len(client.api.sent) == before:
        await client.pass_time(DAY)
        await client.delivered()
    return client.api.sent[before]


@given(st.text(max_size=20))
def test_no_text_is_more_than_misunderstood(text: str) -> None:
    span_of(text)


def test_the_zone_of_a_place_is_among_the_nearest() -> None:
    assert nearest_zones(52.5, 13.4)[0] == "Europe/Berlin"
    assert nearest_zones(-33.9, 151.2)[0] == "Australia/Sydney"
    assert "America/New_York" in nearest_zones(40.7, -74.0)


async def test_mute_by_command(client: ProgramClient, snapshot: SnapshotAssertion) -> None:
    assert (await client.ask("/mute")).text == snapshot
    muted = await client.ask("/mute 8h")
    assert muted.text == snapshot
    assert [each["text"] for each in muted.buttons] == snapshot
    assert (await client.ask("/mute off")).text.startswith("Not muted")
    assert "is no length of time" in (await client.ask("/mute <soon>")).text


async def test_an_alert_and_its_buttons(client: ProgramClient, snapshot: SnapshotAssertion) -> None:
    alert = await an_alert(client)
    assert alert.text == snapshot
    assert [(each["text"], each["callback_data"]) for each in alert.buttons] == snapshot
    chart = await client.press_for_message(alert, "Chart")
    assert chart.method == "sendPhoto"
    status = await client.press_for_message(alert, "Status")
    assert "Phase" in status.text
    refreshed = await client.press(status, "Refresh")
    assert refreshed == ""


async def test_acknowledging(client: ProgramClient) -> None:
    alert = await an_alert(client)
    message = await client.press_for_message(alert, "Acknowledge")
    assert message.method == "editMessageReplyMarkup"
    assert "✓ Acknowledged" in [each["text"] for each in message.buttons]
    assert "no reminders" in await client.press(message, "✓ Acknowledged")
    assert "older version" in await client.press_data(alert, "k1:99999")


async def test_a_group_sees_who_acknowledged(client: ProgramClient) -> None:
    alert = await an_alert(client, GROUP)
    message = await client.press_for_message(alert, "Acknowledge")
    assert message.buttons[0]["text"] == "✓ Ada"


@pytest.mark.both_engines
async def test_muting_by_a_button_and_undoing_it(client: ProgramClient, snapshot: SnapshotAssertion) -> None:
    alert = await an_alert(client)
    muted = await client.press_for_message(alert, "1 week")
    assert muted.method == "editMessageReplyMarkup"
    assert muted.buttons[-1]["text"].startswith("Unmute (quiet until")
    before = len(client.api.sent)
    for _ in range(6):
        await client.pass_time(DAY)
        await client.delivered()
    assert len(client.api.sent) == before
    assert await client.press_data(muted, "m1:0") == "Not muted any more"
    await client.api.until_sent(before + 2)
    put_off = next(sent for sent in client.api.sent[before:] if sent.method == "sendMessage")
    assert put_off.text == snapshot
    assert "older version" in await client.press_data(alert, "m1:soon")


async def test_quiet_hours(client: ProgramClient, snapshot: SnapshotAssertion) -> None:
    assert (await client.ask("/quiet")).text == snapshot
    set_ = await client.ask("/quiet 22:30 - 7 Europe/Berlin")
    assert set_.text == snapshot
    assert [each["text"] for each in set_.buttons] == snapshot
    assert "Critical alerts wait too" in (await client.press_for_message(set_, "Critical: wait too")).text
    off = await client.ask("/quiet off")
    assert off.text.startswith("No quiet hours. The clock here is Europe/Berlin")
    assert "UTC+05:30" in (await client.ask("/quiet +5:30")).text
    for wrong in ("/quiet 25-7", "/quiet 22-22", "/quiet 22-7 Atlantis", "/quiet off now", "/quiet <b>"):
        assert "is no quiet time" in (await client.ask(wrong)).text


async def test_a_location_offers_its_zones_and_is_not_kept(client: ProgramClient) -> None:
    client.api.send(ADA, {"location": {"latitude": 52.52, "longitude": 13.41}})
    offered = await client.next_sent()
    assert offered.buttons[0]["text"] == "Europe/Berlin · 02:05"
    await client.press_for_message(offered, "Europe/Berlin · 02:05")
    stored = read_now(client.store, lambda db: preferences.load(db, Address(ADA)))
    assert stored.time_zone == "Europe/Berlin"
    client.api.send(GROUP, {"location": {"latitude": 52.52, "longitude": 13.41}})
    assert await client.settled(GROUP) == []


@pytest.mark.parametrize("command", ["/mute 1h", "/quiet 22-7", "/digest 8:00", "/subscribe"])
async def test_in_groups_only_admins_change_settings(client: ProgramClient, command: str) -> None:
    client.api.strangers.add(BOB)
    assert "Only this chat's admins" in (await client.ask(command, GROUP, user=BOB)).text
    assert "Only this chat's admins" not in (await client.ask(command, GROUP, user=ADA)).text


async def test_a_channels_readers_press_in_vain(client: ProgramClient) -> None:
    client.api.channels.add(CHANNEL)
    client.api.strangers.add(BOB)
    alert = await an_alert(client, CHANNEL)
    for data in ("k1:1", "c2:price:365:0:", "r1:new", "m1:604800"):  # as under posts of older versions
        assert "Only this chat's admins" in await client.press_data(alert, data, user=BOB)
    assert "Muted until" in await client.press_data(alert, "m1:604800", user=ADA)


async def test_topics_are_muted_apart(client: ProgramClient) -> None:
    await client.ask("/mute 1d", GROUP, topic=3)
    third = read_now(client.store, lambda db: preferences.load(db, Address(GROUP, 3)))
    fourth = read_now(client.store, lambda db: preferences.load(db, Address(GROUP, 4)))
    assert third.muted_until is not None
    assert fourth.muted_until is None
