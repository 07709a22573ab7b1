"""A chat about mining economics on the market of one day in November 2026, and one with the whole program."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from handlers.commands import breakeven, fleet, machines, network, whatif
from handlers.events import free_text
from tests.fakes.postgres_server import Server
from tests.handlers.handler_client import HandlerClient, handlers_running
from tests.handlers.program_client import ProgramClient, running_program
from tests.mining.market import NOVEMBER_2026

STORING = frozenset(
    {
        "test_fleet",
        "test_hook",
        "test_pin_privacy_inline",
        "test_quiet_and_mute",
        "test_topics",
        "test_widgets",
    }
)
"""Modules about commands that store something: those of their tests that compare no snapshot run on both
engines. What the others read and write is shown on both by tests/storage."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of STORING on both engines."""
    names = set(metafunc.fixturenames)
    module = metafunc.module.__name__.rpartition(".")[2]
    if module in STORING and names & {"chat", "client"} and "snapshot" not in names:
        engines = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
        metafunc.parametrize("server_address", engines, indirect=True)


@pytest.fixture
def server_address(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The address of a PostgreSQL database, or None: a file."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield None
        return
    server: Server = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url


@pytest.fixture
async def chat(tmp_path: Path, server_address: str | None) -> AsyncIterator[HandlerClient]:
    topics = (breakeven, whatif, fleet, machines, network, free_text)
    async with handlers_running(tmp_path, NOVEMBER_2026, topics, server_address) as client:
        yield client


@pytest.fixture
async def client(tmp_path: Path, server_address: str | None) -> AsyncIterator[ProgramClient]:
    async with running_program(tmp_path, server_address) as running:
        yield running
