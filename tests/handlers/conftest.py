"""A chat about mining economics on the market of one day in November 2026, and one with the whole program."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.amber import AmberSnapshotExtension
from syrupy.location import PyTestLocation
from syrupy.types import SnapshotIndex

from bot.delivery import alert_pictures
from handlers.commands import breakeven, fleet, machines, network, whatif
from handlers.events import free_text
from tests.fakes.postgres_server import Server
from tests.handlers.handler_client import HandlerClient, handlers_running
from tests.handlers.program_client import ProgramClient, prepared_database, running_program
from tests.mining.market import NOVEMBER_2026


@pytest.fixture(autouse=True)
def time_for_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for alerts' pictures however long: what is said must not depend on how busy the machine is."""
    monkeypatch.setattr(alert_pictures, "MAX_WAIT_S", 600.0)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests that are marked so on both engines, the others on SQLite.

    What a handler asks of the database is the same on both; the marked tests are chosen so that each of its
    statements that tests/storage doesn't run itself meets both.
    """
    if "engine" in metafunc.fixturenames and metafunc.definition.get_closest_marker("both_engines"):
        engines = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
        metafunc.parametrize("engine", engines, indirect=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """The engine that a test runs on."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def server_address(request: pytest.FixtureRequest, engine: str) -> Iterator[str | None]:
    """The address of an empty PostgreSQL database, or None: a file."""
    if engine == "sqlite":
        yield None
        return
    server: Server = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url


class _OfAnyEngine(AmberSnapshotExtension):
    """What people read is the same on both engines, so both have one snapshot."""

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: SnapshotIndex = 0) -> str:
        """The name of a snapshot, without the engine."""
        name = super().get_snapshot_name(test_location=test_location, index=index)
        return re.sub(
            r"\[(?:(?:sqlite|postgresql)-|(?:sqlite|postgresql)\])|-(?:sqlite|postgresql)(?=\])", _cut, name
        )


def _cut(match: re.Match[str]) -> str:
    return "[" if match[0].startswith("[") and match[0].endswith("-") else ""


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Snapshots that both engines share."""
    return snapshot.use_extension(_OfAnyEngine)


@pytest.fixture
async def chat(tmp_path: Path, server_address: str | None) -> AsyncIterator[HandlerClient]:
    topics = (breakeven, whatif, fleet, machines, network, free_text)
    async with handlers_running(tmp_path, NOVEMBER_2026, topics, server_address) as client:
        yield client


@pytest.fixture
async def client(request: pytest.FixtureRequest, tmp_path: Path, engine: str) -> AsyncIterator[ProgramClient]:
    if engine == "sqlite":
        async with running_program(tmp_path) as running:
            yield running
        return
    server: Server = request.getfixturevalue("postgres")
    with server.copy_of(await prepared_database(server)) as url:
        async with running_program(tmp_path, url) as running:
            yield running
