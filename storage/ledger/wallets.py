"""The registered wallets, the scans through their histories under way, their flows and large movements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.ledger.blocks import Calendar
from bot.ledger.flows import Balance, Flow, Movement, Page, WalletScan
from storage.engine import Database


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


def most_moved(db: Database, first: date, last: date, most: int) -> list[Wallet]:
    """The wallets read to the end of `last` out of which most has gone since `first`, the largest first."""
    rows = db.execute(
        "SELECT address FROM ledger_wallets JOIN ledger_flows ON id = wallet "
        "WHERE to_day = ? AND balance_sat IS NOT NULL AND day BETWEEN ? AND ? "
        "GROUP BY id ORDER BY sum(spent_sat) DESC, id LIMIT ?",
        [last.isoformat(), first.isoformat(), last.isoformat(), most],
    ).fetchall()
    registered = registry(db)
    return [registered[str(address)] for (address,) in rows]


def retire(db: Database, wallet: Wallet) -> None:
    """Let a wallet go; the next block that pays it takes it back."""
    db.execute("UPDATE ledger_wallets SET retired = true WHERE id = ?", [wallet.id])


def reached(db: Database, wallet: Wallet, day: date, balance: Balance) -> None:
    """Nothing happened to a wallet up to the end of `day`."""
    db.execute(
        "UPDATE ledger_wallets SET to_day = ?, balance_sat = ?, transactions = ?, gap_days = 0, gap = NULL "
        "WHERE id = ?",
        [day.isoformat(), balance.sat, balance.transactions, wallet.id],
    )


def scans(db: Database) -> list[tuple[Wallet, WalletScan]]:
    """Scans under way: those up to date first, then the history, the least read first."""
    wallets = {wallet.id: wallet for wallet in registry(db).values()}
    return [
        (
            wallets[id_],
            WalletScan(
                wallets[id_].address,
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
    """Write one page of a scan: its flows, its movements and where it stands, or what its end settles.

    `from_day` is the oldest day the scan has covered whole when it goes into the past, None otherwise.
    """
    scan = page.scan
    save_flows(db, wallet, page.flows)
    _save_movements(db, wallet, page.movements, calendar)
    arrived = wallet.to_day is None if scan.known is None else scan.finished
    if scan.top is not None and arrived:
        reached(db, wallet, scan.top_day, scan.top)
    if from_day is not None and scan.top is not None:
        db.execute("UPDATE ledger_wallets SET from_day = ? WHERE id = ?", [from_day.isoformat(), wallet.id])
    drop_scan(db, wallet, into_past=scan.known is None)
    if not scan.finished:
        known, top = scan.known, scan.top
        db.execute(
            "INSERT INTO ledger_walks (wallet, into_past, top_day, stop_height, left_sat, left_transactions, "
            "known_sat, known_transactions, top_sat, top_transactions, cursor, cursor_height, pages) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                wallet.id,
                known is None,
                scan.top_day.isoformat(),
                scan.stop_height,
                scan.left.sat,
                scan.left.transactions,
                known.sat if known else None,
                known.transactions if known else None,
                top.sat if top else None,
                top.transactions if top else None,
                scan.cursor,
                scan.cursor_height,
                scan.pages,
            ],
        )


def save_flows(db: Database, wallet: Wallet, flows: Mapping[date, Flow]) -> None:
    """Add flows to a wallet's days."""
    db.executemany(
        """
        INSERT INTO ledger_flows
            (wallet, day, reward_sat, received_sat, spent_sat, gross_sat, transactions, by_balance)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (wallet, day) DO UPDATE SET
            reward_sat = ledger_flows.reward_sat + excluded.reward_sat,
            received_sat = ledger_flows.received_sat + excluded.received_sat,
            spent_sat = ledger_flows.spent_sat + excluded.spent_sat,
            gross_sat = ledger_flows.gross_sat + excluded.gross_sat,
            transactions = ledger_flows.transactions + excluded.transactions,
            by_balance = ledger_flows.by_balance OR excluded.by_balance
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


def mismatched(db: Database, wallet: Wallet, gap: str, day: date) -> int:
    """Note that a reading of a wallet missed what is held; gives on how many days in a row by this gap."""
    db.execute(
        "UPDATE ledger_wallets SET gap = ?, gap_day = ?, "
        "gap_days = CASE WHEN gap = ? THEN CASE WHEN gap_day = ? THEN gap_days ELSE gap_days + 1 END "
        "ELSE 1 END "
        "WHERE id = ?",
        [gap, day.isoformat(), gap, day.isoformat(), wallet.id],
    )
    (count,) = db.execute("SELECT gap_days FROM ledger_wallets WHERE id = ?", [wallet.id]).fetchone()
    return int(count)


def credited(db: Database, wallet: Wallet) -> int:
    """Rewards the ledger's flows give a wallet after `to_day`, in satoshi: a scan's that has come so far."""
    (reward_sat,) = db.execute(
        "SELECT coalesce(sum(reward_sat), 0) FROM ledger_flows WHERE wallet = ? AND day > ?",
        [wallet.id, (wallet.to_day or date.min).isoformat()],
    ).fetchone()
    return int(reward_sat)


def trust(db: Database, wallet: Wallet) -> None:
    """Forget a wallet's contradictions."""
    db.execute("UPDATE ledger_wallets SET gap_days = 0, gap = NULL WHERE id = ?", [wallet.id])


def drop_scan(db: Database, wallet: Wallet, *, into_past: bool) -> None:
    """Forget where a scan stood."""
    db.execute("DELETE FROM ledger_walks WHERE wallet = ? AND into_past = ?", [wallet.id, into_past])


def abandon(db: Database, wallet: Wallet, *, into_past: bool) -> None:
    """Take back a scan that failed: what it wrote goes, what was proved before stays."""
    drop_scan(db, wallet, into_past=into_past)
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
        after = (wallet.to_day or date.min).isoformat()
        db.execute("DELETE FROM ledger_flows WHERE wallet = ? AND day > ?", [wallet.id, after])
        db.execute("DELETE FROM ledger_movements WHERE wallet = ? AND day > ?", [wallet.id, after])


def settle_by_balance(db: Database, wallet: Wallet, day: date, flow: Flow, after: Balance) -> None:
    """Write a day known by its balances alone in place of what a scan has brought of it."""
    db.execute("DELETE FROM ledger_flows WHERE wallet = ? AND day = ?", [wallet.id, day.isoformat()])
    save_flows(db, wallet, {day: flow})
    drop_scan(db, wallet, into_past=False)
    reached(db, wallet, day, after)


def _save_movements(db: Database, wallet: Wallet, movements: Sequence[Movement], calendar: Calendar) -> None:
    db.executemany(
        "INSERT INTO ledger_movements (txid, wallet, day, height, moved_sat, destination, destination_sat) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (txid) DO NOTHING",
        [
            (
                movement.txid,
                wallet.id,
                day.isoformat(),
                movement.height,
                movement.moved_sat,
                movement.destination,
                movement.destination_sat,
            )
            for movement in movements
            if (day := calendar.day(movement.height)) is not None
        ],
    )
