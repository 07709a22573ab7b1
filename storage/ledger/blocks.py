"""The blocks the ledger has seen, the day each UTC day begins at, and who was paid."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from bot.ledger.blocks import (
    CONFIRMATIONS,
    Block,
    Calendar,
    Output,
    Pool,
    Stamp,
    midnight,
    opening,
)
from bot.ledger.pool_wallets import wallets
from storage.engine import Database

KEPT_BLOCKS = 1_100


def note(db: Database, name: str) -> str | None:
    """A fact about the ledger as a whole, or None."""
    row = db.execute("SELECT value FROM ledger_notes WHERE name = ?", [name]).fetchone()
    return None if row is None else str(row[0])


def write_note(db: Database, name: str, value: str) -> None:
    """Keep a fact about the ledger as a whole."""
    db.execute(
        "INSERT INTO ledger_notes (name, value) VALUES (?, ?) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        [name, value],
    )


def hashes(db: Database, above: int) -> dict[int, str]:
    """Hashes of the stored blocks from height `above` up."""
    return {
        int(height): str(text)
        for height, text in db.execute("SELECT height, hash FROM ledger_blocks WHERE height >= ?", [above])
    }


def tip(db: Database) -> int | None:
    """The highest stored block."""
    (height,) = db.execute("SELECT max(height) FROM ledger_blocks").fetchone()
    return None if height is None else int(height)


def save_blocks(db: Database, blocks: Iterable[Block]) -> int:
    """Store blocks that are new and register their wallets; gives how many addresses are new."""
    new_addresses = 0
    for block in blocks:
        fresh = db.execute(
            "INSERT INTO ledger_blocks "
            "(height, hash, previous, median_time, slug, name, reward_sat, payouts) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (height) DO NOTHING",
            [
                block.height,
                block.hash,
                block.previous,
                block.median_time,
                block.pool.slug if block.pool else None,
                block.pool.name if block.pool else None,
                block.reward_sat,
                _payouts(block),
            ],
        ).rowcount
        if fresh:
            new_addresses += _register(db, block)
    return new_addresses


def save_coinbase(db: Database, block: Block) -> int:
    """Complete a stored block by its coinbase; gives how many addresses are new."""
    old = block_at(db, block.height)
    db.execute(
        "UPDATE ledger_blocks SET slug = ?, name = ?, reward_sat = ?, payouts = ? "
        "WHERE height = ? AND hash = ?",
        [
            block.pool.slug if block.pool else None,
            block.pool.name if block.pool else None,
            block.reward_sat,
            _payouts(block),
            block.height,
            block.hash,
        ],
    )
    return _register(db, block) if old is not None and old.payouts is None else 0


def block_at(db: Database, height: int) -> Block | None:
    """One stored block."""
    return next(iter(blocks(db, height, height)), None)


def blocks(db: Database, first: int, last: int) -> list[Block]:
    """The stored blocks from height `first` to `last`, lowest first."""
    return [
        Block(
            height,
            hash_,
            previous,
            median_time,
            Pool(slug, name) if slug is not None else None,
            reward_sat,
            None if payouts is None else tuple(Output(a, sat) for a, sat in json.loads(payouts)),
        )
        for height, hash_, previous, median_time, slug, name, reward_sat, payouts in db.execute(
            "SELECT height, hash, previous, median_time, slug, name, reward_sat, payouts "
            "FROM ledger_blocks WHERE height BETWEEN ? AND ? ORDER BY height",
            [first, last],
        )
    ]


def without_coinbase(db: Database, above: int) -> list[Block]:
    """Stored blocks from height `above` up whose coinbase has not been seen, newest first."""
    return [block for block in reversed(blocks(db, above, 1 << 40)) if block.payouts is None]


def stamps_around(db: Database, day: date) -> tuple[Stamp | None, Stamp | None]:
    """The stamps known on both sides of the midnight that begins `day`, as near as known."""
    target = midnight(day)
    below = db.execute(
        "SELECT height, median_time FROM ledger_blocks WHERE median_time < ? ORDER BY height DESC LIMIT 1",
        [target],
    ).fetchone()
    above = db.execute(
        "SELECT height, median_time FROM ledger_blocks WHERE median_time >= ? ORDER BY height LIMIT 1",
        [target],
    ).fetchone()
    return (Stamp(*below) if below else None, Stamp(*above) if above else None)


def calendar(db: Database) -> Calendar:
    """The unbroken run of days, newest backwards, whose opening heights are known."""
    openings: list[tuple[date, int]] = []
    for text, height in db.execute("SELECT day, first_height FROM ledger_days ORDER BY day DESC"):
        day = date.fromisoformat(text)
        if openings and openings[-1][0] - day != timedelta(days=1):
            break
        openings.append((day, int(height)))
    return Calendar(openings)


def blocks_a_day(db: Database) -> float:
    """The pace of blocks over the oldest days known; 144 while fewer than two are."""
    rows = db.execute("SELECT first_height FROM ledger_days ORDER BY day LIMIT 15").fetchall()
    return (rows[-1][0] - rows[0][0]) / (len(rows) - 1) if len(rows) > 1 else 144.0


def missing_opening(db: Database, first: date, last: date) -> date | None:
    """The newest day from `first` to `last` whose opening is not known."""
    opening_days = {
        str(row[0])
        for row in db.execute(
            "SELECT day FROM ledger_days WHERE day BETWEEN ? AND ?", [first.isoformat(), last.isoformat()]
        )
    }
    day = last
    while day >= first:
        if day.isoformat() not in opening_days:
            return day
        day -= timedelta(days=1)
    return None


def settle_openings(db: Database, first: date, last: date, source: str) -> date | None:
    """Write down every opening the stored blocks prove; gives the newest day still open, None when all are.

    The deciding blocks must have `CONFIRMATIONS`.
    """
    highest = tip(db)
    while (day := missing_opening(db, first, last)) is not None:
        below, above = stamps_around(db, day)
        height = opening(below, above)
        if height is None or above is None or highest is None or above.height > highest - CONFIRMATIONS + 1:
            return day
        db.execute(
            "INSERT INTO ledger_days (day, first_height, source) VALUES (?, ?, ?)",
            [day.isoformat(), height, source],
        )
    return None


def prune_blocks(db: Database) -> None:
    """Drop blocks nothing will ask for once every day's opening is known; the newest `KEPT_BLOCKS` stay."""
    db.execute(
        "DELETE FROM ledger_blocks WHERE height < (SELECT max(height) FROM ledger_blocks) - ?", [KEPT_BLOCKS]
    )


