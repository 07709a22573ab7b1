"""The pinned status, what is kept about a chat, and questions in any chat."""

import json
from datetime import timedelta

import pytest
from syrupy.assertion import SnapshotAssertion

from handlers.commands import pin
from storage.chats import pins, privacy
from storage.chats.chats import Address
from tests.fakes.connections import read_now, write_now
from tests.fakes.telegram import BLOCKED, NOT_FOUND, Refuse
from tests.handlers.program_client import ADA, BOB, CHANNEL, GROUP, ProgramClient

DAY = timedelta(days=1)


async def refresh(client: ProgramClient) -> int:
    """What happens to pins after a poll; returns how many were edited."""
    before = sum(sent.method == "editMessageText" for sent in client.api.sent)
    await pin.refresh(client.program.context)
    await client.edited()
    return sum(sent.method == "editMessageText" for sent in client.api.sent) - before


async def test_a_pinned_status_is_edited_in_place_when_it_changed(
    client: ProgramClient, snapshot: SnapshotAssertion
) -> None:
    pinned = await client.ask("/pin", GROUP, topic=6)
    assert pinned.text == snapshot
    await client.api.until(lambda: any(method == "pinChatMessage" for method, _ in client.api.done))
    assert await refresh(client) == 0
    await client.pass_time(DAY)
    assert await refresh(client) == 1
    edited = client.api.sent[-1]
    assert (edited.method, edited.message_id) == ("editMessageText", pinned.message_id)
    assert "5 Jul 2022" in edited.text
    assert await refresh(client) == 0


async def test_figures_alone_wait_ten_minutes(client: ProgramClient) -> None:
    await client.ask("/pin")
    await client.settled()
    await client.pass_time(DAY)
    before = client.now
    client.now = before - DAY + timedelta(minutes=5)  # as if the new figures had come five minutes after
    edited = await refresh(client)
    client.now = before
    assert edited + await refresh(client) == 1


async def test_a_new_pin_replaces_the_old_and_off_ends_it(client: ProgramClient) -> None:
    await client.ask("/pin")
    await client.ask("/pin")
    await client.settled()
    assert len(read_now(client.store, pins.every)) == 1
    assert "unpinChatMessage" in [method for method, _ in client.api.done]
    assert "no pinned status" in (await client.ask("/pin off")).text
    assert read_now(client.store, pins.every) == []


async def test_without_the_right_to_pin_it_is_kept_up_to_date(client: ProgramClient) -> None:
    client.api.script_method("pinChatMessage", Refuse(400, "Bad Request: not enough rights to pin a message"))
    await client.ask("/pin", GROUP)
    await client.settled(GROUP)
    assert "an admin can pin it" in client.api.texts(GROUP)[1]
    assert len(read_now(client.store, pins.every)) == 1


@pytest.mark.parametrize(
    "refusal", [BLOCKED, NOT_FOUND, Refuse(400, "Bad Request: message to edit not found")]
)
async def test_a_message_that_is_gone_is_forgotten(client: ProgramClient, refusal: Refuse) -> None:
    client.api.channels.add(CHANNEL)
    await client.ask("/pin", CHANNEL)
    await client.settled(CHANNEL)
    await client.pass_time(DAY)
    client.api.standing[CHANNEL] = refusal
    assert await refresh(client) == 0
    assert read_now(client.store, pins.every) == []


async def test_privacy_export_forget(client: ProgramClient, snapshot: SnapshotAssertion) -> None:
    assert (await client.ask("/privacy")).text == snapshot
    await client.ask("/subscribe price_drawdown")
    await client.ask("/quiet 22-7 Europe/Berlin")
    exported = await client.ask("/export")
    assert exported.method == "sendDocument"
    body = json.loads(exported.uploads["document"])
    assert body["chat_id"] == ADA
    assert body["subscriptions"][0]["signal"] == "price_drawdown"
    assert body["chat_settings"][0]["time_zone"] == "Europe/Berlin"

    asked = await client.ask("/forget")
    assert asked.text == snapshot
    assert "Nothing was deleted" in (await client.press_for_message(asked, "Keep it")).text
    assert read_now(client.store, lambda db: privacy.export(db, ADA))
    asked = await client.ask("/forget")
    assert "deleted" in (await client.press_for_message(asked, "Delete everything")).text
    assert read_now(client.store, lambda db: privacy.export(db, ADA)) == {}
    assert json.loads((await client.ask("/export")).uploads["document"]).keys() == {"chat_id", "exported_at"}


@pytest.mark.both_engines
async def test_forgetting_takes_every_table_and_nobody_else(client: ProgramClient) -> None:
    for chat in (ADA, BOB, GROUP):
        await client.ask("/subscribe", chat)
        await client.ask("/pin", chat)
        await client.ask("/mute 1h", chat)
    await client.ask("/subscribe", GROUP, topic=3)
    write_now(client.store, lambda db: privacy.forget(db, GROUP))
    for table in read_now(client.store, privacy.tables):
        chats = read_now(
            client.store,
            lambda db, name=table: {row[0] for row in db.execute(f"SELECT chat_id FROM {name}").fetchall()},  # type: ignore[misc]  # a default argument
        )
        assert GROUP not in chats
    assert read_now(client.store, lambda db: pins.of(db, Address(ADA))) is not None


async def test_in_groups_only_admins_export_and_forget(client: ProgramClient) -> None:
    client.api.strangers.add(BOB)
    for command in ("/export", "/forget", "/pin"):
        assert "Only this chat's admins" in (await client.ask(command, GROUP, user=BOB)).text
    asked = await client.ask("/forget", GROUP, user=ADA)
    assert "Only this chat's admins" in await client.press(asked, "Delete everything", user=BOB)


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        ("s19 7c", ["Antminer S19"]), ("status", ["Status"]), ("st", ["Status"]),
        ("", ["Status", "Antminer S19"]), ("a toaster", ["Not understood: try s19 7c"]),
        ("what if btc drops 20% s19 7c", ["Antminer S19"]),
    ],
)  # fmt: skip
async def test_questions_in_any_chat(client: ProgramClient, words: str, titles: list[str]) -> None:
    client.api.ask_inline(ADA, words)
    await client.api.until(lambda: len(client.api.answered) > 0)
    results = json.loads(client.api.answered[-1]["results"])
    assert [result["title"] for result in results] == titles
    for result in results:
        assert 0 < len(result["input_message_content"]["message_text"]) <= 4096
        assert result["input_message_content"]["parse_mode"] == "HTML"
    assert len({result["id"] for result in results}) == len(results)
