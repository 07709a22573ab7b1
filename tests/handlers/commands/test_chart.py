"""/chart and its buttons."""

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.handlers.program_client import BOB, CHANNEL, GROUP, ProgramClient


async def test_a_picture_and_its_buttons(client: ProgramClient, snapshot: SnapshotAssertion) -> None:
    sent = await client.ask("/chart")
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
        ("price_drawdown, 6m", "<b>Price</b> · 183d"),
        ("btc.hashprice 4y dark", "<b>Hashprice</b> · 4y"),
    ],
)
async def test_series_and_span_in_any_order(client: ProgramClient, words: str, caption: str) -> None:
    assert (await client.ask(f"/chart {words}")).text.startswith(caption)


async def test_what_is_not_understood_is_named(client: ProgramClient) -> None:
    refused = await client.ask("/chart <weather> 90d")
    assert "“&lt;weather&gt;”" in refused.text
    assert "/chart hashrate 90d" in refused.text


async def test_a_zone_without_data_says_so(client: ProgramClient) -> None:
    assert "nothing to draw yet" in (await client.ask("/chart power.SE4")).text


async def test_buttons_change_the_picture_in_place(client: ProgramClient) -> None:
    sent = await client.ask("/chart")
    changed = await client.press_for_message(sent, "90d")
    assert (changed.method, changed.message_id) == ("editMessageMedia", sent.message_id)
    assert "• 90d •" in [one["text"] for one in changed.buttons]
    darker = await client.press_for_message(changed, "Dark")
    assert "Light" in [one["text"] for one in darker.buttons]
    assert "90d" in darker.fields["media"]
    other = await client.press_for_message(darker, "Hashrate")
    assert "Hashrate" in other.fields["media"]


async def test_an_old_button_is_answered_kindly(client: ProgramClient) -> None:
    sent = await client.ask("/chart")
    for data in ("c1:weather:365:0:", "c1:price:365:0:XX", "c1:price", "c2:price:x:0:"):
        assert "older version" in await client.press_data(sent, data)


async def test_in_a_topic_and_in_a_channel(client: ProgramClient) -> None:
    assert (await client.ask("/chart", GROUP, topic=5)).topic_id == 5
    client.api.channels.add(CHANNEL)
    client.api.strangers.add(BOB)
    sent = await client.ask("/chart", CHANNEL)
    assert "Only this chat's admins" in await client.press(sent, "90d", user=BOB)
