"""What docs/scaling.md says to back up and restore a PostgreSQL database by, as it is typed."""

import os
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage import outbox, runs
from storage.chats import chats
from storage.chats.chats import Address
from storage.database import Database, Store
from tests.delivery.delivery_fixture import add_alert, add_chats
from tests.fakes.connections import read_now, write_now
from tests.fakes.postgres_server import NoServerError, Server, client_programs

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
_SCALING = Path(__file__).parents[3] / "docs" / "scaling.md"


@pytest.fixture
def url(postgres: Server) -> Iterator[str]:
    with postgres.database() as address:
        yield address


@pytest.fixture
def programs() -> Path:
    try:
        return client_programs()
    except NoServerError as error:
        pytest.skip(str(error))


def _run(program: str, url: str, folder: Path, programs: Path) -> None:
    """Type the line of the document that begins with a program."""
    [line] = re.findall(rf"^{program} .*$", _SCALING.read_text(encoding="utf-8"), re.MULTILINE)
    path = f"{programs}:{os.environ['PATH']}"
    result = subprocess.run(
        line,
        shell=True,
        cwd=folder,
        env={**os.environ, "DATABASE_URL": url, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")


def _fill(db: Database) -> None:
    add_chats(db, range(1, 6))
    add_alert(db, severity="critical", at=NOW)
    outbox.enqueue(db, 1, NOW)
    runs.begin(db, "1.0", NOW)


def _everything(db: Database) -> dict[str, list[str]]:
    """Every row of every table, in whatever order."""
    return {
        name: sorted(map(repr, db.execute(f"SELECT * FROM {name}").fetchall()))
        for name in db.table_names()
        if name != "replicas"  # who is there now
    }


def test_a_dump_restores_a_lost_database(postgres: Server, url: str, programs: Path, tmp_path: Path) -> None:
    with Store(url) as store:
        write_now(store, _fill)
        before = read_now(store, _everything)
        _run("pg_dump", url, tmp_path, programs)  # while the bot runs
    lost = postgres.bare_database()
    _run("pg_restore", lost, tmp_path, programs)
    with Store(lost) as store:
        assert read_now(store, _everything) == before
        assert write_now(store, lambda db: runs.begin(db, "1.1", NOW))[0] == 2, "numbers go on"
        assert len(write_now(store, lambda db: outbox.claim(db, NOW, 10))) == 5, "what waited is sent"


def test_a_dump_takes_the_place_of_what_came_later(url: str, programs: Path, tmp_path: Path) -> None:
    with Store(url) as store:
        write_now(store, _fill)
        before = read_now(store, _everything)
    _run("pg_dump", url, tmp_path, programs)
    with Store(url) as store:
        write_now(store, lambda db: chats.remember(db, Address(99), "private", NOW))
        write_now(store, lambda db: db.execute("DELETE FROM outbox"))
    _run("pg_restore", url, tmp_path, programs)
    with Store(url) as store:
        assert read_now(store, _everything) == before
