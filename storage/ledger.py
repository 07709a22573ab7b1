"""The pool wallets' ledger as kept: blocks, days by height, wallets, walks under way, flows, movements."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlite_utils import Database

from bot.mining.blocks import (
    CLOCK_LAG,
    CONFIRMATIONS,
    Block,
    Calendar,
    Output,
    Pool,
    Stamp,
    midnight,
    opening,
)
from bot.mining.ledger import Balance, Flow, Movement, Page, Walk, rewind
from bot.mining.registry import wallets

KEPT_BLOCKS = 1_100


@dataclass(frozen=True, slots=True)
class Wallet:
    """One registered address. `balance` is what it held at the end of `to_day`; both None before any reading.

    Every transaction of `from_day` to `to_day` is in the ledger. `last_paid` is the newest block's time.
    """

    id: int
    address: str
    last_paid: int
    from_day: date | None
    to_day: date | None
    balance: Balance | None
    retired: bool


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
    found = 0
    for block in blocks:
        fresh = db.execute(
            "INSERT INTO ledger_blocks "
            "(height, hash, previous, time, median_time, slug, name, reward_sat, payouts) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (height) DO NOTHING",
            [
                block.height,
                block.hash,
                block.previous,
                block.time,
                block.median_time,
                block.pool.slug if block.pool else None,
                block.pool.name if block.pool else None,
                block.reward_sat,
                _payouts(block),
            ],
        ).rowcount
        if fresh:
            found += _register(db, block)
    return found


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
            time,
            median_time,
            Pool(slug, name) if slug is not None else None,
            reward_sat,
            None if payouts is None else tuple(Output(a, sat) for a, sat in json.loads(payouts)),
        )
        for height, hash_, previous, time, median_time, slug, name, reward_sat, payouts in db.execute(
            "SELECT height, hash, previous, time, median_time, slug, name, reward_sat, payouts "
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


def hand_over(db: Database, source: str, newest: date) -> None:
    """Go on with another server: walks under way start again, a day begun is measured anew."""
    for wallet, walk in walks(db):
        abandon(db, wallet, into_past=walk.known is None)
    behind = db.execute(
        "SELECT count(*) FROM ledger_wallets WHERE NOT retired AND (to_day IS NULL OR to_day < ?)",
        [newest.isoformat()],
    ).fetchone()[0]
    if behind:
        rewind_to(db, newest - timedelta(days=1))
    db.execute(
        "UPDATE ledger_days SET source = ? WHERE day = ? AND NOT published_complete",
        [source, newest.isoformat()],
    )
    write_note(db, "source", source)


def missing_opening(db: Database, first: date, last: date) -> date | None:
    """The newest day from `first` to `last` whose opening is not known."""
    known = {
        str(row[0])
        for row in db.execute(
            "SELECT day FROM ledger_days WHERE day BETWEEN ? AND ?", [first.isoformat(), last.isoformat()]
        )
    }
    day = last
    while day >= first:
        if day.isoformat() not in known:
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


def registry(db: Database) -> dict[str, Wallet]:
    """Every registered wallet by address."""
    return {
        address: Wallet(
            id_,
            address,
            last_paid,
            date.fromisoformat(from_day) if from_day else None,
            date.fromisoformat(to_day) if to_day else None,
            None if balance is None else Balance(balance, count),
            bool(retired),
        )
        for id_, address, last_paid, from_day, to_day, balance, count, retired in db.execute(
            "SELECT id, address, last_paid, from_day, to_day, balance_sat, transactions, retired "
            "FROM ledger_wallets ORDER BY id"
        )
    }


def payer(db: Database, addresses: Sequence[str]) -> Pool | None:
    """The pool whose block last paid one of these addresses."""
    row = db.execute(
        "SELECT slug, name FROM ledger_payers JOIN ledger_wallets ON id = wallet "
        f"WHERE address IN ({','.join('?' * len(addresses))}) ORDER BY last_height DESC LIMIT 1",
        list(addresses),
    ).fetchone()
    return Pool(*row) if row else None


def retire(db: Database, wallet: Wallet) -> None:
    """Let a wallet go; the next block that pays it takes it back."""
    db.execute("UPDATE ledger_wallets SET retired = 1 WHERE id = ?", [wallet.id])


def reached(db: Database, wallet: Wallet, day: date, balance: Balance) -> None:
    """Nothing happened to a wallet up to the end of `day`."""
    db.execute(
        "UPDATE ledger_wallets SET to_day = ?, balance_sat = ?, transactions = ?, mismatches = 0 "
        "WHERE id = ?",
        [day.isoformat(), balance.sat, balance.transactions, wallet.id],
    )


def walks(db: Database) -> list[tuple[Wallet, Walk]]:
    """Walks under way: those up to date first, then the history, the least read first."""
    held = {wallet.id: wallet for wallet in registry(db).values()}
    return [
        (
            held[id_],
            Walk(
                held[id_].address,
                date.fromisoformat(top_day),
                stop_height,
                Balance(left_sat, left_count),
                None if known_sat is None else Balance(known_sat, known_count),
                None if top_sat is None else Balance(top_sat, top_count),
                cursor,
                cursor_height,
                pages,
            ),
        )
        for (
            id_, top_day, stop_height, left_sat, left_count, known_sat, known_count, top_sat, top_count,
            cursor, cursor_height, pages,
        ) in db.execute(
            "SELECT wallet, top_day, stop_height, left_sat, left_transactions, known_sat, "
            "known_transactions, top_sat, top_transactions, cursor, cursor_height, pages FROM ledger_walks "
            "ORDER BY known_sat IS NULL, cursor_height DESC"
        )
    ]  # fmt: skip


def save_page(db: Database, wallet: Wallet, page: Page, calendar: Calendar, from_day: date | None) -> None:
    """Write one page of a walk: its flows, its movements and where it stands, or what its end settles.

    `from_day` is the oldest day the walk has covered whole when it goes into the past, None otherwise.
    """
    walk = page.walk
    save_flows(db, wallet, page.flows)
    _save_movements(db, wallet, page.movements, calendar)
    arrived = wallet.to_day is None if walk.known is None else walk.finished
    if walk.top is not None and arrived:
        reached(db, wallet, walk.top_day, walk.top)
    if from_day is not None and walk.top is not None:
        db.execute("UPDATE ledger_wallets SET from_day = ? WHERE id = ?", [from_day.isoformat(), wallet.id])
    drop_walk(db, wallet, into_past=walk.known is None)
    if not walk.finished:
        known, top = walk.known, walk.top
        db.execute(
            "INSERT INTO ledger_walks (wallet, into_past, top_day, stop_height, left_sat, left_transactions, "
            "known_sat, known_transactions, top_sat, top_transactions, cursor, cursor_height, pages) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                wallet.id,
                known is None,
                walk.top_day.isoformat(),
                walk.stop_height,
                walk.left.sat,
                walk.left.transactions,
                known.sat if known else None,
                known.transactions if known else None,
                top.sat if top else None,
                top.transactions if top else None,
                walk.cursor,
                walk.cursor_height,
                walk.pages,
            ],
        )


def save_flows(db: Database, wallet: Wallet, flows: Mapping[date, Flow]) -> None:
    """Add flows to a wallet's days."""
    db.conn.executemany(
        """
        INSERT INTO ledger_flows
            (wallet, day, reward_sat, received_sat, spent_sat, gross_sat, transactions, by_balance)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (wallet, day) DO UPDATE SET
            reward_sat = reward_sat + excluded.reward_sat,
            received_sat = received_sat + excluded.received_sat,
            spent_sat = spent_sat + excluded.spent_sat, gross_sat = gross_sat + excluded.gross_sat,
            transactions = transactions + excluded.transactions,
            by_balance = max(by_balance, excluded.by_balance)
        """,
        [
            (
                wallet.id,
                day.isoformat(),
                flow.reward_sat,
                flow.received_sat,
                flow.spent_sat,
                flow.gross_sat,
                flow.transactions,
                flow.by_balance,
            )
            for day, flow in flows.items()
        ],
    )


