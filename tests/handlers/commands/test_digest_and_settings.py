"""/digest and /settings."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.i18n.translator import translator_for
from handlers.commands import digest
from storage.chats import preferences
from storage.chats.chats import Address
from storage.chats.preferences import ChatSettings
from tests.fakes.connections import read_now
from tests.handlers.program_client import ADA, BOB, GROUP, ProgramClient

USUAL = ChatSettings()
FRIDAY = ChatSettings(digest_weekday=4, time_zone="Europe/Berlin")


@pytest.mark.parametrize(
    ("words", "wish"),
    [
        ("8:00", replace(USUAL, digest_at=time(8))),
        ("monday 9", replace(USUAL, digest_at=time(9), digest_weekday=0)),
        ("пн 9", replace(USUAL, digest_at=time(9), digest_weekday=0)),
        ("周一 9", replace(USUAL, digest_at=time(9), digest_weekday=0)),
        ("weekly", replace(USUAL, digest_at=time(8), digest_weekday=0)),
        ("fri 18:30 Berlin", replace(FRIDAY, digest_at=time(18, 30))),
        ("off", USUAL), ("now", None), ("25:00", None), ("", None), ("berlin", None),
    ],
)  # fmt: skip
def test_what_is_asked_for(words: str, wish: ChatSettings | None) -> None:
    assert digest.parse_digest(words, USUAL, translator_for("en")) == wish


def test_days_are_understood_in_the_chats_language_too() -> None:
    wish = digest.parse_digest("mittwoch 7", USUAL, translator_for("de"))
    assert wish is not None
    assert wish.digest_weekday == 2


async def test_a_change_of_quiet_hours_loses_no_digest_that_is_due(client: ProgramClient) -> None:
    await client.ask("/digest 8:00")
    client.now += timedelta(days=1)
    await client.ask("/quiet 22-7 UTC")
    assert await client.program.digests() == 1
    assert await client.program.digests() == 0


async def test_a_daily_digest(client: ProgramClient, snapshot: SnapshotAssertion) -> None:
    assert (await client.ask("/digest")).text == snapshot
    answer = await client.ask("/digest 8:00 Europe/Berlin")
    assert answer.text == snapshot
    assert await client.program.digests() == 0
    for _ in range(3):
        await client.pass_time(timedelta(days=1))
    assert await client.program.digests() == 1
    assert await client.program.digests() == 0
    digest_sent = await client.delivered()
    assert digest_sent[-1].fields.get("disable_notification") == "true"
    assert digest_sent[-1].text == snapshot
    assert "is no time for a digest" in (await client.ask("/digest <never ever>")).text
    assert (await client.ask("/digest off")).text.startswith("No digest")


async def test_a_digest_by_a_button(client: ProgramClient) -> None:
    asked = await client.ask("/digest")
    weekly = await client.press_for_message(asked, "Monday 08:00")
    assert "weekly, Monday at 08:00" in weekly.text
    assert "No digest" in (await client.press_for_message(weekly, "No digest")).text
    assert "older version" in await client.press_data(asked, "d1:x")


async def test_settings_on_one_page(client: ProgramClient, snapshot: SnapshotAssertion) -> None:
    page = await client.ask("/settings")
    assert page.text == snapshot
    assert [(each["text"], each["callback_data"]) for each in page.buttons] == snapshot
    loud = await client.press_for_message(page, "Change sound")
    assert "only critical alerts make a sound" in loud.text
    dark = await client.press_for_message(loud, "Charts: dark")
    stored = read_now(client.store, lambda db: preferences.load(db, Address(ADA)))
    assert stored.dark
    assert stored.silent_below == 2
    assert "Charts: light" in [each["text"] for each in dark.buttons]
    await client.press_for_message(dark, "Deutsch")
    stored = read_now(client.store, lambda db: preferences.load(db, Address(ADA)))
    assert stored.language == "de"


async def test_in_groups_only_admins_press(client: ProgramClient) -> None:
    client.api.strangers.add(BOB)
    page = await client.ask("/settings", GROUP, user=BOB)
    assert "Only this chat's admins" in await client.press(page, "Change sound", user=BOB)


async def test_a_digest_tells_what_the_chats_own_fleet_makes(client: ProgramClient) -> None:
    await client.ask("/fleet add 3 s19 power 7c")
    await client.ask("/digest 8:00")
    before = len(client.api.sent)
    await client.pass_time(timedelta(days=1))
    assert await client.program.digests() == 1
    await client.delivered()
    (digest,) = [sent.text for sent in client.api.sent[before:] if "Digest since" in sent.text]
    assert "Your 3 machines" in digest.partition("<blockquote")[0]
    assert len(digest.partition("<blockquote")[0].strip().splitlines()) <= 8


@pytest.mark.both_engines
async def test_a_digest_tells_how_the_chats_own_watches_stand(client: ProgramClient) -> None:
    for words in ("price below 1000", "price below 15000", "price above 25000"):
        await client.press_for_message(await client.ask(f"/watch {words}"), "Save")
    await client.ask("/fleet add 3 s19 power 7c")
    await client.ask("/digest 8:00")
    before = len(client.api.sent)
    await client.pass_time(timedelta(days=1))
    assert await client.program.digests() == 1
    await client.delivered()
    (digest,) = [sent.text for sent in client.api.sent[before:] if "Digest since" in sent.text]
    lines = digest.partition("<blockquote")[0].strip().splitlines()
    (own,) = [line for line in lines if "👁" in line]
    assert own.startswith("👁 3 watches, all quiet; nearest: <code>price above 25,000 USD</code> (")
    assert "has to rise" in own
    assert len(lines) <= 8
