"""The schema's history: ordered steps, each applied once; a released step is never edited."""

import sqlite3

from sqlite_utils import Database, Migrations

migrations = Migrations("minerwatch")


def migrate(db: Database) -> None:
    """Bring the database to the newest schema."""
    migrations.apply(db)


def _run(db: Database, script: str) -> None:
    """Execute statements one by one: `executescript` would commit the migration's transaction half-way."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            db.execute(statement)
            statement = ""


@migrations()
def m001_readings_and_rules(db: Database) -> None:
    """Readings, rule states, alerts, chats and subscriptions."""
    _run(
        db,
        """
        CREATE TABLE days (
            series TEXT NOT NULL,
            day TEXT NOT NULL,               -- the UTC day covered; for a month its first day
            value REAL NOT NULL,
            as_of TEXT NOT NULL,
            source TEXT NOT NULL,
            complete INTEGER NOT NULL DEFAULT 1,
            read_at TEXT NOT NULL,
            PRIMARY KEY (series, day)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE spots (
            series TEXT NOT NULL,
            as_of TEXT NOT NULL,
            value REAL NOT NULL,
            source TEXT NOT NULL,
            read_at TEXT NOT NULL,
            PRIMARY KEY (series, as_of)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE rule_states (
            rule TEXT PRIMARY KEY,
            state TEXT NOT NULL              -- JSON of the whole state, as the pure core defines it
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE alerts (
            id INTEGER PRIMARY KEY,
            bulletin INTEGER NOT NULL,       -- alerts of one poll share a number and go out as one message
            rule TEXT NOT NULL,
            signal TEXT NOT NULL,
            severity TEXT NOT NULL,          -- info, warning, critical
            kind TEXT NOT NULL,
            at TEXT NOT NULL,
            value REAL,
            body TEXT NOT NULL,              -- JSON: everything the message says
            UNIQUE (rule, kind, at)
        ) STRICT;
        CREATE INDEX alerts_by_bulletin ON alerts (bulletin);
        CREATE INDEX alerts_by_time ON alerts (at);

        CREATE TABLE chats (
            chat_id INTEGER NOT NULL,
            topic_id INTEGER NOT NULL DEFAULT 0,   -- message_thread_id, 0 outside topics
            kind TEXT NOT NULL,                    -- private, group, supergroup, channel
            active INTEGER NOT NULL DEFAULT 1,
            inactive_reason TEXT,
            created_at TEXT NOT NULL,
            PRIMARY KEY (chat_id, topic_id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE subscriptions (
            chat_id INTEGER NOT NULL,
            topic_id INTEGER NOT NULL DEFAULT 0,
            signal TEXT NOT NULL,
            min_severity INTEGER NOT NULL DEFAULT 1,   -- 0 info, 1 warning, 2 critical
            PRIMARY KEY (chat_id, topic_id, signal),
            FOREIGN KEY (chat_id, topic_id) REFERENCES chats (chat_id, topic_id)
                ON UPDATE CASCADE ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX subscriptions_by_signal ON subscriptions (signal, min_severity);
    """,
    )
