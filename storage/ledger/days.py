"""What the ledger says: days, pools, large movements, and how far its history has been read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.ledger.blocks import Calendar
from bot.ledger.flows import LedgerDay, PoolFlow, SeenMovement
from storage.engine import Database
from storage.ledger.blocks import calendar, note


def daily(db: Database) -> list[LedgerDay]:
    """Every day of the ledger's calendar that is over, oldest first, each complete or partial.

    A day is complete when every registered wallet's transactions of that day have been read and proved.
    The reserve of a day is what the wallets held at its end.
    """
    days = calendar(db)
    if days.first is None or days.newest is None:
        return []
    whole = _complete(db)
    flows = {
        str(row[0]): row[1:]
        for row in db.execute(
            "SELECT day, sum(reward_sat), sum(spent_sat - received_sat), sum(gross_sat), "
            "sum(CASE WHEN day <= to_day THEN reward_sat + received_sat - spent_sat ELSE 0 END) "
            "FROM ledger_flows JOIN ledger_wallets ON id = wallet GROUP BY day"
        )
    }
    sources = dict(db.execute("SELECT day, source FROM ledger_days").fetchall())
    (reserve,) = db.execute("SELECT coalesce(sum(balance_sat), 0) FROM ledger_wallets").fetchone()
    ledger_days: list[LedgerDay] = []
    day = days.newest
    while day >= days.first:
        reward, net, gross, change = flows.get(day.isoformat(), (0, 0, 0, 0))
        ledger_days.append(
            LedgerDay(
                day,
                net_sat=net,
                gross_sat=gross,
                reward_sat=reward,
                reserve_sat=reserve,
                complete=whole is not None and whole[0] <= day <= whole[1],
                source=str(sources[day.isoformat()]),
            )
        )
        reserve -= change
        day -= timedelta(days=1)
    ledger_days.reverse()
    return ledger_days


def unpublished(db: Database, *, partial: bool) -> list[LedgerDay]:
    """Days whose figures have changed since they were last handed on: every complete one, and, when
    `partial`, the newest as far as it is known."""
    handed = {
        str(day): (net, reserve, bool(complete))
        for day, net, reserve, complete in db.execute(
            "SELECT day, published_net_sat, published_reserve_sat, published_complete FROM ledger_days"
        )
    }
    days = daily(db)
    return [
        day
        for index, day in enumerate(days)
        if (day.complete or (partial and index == len(days) - 1 and not handed[day.day.isoformat()][2]))
        and handed[day.day.isoformat()] != (day.net_sat, day.reserve_sat, day.complete)
    ]


def published(db: Database, days: Sequence[LedgerDay]) -> None:
    """Note that days have been handed on."""
    db.executemany(
        "UPDATE ledger_days SET published_net_sat = ?, published_reserve_sat = ?, published_complete = ? "
        "WHERE day = ?",
        [(day.net_sat, day.reserve_sat, day.complete, day.day.isoformat()) for day in days],
    )


def by_pool(db: Database, first: date, last: date) -> list[PoolFlow]:
    """Each pool's rewards, net outflow from `first` to `last` and balance at the newest day read.

    A wallet belongs to whoever's block paid it last; when others' blocks paid it within 4,320 blocks
    (a month) before, they are named in `shared_with`.
    """
    rows = db.execute(
        """
        SELECT wallet.id, wallet.balance_sat, coalesce(sum(reward_sat), 0), coalesce(sum(spent_sat), 0),
               coalesce(sum(received_sat), 0)
        FROM ledger_wallets AS wallet
        LEFT JOIN ledger_flows AS flow ON flow.wallet = wallet.id AND flow.day BETWEEN ? AND ?
        GROUP BY wallet.id
        """,
        [first.isoformat(), last.isoformat()],
    ).fetchall()
    owners = _owners(db)
    pools: dict[str, PoolFlow] = {}
    for id_, balance, reward, spent, received in rows:
        name, shared = owners.get(id_, ("unattributed", ()))
        before = pools.get(name, PoolFlow(name, 0, 0, 0, 0, ()))
        pools[name] = PoolFlow(
            name,
            before.wallets + 1,
            before.reward_sat + reward,
            before.net_sat + spent - received,
            before.balance_sat + (balance or 0),
            tuple(sorted({*before.shared_with, *shared} - {name})),
        )
    return sorted(pools.values(), key=lambda pool: (-pool.net_sat, pool.name))


def movements(db: Database, first: date, last: date, most: int = 10) -> list[SeenMovement]:
    """The largest transactions out of the registry from `first` to `last`, with what is known of where to."""
    rows = db.execute(
        """
        SELECT txid, day, movement.wallet, height, moved_sat, destination, destination_sat,
               EXISTS (SELECT 1 FROM ledger_movements AS before
                       WHERE before.destination = movement.destination AND before.height < movement.height),
               EXISTS (SELECT 1 FROM ledger_wallets WHERE address = destination)
        FROM ledger_movements AS movement WHERE day BETWEEN ? AND ? ORDER BY moved_sat DESC, txid LIMIT ?
        """,
        [first.isoformat(), last.isoformat(), most],
    ).fetchall()
    owners = _owners(db)
    return [
        SeenMovement(
            txid,
            date.fromisoformat(day),
            height,
            owners.get(wallet, ("unattributed", ()))[0],
            moved_sat,
            destination,
            destination_sat,
            seen_before=bool(before),
            registered=bool(registered),
        )
        for txid, day, wallet, height, moved_sat, destination, destination_sat, before, registered in rows
    ]


def apart(db: Database) -> list[tuple[str, int, int]]:
    """Blocks of the newest week that pay no registered wallet: (name, blocks, reward in satoshi)."""
    return [
        (str(name), int(count), int(reward))
        for name, count, reward in db.execute(
            f"""
            SELECT coalesce(name, 'unattributed'), count(*), coalesce(sum(reward_sat), 0) FROM ledger_blocks
            WHERE height > (SELECT max(height) - 1008 FROM ledger_blocks) AND payouts IS NOT NULL
              AND NOT EXISTS (SELECT 1 FROM {db.dialect.items("payouts", "payout")}
                              JOIN ledger_wallets ON address = payout.value ->> 0)
            GROUP BY 1 ORDER BY 2 DESC, 1
            """
        )
    ]


def wanted(db: Database) -> int | None:
    """How many days lie between the ledger's first and its newest; None before the first is fixed."""
    first = note(db, "first_day")
    (newest,) = db.execute("SELECT max(day) FROM ledger_days").fetchone()
    if first is None or newest is None:
        return None
    return (date.fromisoformat(newest) - date.fromisoformat(first)).days


