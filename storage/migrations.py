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


@migrations()
def m040_ledger(db: Database) -> None:
    """The ledger of pool wallets, and what public miners hold."""
    _run(
        db,
        """
        CREATE TABLE ledger_notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

        CREATE TABLE ledger_blocks (
            height INTEGER PRIMARY KEY,
            hash TEXT NOT NULL,
            previous TEXT NOT NULL,
            time INTEGER NOT NULL,           -- Unix seconds, as everywhere on the chain
            median_time INTEGER NOT NULL,
            slug TEXT,
            name TEXT,
            reward_sat INTEGER,
            payouts TEXT                     -- JSON [[address, satoshi or null], ...]; null: not seen
        ) STRICT;
        CREATE INDEX ledger_blocks_by_time ON ledger_blocks (median_time);

        CREATE TABLE ledger_days (
            day TEXT PRIMARY KEY,
            first_height INTEGER NOT NULL,
            source TEXT NOT NULL,            -- the server the day was measured with
            published_net_sat INTEGER,       -- what was last handed on as readings
            published_reserve_sat INTEGER,
            published_complete INTEGER NOT NULL DEFAULT 0
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE ledger_wallets (
            id INTEGER PRIMARY KEY,
            address TEXT NOT NULL UNIQUE,
            last_paid INTEGER NOT NULL,      -- Unix seconds of the newest block that paid it
            from_day TEXT,                   -- every transaction from here
            to_day TEXT,                     -- to here is in ledger_flows
            balance_sat INTEGER,             -- at the end of to_day
            transactions INTEGER,            -- it had taken part in by then
            gap TEXT,                        -- by what the newest reading missed it,
            gap_day TEXT,                    -- on which day, and on how many
            gap_days INTEGER NOT NULL DEFAULT 0,
            retired INTEGER NOT NULL DEFAULT 0
        ) STRICT;

        CREATE TABLE ledger_payers (
            wallet INTEGER NOT NULL REFERENCES ledger_wallets (id) ON DELETE CASCADE,
            slug TEXT NOT NULL,
            name TEXT NOT NULL,
            blocks INTEGER NOT NULL,
            last_height INTEGER NOT NULL,
            PRIMARY KEY (wallet, slug)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE ledger_walks (
            wallet INTEGER NOT NULL REFERENCES ledger_wallets (id) ON DELETE CASCADE,
            into_past INTEGER NOT NULL,      -- 1: down to the first day; 0: from the tip to to_day
            top_day TEXT NOT NULL,
            stop_height INTEGER NOT NULL,
            left_sat INTEGER NOT NULL,
            left_transactions INTEGER NOT NULL,
            known_sat INTEGER,
            known_transactions INTEGER,
            top_sat INTEGER,
            top_transactions INTEGER,
            cursor TEXT,
            cursor_height INTEGER,
            pages INTEGER NOT NULL,
            PRIMARY KEY (wallet, into_past)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE ledger_flows (
            wallet INTEGER NOT NULL REFERENCES ledger_wallets (id) ON DELETE CASCADE,
            day TEXT NOT NULL,
            reward_sat INTEGER NOT NULL,
            received_sat INTEGER NOT NULL,
            spent_sat INTEGER NOT NULL,
            gross_sat INTEGER NOT NULL,
            transactions INTEGER NOT NULL,
            by_balance INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (wallet, day)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE ledger_movements (
            txid TEXT PRIMARY KEY,
            wallet INTEGER NOT NULL REFERENCES ledger_wallets (id) ON DELETE CASCADE,
            day TEXT NOT NULL,
            height INTEGER NOT NULL,
            moved_sat INTEGER NOT NULL,
            destination TEXT,
            destination_sat INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX ledger_movements_by_day ON ledger_movements (day, moved_sat);
        CREATE INDEX ledger_movements_by_destination ON ledger_movements (destination, height);

        CREATE TABLE treasuries (
            symbol TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            held_btc REAL NOT NULL,
            since TEXT NOT NULL,             -- when this figure was first read
            read_at TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
    """,
    )
