"""/mute, /quiet, the buttons under alerts, and what comes afterwards."""

from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from bot.i18n.timezones import nearest_zones
from handlers.commands.mute import LONGEST, length_of
from handlers.commands.quiet_hours import hour_of, span_of
from storage.chats import preferences
from storage.chats.chats import Address
from tests.fakes.telegram import Sent
from tests.handlers.program import ADA, BOB, CHANNEL, GROUP, Room

DAY = timedelta(days=1)


async def an_alert(room: Room, chat: int = ADA, topic: int = 0) -> Sent:
    """Power becomes dear: the first alert after the opening."""
    await room.ask("/subscribe", chat, topic=topic)
    before = len(room.api.sent)
    while len(room.api.sent) == before:
        await room.pass_time(DAY)
        await room.delivered()
    return room.api.sent[before]


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("1h", timedelta(hours=1)), ("90 min", timedelta(minutes=90)), ("2 days", 2 * DAY), ("1w", 7 * DAY),
        ("9999w", LONGEST), ("0h", None), ("soon", None), ("-1h", None),
    ],
)  # fmt: skip
def test_lengths(text: str, length: timedelta | None) -> None:
    assert length_of(text) == length


@pytest.mark.parametrize(
    ("text", "hour"),
    [("7", time(7)), ("07:30", time(7, 30)), ("10pm", time(22)), ("12 am", time(0)), ("24:00", time(0)),
     ("25", None), ("7:60", None), ("13pm", None), ("x", None)],
)  # fmt: skip
def test_hours(text: str, hour: time | None) -> None:
    assert hour_of(text) == hour


@given(st.text(max_size=20))
def test_no_text_is_more_than_misunderstood(text: str) -> None:
    length_of(text)
    span_of(text)


def test_the_zone_of_a_place_is_among_the_nearest() -> None:
    assert nearest_zones(52.5, 13.4)[0] == "Europe/Berlin"
    assert nearest_zones(-33.9, 151.2)[0] == "Australia/Sydney"
    assert "America/New_York" in nearest_zones(40.7, -74.0)


async def test_mute_by_command(room: Room, snapshot: SnapshotAssertion) -> None:
    assert (await room.ask("/mute")).text == snapshot
    muted = await room.ask("/mute 8h")
    assert muted.text == snapshot
    assert [one["text"] for one in muted.buttons] == snapshot
    assert (await room.ask("/mute off")).text.startswith("Not muted")
    assert "is no length of time" in (await room.ask("/mute <soon>")).text


async def test_an_alert_and_its_buttons(room: Room, snapshot: SnapshotAssertion) -> None:
    alert = await an_alert(room)
    assert alert.text == snapshot
    assert [(one["text"], one["callback_data"]) for one in alert.buttons] == snapshot
    chart = await room.see(alert, "Chart")
    assert chart.method == "sendPhoto"
    status = await room.see(alert, "Status")
    assert "Phase" in status.text
    refreshed = await room.press(status, "Refresh")
    assert refreshed == ""


async def test_acknowledging(room: Room) -> None:
    alert = await an_alert(room)
    seen = await room.see(alert, "Acknowledge")
    assert seen.method == "editMessageReplyMarkup"
    assert "✓ Acknowledged · Ada" in [one["text"] for one in seen.buttons]
    assert "no reminders" in await room.press(seen, "✓ Acknowledged · Ada")
    assert "older version" in await room.press_data(alert, "k1:99999")


async def test_muting_by_a_button_and_undoing_it(room: Room, snapshot: SnapshotAssertion) -> None:
    alert = await an_alert(room)
    muted = await room.see(alert, "1 week")
    assert muted.method == "editMessageReplyMarkup"
    assert muted.buttons[-1]["text"].startswith("Unmute (quiet until")
    before = len(room.api.sent)
    for _ in range(6):
        await room.pass_time(DAY)
        await room.delivered()
    assert len(room.api.sent) == before
    assert await room.press_data(muted, "m1:0") == "Not muted any more"
    await room.api.until_sent(before + 2)
    put_off = next(sent for sent in room.api.sent[before:] if sent.method == "sendMessage")
    assert put_off.text == snapshot
    assert "older version" in await room.press_data(alert, "m1:soon")


async def test_quiet_hours(room: Room, snapshot: SnapshotAssertion) -> None:
    assert (await room.ask("/quiet")).text == snapshot
    set_ = await room.ask("/quiet 22:30 - 7 Europe/Berlin")
    assert set_.text == snapshot
    assert [one["text"] for one in set_.buttons] == snapshot
    assert "Critical alerts wait too" in (await room.see(set_, "Critical: wait too")).text
    off = await room.ask("/quiet off")
    assert off.text.startswith("No quiet hours. The clock here is Europe/Berlin")
    assert "UTC+05:30" in (await room.ask("/quiet +5:30")).text
    for wrong in ("/quiet 25-7", "/quiet 22-22", "/quiet 22-7 Atlantis", "/quiet off now", "/quiet <b>"):
        assert "is no quiet time" in (await room.ask(wrong)).text


async def test_a_location_offers_its_zones_and_is_not_kept(room: Room) -> None:
    room.api.send(ADA, {"location": {"latitude": 52.52, "longitude": 13.41}})
    offered = await room.next_sent()
    assert offered.buttons[0]["text"] == "Europe/Berlin · 02:05"
    await room.see(offered, "Europe/Berlin · 02:05")
    kept = room.store.read_now(lambda db: preferences.load(db, Address(ADA)))
    assert kept.time_zone == "Europe/Berlin"
    room.api.send(GROUP, {"location": {"latitude": 52.52, "longitude": 13.41}})
    assert await room.settled(GROUP) == []


@pytest.mark.parametrize("command", ["/mute 1h", "/quiet 22-7", "/digest 8:00", "/subscribe"])
async def test_in_groups_only_admins_change_settings(room: Room, command: str) -> None:
    room.api.strangers.add(BOB)
    assert "Only this chat's admins" in (await room.ask(command, GROUP, user=BOB)).text
    assert "Only this chat's admins" not in (await room.ask(command, GROUP, user=ADA)).text


async def test_a_channels_readers_press_in_vain(room: Room) -> None:
    room.api.channels.add(CHANNEL)
    room.api.strangers.add(BOB)
    alert = await an_alert(room, CHANNEL)
    for label in ("Acknowledge", "Chart", "Status", "1 week"):
        assert "Only this chat's admins" in await room.press(alert, label, user=BOB)
    assert "Muted until" in await room.press(alert, "1 week", user=ADA)


async def test_topics_are_muted_apart(room: Room) -> None:
    await room.ask("/mute 1d", GROUP, topic=3)
    third = room.store.read_now(lambda db: preferences.load(db, Address(GROUP, 3)))
    fourth = room.store.read_now(lambda db: preferences.load(db, Address(GROUP, 4)))
    assert third.muted_until is not None
    assert fourth.muted_until is None
