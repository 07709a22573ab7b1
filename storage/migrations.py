"""The schema's history: ordered steps, each applied once; a released step is never edited."""

import json
import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

from sqlite_utils import Database as SqliteDatabase
from sqlite_utils import Migrations

from storage.dialect import POSTGRES
from storage.engine import Database
from storage.signals.reworded import reworded

Step = TypeVar("Step", bound=Callable[[Database], None])


class _Steps(Migrations):
    """The steps; those with `rewrites` change what older versions stored, and nothing of the schema."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._rewriting: set[str] = set()

    def __call__(self, *, rewrites: bool = False) -> Callable[[Step], Step]:  # type: ignore[override]  # less than theirs
        """Add a step."""

        def add(step: Step) -> Step:
            Migrations.__call__(self)(step)  # type: ignore[type-var]  # theirs knows SQLite's connections only
            if rewrites:
                self._rewriting.add(step.__name__)
            return step

        return add

    def known(self) -> list[str]:
        """The names of all steps, oldest first."""
        return [step.name for step in self._migrations]

    def apply_to_postgres(self, db: Database) -> None:
        """Apply what is pending, in the caller's transaction.

        Nothing is stored there that a rewriting step of the time before PostgreSQL could change.
        """
        db.execute(_APPLIED)
        applied = self._applied_to_postgres(db)
        for step in self._migrations:
            if step.name not in applied:
                if step.name not in self._rewriting:
                    step.fn(db)  # type: ignore[arg-type]  # theirs knows SQLite's connections only
                db.execute("INSERT INTO migrations (name, applied_at) VALUES (?, now())", [step.name])

    def is_current(self, db: Database) -> bool:
        """Whether a PostgreSQL database has had every step. Raises NewerDatabaseError when it had more."""
        return "migrations" in db.table_names() and self._applied_to_postgres(db) == set(self.known())

    def _applied_to_postgres(self, db: Database) -> set[str]:
        applied = {str(name) for (name,) in db.execute("SELECT name FROM migrations")}
        if unknown := sorted(applied - set(self.known())):
            raise NewerDatabaseError(", ".join(unknown))
        return applied


_APPLIED = "CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL)"

migrations = _Steps("minerwatch")


class NewerDatabaseError(Exception):
    """A newer program has changed the database; the text names the steps that are unknown here."""


def migrate(db: SqliteDatabase) -> None:
    """Bring a file to the newest schema. Raises NewerDatabaseError, having changed nothing."""
    check_age(db)
    migrations.apply(db)


def migrate_postgres(db: Database) -> None:
    """Bring a PostgreSQL database to the newest schema, in the caller's transaction.

    Raises NewerDatabaseError, having changed nothing.
    """
    migrations.apply_to_postgres(db)


def is_current_postgres(db: Database) -> bool:
    """Whether a PostgreSQL database has the newest schema. Raises NewerDatabaseError when it has a newer."""
    return migrations.is_current(db)


def check_age(db: SqliteDatabase) -> None:
    """Raise NewerDatabaseError when the file has steps that this program doesn't know."""
    applied = {step.name for step in migrations.applied(db)}
    unknown = sorted(applied - set(migrations.known()))
    if unknown:
        raise NewerDatabaseError(", ".join(unknown))


