"""/status: what stands, and what is only the last known."""

from datetime import timedelta

import pytest

from bot.i18n.translator import LANGUAGES
from bot.signals.rules import SUBSCRIPTIONS
from tests.fakes.telegram_html import visible
from tests.handlers.program_client import BOB, ProgramClient


async def test_a_phase_that_no_data_bears_out_is_called_stale(client: ProgramClient) -> None:
    fresh = await client.ask("/status", BOB)
    assert "Phase: 🔴 capitulation since 25 Jun 2022" in visible(fresh.text)
    assert "hashrate fell by more than its usual noise" in visible(fresh.text)
    client.now += timedelta(days=200)
    await client.program.poll()
    for command in ("/status", "/pin"):
        old = await client.ask(command, BOB)
        assert "Phase: ⚪ capitulation (stale) since 25 Jun 2022" in visible(old.text)
        assert "Price or hashrate has no data that can be trusted." in visible(old.text)
        assert "hashrate fell by more than its usual noise" not in visible(old.text)


async def test_a_status_is_ten_lines_and_the_rest_is_folded(client: ProgramClient) -> None:
    shown, fold, folded = (await client.ask("/status", BOB)).text.partition("<blockquote expandable>")
    assert fold
    assert len(visible(shown).strip().split("\n")) <= 10
    assert "Source: " not in shown
    assert "Source: " in folded


async def test_a_digest_is_eight_lines_and_the_rest_is_folded(client: ProgramClient) -> None:
    await client.ask("/digest 8:00", BOB)
    client.now += timedelta(days=1)
    await client.program.poll()
    await client.program.digests()
    digest = (await client.delivered())[-1].text
    shown, fold, _ = digest.partition("<blockquote expandable>")
    assert "Digest since" in shown
    assert "Bitcoin " in shown
    assert fold
    assert len(visible(shown).strip().split("\n")) <= 8


@pytest.mark.parametrize("language", LANGUAGES)
async def test_status_digest_and_why_keep_their_lengths_with_a_fleet_and_watches(
    client: ProgramClient, language: str
) -> None:
    client.api.language = language
    for words in (
        "/fleet add 99999 s19 pro+ hyd, 12345 s19 xp hyd 3u, 4 x 270TH 3645W power 6.5c fee 2%",
        "/digest 8:00",
    ):
        await client.ask(words, BOB)
    for number in range(12):
        client.flood_limit_ahead_s += 3_600  # nobody is to be told here that they ask too much
        question = await client.ask(f"/watch price below {15_300 + number}", BOB)
        await client.press_data(question, question.buttons[0]["callback_data"])
        await client.settled(BOB)
    client.flood_limit_ahead_s += 3_600
    status = await client.ask("/status", BOB)
    assert 5 <= lines_before_fold(status.text) <= 10
    for signal in SUBSCRIPTIONS:
        assert 5 <= lines_before_fold((await client.ask(f"/why {signal}", BOB)).text) <= 20, signal
    client.now += timedelta(days=1)
    await client.program.poll()
    await client.program.digests()
    digest = next(sent for sent in reversed(await client.delivered()) if sent.text.startswith("📰"))
    assert 4 <= lines_before_fold(digest.text) <= 8


def lines_before_fold(text: str) -> int:
    """Lines that are seen before a message is unfolded."""
    return len([line for line in visible(text.partition("<blockquote expandable>")[0]).split("\n") if line])
