"""The machines people keep at an address, and what they have been told about them."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlite_utils import Database

from bot.mining.economics import Rig
from bot.mining.fleet import Fleet, FleetBatch, Tariff
from bot.mining.fleet_alerts import check_fleet, dump
from bot.mining.market import Market
from bot.signals.rules import Severity
from storage import outbox
from storage.chats.chats import Address
from storage.outbox import NoticeKind

MARKET_TIME: Final = ZoneInfo("Europe/Berlin")
"""The clock of the day-ahead market: every zone known keeps Central European time."""


@dataclass(frozen=True, slots=True)
class KeptFleet:
    """A fleet as it is kept: `below_cost` is what it last counted as, None before the first look.

    `told_until` (UTC) is the end of the newest day-ahead day its owner has been told about.
    """

    address: Address
    fleet: Fleet
    below_cost: bool | None
    told_until: datetime | None


def load(db: Database, address: Address) -> Fleet:
    """The fleet at an address; an empty one when none is kept."""
    rows = db.query(
        "SELECT * FROM fleets WHERE chat_id = ? AND topic_id = ?", [address.chat_id, address.topic_id]
    )
    return next((_kept(db, row).fleet for row in rows), Fleet())


def save(db: Database, address: Address, fleet: Fleet) -> None:
    """Keep a fleet at a remembered address in place of the one before; an empty one is forgotten.

    What it counted as is forgotten too, so that a changed fleet causes no alert by itself.
    """
    where = [address.chat_id, address.topic_id]
    tariff = fleet.tariff or Tariff()
    if fleet == Fleet():
        db.execute("DELETE FROM fleets WHERE chat_id = ? AND topic_id = ?", where)
        return
    db.execute(
        "INSERT INTO fleets (chat_id, topic_id, fixed_usd_per_kwh, zone, surcharge_eur_per_kwh, pool_fee) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (chat_id, topic_id) DO UPDATE SET "
        "fixed_usd_per_kwh = excluded.fixed_usd_per_kwh, zone = excluded.zone, "
        "surcharge_eur_per_kwh = excluded.surcharge_eur_per_kwh, pool_fee = excluded.pool_fee, "
        "below_cost = NULL",
        [*where, tariff.fixed_usd_per_kwh, tariff.zone, tariff.surcharge_eur_per_kwh, fleet.pool_fee],
    )
    db.execute("DELETE FROM fleet_machines WHERE chat_id = ? AND topic_id = ?", where)
    db.conn.executemany(
        "INSERT INTO fleet_machines (chat_id, topic_id, label, model, hashrate_ths, power_w, count, place) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (*where, kind.label, kind.rig.name, kind.rig.hashrate_ths, kind.rig.power_w, kind.count, place)
            for place, kind in enumerate(fleet.kinds)
        ],
    )


def every(db: Database) -> list[KeptFleet]:
    """All fleets with machines at addresses that can be reached."""
    rows = db.query(
        "SELECT fleets.* FROM fleets JOIN chats USING (chat_id, topic_id) WHERE chats.active = 1 "
        "ORDER BY chat_id, topic_id"
    )
    return [kept for kept in (_kept(db, row) for row in list(rows)) if kept.fleet.kinds]


def note_below_cost(db: Database, address: Address, below_cost: bool) -> None:
    """Note what a fleet counts as now."""
    db.execute(
        "UPDATE fleets SET below_cost = ? WHERE chat_id = ? AND topic_id = ?",
        [int(below_cost), address.chat_id, address.topic_id],
    )


def note_told(db: Database, address: Address, until: datetime) -> None:
    """Note that a fleet's owner is told of the day-ahead prices up to `until`."""
    db.execute(
        "UPDATE fleets SET told_until = ? WHERE chat_id = ? AND topic_id = ?",
        [until.isoformat(), address.chat_id, address.topic_id],
    )


def queue_notices(db: Database, market: Market, now: datetime) -> int:
    """Look at every fleet and queue what its owner must be told; give the number of messages.

    Belongs into the transaction of a poll: what was told and the message that tells it are kept together.
    """
    queued = 0
    tomorrow = _delivery_day(now)
    for kept in every(db):
        seen = check_fleet(kept.fleet, kept.below_cost, kept.told_until, market, tomorrow)
        if seen.below is not None and seen.below != kept.below_cost:
            note_below_cost(db, kept.address, seen.below)
        if seen.looked_ahead:
            note_told(db, kept.address, tomorrow[1])
        for told in (seen.crossing, seen.hours):
            if told is not None:
                notice = outbox.add_notice(db, NoticeKind.FLEET, Severity.WARNING, dump(told), now)
                to = (kept.address.chat_id, kept.address.topic_id)
                queued += outbox.enqueue_notice(db, notice, now, to=[to])
    return queued


def _delivery_day(now: datetime) -> tuple[datetime, datetime]:
    """Tomorrow as the day-ahead market counts it (start, end; UTC)."""
    midnight = datetime.combine(now.astimezone(MARKET_TIME).date() + timedelta(days=1), time(), MARKET_TIME)
    following = datetime.combine(midnight.date() + timedelta(days=1), time(), MARKET_TIME)
    return midnight.astimezone(UTC), following.astimezone(UTC)


def _kept(db: Database, row: dict[str, object]) -> KeptFleet:
    address = Address(_int(row["chat_id"]), _int(row["topic_id"]))
    machines = db.query(
        "SELECT * FROM fleet_machines WHERE chat_id = ? AND topic_id = ? ORDER BY place",
        [address.chat_id, address.topic_id],
    )
    kinds = tuple(
        FleetBatch(each["label"], Rig(each["hashrate_ths"], each["power_w"], each["model"]), each["count"])
        for each in machines
    )
    fixed, zone, told = row["fixed_usd_per_kwh"], row["zone"], row["told_until"]
    tariff = None
    if isinstance(zone, str):
        tariff = Tariff(zone=zone, surcharge_eur_per_kwh=_float(row["surcharge_eur_per_kwh"]))
    elif fixed is not None:
        tariff = Tariff(fixed_usd_per_kwh=_float(fixed))
    return KeptFleet(
        address,
        Fleet(kinds, tariff, _float(row["pool_fee"])),
        None if row["below_cost"] is None else bool(row["below_cost"]),
        datetime.fromisoformat(told) if isinstance(told, str) else None,
    )


def _int(value: object) -> int:
    assert isinstance(value, int)  # noqa: S101 - the table is STRICT; this tells the type checker
    return value


def _float(value: object) -> float:
    assert isinstance(value, float)  # noqa: S101 - the table is STRICT; this tells the type checker
    return value
