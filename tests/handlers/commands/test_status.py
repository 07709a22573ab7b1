"""/status: what stands, and what is only the last known."""

from datetime import timedelta

from tests.handlers.program_client import BOB, ProgramClient


async def test_a_phase_that_no_data_bears_out_is_called_stale(client: ProgramClient) -> None:
    fresh = await client.ask("/status", BOB)
    assert "Phase: 🔴 capitulation</b> since 19 Jun 2022" in fresh.text
    assert "Hashrate is falling" in fresh.text
    client.now += timedelta(days=200)
    await client.program.poll()
    for command in ("/status", "/pin"):
        old = await client.ask(command, BOB)
        assert "Phase: ⚪ capitulation (stale)</b> since 19 Jun 2022" in old.text
        assert "Too few signals have data that can be trusted." in old.text
        assert "Hashrate is falling" not in old.text