@dataclass(frozen=True, slots=True)
class Extent:
    """How far the ledger reaches: days wanted, with known openings, complete; wallets; blocks yet to scan."""

    days_wanted: int
    days_known: int
    days_complete: int
    wallets: int
    wallets_read: int
    scans: int
    blocks_scanned: int
    blocks_left: int
    pages_scanned: int


def extent(db: Database, days_wanted: int) -> Extent:
    """How far the history has been read; blocks and pages count every wallet's own scan."""
    days = calendar(db)
    whole = _complete(db)
    days_known = _length(days)
    wallets, read = db.execute(
        "SELECT count(*), count(*) FILTER (WHERE from_day IS NOT NULL AND id NOT IN "
        "(SELECT wallet FROM ledger_walks WHERE into_past)) FROM ledger_wallets"
    ).fetchone()
    scans = scanned = left = pages = 0
    if days.newest is not None:
        top = days.last_height(days.newest)
        for cursor, stop, turned in db.execute(
            "SELECT coalesce(cursor_height, ?), stop_height, pages FROM ledger_walks WHERE into_past", [top]
        ):
            scans += 1
            scanned += max(0, top - cursor)
            left += max(0, min(cursor, top) - stop)
            pages += turned
    return Extent(
        days_wanted,
        days_known,
        0 if whole is None else max(0, (whole[1] - whole[0]).days + 1),
        wallets,
        read,
        scans,
        scanned,
        left,
        pages,
    )


def _length(days: Calendar) -> int:
    if days.first is None or days.newest is None:
        return 0
    return (days.newest - days.first).days + 1


def _complete(db: Database) -> tuple[date, date] | None:
    """The first and last day every wallet has been read for, or None. Retired wallets reach to any day."""
    count, unread, first = db.execute(
        "SELECT count(*), count(*) FILTER (WHERE from_day IS NULL), max(from_day) FROM ledger_wallets"
    ).fetchone()
    (last,) = db.execute("SELECT min(to_day) FROM ledger_wallets WHERE NOT retired").fetchone()
    if not count or unread or last is None:
        return None
    return date.fromisoformat(first), date.fromisoformat(last)


def _owners(db: Database) -> dict[int, tuple[str, tuple[str, ...]]]:
    owners: dict[int, tuple[str, tuple[str, ...]]] = {}
    newest: dict[int, int] = {}
    for wallet, name, height in db.execute(
        "SELECT wallet, name, last_height FROM ledger_payers ORDER BY wallet, last_height DESC, slug"
    ):
        if wallet not in owners:
            owners[wallet] = (name, ())
            newest[wallet] = height
        elif newest[wallet] - height <= 4_320:
            owners[wallet] = (owners[wallet][0], (*owners[wallet][1], name))
    return owners