def mismatched(db: Database, wallet: Wallet) -> int:
    """Count one more reading of a wallet that contradicted itself; gives how many in a row."""
    db.execute("UPDATE ledger_wallets SET mismatches = mismatches + 1 WHERE id = ?", [wallet.id])
    (count,) = db.execute("SELECT mismatches FROM ledger_wallets WHERE id = ?", [wallet.id]).fetchone()
    return int(count)


def trust(db: Database, wallet: Wallet) -> None:
    """Forget a wallet's contradictions."""
    db.execute("UPDATE ledger_wallets SET mismatches = 0 WHERE id = ?", [wallet.id])


def drop_walk(db: Database, wallet: Wallet, *, into_past: bool) -> None:
    """Forget where a walk stood."""
    db.execute("DELETE FROM ledger_walks WHERE wallet = ? AND into_past = ?", [wallet.id, into_past])


def abandon(db: Database, wallet: Wallet, *, into_past: bool) -> None:
    """Take back a walk that failed: what it wrote goes, what was proved before stays."""
    drop_walk(db, wallet, into_past=into_past)
    if into_past:
        db.execute("DELETE FROM ledger_walks WHERE wallet = ?", [wallet.id])
        db.execute("DELETE FROM ledger_flows WHERE wallet = ?", [wallet.id])
        db.execute("DELETE FROM ledger_movements WHERE wallet = ?", [wallet.id])
        db.execute(
            "UPDATE ledger_wallets "
            "SET from_day = NULL, to_day = NULL, balance_sat = NULL, transactions = NULL WHERE id = ?",
            [wallet.id],
        )
    else:
        after = wallet.to_day.isoformat() if wallet.to_day else ""
        db.execute("DELETE FROM ledger_flows WHERE wallet = ? AND day > ?", [wallet.id, after])
        db.execute("DELETE FROM ledger_movements WHERE wallet = ? AND day > ?", [wallet.id, after])


