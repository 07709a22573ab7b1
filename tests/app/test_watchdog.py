"""Systemd's watchdog is fed while the relay and the scheduler move, and only then."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.app.program import Program
from bot.cli.replay_feed import ReplayFeed
from bot.settings import Settings
from storage.database import Store
from tests.fakes.telegram import FakeTelegram


class _Systemd:
    """The socket that the program notifies."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.setblocking(False)
        self.told: list[str] = []

    async def until(self, is_enough: Callable[[list[str]], bool]) -> None:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(20):
            while not is_enough(self.told):
                self.told.append((await loop.sock_recv(self._socket, 100)).decode())

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
async def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[_Systemd]:
    made = _Systemd(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", "1000")
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    yield made
    made.close()


def _program(telegram: FakeTelegram, store: Store) -> Program:
    settings = Settings(_env_file=None, telegram_api_url=telegram.url, poll_interval_seconds=86_400)
    return Program(settings, store, ReplayFeed([]), token=telegram.token, bundle=list)


async def test_it_is_ready_gives_signs_of_life_and_says_that_it_stops(
    tmp_path: Path, systemd: _Systemd
) -> None:
    with Store(tmp_path / "bot.db") as store:
        async with FakeTelegram() as telegram:
            program = _program(telegram, store)
            await program.start()
            await systemd.until(lambda told: told.count("WATCHDOG=1") >= 2)
            await program.stop()
            await systemd.until(lambda told: "STOPPING=1" in told)
    assert "READY=1" in systemd.told


async def test_a_relay_that_stands_still_gives_no_sign_of_life(
    tmp_path: Path, systemd: _Systemd, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store(tmp_path / "bot.db") as store:
        async with FakeTelegram() as telegram:
            program = _program(telegram, store)
            monkeypatch.setattr(program.relay, "idle_for", lambda: 1_000.0)
            looked = asyncio.Event()
            monkeypatch.setattr(program.supervisor.clock_monitor, "take_jump", looked.set)
            await program.start()
            for _ in range(2):
                looked.clear()
                async with asyncio.timeout(20):
                    await looked.wait()
            await program.stop()
            await systemd.until(lambda told: "STOPPING=1" in told)
    assert "WATCHDOG=1" not in systemd.told
    assert "READY=1" in systemd.told