def _run(db: Database, script: str) -> None:
    """Execute statements one by one: `executescript` would commit the migration's transaction half-way."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            db.execute(statement)
            statement = ""
    if statement.strip():
        raise ValueError(f"a migration ends in the middle of a statement: {statement.strip()[:60]!r}")


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
def m010_outbox(db: Database) -> None:
    """Who must still hear of what, and the notices that are not alerts."""
    _run(
        db,
        """
        CREATE TABLE notices (
            id INTEGER PRIMARY KEY,
            kind TEXT NOT NULL,              -- digest, broadcast, admin, …: the renderer knows them
            severity TEXT NOT NULL,
            at TEXT NOT NULL,
            body TEXT NOT NULL               -- JSON: everything the message says
        ) STRICT;

        CREATE TABLE outbox (
            id INTEGER PRIMARY KEY,
            bulletin INTEGER NOT NULL,       -- rows of one bulletin and address go out as one message
            chat_id INTEGER NOT NULL,
            topic_id INTEGER NOT NULL DEFAULT 0,
            alert_id INTEGER,                -- what the row says is either an alert,
            notice_id INTEGER,               -- or a notice shared by many chats;
            watch_id INTEGER NOT NULL DEFAULT 0,   -- with it, that this watch tells by the notice's figures
            kind TEXT NOT NULL DEFAULT 'alert',
            severity TEXT NOT NULL,
            priority INTEGER NOT NULL,       -- 1 critical, 2 warning, 3 info, 4 digest
            state TEXT NOT NULL DEFAULT 'pending'  -- the usual one by itself first: a list costs 0.8 µs a row
                CHECK (state = 'pending' OR state IN ('leased', 'sent', 'uncertain', 'dead', 'cancelled')),
            attempts INTEGER NOT NULL DEFAULT 0,   -- tries that counted: refusals and faults of the server
            doubts INTEGER NOT NULL DEFAULT 0,     -- tries that may have arrived
            parts INTEGER NOT NULL DEFAULT 0,      -- parts of a long message already sent
            queued_at TEXT NOT NULL,
            next_try_at TEXT NOT NULL,
            expires_at TEXT NOT NULL,
            settled_at TEXT,
            message_id INTEGER,
            error TEXT,
            CHECK ((alert_id IS NULL) <> (notice_id IS NULL))
        ) STRICT;
        CREATE UNIQUE INDEX outbox_by_alert ON outbox (alert_id, chat_id, topic_id)
            WHERE alert_id IS NOT NULL;
        CREATE UNIQUE INDEX outbox_by_notice ON outbox (notice_id, chat_id, topic_id, watch_id)
            WHERE notice_id IS NOT NULL;
        CREATE INDEX outbox_pending ON outbox (priority, next_try_at, chat_id, topic_id)
            WHERE state = 'pending';
        CREATE INDEX outbox_leased ON outbox (id) WHERE state = 'leased';
    """,
    )


@migrations()
def m020_revisions(db: Database) -> None:
    """What a complete day said before its source revised it."""
    _run(
        db,
        """
        CREATE TABLE revisions (
            series TEXT NOT NULL,
            day TEXT NOT NULL,
            replaced_at TEXT NOT NULL,
            value REAL NOT NULL,             -- as it was read at first
            source TEXT NOT NULL,
            read_at TEXT NOT NULL,
            PRIMARY KEY (series, day, replaced_at)
        ) STRICT, WITHOUT ROWID;
    """,
    )
    if db.dialect is POSTGRES:
        db.execute(
            """
            CREATE FUNCTION revise_day() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO revisions (series, day, value, source, read_at, replaced_at)
                VALUES (old.series, old.day, old.value, old.source, old.read_at, new.read_at)
                ON CONFLICT DO NOTHING;
                RETURN NULL;
            END $$
            """
        )
        db.execute(
            """
            CREATE TRIGGER revise_day AFTER UPDATE OF value ON days FOR EACH ROW
            WHEN (old.complete AND new.value IS DISTINCT FROM old.value) EXECUTE FUNCTION revise_day()
            """
        )
        return
    _run(
        db,
        """
        CREATE TRIGGER revise_day AFTER UPDATE OF value ON days
        WHEN old.complete = 1 AND new.value IS NOT old.value
        BEGIN
            INSERT OR IGNORE INTO revisions (series, day, value, source, read_at, replaced_at)
            VALUES (old.series, old.day, old.value, old.source, old.read_at, new.read_at);
        END;
    """,
    )


@migrations()
def m030_fleets(db: Database) -> None:
    """The machines of a chat, their power tariff, and which notices about them went out."""
    _run(
        db,
        """
        CREATE TABLE fleets (
            chat_id INTEGER NOT NULL,
            topic_id INTEGER NOT NULL DEFAULT 0,
            fixed_usd_per_kwh REAL,                    -- a fixed tariff, or
            zone TEXT,                                 -- a day-ahead zone plus a surcharge, or neither
            surcharge_eur_per_kwh REAL NOT NULL DEFAULT 0,
            pool_fee REAL NOT NULL DEFAULT 0,
            below_cost INTEGER,                        -- what it counted as when last looked at
            told_until TEXT,                           -- end of the newest day-ahead day told about
            PRIMARY KEY (chat_id, topic_id),
            FOREIGN KEY (chat_id, topic_id) REFERENCES chats (chat_id, topic_id)
                ON UPDATE CASCADE ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE fleet_machines (
            chat_id INTEGER NOT NULL,
            topic_id INTEGER NOT NULL DEFAULT 0,
            label TEXT NOT NULL,
            model TEXT,
            hashrate_ths REAL NOT NULL,
            power_w REAL NOT NULL,
            count INTEGER NOT NULL,
            place INTEGER NOT NULL,
            PRIMARY KEY (chat_id, topic_id, label),
            FOREIGN KEY (chat_id, topic_id) REFERENCES fleets (chat_id, topic_id)
                ON UPDATE CASCADE ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;
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
            median_time INTEGER NOT NULL,    -- Unix seconds, as everywhere on the chain
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
            read_at TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
    """,
    )


@migrations()
def m050_watches(db: Database) -> None:
    """Personal watches: found through an index when a figure passes one of their levels."""
    _run(
        db,
        """
        CREATE TABLE watches (
            id INTEGER PRIMARY KEY,
            chat_id INTEGER NOT NULL,
            topic_id INTEGER NOT NULL DEFAULT 0,
            state TEXT NOT NULL DEFAULT 'on'   -- the usual one by itself first, as in the outbox
                CHECK (state = 'on' OR state IN ('draft', 'paused', 'done')),
            text TEXT NOT NULL,              -- in words, as the grammar reads it
            any_of INTEGER NOT NULL,         -- 1: each comparison tells by itself; 0: all must be met
            hold_s INTEGER NOT NULL,
            once INTEGER NOT NULL,
            every_s INTEGER,
            ends_at TEXT,
            a_metric TEXT NOT NULL,
            a_fire REAL NOT NULL,            -- met at or beyond here …
            a_clear REAL NOT NULL,           -- … until the figure is back here
            a_above INTEGER NOT NULL,        -- 1: met above a_fire; 0: below it
            a_met INTEGER NOT NULL,
            b_metric TEXT,
            b_fire REAL,
            b_clear REAL,
            b_above INTEGER,
            b_met INTEGER,
            due_at TEXT,                     -- when it tells, in its figures' own time
            fired_at TEXT,                   -- when it last told, likewise
            fires INTEGER NOT NULL DEFAULT 0,
            created_at TEXT NOT NULL,
            FOREIGN KEY (chat_id, topic_id) REFERENCES chats (chat_id, topic_id)
                ON UPDATE CASCADE ON DELETE CASCADE
        ) STRICT;
        CREATE INDEX watches_by_chat ON watches (chat_id, topic_id);
        CREATE INDEX watches_a_fire ON watches (a_metric, a_above, a_fire);
        CREATE INDEX watches_a_clear ON watches (a_metric, a_above, a_clear);
        CREATE INDEX watches_b_fire ON watches (b_metric, b_above, b_fire) WHERE b_metric IS NOT NULL;
        CREATE INDEX watches_b_clear ON watches (b_metric, b_above, b_clear) WHERE b_metric IS NOT NULL;
        CREATE INDEX watches_due ON watches (a_metric, due_at)
            WHERE due_at IS NOT NULL AND (b_metric IS NULL OR b_metric = a_metric);
        CREATE INDEX watches_due_of_two ON watches (a_metric, due_at)
            WHERE due_at IS NOT NULL AND b_metric <> a_metric;
        CREATE INDEX watches_over ON watches (state) WHERE state <> 'on' AND state <> 'paused';
        CREATE INDEX watches_ends ON watches (ends_at) WHERE ends_at IS NOT NULL;

        CREATE TABLE watch_figures (
            metric TEXT PRIMARY KEY,
            value REAL,                      -- NULL until first known
            as_of TEXT,
            source TEXT NOT NULL DEFAULT '',
            seen_at TEXT                     -- the poll that last had it
        ) STRICT, WITHOUT ROWID;
    """,
    )


@migrations()
def m060_chat_settings(db: Database) -> None:
    """What a chat wants: language, quiet hours, digest; its pinned status; what it has acknowledged."""
    _run(
        db,
        """
        CREATE TABLE chat_settings (
            chat_id INTEGER NOT NULL,
            topic_id INTEGER NOT NULL DEFAULT 0,
            language TEXT,                   -- chosen; NULL: Telegram's
            telegram_language TEXT,          -- what Telegram said last
            time_zone TEXT NOT NULL DEFAULT 'UTC',   -- a zone's name, or an offset like UTC+05:30
            quiet_from TEXT,                 -- HH:MM local; NULL: no quiet hours
            quiet_to TEXT,
            critical_passes INTEGER NOT NULL DEFAULT 1,
            muted_until TEXT,
            silent_below INTEGER NOT NULL DEFAULT 1,  -- severities below it come without a sound
            digest_at TEXT,                  -- HH:MM local; NULL: no digest
            digest_weekday INTEGER,          -- Monday is 0; NULL: daily
            digest_next TEXT,                -- the moment the next digest is due
            digest_last TEXT,                -- the moment the last one reached up to,
            digest_alert INTEGER NOT NULL DEFAULT 0,  -- and the newest alert there was then
            dark INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (chat_id, topic_id),
            FOREIGN KEY (chat_id, topic_id) REFERENCES chats (chat_id, topic_id)
                ON UPDATE CASCADE ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX chat_settings_by_digest ON chat_settings (digest_next) WHERE digest_next IS NOT NULL;

        CREATE TABLE pins (
            chat_id INTEGER NOT NULL,
            topic_id INTEGER NOT NULL DEFAULT 0,
            message_id INTEGER NOT NULL,
            text_hash TEXT NOT NULL,
            edited_at TEXT NOT NULL,
            PRIMARY KEY (chat_id, topic_id),
            FOREIGN KEY (chat_id, topic_id) REFERENCES chats (chat_id, topic_id)
                ON UPDATE CASCADE ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE acknowledgements (
            chat_id INTEGER NOT NULL,
            topic_id INTEGER NOT NULL DEFAULT 0,
            rule TEXT NOT NULL,
            began TEXT NOT NULL,             -- which episode of the rule
            PRIMARY KEY (chat_id, topic_id, rule),
            FOREIGN KEY (chat_id, topic_id) REFERENCES chats (chat_id, topic_id)
                ON UPDATE CASCADE ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;
    """,
    )


@migrations()
def m070_runs(db: Database) -> None:
    """The program's runs: what tells a clean stop from any other."""
    _run(
        db,
        """
        CREATE TABLE runs (
            id INTEGER PRIMARY KEY,
            version TEXT NOT NULL,
            started_at TEXT NOT NULL,
            seen_at TEXT NOT NULL,           -- the last poll
            stopped_at TEXT                  -- NULL: it runs, or was not stopped in good order
        ) STRICT;
    """,
    )


@migrations(rewrites=True)
def m080_phrases(db: Database) -> None:
    """Sentences in alerts, rule states and digests are kept with their values, to be said in any language.

    What was kept as plain English stays so.
    """
    for table, key, column in (
        ("alerts", "id", "body"),
        ("rule_states", "rule", "state"),
        ("notices", "id", "body"),
    ):
        only = "WHERE kind = 'digest'" if table == "notices" else ""
        rows = db.execute(f"SELECT {key}, {column} FROM {table} {only}").fetchall()
        db.executemany(
            f"UPDATE {table} SET {column} = ? WHERE {key} = ?",
            [(json.dumps(_phrased(json.loads(kept)), ensure_ascii=False), row) for row, kept in rows],
        )


def _phrased(kept: Any) -> Any:
    """JSON with every sentence as the phrase of itself."""
    if isinstance(kept, list):
        return [_phrased(one) for one in kept]
    if not isinstance(kept, dict):
        return kept
    return {
        name: {"text": one, "values": []}
        if name in ("title", "detail", "reason") and isinstance(one, str)
        else _phrased(one)
        for name, one in kept.items()
    }


@migrations(rewrites=True)
def m090_names(db: Database) -> None:
    """Alerts call missing data `no_data` and what bears out a phase `evidence`."""
    renamed = [('"legs":', '"evidence":')]
    for old, new in (("silenced", "no_data"), ("back", "data_back")):
        db.execute("UPDATE alerts SET kind = ? WHERE kind = ?", [new, old])
        renamed += [(f'"kind":{gap}"{old}"', f'"kind":{gap}"{new}"') for gap in ("", " ")]
    for old, new in renamed:
        db.execute("UPDATE alerts SET body = replace(body, ?, ?)", [old, new])
        db.execute("UPDATE notices SET body = replace(body, ?, ?) WHERE kind = 'digest'", [old, new])


@migrations(rewrites=True)
def m100_no_data(db: Database) -> None:
    """Rule states call missing data `no_data`."""
    for name in ("lack", "lack_since", "lack_told"):
        new = name.replace("lack", "no_data")
        db.execute("UPDATE rule_states SET state = replace(state, ?, ?)", [f'"{name}":', f'"{new}":'])


@migrations()
def m120_arrived_parts(db: Database) -> None:
    """Rows know which parts of a long message arrived; a chat's and old rows are found by indexes."""
    _run(
        db,
        """
        ALTER TABLE outbox ADD COLUMN parts_digest TEXT NOT NULL DEFAULT '';
        CREATE INDEX outbox_by_address ON outbox (chat_id, topic_id);
        CREATE INDEX outbox_settled ON outbox (settled_at) WHERE settled_at IS NOT NULL;
        """,
    )


@migrations()
def m130_confidence(db: Database) -> None:
    """Readings say how far sources bear them out (0 to 2); those stored before count as confirmed."""
    for table in ("days", "spots"):
        db.execute(f"ALTER TABLE {table} ADD COLUMN confidence INTEGER NOT NULL DEFAULT 2")


@migrations()
def m150_outage_notices(db: Database) -> None:
    """A chat may ask to be told when the bot has no fresh data, and when it has again."""
    db.execute("ALTER TABLE chat_settings ADD COLUMN tell_outages INTEGER NOT NULL DEFAULT 0")


@migrations()
def m140_falls_seen(db: Database) -> None:
    """A fall of a public miner's holdings that a second reading has yet to bear out."""
    db.execute("ALTER TABLE treasuries ADD COLUMN fallen_to_btc REAL")
    db.execute("ALTER TABLE treasuries ADD COLUMN fallen_at TEXT")


@migrations()
def m170_fleet_sites(db: Database) -> None:
    """Fleets of several sites, each with its tariff and costs; what was kept becomes the site without a
    name."""
    _run(
        db,
        """
        CREATE TABLE fleet_sites (
            chat_id INTEGER NOT NULL,
            topic_id INTEGER NOT NULL DEFAULT 0,
            name TEXT NOT NULL DEFAULT '',
            fixed_per_kwh REAL,                        -- a fixed tariff in `currency`, or
            currency TEXT NOT NULL DEFAULT 'USD',
            zone TEXT,                                 -- a day-ahead zone plus a surcharge, or neither
            surcharge_eur_per_kwh REAL NOT NULL DEFAULT 0,
            pool_fee REAL NOT NULL DEFAULT 0,
            uptime REAL NOT NULL DEFAULT 1,
            overhead REAL NOT NULL DEFAULT 1,
            fixed_cost REAL,                           -- a day, per machine
            fixed_cost_currency TEXT,
            PRIMARY KEY (chat_id, topic_id, name),
            FOREIGN KEY (chat_id, topic_id) REFERENCES fleets (chat_id, topic_id)
                ON UPDATE CASCADE ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE fleet_batches (
            chat_id INTEGER NOT NULL,
            topic_id INTEGER NOT NULL DEFAULT 0,
            site TEXT NOT NULL DEFAULT '',
            label TEXT NOT NULL,
            model TEXT,
            hashrate_ths REAL NOT NULL,
            power_w REAL NOT NULL,
            count INTEGER NOT NULL,
            place INTEGER NOT NULL,
            PRIMARY KEY (chat_id, topic_id, site, label),
            FOREIGN KEY (chat_id, topic_id) REFERENCES fleets (chat_id, topic_id)
                ON UPDATE CASCADE ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;

        INSERT INTO fleet_sites (chat_id, topic_id, fixed_per_kwh, zone, surcharge_eur_per_kwh, pool_fee)
            SELECT chat_id, topic_id, fixed_usd_per_kwh, zone, surcharge_eur_per_kwh, pool_fee FROM fleets
            WHERE fixed_usd_per_kwh IS NOT NULL OR zone IS NOT NULL OR pool_fee != 0;
        INSERT INTO fleet_batches (chat_id, topic_id, label, model, hashrate_ths, power_w, count, place)
            SELECT chat_id, topic_id, label, model, hashrate_ths, power_w, count, place FROM fleet_machines;
        DROP TABLE fleet_machines;
        """,
    )
    for column in ("fixed_usd_per_kwh", "zone", "surcharge_eur_per_kwh", "pool_fee"):
        db.execute(f"ALTER TABLE fleets DROP COLUMN {column}")


@migrations()
def m171_currency(db: Database) -> None:
    """The currency a chat wants amounts in."""
    db.execute("ALTER TABLE chat_settings ADD COLUMN currency TEXT")


@migrations()
def m172_alert_scores(db: Database) -> None:
    """What followed each alert: price and difficulty 30, 90, 180 and 365 days later."""
    _run(
        db,
        """
        CREATE TABLE alert_scores (
            alert_id INTEGER NOT NULL REFERENCES alerts (id),
            days INTEGER NOT NULL,
            scored_at TEXT NOT NULL,
            price_change REAL NOT NULL,        -- a fraction
            difficulty_change REAL NOT NULL,   -- the lowest in those days, a fraction
            PRIMARY KEY (alert_id, days)
        ) STRICT;
        """,
    )


@migrations()
def m190_sent_alerts(db: Database) -> None:
    """The messages that told the beginnings of episodes, to be replied to and edited."""
    _run(
        db,
        """
        CREATE TABLE sent_alerts (
            chat_id INTEGER NOT NULL,
            topic_id INTEGER NOT NULL DEFAULT 0,
            alert_id INTEGER NOT NULL,       -- the beginning
            message_id INTEGER NOT NULL,     -- Telegram's, in this chat
            is_editable INTEGER NOT NULL,    -- it told nothing but beginnings, in one part
            edit_due TEXT,                   -- when it is to be edited next; NULL: it reads as it should
            edit_attempts INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (chat_id, topic_id, alert_id),
            FOREIGN KEY (chat_id, topic_id) REFERENCES chats (chat_id, topic_id)
                ON UPDATE CASCADE ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX sent_alerts_by_alert ON sent_alerts (alert_id, chat_id, topic_id);
        CREATE INDEX sent_alerts_to_edit ON sent_alerts (edit_due) WHERE edit_due IS NOT NULL;
        """,
    )


@migrations()
def m172_own_machines(db: Database) -> None:
    """Machines that a chat has named itself, with their figures."""
    _run(
        db,
        """
        CREATE TABLE own_machines (
            chat_id INTEGER NOT NULL,
            topic_id INTEGER NOT NULL DEFAULT 0,
            name TEXT NOT NULL,
            hashrate_ths REAL NOT NULL,
            power_w REAL NOT NULL,
            PRIMARY KEY (chat_id, topic_id, name),
            FOREIGN KEY (chat_id, topic_id) REFERENCES chats (chat_id, topic_id)
                ON UPDATE CASCADE ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;
        """,
    )


@migrations()
def m300_acknowledged_by(db: Database) -> None:
    """Who acknowledged an alert, where others see it."""
    db.execute("ALTER TABLE acknowledgements ADD COLUMN by_name TEXT")


@migrations()
def m350_destinations(db: Database) -> None:
    """Destinations outside Telegram; their secrets are derived and stand in no table."""
    _run(
        db,
        """
        CREATE TABLE destinations (
            chat_id INTEGER NOT NULL,        -- its address in the outbox; none of Telegram's
            topic_id INTEGER NOT NULL DEFAULT 0,
            target TEXT NOT NULL UNIQUE,     -- a webhook's URL, or a service's name in NOTIFY_SERVICES
            salt TEXT NOT NULL,              -- what its secret is derived with,
            salt_before TEXT,                -- and was before it was rotated,
            rotated_at TEXT,                 -- at this moment
            owner_chat_id INTEGER NOT NULL,  -- the operators' chat that added it
            created_at TEXT NOT NULL,
            PRIMARY KEY (chat_id, topic_id),
            FOREIGN KEY (chat_id, topic_id) REFERENCES chats (chat_id, topic_id)
                ON UPDATE CASCADE ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX outbox_pending_elsewhere ON outbox (priority, next_try_at, chat_id, topic_id)
            WHERE state = 'pending' AND chat_id <= -1152921504606846976;
        """,
    )


@migrations()
def m301_incidents(db: Database) -> None:
    """Alerts name the incident they belong to by the id of its first alert.

    Of those stored before, all of a rule's episode are one incident; so is a change of phase.
    """
    _run(
        db,
        """
        ALTER TABLE alerts ADD COLUMN incident INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX alerts_by_incident ON alerts (incident);
        CREATE INDEX alerts_by_signal ON alerts (signal, id);
        """,
    )
    first: dict[tuple[str, str], int] = {}
    incidents = []
    for id_, rule, kind, body in db.execute("SELECT id, rule, kind, body FROM alerts ORDER BY id").fetchall():
        began = json.loads(body).get("began")
        episode = (rule, began if began and kind != "phase" else f"alert {id_}")
        incidents.append((first.setdefault(episode, id_), id_))
    db.executemany("UPDATE alerts SET incident = ? WHERE id = ?", incidents)


@migrations()
def m302_sent_messages(db: Database) -> None:
    """Messages that are kept up to date: those that tell alerts, and a chat's pinned status."""
    _run(
        db,
        """
        CREATE TABLE sent_messages (
            chat_id INTEGER NOT NULL,
            topic_id INTEGER NOT NULL DEFAULT 0,
            message_id INTEGER NOT NULL,     -- Telegram's, in this chat
            kind TEXT NOT NULL,              -- alerts, status
            alert_group INTEGER NOT NULL DEFAULT 0,
            is_editable INTEGER NOT NULL DEFAULT 1,
            has_picture INTEGER NOT NULL DEFAULT 0,
            watches TEXT NOT NULL DEFAULT '[]',      -- JSON: what else it told, as it was told
            text_digest TEXT NOT NULL DEFAULT '',    -- of what it says since the last edit
            edited_at TEXT,
            edit_due TEXT,                   -- NULL: it reads as it should
            edit_attempts INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (chat_id, topic_id, message_id),
            FOREIGN KEY (chat_id, topic_id) REFERENCES chats (chat_id, topic_id)
                ON UPDATE CASCADE ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX sent_messages_to_edit ON sent_messages (kind, edit_due) WHERE edit_due IS NOT NULL;
        CREATE INDEX sent_messages_by_kind ON sent_messages (kind, chat_id, topic_id) WHERE kind = 'status';

        DROP INDEX sent_alerts_to_edit;
        INSERT INTO sent_messages
            (chat_id, topic_id, message_id, kind, alert_group, is_editable, edit_due)
            SELECT s.chat_id, s.topic_id, s.message_id, 'alerts', min(a.bulletin),
                count(*) FILTER (WHERE NOT s.is_editable) = 0, min(s.edit_due)
            FROM sent_alerts s JOIN alerts a ON a.id = s.alert_id
            GROUP BY s.chat_id, s.topic_id, s.message_id;
        ALTER TABLE sent_alerts DROP COLUMN is_editable;
        ALTER TABLE sent_alerts DROP COLUMN edit_due;
        ALTER TABLE sent_alerts DROP COLUMN edit_attempts;
        ALTER TABLE sent_alerts ADD COLUMN is_first INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE sent_alerts ADD COLUMN is_shown INTEGER NOT NULL DEFAULT 1;

        INSERT INTO sent_messages (chat_id, topic_id, message_id, kind, text_digest, edited_at)
            SELECT chat_id, topic_id, message_id, 'status', text_hash, edited_at FROM pins WHERE true
            ON CONFLICT DO NOTHING;
        DROP TABLE pins;

        ALTER TABLE outbox ADD COLUMN told_by INTEGER;   -- the row whose message tells it instead
        CREATE INDEX outbox_told_by ON outbox (told_by) WHERE told_by IS NOT NULL;
        """,
    )


@migrations()
def m303_alert_pictures(db: Database) -> None:
    """Whether a chat wants pictures with alerts, and the pictures that Telegram has."""
    _run(
        db,
        """
        ALTER TABLE chat_settings ADD COLUMN alert_pictures INTEGER NOT NULL DEFAULT 1;
        CREATE TABLE uploaded_pictures (
            name TEXT PRIMARY KEY,           -- alert group, language, light or dark
            file_id TEXT NOT NULL,           -- Telegram's, for this bot
            uploaded_at TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        """,
    )


@migrations()
def m360_market_answers(db: Database) -> None:
    """What the market last answered that is no reading, so that a restart need not wait for it."""
    db.execute(
        "CREATE TABLE market_answers (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID"
    )


@migrations()
def m400_reworded_sentences(db: Database) -> None:
    """Stored alerts, rule states and digests say what the signals' sentences say now."""
    for table, key, column in (
        ("alerts", "id", "body"),
        ("rule_states", "rule", "state"),
        ("notices", "id", "body"),
    ):
        only = "WHERE kind = 'digest'" if table == "notices" else ""
        rows = db.execute(f"SELECT {key}, {column} FROM {table} {only}").fetchall()
        changed = [
            (json.dumps(after, ensure_ascii=False), row)
            for row, stored in rows
            if (after := reworded(before := json.loads(stored))) != before
        ]
        db.executemany(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", changed)


@migrations()
def m401_claims(db: Database) -> None:
    """Which replica is sending a row; on SQLite there is one, number 0."""
    db.execute("ALTER TABLE outbox ADD COLUMN claimed_by INTEGER")


@migrations()
def m450_received_updates(db: Database) -> None:
    """Updates that Telegram has posted, and what replicas must know of a chat's last minutes."""
    _run(
        db,
        """
        CREATE TABLE received_updates (
            update_id INTEGER PRIMARY KEY,   -- Telegram's
            line INTEGER,                    -- the chat, else the person, whose updates are handled in order
            raw TEXT,                        -- as it came; NULL once it was handled
            received_at TEXT NOT NULL,
            claimed_by INTEGER,              -- the replica that handles it
            claims INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE INDEX received_updates_open ON received_updates (line, update_id) WHERE raw IS NOT NULL;
        CREATE INDEX received_updates_done ON received_updates (received_at) WHERE raw IS NULL;

        CREATE TABLE follow_ups (
            chat_id INTEGER NOT NULL,
            topic_id INTEGER NOT NULL,
            body TEXT NOT NULL,              -- JSON: the question answered last
            asked_at TEXT NOT NULL,
            PRIMARY KEY (chat_id, topic_id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE flood_counts (
            sender_id INTEGER NOT NULL,      -- a person, or a chat that speaks as itself
            kind TEXT NOT NULL,
            tokens REAL NOT NULL,
            counted_s REAL NOT NULL,         -- seconds since 1970
            is_told INTEGER NOT NULL,
            PRIMARY KEY (sender_id, kind)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE poll_facts (
            name TEXT PRIMARY KEY,
            body TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        """,
    )


@migrations()
def m460_shared_widgets(db: Database) -> None:
    """Shared widgets of Telegram's, and which message shows one."""
    _run(
        db,
        """
        CREATE TABLE shared_widgets (
            widget_id TEXT PRIMARY KEY,      -- Telegram's, for this bot
            language TEXT NOT NULL,
            document_digest TEXT NOT NULL,
            edited_at TEXT NOT NULL          -- when its data were set
        ) STRICT, WITHOUT ROWID;
        ALTER TABLE sent_messages ADD COLUMN widget_id TEXT;   -- NULL: the message is a text
        """,
    )


@migrations()
def m470_muted_at(db: Database) -> None:
    """When a mute was begun, which shows whether a clock ahead began it."""
    _run(db, "ALTER TABLE chat_settings ADD COLUMN muted_at TEXT;")
