"""The machines people keep at an address, and what they have been told about them."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlite_utils import Database

from bot.mining.economics import Rig
from bot.mining.fleet import Fleet, FleetBatch, FleetSite, Tariff
from bot.mining.fleet_alerts import check_fleet, dump
from bot.mining.market import Market
from bot.mining.parsing.units import Currency, Money
from bot.signals.rules import Severity
from storage import outbox
from storage.chats.chats import Address
from storage.outbox import NoticeKind

MARKET_TIME: Final = ZoneInfo("Europe/Berlin")
"""The clock of the day-ahead market: every zone known keeps Central European time."""


@dataclass(frozen=True, slots=True)
class StoredFleet:
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
    return next((_stored_fleet(db, row).fleet for row in rows), Fleet())


def save(db: Database, address: Address, fleet: Fleet) -> None:
    """Keep a fleet at a remembered address in place of the one before; an empty one is forgotten.

    What it counted as is forgotten too, so that a changed fleet causes no alert by itself.
    """
    where = [address.chat_id, address.topic_id]
    if fleet == Fleet():
        db.execute("DELETE FROM fleets WHERE chat_id = ? AND topic_id = ?", where)
        return
    db.execute(
        "INSERT INTO fleets (chat_id, topic_id) VALUES (?, ?) "
        "ON CONFLICT (chat_id, topic_id) DO UPDATE SET below_cost = NULL",
        where,
    )
    for table in ("fleet_batches", "fleet_sites"):
        db.execute(f"DELETE FROM {table} WHERE chat_id = ? AND topic_id = ?", where)
    db.conn.executemany(
        "INSERT INTO fleet_batches "
        "(chat_id, topic_id, site, label, model, hashrate_ths, power_w, count, place) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                *where, batch.site, batch.label, batch.rig.name, batch.rig.hashrate_ths, batch.rig.power_w,
                batch.count, position,
            )
            for position, batch in enumerate(fleet.kinds)
        ],
    )  # fmt: skip
    db.conn.executemany(
        "INSERT INTO fleet_sites (chat_id, topic_id, name, fixed_per_kwh, currency, zone, "
        "surcharge_eur_per_kwh, pool_fee, uptime, overhead, fixed_cost, fixed_cost_currency) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(*where, *_site_row(site)) for site in fleet.sites],
    )


def _site_row(site: FleetSite) -> tuple[object, ...]:
    tariff, cost = site.tariff or Tariff(), site.fixed_cost
    return (
        site.name,
        tariff.fixed_per_kwh,
        tariff.currency.value,
        tariff.zone,
        tariff.surcharge_eur_per_kwh,
        site.pool_fee,
        site.uptime,
        site.overhead,
        None if cost is None else cost.amount,
        None if cost is None else cost.currency.value,
    )


def every(db: Database) -> list[StoredFleet]:
    """All fleets with machines at addresses that can be reached."""
    rows = db.query(
        "SELECT fleets.* FROM fleets JOIN chats USING (chat_id, topic_id) WHERE chats.active = 1 "
        "ORDER BY chat_id, topic_id"
    )
    return [stored for stored in (_stored_fleet(db, row) for row in list(rows)) if stored.fleet.kinds]


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
    for stored in every(db):
        check = check_fleet(stored.fleet, stored.below_cost, stored.told_until, market, tomorrow)
        if check.below is not None and check.below != stored.below_cost:
            note_below_cost(db, stored.address, check.below)
        if check.looked_ahead:
            note_told(db, stored.address, tomorrow[1])
        for notice_facts in (check.crossing, check.hours):
            if notice_facts is not None:
                notice = outbox.add_notice(db, NoticeKind.FLEET, Severity.WARNING, dump(notice_facts), now)
                to = (stored.address.chat_id, stored.address.topic_id)
                queued += outbox.enqueue_notice(db, notice, now, to=[to])
    return queued


def _delivery_day(now: datetime) -> tuple[datetime, datetime]:
    """Tomorrow as the day-ahead market counts it (start, end; UTC)."""
    midnight = datetime.combine(now.astimezone(MARKET_TIME).date() + timedelta(days=1), time(), MARKET_TIME)
    following = datetime.combine(midnight.date() + timedelta(days=1), time(), MARKET_TIME)
    return midnight.astimezone(UTC), following.astimezone(UTC)


def _stored_fleet(db: Database, row: dict[str, object]) -> StoredFleet:
    address = Address(_int(row["chat_id"]), _int(row["topic_id"]))
    where = [address.chat_id, address.topic_id]
    batches = db.query("SELECT * FROM fleet_batches WHERE chat_id = ? AND topic_id = ? ORDER BY place", where)
    kinds = tuple(
        FleetBatch(
            each["label"],
            Rig(each["hashrate_ths"], each["power_w"], each["model"]),
            each["count"],
            each["site"],
        )
        for each in batches
    )
    sites = db.query("SELECT * FROM fleet_sites WHERE chat_id = ? AND topic_id = ? ORDER BY name", where)
    until = row["told_until"]
    return StoredFleet(
        address,
        Fleet(kinds, tuple(_site(each) for each in sites)),
        None if row["below_cost"] is None else bool(row["below_cost"]),
        datetime.fromisoformat(until) if isinstance(until, str) else None,
    )


def _site(row: dict[str, object]) -> FleetSite:
    tariff = None
    if isinstance(row["zone"], str):
        tariff = Tariff(zone=row["zone"], surcharge_eur_per_kwh=_float(row["surcharge_eur_per_kwh"]))
    elif row["fixed_per_kwh"] is not None:
        tariff = Tariff(_float(row["fixed_per_kwh"]), currency=Currency(str(row["currency"])))
    cost = row["fixed_cost"]
    return FleetSite(
        str(row["name"]),
        tariff,
        _float(row["pool_fee"]),
        _float(row["uptime"]),
        _float(row["overhead"]),
        None if cost is None else Money(_float(cost), Currency(str(row["fixed_cost_currency"]))),
    )


def _int(value: object) -> int:
    assert isinstance(value, int)  # noqa: S101 - the table is STRICT; this tells the type checker
    return value


def _float(value: object) -> float:
    assert isinstance(value, float)  # noqa: S101 - the table is STRICT; this tells the type checker
    return value
