"""What holds for every test."""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

import httpx
import hypothesis
import hypothesis.internal.conjecture.providers
import pytest
from sqlite_utils import Database as SqliteDatabase

from bot.signals.history import History
from bot.signals.stress_index import StressIndex, stress_indexes
from storage.database import Database
from storage.migrations import migrations
from storage.sqlite.file_engine import SqliteConnection, connect
from tests.fakes.engines import connection, new_database
from tests.fakes.postgres_server import Server, postgres

__all__ = ["address", "db", "postgres", "postgres_db"]

# How long one example takes says how busy the machine is; speed is measured in tests/benchmarks. The suite
# tries the same examples every time; `pytest --hypothesis-profile explore` looks for new ones.
hypothesis.settings.register_profile("explore", deadline=None)
hypothesis.settings.register_profile("minerwatch", deadline=None, derandomize=True)
hypothesis.settings.load_profile("minerwatch")
# Hypothesis takes constants for examples from those of our modules that are loaded, which depends on what ran
# before in the same process; there is no setting for it.
hypothesis.internal.conjecture.providers.is_local_module_file = lambda _: False  # type: ignore[attr-defined, assignment]  # private

# Where the environment says not to keep compiled code, every worker and every process that a test starts
# compiles all of it anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# No test reaches a server over TLS, and to read the certificates of all authorities takes a tenth of a
# program's start: tests and programs trust one that signs for nobody.
os.environ["SSL_CERT_FILE"] = str(Path(__file__).parent / "fakes" / "no_authority.pem")


@pytest.fixture(scope="session", autouse=True)
def _made_once() -> Iterator[None]:
    """Make once a process what many tests need new and equal: TLS settings, a schema, stress indexes."""
    apply, template = migrations.apply, connect(":memory:")
    apply(template)
    indexes: dict[tuple[tuple[int, bytes], ...], list[StressIndex]] = {}

    def indexes_of(history: History) -> list[StressIndex]:
        columns = (history.column("btc.hashrate"), history.column("btc.difficulty"))
        days = tuple((column.first, column.values.tobytes()) for column in columns)
        if days not in indexes:
            indexes[days] = stress_indexes(history)
        return list(indexes[days])

    def apply_or_copy(db: SqliteDatabase, *, stop_before: str | None = None) -> None:
        if stop_before is None and not db.table_names():
            template.conn.backup(db.conn)
        else:
            apply(db, stop_before=stop_before)

    with pytest.MonkeyPatch.context() as patch, closing(template):
        patch.setattr(migrations, "apply", apply_or_copy)
        patch.setattr("bot.snapshot.stress_indexes", indexes_of)
        patch.setattr("httpx._transports.default.create_ssl_context", cache(httpx.create_ssl_context))
        yield


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


def pytest_collection() -> None:
    """Search for no garbage while modules are loaded and tests collected: next to all of it stays."""
    gc.disable()


_FIRST = ("e2e", "mining")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that wait most, followed by thousands of short ones.

    The first twelfth of all tests is one worker's share from the start, in this order: with the deliveries
    before the end-to-end tests in it, that worker ended long after the others on a slow machine.
    """
    here = Path(__file__).parent

    def place(item: pytest.Item) -> int:
        folder = item.path.relative_to(here).parts[0]
        return _FIRST.index(folder) if folder in _FIRST else len(_FIRST)

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """Leave the thousands of collected tests out of every later search for garbage."""
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(20_000, 20, 20)


def pytest_xdist_auto_num_workers() -> int:
    """Two processes more than processors: half of the time goes into waiting, for programs and servers."""
    return (os.cpu_count() or 2) + 2
