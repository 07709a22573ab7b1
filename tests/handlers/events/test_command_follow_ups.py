"""A chat that goes on from a command's answer: its chart, a watch of it, changed and undone."""

import pytest

from storage.chats import fleets, watches
from storage.chats.chats import Address
from tests.fakes.connections import read_now
from tests.fakes.telegram import Sent
from tests.handlers.chat_client import ADA, BOB, GROUP
from tests.handlers.program_client import ProgramClient


def _kept(client: ProgramClient, chat: int = ADA) -> list[str]:
    return [each.text for each in read_now(client.store, lambda db: watches.of_chat(db, Address(chat)))]


async def _saved(client: ProgramClient, line: str) -> Sent:
    return await client.press_for_message(await client.ask(f"/watch {line}"), "Save")


async def test_the_figure_shown_last_is_drawn_over_other_times_and_watched(client: ProgramClient) -> None:
    await client.ask("/hashrate")
    assert (await client.ask("show me the chart")).text.startswith("<b>Hashrate</b> · 1y")
    assert (await client.ask("and over 90 days?")).text.startswith("<b>Hashrate</b> · 90d")
    assert (await client.ask("and the difficulty?")).text.startswith("<b>Difficulty</b> · 90d")
    assert "difficulty drops 5 % in 14d" in (await client.ask("watch it")).text


@pytest.mark.both_engines
async def test_the_watch_saved_last_gets_another_level_and_is_deleted(client: ProgramClient) -> None:
    await _saved(client, "hashprice below 60")
    await _saved(client, "price below 19000")
    changed = await client.ask("make it 18k instead")
    assert "price below 18,000 USD" in changed.text
    assert "Saved" in changed.text
    assert _kept(client) == ["hashprice below 60 USD/PH/day", "price below 18,000 USD"]
    deleted = await client.ask("delete it again")
    assert "Deleted: <code>price below 18,000 USD</code>" in deleted.text
    assert _kept(client) == ["hashprice below 60 USD/PH/day"]
    assert "price below 18,000 USD" in (await client.press_for_message(deleted, "👁 Watch")).text


async def test_a_watch_that_is_only_offered_is_offered_anew_or_left(client: ProgramClient) -> None:
    await client.ask("/watch price below 19000")
    assert "Save it?" in (await client.ask("make it 18k instead")).text
    assert (await client.ask("undo")).text.startswith("Not saved.")
    assert _kept(client) == []


async def test_what_was_done_between_keeps_a_watch_from_being_undone(client: ProgramClient) -> None:
    await _saved(client, "price below 19000")
    await client.ask("/settings")
    assert "not sure" in (await client.ask("undo")).text
    assert _kept(client) == ["price below 19,000 USD"]


async def test_after_ten_minutes_nothing_is_undone(client: ProgramClient) -> None:
    await _saved(client, "price below 19000")
    client.now += watches.OFFERED_FOR / 700
    assert "not sure" in (await client.ask("delete it again")).text
    assert _kept(client) == ["price below 19,000 USD"]


async def test_in_a_group_only_admins_undo(client: ProgramClient) -> None:
    await client.press_for_message(await client.ask("/watch price below 19000", GROUP), "Save")
    client.api.strangers.add(BOB)
    refused = await client.ask("/watch undo", GROUP, user=BOB)
    assert "Only this chat's admins" in refused.text
    assert _kept(client, GROUP) == ["price below 19,000 USD"]


async def test_machines_are_sold_and_taken_back_in_words(client: ProgramClient) -> None:
    def count() -> int:
        fleet = read_now(client.store, lambda db: fleets.load(db, Address(ADA)))
        return sum(batch.count for batch in fleet.kinds)

    await client.ask("/fleet add 20 s19")
    await client.ask("sold 5 of them")
    assert count() == 15
    await client.ask("undo")
    assert count() == 20


async def test_why_behind_the_status_is_about_the_phase(client: ProgramClient) -> None:
    await client.ask("/status")
    assert (await client.ask("why?")).text.startswith("<b>Why: phase capitulation")
