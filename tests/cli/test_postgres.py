"""The commands with a PostgreSQL database."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli.main import main
from bot.signals.series import Reading
from storage.chats import chats
from storage.chats.chats import Address
from storage.database import Store
from storage.signals import readings
from tests.fakes.connections import read_now, write_now
from tests.fakes.postgres_server import Server

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def url(postgres: Server) -> Iterator[str]:
    with postgres.database() as address:
        yield address


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_PATH", str(tmp_path / "minerwatch.db"))
    return tmp_path / "minerwatch.db"


def test_a_file_is_moved_and_what_was_copied_is_said(
    url: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Store(file) as store:
        write_now(store, lambda db: chats.remember(db, Address(7), "private", NOW))
        assert main(["migrate", "--to", url]) == 0
        out, err = capsys.readouterr()
        assert "stop it and run this again" in err
    assert [line.split()[:2] for line in out.splitlines() if line.startswith("chats ")] == [["chats", "1"]]
    assert main(["migrate", "--to", url]) == 0
    out, err = capsys.readouterr()
    assert "copied" not in out
    assert "are the same on both sides" in err
    assert "run this again" not in err
    with Store(url) as store:
        assert read_now(store, lambda db: db.execute("SELECT chat_id FROM chats").fetchall()) == [(7,)]


def test_an_address_that_is_none_gets_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate", "--to", "mysql://user:hunter2@host/db"]) == 2
    err = capsys.readouterr().err
    assert err.startswith(
        "minerwatch: --to is no address of a PostgreSQL database; for example --to postgresql://"
    )
    assert "hunter2" not in err


def test_a_target_that_is_not_there_is_named_as_it_was_given(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`DATABASE_URL` is not set by then, and no bot waits for it."""
    Store(file).close()
    assert main(["migrate", "--to", "postgresql://minerwatch:hunter2@127.0.0.1:1/minerwatch"]) == 1
    err = capsys.readouterr().err
    assert "the database of --to can't be reached" in err
    assert "check that the server runs, then give the same command: it goes on" in err
    assert not [word for word in ("DATABASE_URL", "by itself", "hunter2") if word in err]


def test_without_a_file_there_is_nothing_to_move(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate", "--to", url]) == 2
    assert "there is no database at DATABASE_PATH" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "instead"),
    [
        ("backup", 'pg_dump --format=custom --file=FILE "$DATABASE_URL"'),
        (
            "restore",
            'pg_restore --clean --if-exists --no-owner --dbname="$DATABASE_URL" FILE, '
            "with all replicas stopped",
        ),
    ],
)
def test_copies_of_files_are_for_sqlite(
    command: str, instead: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://minerwatch:hunter2@127.0.0.1:1/minerwatch")
    assert main([command, "copy.db"]) == 2
    err = capsys.readouterr().err
    assert instead in err
    assert "hunter2" not in err


def test_series_are_read_from_the_server(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Store(url) as store:
        write_now(
            store,
            lambda db: readings.save(db, [Reading("btc.price", 60_000.0, NOW, "kraken", NOW, NOW.date())]),
        )
    monkeypatch.setenv("DATABASE_URL", url)
    assert main(["series", "btc.price", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["value"] == 60_000.0


def test_a_poll_is_refused_while_a_replica_leads(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with Store(url) as store:
        asyncio.run(store.lead())
        assert main(["poll"]) == 1
    assert "leads on DATABASE_URL" in capsys.readouterr().err