def payer(db: Database, addresses: Sequence[str]) -> Pool | None:
    """The pool whose block last paid one of these addresses."""
    row = db.execute(
        "SELECT slug, name FROM ledger_payers JOIN ledger_wallets ON id = wallet "
        f"WHERE address IN ({','.join('?' * len(addresses))}) ORDER BY last_height DESC LIMIT 1",
        list(addresses),
    ).fetchone()
    return Pool(*row) if row else None


def _payouts(block: Block) -> str | None:
    if block.payouts is None:
        return None
    return json.dumps([[output.address, output.sat] for output in block.payouts], separators=(",", ":"))


def _register(db: Database, block: Block) -> int:
    new_addresses = 0
    for address in wallets(block):
        assert block.pool is not None  # noqa: S101 - `wallets` gives none without a pool
        new_addresses += db.execute(
            "INSERT INTO ledger_wallets (address, last_paid) VALUES (?, ?) ON CONFLICT (address) DO NOTHING",
            [address, block.median_time],
        ).rowcount
        db.execute(
            "UPDATE ledger_wallets SET last_paid = max(last_paid, ?), retired = false "
            "WHERE address = ? AND last_paid <= ?",
            [block.median_time, address, block.median_time],
        )
        db.execute(
            "INSERT INTO ledger_payers (wallet, slug, name, blocks, last_height) "
            "VALUES ((SELECT id FROM ledger_wallets WHERE address = ?), ?, ?, 1, ?) "
            "ON CONFLICT (wallet, slug) DO UPDATE SET blocks = ledger_payers.blocks + 1, "
            "name = CASE WHEN excluded.last_height >= ledger_payers.last_height "
            "THEN excluded.name ELSE ledger_payers.name END, "
            "last_height = max(ledger_payers.last_height, excluded.last_height)",
            [address, block.pool.slug, block.pool.name, block.height],
        )
    return new_addresses
