"""Upgrades from every release, and the refusal to go back."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.i18n.message import NOTHING
from bot.signals.phase import Phase
from storage import outbox
from storage.chats import chats
from storage.chats.chats import Address
from storage.database import Database, StorageError, Store
from storage.migrations import migrations
from storage.signals import alerts, readings, rule_states
from storage.sqlite.file_engine import SqliteConnection
from tests.fakes.connections import read_now, write_now, writer
from tests.storage.schemas.snapshot import snapshot

SCHEMAS = sorted((Path(__file__).parent / "schemas").glob("*.sql"))
NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)


def _made(path: Path, script: str) -> Path:
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.close()
    return path


def _shape(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        return sorted(" ".join(row[0].split()) for row in rows)
    finally:
        connection.close()


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: path.stem)
def test_a_database_of_an_older_release_comes_up_to_date(schema: Path, tmp_path: Path) -> None:
    old = _made(tmp_path / "old.db", schema.read_text(encoding="utf-8"))
    with Store(old) as store:
        assert not migrations.pending(writer(store))
        days = read_now(store, lambda db: list(readings.everything(db)))
        assert [reading.value for reading in days if reading.day] == [80123.0, 80321.0]
        assert read_now(store, lambda db: chats.subscriptions(db, Address(101))) == {"price_drawdown": 1}
        ((_, alert),) = read_now(store, lambda db: alerts.recent(db, 9))
        standing = read_now(store, rule_states.load)
        state = standing.rules[alert.rule]
        assert (alert.began, alert.value, alert.detail) == (state.began, state.value, state.detail)
        assert str(alert.detail) == "61,838 USD; record 126,200 USD (2025-10-06)"
        assert (standing.phase.phase, standing.phase.since) == (Phase.STRESS, alert.at)
        messages = write_now(store, lambda db: outbox.claim(db, NOW, 10))
        assert [(message.chat_id, message.content.severity) for message in messages] == [(101, "warning")]
    with Store(tmp_path / "new.db"):
        pass
    assert _shape(old) == _shape(tmp_path / "new.db")


def test_sentences_kept_as_english_are_phrases_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    connection = sqlite3.connect(path)
    migrations.apply(SqliteConnection(connection), stop_before="m080_phrases")
    state = {"level": "firing", "lack": None, "value": -0.7, "source": "kraken", "detail": "20,401 USD {x}"}
    leg = {
        "signal": "price_drawdown",
        "firing": True,
        "known": True,
        "severity": 1,
        "since": None,
        "as_of": None,
        "title": "price half below its record",
        "detail": "",
    }
    alert = {
        "rule": "capitulation",
        "signal": "capitulation",
        "severity": 2,
        "kind": "phase",
        "at": NOW.isoformat(),
        "title": "calm → stress",
        "legs": [leg],
    }
    lost = alert | {"rule": "price_drawdown.critical", "kind": "silenced", "legs": []}
    digest = {"statuses": [{"title": "one", "reason": "two"}], "alerts": [alert, lost]}
    rows = [json.dumps(each, ensure_ascii=False) for each in (state, alert, digest, {"title": "as it was"})]
    connection.execute("INSERT INTO rule_states VALUES ('price_drawdown.critical', ?)", rows[:1])
    connection.execute(
        "INSERT INTO alerts (bulletin, rule, signal, severity, kind, at, value, body) "
        "VALUES (1, 'capitulation', 'capitulation', 'critical', 'phase', ?, NULL, ?)",
        [NOW.isoformat(), rows[1]],
    )
    for kind, body in (("digest", rows[2]), ("broadcast", rows[3])):
        connection.execute(
            "INSERT INTO notices (kind, severity, at, body) VALUES (?, 'info', '', ?)", [kind, body]
        )
    connection.commit()
    connection.close()
    with Store(path) as store:
        standing = read_now(store, rule_states.load).rules["price_drawdown.critical"]
        assert (standing.value, str(standing.detail), standing.reason) == (-0.7, "20,401 USD {x}", NOTHING)
        ((_, stored),) = read_now(store, lambda db: alerts.recent(db, 9))
        assert str(stored.title) == "calm → stress"
        assert (str(stored.evidence[0].title), stored.evidence[0].detail) == (
            "price 50 % below its record",
            NOTHING,
        )
        bodies = read_now(store, lambda db: [row["body"] for row in db.query("SELECT body FROM notices")])
        told_later = json.loads(bodies[0])
        assert [each["kind"] for each in told_later["alerts"]] == ["phase", "no_data"]
        assert told_later["alerts"][0]["evidence"][0]["signal"] == leg["signal"]
        assert told_later["statuses"][0]["reason"] == {"text": "two", "values": []}
        assert bodies[1] == rows[3]


def test_there_is_a_snapshot_of_the_first_release() -> None:
    assert "v0.1.0" in [path.stem for path in SCHEMAS]


def test_the_snapshot_command_writes_what_can_be_read(tmp_path: Path) -> None:
    with Store(_made(tmp_path / "now.db", snapshot())) as store:
        assert read_now(store, outbox.waiting) == 1


def test_upgrading_twice_changes_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        with Store(tmp_path / "bot.db"):
            pass
        shape = _shape(tmp_path / "bot.db")
    assert shape == _shape(tmp_path / "bot.db")


def test_a_database_of_a_newer_release_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    with Store(path) as store:
        write_now(store, lambda db: chats.remember(db, Address(5), "private", NOW - timedelta(days=1)))
    connection = sqlite3.connect(path)
    connection.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
        "VALUES ('minerwatch', 'm999_later', '')"
    )
    connection.commit()
    connection.close()
    with pytest.raises(StorageError, match="written by a newer minerwatch \\(it has m999_later\\); install"):
        Store(path)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM chats").fetchone() == (1,)
    connection.close()


def _columns(table: str, db: Database) -> list[tuple[Any, ...]]:
    return db.execute(f"PRAGMA table_info({table})").fetchall()


def test_tables_without_rowid_begin_with_their_key(tmp_path: Path) -> None:
    """Else SQLite's own checks (seen with 3.40) report sound rows as damaged, and the program won't start."""
    with Store(tmp_path / "new.db") as store:
        made = read_now(
            store,
            lambda db: db.execute(
                "SELECT name FROM sqlite_master WHERE sql LIKE '%WITHOUT ROWID%'"
            ).fetchall(),
        )
        for (table,) in made:
            columns = read_now(store, partial(_columns, table))
            key = [name for _, name, *_, place in sorted(columns, key=lambda c: c[5]) if place]
            assert [name for _, name, *_ in columns[: len(key)]] == key, table
