"""What holds for every test."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import hypothesis
import pytest

from storage.database import Database
from storage.sqlite.file_engine import SqliteConnection
from tests.fakes.engines import connection, new_database
from tests.fakes.postgres_server import Server, postgres

__all__ = ["address", "db", "postgres", "postgres_db"]

# How long one example takes says how busy the machine is; speed is measured in tests/benchmarks. The suite
# tries the same examples every time; `pytest --hypothesis-profile explore` looks for new ones.
hypothesis.settings.register_profile("explore", deadline=None)
hypothesis.settings.register_profile("minerwatch", deadline=None, derandomize=True)
hypothesis.settings.load_profile("minerwatch")


@pytest.fixture(params=[pytest.param("sqlite"), pytest.param("postgresql", marks=pytest.mark.postgresql)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a new database is, on each engine: a file, or a database of a server."""
    if request.param == "sqlite":
        yield str(tmp_path / "minerwatch.db")
        return
    server: Server = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url


@pytest.fixture
def db(address: str) -> Iterator[Database]:
    """A connection to a new database, on each engine."""
    with connection(address) as opened:
        yield opened


@pytest.fixture
def postgres_db(postgres: Server) -> Iterator[Database]:
    """A connection to a new PostgreSQL database, for what only PostgreSQL has."""
    with postgres.database() as url, connection(url) as opened:
        yield opened


@pytest.fixture
def sqlite_db() -> Iterator[SqliteConnection]:
    """A connection to a new SQLite database, for what only SQLite tells of itself."""
    with closing(new_database()) as opened:
        yield opened


def pytest_xdist_auto_num_workers() -> int:
    """Three processes on two processors: a third of the time goes into waiting, for programs and timeouts."""
    return max(2, (os.cpu_count() or 2) * 3 // 2)
