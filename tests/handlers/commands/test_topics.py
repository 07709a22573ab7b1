"""A group's settings hold for all its topics, unless one topic differs."""

import pytest

from storage.chats import preferences
from storage.chats.chats import Address
from storage.database import Database
from tests.fakes.connections import read_now
from tests.handlers.program_client import ADA, GROUP, ProgramClient


def _languages(client: ProgramClient, *topics: int) -> list[str | None]:
    def load(db: Database) -> list[str | None]:
        return [preferences.load(db, Address(GROUP, topic)).language for topic in topics]

    return read_now(client.store, load)


async def _choose(client: ProgramClient, language: str, topic: int) -> None:
    page = await client.ask("/settings", GROUP, user=ADA, topic=topic)
    label = next(button["text"] for button in page.buttons if button["text"].endswith(language))
    await client.press_for_message(page, label)


async def test_what_is_set_in_a_topic_holds_for_the_group(client: ProgramClient) -> None:
    await _choose(client, "Deutsch", 7)
    assert _languages(client, 0, 7, 9) == ["de", "de", "de"]
    assert "Kapitulation" in (await client.ask("/status", GROUP, user=ADA, topic=9)).text


async def test_a_topic_that_differs_keeps_its_own(client: ProgramClient) -> None:
    await _choose(client, "Deutsch", 7)
    await _choose(client, "Español", 9)
    assert _languages(client, 0, 7, 9, 11) == ["de", "de", "es", "de"]
    await _choose(client, "Русский", 0)
    assert _languages(client, 0, 7, 9, 11) == ["ru", "ru", "es", "ru"]


async def test_a_mute_and_a_digest_are_a_topics_own(client: ProgramClient) -> None:
    await client.ask("/mute 8h", GROUP, user=ADA, topic=7)
    await client.ask("/digest 8:00", GROUP, user=ADA, topic=7)
    other = read_now(client.store, lambda db: preferences.load(db, Address(GROUP, 9)))
    assert (other.muted_until, other.digest_at) == (None, None)


@pytest.mark.both_engines
async def test_quiet_hours_of_a_group_hold_in_a_topic_that_subscribes_later(client: ProgramClient) -> None:
    await client.ask("/quiet 22-7", GROUP, user=ADA)
    await client.ask("/subscribe", GROUP, user=ADA, topic=9)
    later = read_now(client.store, lambda db: preferences.load(db, Address(GROUP, 9)))
    assert later.quiet_from is not None
