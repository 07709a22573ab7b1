"""/status: what stands, and what is only the last known."""

from datetime import timedelta

from tests.handlers.program_client import BOB, ProgramClient


async def test_a_phase_that_no_data_bears_out_is_called_stale(client: ProgramClient) -> None:
    fresh = await client.ask("/status", BOB)
    assert "Phase: 🔴 capitulation</b> since 26 Jun 2022" in fresh.text
    assert "hashrate declines by more than its noise" in fresh.text
    client.now += timedelta(days=200)
    await client.program.poll()
    for command in ("/status", "/pin"):
        old = await client.ask(command, BOB)
        assert "Phase: ⚪ capitulation (stale)</b> since 26 Jun 2022" in old.text
        assert "Price or hashrate has no data that can be trusted." in old.text
        assert "hashrate declines by more than its noise" not in old.text
