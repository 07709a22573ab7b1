"""/chart and its buttons."""

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.handlers.program import BOB, CHANNEL, GROUP, Room


async def test_a_picture_and_its_buttons(room: Room, snapshot: SnapshotAssertion) -> None:
    sent = await room.ask("/chart")
    assert sent.method == "sendPhoto"
    assert sent.uploads["photo"].startswith(b"\x89PNG")
    assert sent.text == snapshot
    assert [(one["text"], one["callback_data"]) for one in sent.buttons] == snapshot


@pytest.mark.parametrize(
    ("words", "caption"),
    [
        ("hashrate 90d", "<b>Hashrate</b> · 90d"),
        ("10y energy", "<b>Energy DE-LU</b> · 10y"),
        ("de-lu", "<b>Energy DE-LU</b> · 1y"),
        ("miner_outflow, 6m", "<b>Outflow</b> · 183d"),
        ("btc.hashprice 4y dark", "<b>Hashprice</b> · 4y"),
    ],
)
async def test_series_and_span_in_any_order(room: Room, words: str, caption: str) -> None:
    assert (await room.ask(f"/chart {words}")).text.startswith(caption)


async def test_what_is_not_understood_is_named(room: Room) -> None:
    refused = await room.ask("/chart <weather> 90d")
    assert "“&lt;weather&gt;”" in refused.text
    assert "/chart hashrate 90d" in refused.text


async def test_a_zone_without_data_says_so(room: Room) -> None:
    assert "nothing to draw yet" in (await room.ask("/chart power.SE4")).text


async def test_buttons_change_the_picture_in_place(room: Room) -> None:
    sent = await room.ask("/chart")
    changed = await room.see(sent, "90d")
    assert (changed.method, changed.message_id) == ("editMessageMedia", sent.message_id)
    assert "• 90d •" in [one["text"] for one in changed.buttons]
    darker = await room.see(changed, "Dark")
    assert "Light" in [one["text"] for one in darker.buttons]
    assert "90d" in darker.fields["media"]
    other = await room.see(darker, "Hashrate")
    assert "Hashrate" in other.fields["media"]


async def test_an_old_button_is_answered_kindly(room: Room) -> None:
    sent = await room.ask("/chart")
    for data in ("c1:weather:365:0:", "c1:price:365:0:XX", "c1:price", "c2:price:x:0:"):
        assert "older version" in await room.press_data(sent, data)


async def test_in_a_topic_and_in_a_channel(room: Room) -> None:
    assert (await room.ask("/chart", GROUP, topic=5)).topic_id == 5
    room.api.channels.add(CHANNEL)
    room.api.strangers.add(BOB)
    sent = await room.ask("/chart", CHANNEL)
    assert "Only this chat's admins" in await room.press(sent, "90d", user=BOB)