def settle_by_balance(db: Database, wallet: Wallet, day: date, flow: Flow, after: Balance) -> None:
    """Write a day known by its balances alone in place of what a walk has brought of it."""
    db.execute("DELETE FROM ledger_flows WHERE wallet = ? AND day = ?", [wallet.id, day.isoformat()])
    save_flows(db, wallet, {day: flow})
    drop_walk(db, wallet, into_past=False)
    reached(db, wallet, day, after)


def roll_back(db: Database, fork: int) -> int:
    """Take back every block above `fork` and all that was drawn from them; gives how many blocks went."""
    gone = blocks(db, fork + 1, 1 << 40)
    for block in gone:
        for address in wallets(block):
            if block.pool is not None:
                _unpay(db, address, block.pool.slug)
    db.execute("DELETE FROM ledger_blocks WHERE height > ?", [fork])
    shaken = db.execute(
        "SELECT min(day) FROM ledger_days WHERE first_height + ? > ?", [CLOCK_LAG, fork]
    ).fetchone()[0]
    if shaken is not None:
        last = date.fromisoformat(shaken) - timedelta(days=2)  # the day before it has lost its end
        db.execute("DELETE FROM ledger_days WHERE day >= ?", [shaken])
        rewind_to(db, last)
    return len(gone)


