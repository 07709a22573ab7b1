"""The operators' commands: only in their chats, and a broadcast only after a confirmation."""

from datetime import timedelta

from tests.handlers.program import ADA, ADMIN, BOB, GROUP, Room


async def test_strangers_learn_nothing(room: Room) -> None:
    for text in ("/sources", "/stats", "/broadcast hello"):
        assert (await room.ask(text)).text == "This command is for the bot's operators."
    assert (await room.ask("/stats@minerwatch_test_bot", GROUP, user=ADMIN)).text.startswith("This command")


async def test_sources_tell_state_age_and_calls(room: Room) -> None:
    assert "None has been asked yet" in (await room.ask("/sources", ADMIN)).text
    await room.program.caretaker.polled(room.program.poll)
    told = (await room.ask("/sources", ADMIN)).text
    assert "<b>bundled</b>: ok" in told
    assert "calls today" in told


async def test_stats_tell_how_the_program_does(room: Room) -> None:
    await room.ask("/subscribe")
    told = (await room.ask("/stats", ADMIN)).text
    assert "Chats: private 1; 0 gone" in told
    assert "price_drawdown 1" in told
    assert "Database" in told
    assert "MiB" in told


async def test_a_broadcast_is_shown_confirmed_and_sent_once(room: Room) -> None:
    for chat in (ADA, BOB):
        await room.ask("/start", chat)
    draft = await room.ask("/broadcast Back at <18:00> & fine\nSecond line", ADMIN)
    assert "This goes to 2 chats:" in draft.text
    assert "Back at &lt;18:00&gt; &amp; fine\nSecond line" in draft.text
    before = len(room.api.sent)
    assert await room.press(draft, "Send to 2 chats") == "2 messages queued"
    await room.api.until_sent(before + 3)
    heard = {sent.chat_id: sent.text for sent in room.api.sent[before:] if sent.chat_id != ADMIN}
    assert heard == dict.fromkeys((ADA, BOB), "Back at &lt;18:00&gt; &amp; fine\nSecond line")
    assert await room.press_data(draft, draft.buttons[0]["callback_data"]) == "It was sent already"
    assert await room.press_data(draft, draft.buttons[1]["callback_data"]) == "It was sent already"
    assert [sent.chat_id for sent in await room.settled(4711) if sent.chat_id != ADMIN] == []


async def test_a_broadcast_can_be_dropped(room: Room) -> None:
    await room.ask("/start")
    draft = await room.ask("/broadcast never mind", ADMIN)
    assert await room.press(draft, "Cancel") == "Nothing was sent"
    assert [sent.chat_id for sent in await room.settled(4711) if sent.chat_id == ADA] == []


async def test_a_draft_doesnt_last(room: Room) -> None:
    await room.ask("/start")
    draft = await room.ask("/broadcast soon", ADMIN)
    room.now += timedelta(hours=2)
    assert "too old" in await room.press(draft, "Send to 1 chat")


async def test_nobody_else_can_press_the_button(room: Room) -> None:
    await room.ask("/start")
    draft = await room.ask("/broadcast mine", ADMIN)
    stranger = await room.ask("/start", BOB)
    answer = await room.press_data(stranger, draft.buttons[0]["callback_data"])
    assert answer == "This command is for the bot's operators."
    for data in ("a1:send:999", "a1:send:x", "a1:", "a1:send:999999999999999999999999"):
        assert "too old" in await room.press_data(draft, data)


async def test_an_empty_or_endless_broadcast_is_refused(room: Room) -> None:
    assert "What shall I write?" in (await room.ask("/broadcast", ADMIN)).text
    assert "too long" in (await room.ask(f"/broadcast {'x' * 3600}", ADMIN)).text


async def test_the_operators_see_their_commands_in_help(room: Room) -> None:
    assert "/broadcast" in (await room.ask("/help", ADMIN)).text
    assert "/broadcast" not in (await room.ask("/help")).text
