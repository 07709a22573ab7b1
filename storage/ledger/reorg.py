"""Taking back what was drawn from blocks that are no longer in the chain, or from another server."""

from datetime import date, timedelta

from bot.ledger.blocks import CLOCK_LAG
from bot.ledger.flows import Flow, rewind
from bot.ledger.pool_wallets import wallets
from storage.engine import Database
from storage.ledger.blocks import blocks, write_note
from storage.ledger.wallets import abandon, reached, registry, scans


def switch_explorer(db: Database, source: str, newest: date) -> None:
    """Go on with another server: scans under way start again, a day begun is measured anew."""
    for wallet, scan in scans(db):
        abandon(db, wallet, into_past=scan.known is None)
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


def start_over(db: Database) -> None:
    """Forget every block, day and wallet: they were drawn from another chain. Readings handed on stay."""
    for table in ("ledger_blocks", "ledger_days", "ledger_movements", "ledger_wallets"):
        db.execute(f"DELETE FROM {table}")
    db.execute("DELETE FROM ledger_notes WHERE name != 'calls'")


def roll_back(db: Database, fork: int) -> int:
    """Take back every block above `fork` and all that was drawn from them; gives how many blocks went."""
    lost_blocks = blocks(db, fork + 1, 1 << 40)
    for block in lost_blocks:
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
    return len(lost_blocks)


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


def _unpay(db: Database, address: str, slug: str) -> None:
    """Take back a block's payment; a wallet no other block vouches for goes with all that was read of it."""
    db.execute(
        "UPDATE ledger_payers SET blocks = blocks - 1 "
        "WHERE slug = ? AND wallet = (SELECT id FROM ledger_wallets WHERE address = ?)",
        [slug, address],
    )
    db.execute("DELETE FROM ledger_payers WHERE blocks <= 0")
    db.execute(
        "DELETE FROM ledger_wallets WHERE address = ? AND id NOT IN (SELECT wallet FROM ledger_payers)",
        [address],
    )
