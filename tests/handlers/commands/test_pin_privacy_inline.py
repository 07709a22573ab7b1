"""The pinned status, what is kept about a chat, and questions in any chat."""

import json
from datetime import timedelta

import pytest
from syrupy.assertion import SnapshotAssertion

from handlers.commands import pin
from storage.chats import pins, privacy
from storage.chats.chats import Address
from tests.fakes.telegram import BLOCKED, NOT_FOUND, Refuse
from tests.handlers.program import ADA, BOB, CHANNEL, GROUP, Room

DAY = timedelta(days=1)


async def refresh(room: Room) -> int:
    return await pin.refresh(room.program.application.bot, room.program.desk)


async def test_a_pinned_status_is_edited_in_place_when_it_changed(
    room: Room, snapshot: SnapshotAssertion
) -> None:
    pinned = await room.ask("/pin", GROUP, topic=6)
    assert pinned.text == snapshot
    await room.api.until(lambda: any(method == "pinChatMessage" for method, _ in room.api.done))
    assert await refresh(room) == 0
    await room.pass_time(DAY)
    assert await refresh(room) == 1
    edited = room.api.sent[-1]
    assert (edited.method, edited.message_id) == ("editMessageText", pinned.message_id)
    assert "6 Jul 2022" in edited.text
    assert await refresh(room) == 0


async def test_figures_alone_wait_ten_minutes(room: Room) -> None:
    await room.ask("/pin")
    await room.settled()
    await room.pass_time(DAY)
    before = room.now
    room.now = before - DAY + timedelta(minutes=5)  # as if the new figures had come five minutes after
    edited = await refresh(room)
    room.now = before
    assert edited + await refresh(room) == 1


async def test_a_new_pin_replaces_the_old_and_off_ends_it(room: Room) -> None:
    await room.ask("/pin")
    await room.ask("/pin")
    await room.settled()
    assert len(room.store.read_now(pins.every)) == 1
    assert "unpinChatMessage" in [method for method, _ in room.api.done]
    assert "no pinned status" in (await room.ask("/pin off")).text
    assert room.store.read_now(pins.every) == []


async def test_without_the_right_to_pin_it_is_kept_up_to_date(room: Room) -> None:
    room.api.script_method("pinChatMessage", Refuse(400, "Bad Request: not enough rights to pin a message"))
    await room.ask("/pin", GROUP)
    await room.settled(GROUP)
    assert "an admin can pin it" in room.api.texts(GROUP)[1]
    assert len(room.store.read_now(pins.every)) == 1


@pytest.mark.parametrize(
    "refusal", [BLOCKED, NOT_FOUND, Refuse(400, "Bad Request: message to edit not found")]
)
async def test_a_message_that_is_gone_is_forgotten(room: Room, refusal: Refuse) -> None:
    room.api.channels.add(CHANNEL)
    await room.ask("/pin", CHANNEL)
    await room.settled(CHANNEL)
    await room.pass_time(DAY)
    room.api.standing[CHANNEL] = refusal
    assert await refresh(room) == 0
    assert room.store.read_now(pins.every) == []


async def test_privacy_export_forget(room: Room, snapshot: SnapshotAssertion) -> None:
    assert (await room.ask("/privacy")).text == snapshot
    await room.ask("/subscribe price_drawdown")
    await room.ask("/quiet 22-7 Europe/Berlin")
    exported = await room.ask("/export")
    assert exported.method == "sendDocument"
    held = json.loads(exported.uploads["document"])
    assert held["chat_id"] == ADA
    assert held["subscriptions"][0]["signal"] == "price_drawdown"
    assert held["chat_settings"][0]["time_zone"] == "Europe/Berlin"

    asked = await room.ask("/forget")
    assert asked.text == snapshot
    assert "Nothing was deleted" in (await room.see(asked, "Keep it")).text
    assert room.store.read_now(lambda db: privacy.export(db, ADA))
    asked = await room.ask("/forget")
    assert "deleted" in (await room.see(asked, "Delete everything")).text
    assert room.store.read_now(lambda db: privacy.export(db, ADA)) == {}
    assert json.loads((await room.ask("/export")).uploads["document"]).keys() == {"chat_id", "exported_at"}


async def test_forgetting_takes_every_table_and_nobody_else(room: Room) -> None:
    for chat in (ADA, BOB, GROUP):
        await room.ask("/subscribe", chat)
        await room.ask("/pin", chat)
        await room.ask("/mute 1h", chat)
    await room.ask("/subscribe", GROUP, topic=3)
    room.store.write_now(lambda db: privacy.forget(db, GROUP))
    for table in room.store.read_now(privacy.tables):
        chats = room.store.read_now(
            lambda db, name=table: {row[0] for row in db.execute(f"SELECT chat_id FROM [{name}]").fetchall()}  # type: ignore[misc]  # a default argument
        )
        assert GROUP not in chats
    assert room.store.read_now(lambda db: pins.of(db, Address(ADA))) is not None


async def test_in_groups_only_admins_export_and_forget(room: Room) -> None:
    room.api.strangers.add(BOB)
    for command in ("/export", "/forget", "/pin"):
        assert "Only this chat's admins" in (await room.ask(command, GROUP, user=BOB)).text
    asked = await room.ask("/forget", GROUP, user=ADA)
    assert "Only this chat's admins" in await room.press(asked, "Delete everything", user=BOB)


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        ("s19 7c", ["Antminer S19"]), ("status", ["Status"]), ("st", ["Status"]),
        ("", ["Status", "Antminer S19"]), ("a toaster", ["Not understood: try s19 7c"]),
        ("what if btc drops 20% s19 7c", ["Antminer S19"]),
    ],
)  # fmt: skip
async def test_questions_in_any_chat(room: Room, words: str, titles: list[str]) -> None:
    room.api.ask_inline(ADA, words)
    await room.api.until(lambda: len(room.api.answered) > 0)
    results = json.loads(room.api.answered[-1]["results"])
    assert [result["title"] for result in results] == titles
    for result in results:
        assert 0 < len(result["input_message_content"]["message_text"]) <= 4096
        assert result["input_message_content"]["parse_mode"] == "HTML"
    assert len({result["id"] for result in results}) == len(results)
