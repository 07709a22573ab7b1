-- minerwatch v0.1.0, written by tests.storage.schemas.snapshot
BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'minerwatch','m001_readings_and_rules','2026-11-23 13:02:37.071114+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'minerwatch','m010_outbox','2026-11-23 13:02:37.071555+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'minerwatch','m020_revisions','2026-11-23 13:02:37.071749+00:00');
INSERT INTO "_sqlite_migrations" VALUES(4,'minerwatch','m030_fleets','2026-11-23 13:02:37.071979+00:00');
INSERT INTO "_sqlite_migrations" VALUES(5,'minerwatch','m040_ledger','2026-11-23 13:02:37.072504+00:00');
INSERT INTO "_sqlite_migrations" VALUES(6,'minerwatch','m050_watches','2026-11-23 13:02:37.072968+00:00');
INSERT INTO "_sqlite_migrations" VALUES(7,'minerwatch','m060_chat_settings','2026-11-23 13:02:37.073228+00:00');
INSERT INTO "_sqlite_migrations" VALUES(8,'minerwatch','m070_runs','2026-11-23 13:02:37.073338+00:00');
INSERT INTO "_sqlite_migrations" VALUES(9,'minerwatch','m080_phrases','2026-11-23 13:02:37.073442+00:00');
CREATE TABLE acknowledgements (
            chat_id INTEGER NOT NULL,
            topic_id INTEGER NOT NULL DEFAULT 0,
            rule TEXT NOT NULL,
            began TEXT NOT NULL,             -- which episode of the rule
            PRIMARY KEY (chat_id, topic_id, rule),
            FOREIGN KEY (chat_id, topic_id) REFERENCES chats (chat_id, topic_id)
                ON UPDATE CASCADE ON DELETE CASCADE
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
INSERT INTO "alerts" VALUES(1,1,'price_drawdown.warning','price_drawdown','warning','fired','2026-02-01T09:00:05+00:00',-0.51,'{"rule":"price_drawdown.warning","signal":"price_drawdown","severity":1,"kind":"fired","at":"2026-02-01T09:00:05Z","title":{"text":"price half below its record","values":[]},"value":-0.51,"threshold":-0.5,"clears":-0.45,"quantity":"change","began":"2026-02-01T09:00:05Z","lasted":null,"worst":null,"source":"kraken","as_of":"2026-02-01T09:00:05Z","detail":{"text":"{price} USD against the record of {record} USD on {day}","values":[["price",{"figure":61838.0,"digits":0,"signed":false}],["record",{"figure":126200.0,"digits":0,"signed":false}],["day",{"day":"2025-10-06"}]]},"before":null,"after":null,"legs":[]}');
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
CREATE TABLE chats (
            chat_id INTEGER NOT NULL,
            topic_id INTEGER NOT NULL DEFAULT 0,   -- message_thread_id, 0 outside topics
            kind TEXT NOT NULL,                    -- private, group, supergroup, channel
            active INTEGER NOT NULL DEFAULT 1,
            inactive_reason TEXT,
            created_at TEXT NOT NULL,
            PRIMARY KEY (chat_id, topic_id)
        ) STRICT, WITHOUT ROWID;
INSERT INTO "chats" VALUES(-1002,7,'supergroup',0,'bot was kicked','2026-01-02T00:00:00+00:00');
INSERT INTO "chats" VALUES(101,0,'private',1,NULL,'2026-01-01T00:00:00+00:00');
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
INSERT INTO "days" VALUES('btc.price','2026-01-30',80123.0,'2026-01-31T00:00:00+00:00','kraken',1,'2026-01-31T00:10:00+00:00');
INSERT INTO "days" VALUES('btc.price','2026-01-31',80321.0,'2026-02-01T00:00:00+00:00','kraken',1,'2026-02-01T00:10:00+00:00');
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
CREATE TABLE ledger_days (
            day TEXT PRIMARY KEY,
            first_height INTEGER NOT NULL,
            source TEXT NOT NULL,            -- the server the day was measured with
            published_net_sat INTEGER,       -- what was last handed on as readings
            published_reserve_sat INTEGER,
            published_complete INTEGER NOT NULL DEFAULT 0
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
CREATE TABLE ledger_notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
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
CREATE TABLE notices (
            id INTEGER PRIMARY KEY,
            kind TEXT NOT NULL,              -- digest, broadcast, admin, …: the renderer knows them
            severity TEXT NOT NULL,
            at TEXT NOT NULL,
            body TEXT NOT NULL               -- JSON: everything the message says
        ) STRICT;
INSERT INTO "notices" VALUES(1,'broadcast','info','2026-02-01T10:00:00+00:00','{}');
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
INSERT INTO "outbox" VALUES(1,1,101,0,1,NULL,0,'alert','warning',2,'pending',0,0,0,'2026-02-01T09:00:05+00:00','2026-02-01T09:00:05+00:00','2026-02-02T09:00:05+00:00',NULL,NULL,NULL);
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
CREATE TABLE revisions (
            series TEXT NOT NULL,
            day TEXT NOT NULL,
            replaced_at TEXT NOT NULL,
            value REAL NOT NULL,             -- as it was read at first
            source TEXT NOT NULL,
            read_at TEXT NOT NULL,
            PRIMARY KEY (series, day, replaced_at)
        ) STRICT, WITHOUT ROWID;
CREATE TABLE rule_states (
            rule TEXT PRIMARY KEY,
            state TEXT NOT NULL              -- JSON of the whole state, as the pure core defines it
        ) STRICT, WITHOUT ROWID;
INSERT INTO "rule_states" VALUES('phase','{"phase":"stress","since":"2026-02-01T09:00:05Z","for_since":null,"against_since":null,"last_crisis":null,"as_of":null,"known":null}');
INSERT INTO "rule_states" VALUES('price_drawdown.warning','{"level":"firing","since":"2026-02-01T09:00:05Z","began":"2026-02-01T09:00:05Z","fired":"2026-02-01T09:00:05Z","notified":"2026-02-01T09:00:05Z","as_of":"2026-02-01T09:00:05Z","value":-0.51,"worst":-0.51,"source":"kraken","detail":{"text":"{price} USD against the record of {record} USD on {day}","values":[["price",{"figure":61838.0,"digits":0,"signed":false}],["record",{"figure":126200.0,"digits":0,"signed":false}],["day",{"day":"2025-10-06"}]]},"lack":null,"lack_since":null,"lack_told":false,"reason":{"text":"","values":[]}}');
CREATE TABLE runs (
            id INTEGER PRIMARY KEY,
            version TEXT NOT NULL,
            started_at TEXT NOT NULL,
            seen_at TEXT NOT NULL,           -- the last poll
            stopped_at TEXT                  -- NULL: it runs, or was not stopped in good order
        ) STRICT;
CREATE TABLE spots (
            series TEXT NOT NULL,
            as_of TEXT NOT NULL,
            value REAL NOT NULL,
            source TEXT NOT NULL,
            read_at TEXT NOT NULL,
            PRIMARY KEY (series, as_of)
        ) STRICT, WITHOUT ROWID;
INSERT INTO "spots" VALUES('btc.price','2026-02-01T09:00:00+00:00',80400.0,'mempool','2026-02-01T09:00:05+00:00');
CREATE TABLE subscriptions (
            chat_id INTEGER NOT NULL,
            topic_id INTEGER NOT NULL DEFAULT 0,
            signal TEXT NOT NULL,
            min_severity INTEGER NOT NULL DEFAULT 1,   -- 0 info, 1 warning, 2 critical
            PRIMARY KEY (chat_id, topic_id, signal),
            FOREIGN KEY (chat_id, topic_id) REFERENCES chats (chat_id, topic_id)
                ON UPDATE CASCADE ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;
INSERT INTO "subscriptions" VALUES(-1002,7,'capitulation',2);
INSERT INTO "subscriptions" VALUES(101,0,'price_drawdown',1);
CREATE TABLE treasuries (
            symbol TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            held_btc REAL NOT NULL,
            read_at TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
CREATE TABLE watch_figures (
            metric TEXT PRIMARY KEY,
            value REAL,                      -- NULL until first known
            as_of TEXT,
            source TEXT NOT NULL DEFAULT '',
            seen_at TEXT                     -- the poll that last had it
        ) STRICT, WITHOUT ROWID;
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
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX alerts_by_bulletin ON alerts (bulletin);
CREATE INDEX alerts_by_time ON alerts (at);
CREATE INDEX subscriptions_by_signal ON subscriptions (signal, min_severity);
CREATE UNIQUE INDEX outbox_by_alert ON outbox (alert_id, chat_id, topic_id)
            WHERE alert_id IS NOT NULL;
CREATE UNIQUE INDEX outbox_by_notice ON outbox (notice_id, chat_id, topic_id, watch_id)
            WHERE notice_id IS NOT NULL;
CREATE INDEX outbox_pending ON outbox (priority, next_try_at, chat_id, topic_id)
            WHERE state = 'pending';
CREATE INDEX outbox_leased ON outbox (id) WHERE state = 'leased';
CREATE TRIGGER revise_day AFTER UPDATE OF value ON days
        WHEN old.complete = 1 AND new.value IS NOT old.value
        BEGIN
            INSERT OR IGNORE INTO revisions (series, day, value, source, read_at, replaced_at)
            VALUES (old.series, old.day, old.value, old.source, old.read_at, new.read_at);
        END;
CREATE INDEX ledger_blocks_by_time ON ledger_blocks (median_time);
CREATE INDEX ledger_movements_by_day ON ledger_movements (day, moved_sat);
CREATE INDEX ledger_movements_by_destination ON ledger_movements (destination, height);
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
CREATE INDEX chat_settings_by_digest ON chat_settings (digest_next) WHERE digest_next IS NOT NULL;
COMMIT;
