"""What public miners held when last read, so that a fall is told once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.ledger.treasuries import Holding, HoldingFall, falls
from storage.engine import Database

SECOND_READING_AFTER: Final = timedelta(hours=20)
"""Holdings are read once a day; a reading so much later than another is a second one."""


def holdings_of(db: Database) -> list[Holding]:
    """The holdings last read, by ticker."""
    return [
        Holding(str(symbol), str(name), float(btc))
        for symbol, name, btc in db.execute("SELECT symbol, name, held_btc FROM treasuries ORDER BY symbol")
    ]


def reading_times(db: Database) -> dict[str, datetime]:
    """When each of these holdings was read, by ticker."""
    rows = db.execute("SELECT symbol, read_at FROM treasuries")
    return {str(symbol): datetime.fromisoformat(at) for symbol, at in rows}


def update(db: Database, holdings: Sequence[Holding], read_at: datetime) -> list[HoldingFall]:
    """Store new holdings and give the falls to tell; call it in the transaction of the alerts.

    A fall is told once a second reading, at least `SECOND_READING_AFTER` later, shows it too, and as far as
    both do. A figure too little changed for an alert does not replace the one it fell from, so that many
    small sales add up to one.
    """
    before = {holding.symbol: holding for holding in holdings_of(db)}
    fallen = {fall.symbol for fall in falls(list(before.values()), holdings)}
    falls_to_tell: list[HoldingFall] = []
    for holding in holdings:
        old = before.get(holding.symbol)
        if old is not None and holding.symbol in fallen:
            falls_to_tell += _fall_seen(db, old, holding, read_at)
        elif old is None or holding.held_btc >= old.held_btc:
            _store(db, holding, read_at)
        else:
            _forget_fall(db, holding)
    return falls_to_tell


def _fall_seen(db: Database, old: Holding, new: Holding, read_at: datetime) -> list[HoldingFall]:
    """Note a fall, or tell it when an earlier reading has shown it."""
    before, at = db.execute(
        "SELECT fallen_to_btc, fallen_at FROM treasuries WHERE symbol = ?", [new.symbol]
    ).fetchone()
    if at is None:
        db.execute(
            "UPDATE treasuries SET fallen_to_btc = ?, fallen_at = ? WHERE symbol = ?",
            [new.held_btc, read_at.isoformat(), new.symbol],
        )
        return []
    if read_at - datetime.fromisoformat(at) < SECOND_READING_AFTER:
        return []
    shown_twice = replace(new, held_btc=max(float(before), new.held_btc))
    _store(db, shown_twice, read_at)
    return falls([old], [shown_twice])


def _store(db: Database, holding: Holding, read_at: datetime) -> None:
    db.execute(
        "INSERT INTO treasuries (symbol, name, held_btc, read_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (symbol) DO UPDATE SET name = excluded.name, held_btc = excluded.held_btc, "
        "read_at = excluded.read_at, fallen_to_btc = NULL, fallen_at = NULL",
        [holding.symbol, holding.name, holding.held_btc, read_at.isoformat()],
    )


def _forget_fall(db: Database, holding: Holding) -> None:
    db.execute(
        "UPDATE treasuries SET fallen_to_btc = NULL, fallen_at = NULL WHERE symbol = ?", [holding.symbol]
    )
