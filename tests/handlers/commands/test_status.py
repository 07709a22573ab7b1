"""/status: what stands, and what is only the last known."""

from datetime import timedelta

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