def rewind_to(db: Database, last: date) -> None:
    """Take every wallet back to the end of `last`."""
    for wallet in registry(db).values():
        if wallet.to_day is None or wallet.balance is None:
            db.execute("DELETE FROM ledger_walks WHERE wallet = ?", [wallet.id])
            db.execute("DELETE FROM ledger_flows WHERE wallet = ?", [wallet.id])
            continue
        db.execute("DELETE FROM ledger_walks WHERE wallet = ? AND NOT into_past", [wallet.id])
        abandon(db, wallet, into_past=False)
        if wallet.to_day <= last:
            continue
        later = [
            Flow(*row)
            for row in db.execute(
                "SELECT reward_sat, received_sat, spent_sat, gross_sat, transactions FROM ledger_flows "
                "WHERE wallet = ? AND day > ?",
                [wallet.id, last.isoformat()],
            )
        ]
        if wallet.from_day is None or wallet.from_day > last:
            abandon(db, wallet, into_past=True)
            continue
        db.execute("DELETE FROM ledger_flows WHERE wallet = ? AND day > ?", [wallet.id, last.isoformat()])
        db.execute("DELETE FROM ledger_movements WHERE wallet = ? AND day > ?", [wallet.id, last.isoformat()])
        reached(db, wallet, last, rewind(wallet.balance, later))


def _payouts(block: Block) -> str | None:
    if block.payouts is None:
        return None
    return json.dumps([[output.address, output.sat] for output in block.payouts], separators=(",", ":"))


def _register(db: Database, block: Block) -> int:
    found = 0
    for address in wallets(block):
        assert block.pool is not None  # noqa: S101 - `wallets` gives none without a pool
        found += db.execute(
            "INSERT INTO ledger_wallets (address, last_paid) VALUES (?, ?) ON CONFLICT (address) DO NOTHING",
            [address, block.median_time],
        ).rowcount
        db.execute(
            "UPDATE ledger_wallets SET last_paid = max(last_paid, ?), retired = 0 "
            "WHERE address = ? AND last_paid <= ?",
            [block.median_time, address, block.median_time],
        )
        db.execute(
            "INSERT INTO ledger_payers (wallet, slug, name, blocks, last_height) "
            "VALUES ((SELECT id FROM ledger_wallets WHERE address = ?), ?, ?, 1, ?) "
            "ON CONFLICT (wallet, slug) DO UPDATE SET blocks = blocks + 1, "
            "name = CASE WHEN excluded.last_height >= last_height THEN excluded.name ELSE name END, "
            "last_height = max(last_height, excluded.last_height)",
            [address, block.pool.slug, block.pool.name, block.height],
        )
    return found


def _unpay(db: Database, address: str, slug: str) -> None:
    """Take back one block's payment; a wallet nothing else vouches for and nothing was read of goes too."""
    row = db.execute("SELECT id, balance_sat FROM ledger_wallets WHERE address = ?", [address]).fetchone()
    if row is None:
        return
    db.execute("UPDATE ledger_payers SET blocks = blocks - 1 WHERE wallet = ? AND slug = ?", [row[0], slug])
    db.execute("DELETE FROM ledger_payers WHERE wallet = ? AND blocks <= 0", [row[0]])
    others = db.execute("SELECT count(*) FROM ledger_payers WHERE wallet = ?", [row[0]]).fetchone()[0]
    if not others and row[1] is None:
        db.execute("DELETE FROM ledger_walks WHERE wallet = ?", [row[0]])
        db.execute("DELETE FROM ledger_flows WHERE wallet = ?", [row[0]])
        db.execute("DELETE FROM ledger_wallets WHERE id = ?", [row[0]])


def _save_movements(db: Database, wallet: Wallet, movements: Sequence[Movement], calendar: Calendar) -> None:
    db.conn.executemany(
        "INSERT INTO ledger_movements (txid, wallet, day, height, moved_sat, destination, destination_sat) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (txid) DO NOTHING",
        [
            (
                found.txid,
                wallet.id,
                day.isoformat(),
                found.height,
                found.moved_sat,
                found.destination,
                found.destination_sat,
            )
            for found in movements
            if (day := calendar.day(found.height)) is not None
        ],
    )
