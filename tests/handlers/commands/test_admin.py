"""The operators' commands: only in their chats, and a broadcast only after a confirmation."""

from datetime import timedelta

import pytest

from tests.handlers.program_client import ADA, ADMIN, BOB, GROUP, ProgramClient


async def test_strangers_learn_nothing(client: ProgramClient) -> None:
    for text in ("/sources", "/stats", "/broadcast hello"):
        assert (await client.ask(text)).text == "This command is for the bot's operators."
    assert (await client.ask("/stats@minerwatch_test_bot", GROUP, user=ADMIN)).text.startswith("This command")


async def test_sources_tell_state_age_and_calls(client: ProgramClient) -> None:
    assert "None has been asked yet" in (await client.ask("/sources", ADMIN)).text
    await client.program.supervisor.polled(client.program.poll)
    text = (await client.ask("/sources", ADMIN)).text
    assert "<b>bundled</b>: ok" in text
    assert "calls today" in text


@pytest.mark.both_engines
async def test_stats_tell_how_the_program_does(client: ProgramClient) -> None:
    await client.ask("/subscribe")
    text = (await client.ask("/stats", ADMIN)).text
    assert "Chats: private 1; 0 gone" in text
    assert "price_drawdown 1" in text
    assert "Database" in text
    assert "MiB" in text


async def test_a_broadcast_is_shown_confirmed_and_sent_once(client: ProgramClient) -> None:
    for chat in (ADA, BOB):
        await client.ask("/start", chat)
    draft = await client.ask("/broadcast Back at <18:00> & fine\nSecond line", ADMIN)
    assert "This goes to 2 chats:" in draft.text
    assert "Back at &lt;18:00&gt; &amp; fine\nSecond line" in draft.text
    before = len(client.api.sent)
    assert await client.press(draft, "Send to 2 chats") == "2 messages queued"
    await client.api.until_sent(before + 3)
    heard = {sent.chat_id: sent.text for sent in client.api.sent[before:] if sent.chat_id != ADMIN}
    assert heard == dict.fromkeys((ADA, BOB), "Back at &lt;18:00&gt; &amp; fine\nSecond line")
    assert await client.press_data(draft, draft.buttons[0]["callback_data"]) == "It was sent already"
    assert await client.press_data(draft, draft.buttons[1]["callback_data"]) == "It was sent already"
    assert [sent.chat_id for sent in await client.settled(4711) if sent.chat_id != ADMIN] == []


async def test_a_broadcast_can_be_dropped(client: ProgramClient) -> None:
    await client.ask("/start")
    draft = await client.ask("/broadcast never mind", ADMIN)
    assert await client.press(draft, "Cancel") == "Nothing was sent"
    assert "too old" in await client.press(draft, "Send to 1 chat"), "a second press sends nothing any more"
    assert [sent.chat_id for sent in await client.settled(4711) if sent.chat_id == ADA] == []


async def test_a_draft_doesnt_last(client: ProgramClient) -> None:
    await client.ask("/start")
    draft = await client.ask("/broadcast soon", ADMIN)
    client.now += timedelta(hours=2)
    assert "too old" in await client.press(draft, "Send to 1 chat")


@pytest.mark.both_engines
async def test_nobody_else_can_press_the_button(client: ProgramClient) -> None:
    await client.ask("/start")
    draft = await client.ask("/broadcast mine", ADMIN)
    stranger = await client.ask("/start", BOB)
    answer = await client.press_data(stranger, draft.buttons[0]["callback_data"])
    assert answer == "This command is for the bot's operators."
    for data in ("a1:send:999", "a1:send:x", "a1:"):
        assert "too old" in await client.press_data(draft, data)


async def test_an_empty_or_endless_broadcast_is_refused(client: ProgramClient) -> None:
    assert "What shall I write?" in (await client.ask("/broadcast", ADMIN)).text
    assert "too long" in (await client.ask(f"/broadcast {'x' * 3600}", ADMIN)).text


async def test_the_operators_see_their_commands_in_help(client: ProgramClient) -> None:
    assert "/broadcast" in (await client.ask("/help", ADMIN)).text
    assert "/broadcast" not in (await client.ask("/help")).text
