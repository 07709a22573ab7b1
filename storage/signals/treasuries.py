"""What public miners held when last read, so that a fall is told once."""

from collections.abc import Sequence
from datetime import datetime

from sqlite_utils import Database

from bot.ledger.treasuries import Holding, HoldingFall, falls


def held(db: Database) -> list[Holding]:
    """The holdings last read, by ticker."""
    return [
        Holding(str(symbol), str(name), float(btc))
        for symbol, name, btc in db.execute("SELECT symbol, name, held_btc FROM treasuries ORDER BY symbol")
    ]


def update(db: Database, holdings: Sequence[Holding], read_at: datetime) -> list[HoldingFall]:
    """Keep new holdings and give the falls since the last ones; call it in the transaction of the alerts.

    A figure too little changed for an alert does not replace the one it fell from, so that many small sales
    add up to one.
    """
    before = held(db)
    fallen = falls(before, holdings)
    told = {fall.symbol for fall in fallen}
    known = {holding.symbol: holding.held_btc for holding in before}
    for holding in holdings:
        old = known.get(holding.symbol)
        if old is None or holding.held_btc >= old or holding.symbol in told:
            db.execute(
                "INSERT INTO treasuries (symbol, name, held_btc, read_at) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (symbol) DO UPDATE SET name = excluded.name, held_btc = excluded.held_btc, "
                "read_at = excluded.read_at",
                [holding.symbol, holding.name, holding.held_btc, read_at.isoformat()],
            )
    return fallen
