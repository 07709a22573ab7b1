"""Widgets in the chat: offered where they are switched on and taken, and as before everywhere else."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from handlers.commands import pin
from storage.chats import pins, privacy, shared_widgets
from storage.chats.chats import Address
from tests.fakes.connections import read_now, write_now
from tests.fakes.telegram import NOT_FOUND, SERVER_ERROR, Garble, Refuse, flood
from tests.fakes.telegram_widgets import lines
from tests.handlers.program_client import ADA, BOB, GROUP, NOON, ProgramClient, running_program

UNKNOWN = Refuse(404, "Not Found: method not found")
REFUSED = Refuse(400, "Bad Request: INPUT_MEDIA_WIDGET_NOT_ALLOWED")
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def client(tmp_path: Path, server_address: str | None) -> AsyncIterator[ProgramClient]:
    """The program with both widgets switched on."""
    async with running_program(tmp_path, server_address, widgets=("breakeven", "status")) as running:
        running.api.widgets.gap_s = 0.0
        yield running


async def poll(client: ProgramClient, wait: timedelta = MINUTE) -> None:
    client.now += wait
    await pin.refresh(client.program.context)


async def test_all_pins_of_a_language_show_one_widget_that_one_call_renews(client: ProgramClient) -> None:
    people = range(100, 120)
    for person in people:
        assert (await client.ask("/pin", person)).method == (
            "sendWidget" if person == people[0] else "sendSharedWidget"
        )
        await client.settled(person)
    client.api.language = "de"
    assert (await client.ask("/pin", 200)).method == "sendWidget"
    await client.settled(200)
    assert len(client.api.widgets.data) == 2
    before = client.api.calls.copy()
    await client.pass_time(timedelta(days=1))
    await pin.refresh(client.program.context)
    await client.edited()
    calls = client.api.calls - before
    assert calls["editSharedWidgetData"] == 2
    assert calls["editMessageText"] == 0
    shown = [lines(data)[0] for data in client.api.widgets.data.values()]
    assert shown[0].startswith("Phase:")
    assert shown[0] != shown[1]
    assert {json.loads(data)[0] for data in client.api.widgets.data.values()} == {client.now.timestamp()}


async def test_a_group_keeps_its_text(client: ProgramClient) -> None:
    assert (await client.ask("/pin", GROUP)).method == "sendMessage"
    await client.settled(GROUP)
    assert client.api.calls["sendWidget"] == 0
    answer = await client.ask("/breakeven s19 0.07", GROUP)
    assert not [button for button in answer.buttons if button["text"].startswith("±")]


@pytest.mark.parametrize("refusal", [UNKNOWN, REFUSED])
async def test_a_refusal_gives_the_text_and_is_not_asked_for_again(
    client: ProgramClient, refusal: Refuse
) -> None:
    client.api.script_method("sendWidget", refusal)
    assert (await client.ask("/pin")).method == "sendMessage"
    await client.settled()
    assert (await client.ask("/pin", BOB)).method == "sendMessage"
    assert client.api.calls["sendWidget"] == 1
    answer = await client.ask("/breakeven s19 0.07")
    assert not [button for button in answer.buttons if button["text"].startswith("±")]


@pytest.mark.parametrize("fault", [Garble(404), Garble(400), SERVER_ERROR, NOT_FOUND])
async def test_what_is_not_said_of_widgets_is_no_refusal(
    client: ProgramClient, fault: Garble | Refuse
) -> None:
    """A portal in between says nothing about widgets, nor does a chat that is gone; the next one gets one."""
    tries = 1 if fault is NOT_FOUND else 2
    client.api.script_method("sendWidget", *[fault] * tries)
    client.api.say(ADA, "/pin")
    assert [sent.method for sent in await client.settled() if "Phase" in sent.text] == []
    assert (await client.ask("/pin", BOB)).method == "sendWidget"


async def test_a_server_that_shares_nothing_is_taken_at_its_word(client: ProgramClient) -> None:
    client.api.widgets.knows_shared = False
    await client.ask("/pin")
    await client.settled()
    assert [sent.method for sent in client.api.sent][:2] == ["sendWidget", "sendMessage"]
    assert "deleteMessage" in [method for method, _ in client.api.done]
    assert read_now(client.store, shared_widgets.every) == []


@pytest.mark.both_engines
async def test_when_renewing_is_refused_the_pins_go_on_as_texts(client: ProgramClient) -> None:
    await client.ask("/pin")
    await client.settled()
    client.api.script_method("editSharedWidgetData", REFUSED)
    await poll(client)
    assert read_now(client.store, shared_widgets.every) == []
    [row] = read_now(client.store, pins.every)
    assert row.widget_id is None
    await client.edited()
    assert client.api.calls["editMessageText"] == 1  # Telegram takes no text there, and the pin is given up
    assert read_now(client.store, pins.every) == []
    assert (await client.ask("/pin")).method == "sendMessage"


@pytest.mark.parametrize("fault", [Garble(200), SERVER_ERROR, flood(3)])
async def test_a_fault_while_renewing_waits_for_the_next_poll(
    client: ProgramClient, fault: Garble | Refuse
) -> None:
    await client.ask("/pin")
    await client.settled()
    client.api.script_method("editSharedWidgetData", fault)
    [before] = client.api.widgets.data.values()
    await poll(client)
    assert list(client.api.widgets.data.values()) == [before]
    await poll(client)
    [after] = client.api.widgets.data.values()
    assert json.loads(after)[0] == (NOON + 2 * MINUTE).timestamp()


async def test_a_widget_is_renewed_at_most_once_a_second(client: ProgramClient) -> None:
    await client.ask("/pin")
    await client.settled()
    await poll(client)
    await poll(client, timedelta(milliseconds=900))
    assert client.api.calls["editSharedWidgetData"] == 1


@pytest.mark.both_engines
async def test_export_shows_it_and_after_forgetting_nothing_renews_it(client: ProgramClient) -> None:
    await client.ask("/pin")
    await client.settled()
    exported = json.loads((await client.ask("/export")).uploads["document"])
    assert exported["sent_messages"][0]["widget_id"] in client.api.widgets.data
    write_now(client.store, lambda db: privacy.forget(db, ADA))
    await poll(client)
    assert read_now(client.store, shared_widgets.every) == []
    await poll(client)
    assert client.api.calls["editSharedWidgetData"] == 1


@pytest.mark.both_engines
async def test_pin_off_ends_a_widget_as_it_ends_a_text(client: ProgramClient) -> None:
    await client.ask("/pin")
    await client.settled()
    assert "no pinned status" in (await client.ask("/pin off")).text
    assert read_now(client.store, lambda db: pins.of(db, Address(ADA))) is None


async def test_switched_off_again_the_pins_go_on_as_texts(tmp_path: Path) -> None:
    async with running_program(tmp_path, widgets=("status",)) as on:
        await on.ask("/pin")
        await on.settled()
    async with running_program(tmp_path) as off:
        await poll(off)
        assert [row.widget_id for row in read_now(off.store, pins.every)] == [None]


async def test_the_answer_offers_the_steppers_and_a_press_sends_them(client: ProgramClient) -> None:
    answer = await client.ask("/breakeven s19 0.07")
    widget = await client.press_for_message(answer, "± Step through")
    assert widget.method == "sendWidget"
    assert json.loads(widget.fields["reply_parameters"])["message_id"] == answer.message_id
    assert "Antminer S19" in widget.fields["html"]
    assert client.api.token not in widget.fields["html"]


async def test_a_refused_stepper_is_told_in_a_notice(client: ProgramClient) -> None:
    answer = await client.ask("/breakeven s19 0.07")
    client.api.script_method("sendWidget", UNKNOWN)
    assert "the other buttons do the same" in await client.press(answer, "± Step through")
    assert "the other buttons do the same" in await client.press(answer, "± Step through")
    assert client.api.calls["sendWidget"] == 1


async def test_switched_off_nothing_is_offered_or_sent(tmp_path: Path) -> None:
    async with running_program(tmp_path) as off:
        assert (await off.ask("/pin")).method == "sendMessage"
        await off.settled()
        answer = await off.ask("/breakeven s19 0.07")
        assert not [button for button in answer.buttons if button["text"].startswith("±")]
        assert off.api.calls["sendWidget"] == 0
