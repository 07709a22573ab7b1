"""A replica that takes over while the database comes and goes."""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import cast

import pytest

from bot.app import Program
from bot.cli import serve
from storage.errors import LeaseTakenError, StorageError

TAKEN = LeaseTakenError("another minerwatch leads on DATABASE_URL", "wait", passing=True)
AWAY = StorageError("the database of DATABASE_URL can't be reached", "wait", passing=True)
NEWER = StorageError("the database was written by a newer minerwatch", "install that")


@dataclass
class _Part:
    """The store or the program: `faults` happen first when it is to lead."""

    faults: list[StorageError]
    leads: bool = False
    led: int = 0

    async def lead(self) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.leads = True
        self.led += 1


@dataclass
class _Replica(_Part):
    store: _Part = field(default_factory=lambda: _Part([]))
    ended_for: str | None = None

    def stop_because(self, why: str) -> None:
        self.ended_for = why


async def _lead(replica: _Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "_LOOK_S", 0.0)
    async with asyncio.timeout(10):
        await serve._lead(cast(Program, replica))


async def test_it_waits_for_the_lease_and_begins_when_the_database_allows_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The lease is its own already when the database goes away: that ends nothing."""
    caplog.set_level(logging.INFO)
    replica = _Replica([AWAY, AWAY], store=_Part([TAKEN, TAKEN, AWAY]))
    await _lead(replica, monkeypatch)
    assert (replica.led, replica.store.led, replica.ended_for) == (1, 1, None)
    assert [record.message for record in caplog.records] == [
        "standing by: another minerwatch leads on DATABASE_URL; this one delivers",
        "standing by: the database of DATABASE_URL can't be reached; this one delivers",
    ]


async def test_it_ends_where_waiting_can_not_help(monkeypatch: pytest.MonkeyPatch) -> None:
    replica = _Replica([], store=_Part([TAKEN, NEWER]))
    with pytest.raises(StorageError, match="newer minerwatch"):
        await _lead(replica, monkeypatch)
    assert replica.ended_for == str(NEWER)
