-- minerwatch v0.1.0, written by tests.storage.schemas.snapshot
BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'minerwatch','m001_readings_and_rules','2026-11-23 05:34:27.850947+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'minerwatch','m010_outbox','2026-11-23 05:34:27.851399+00:00');
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
INSERT INTO "alerts" VALUES(1,1,'price_drawdown.warning','price_drawdown','warning','fired','2026-02-01T09:00:05+00:00',-0.51,'{}');
CREATE TABLE chats (
            chat_id INTEGER NOT NULL,
            topic_id INTEGER NOT NULL DEFAULT 0,   -- message_thread_id, 0 outside topics
            kind TEXT NOT NULL,                    -- private, group, supergroup, channel
            active INTEGER NOT NULL DEFAULT 1,
            inactive_reason TEXT,
            created_at TEXT NOT NULL,
            PRIMARY KEY (chat_id, topic_id)
        ) STRICT, WITHOUT ROWID;
INSERT INTO "chats" VALUES(-1002,7,'supergroup',0,'Forbidden: bot was kicked','2026-01-02T00:00:00+00:00');
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
            alert_id INTEGER,                -- what the row says is exactly one of: an alert,
            notice_id INTEGER,               -- a notice shared by many chats,
            body TEXT,                       -- or facts of its own (JSON)
            kind TEXT NOT NULL DEFAULT 'alert',
            severity TEXT NOT NULL,
            priority INTEGER NOT NULL,       -- 1 critical, 2 warning, 3 info, 4 digest
            state TEXT NOT NULL DEFAULT 'pending'
                CHECK (state IN ('pending', 'leased', 'sent', 'uncertain', 'dead', 'cancelled')),
            attempts INTEGER NOT NULL DEFAULT 0,   -- tries that counted: refusals and faults of the server
            doubts INTEGER NOT NULL DEFAULT 0,     -- tries that may have arrived
            parts INTEGER NOT NULL DEFAULT 0,      -- parts of a long message already sent
            queued_at TEXT NOT NULL,
            next_try_at TEXT NOT NULL,
            expires_at TEXT NOT NULL,
            settled_at TEXT,
            message_id INTEGER,
            error TEXT,
            CHECK ((alert_id IS NOT NULL) + (notice_id IS NOT NULL) + (body IS NOT NULL) = 1)
        ) STRICT;
INSERT INTO "outbox" VALUES(1,1,101,0,1,NULL,NULL,'alert','warning',2,'pending',0,0,0,'2026-02-01T09:00:05+00:00','2026-02-01T09:00:05+00:00','2026-02-02T09:00:05+00:00',NULL,NULL,NULL);
CREATE TABLE rule_states (
            rule TEXT PRIMARY KEY,
            state TEXT NOT NULL              -- JSON of the whole state, as the pure core defines it
        ) STRICT, WITHOUT ROWID;
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
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX alerts_by_bulletin ON alerts (bulletin);
CREATE INDEX alerts_by_time ON alerts (at);
CREATE INDEX subscriptions_by_signal ON subscriptions (signal, min_severity);
CREATE UNIQUE INDEX outbox_by_alert ON outbox (alert_id, chat_id, topic_id)
            WHERE alert_id IS NOT NULL;
CREATE UNIQUE INDEX outbox_by_notice ON outbox (notice_id, chat_id, topic_id)
            WHERE notice_id IS NOT NULL;
CREATE INDEX outbox_pending ON outbox (priority, next_try_at, id) WHERE state = 'pending';
CREATE INDEX outbox_leased ON outbox (id) WHERE state = 'leased';
COMMIT;
