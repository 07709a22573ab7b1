"""The machines people keep at an address, and what they have been told about them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from bot.mining.economics import Rig
from bot.mining.fleet import Fleet, FleetBatch, FleetSite, Tariff
from bot.mining.parsing.units import Currency, Money
from storage.chats.chats import Address
from storage.engine import Database

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


def of_addresses(db: Database, addresses: Collection[tuple[int, int]]) -> dict[tuple[int, int], Fleet]:
    """The fleets at these addresses (chat, topic); one may have a tariff and no machines."""
    chat_ids = list({chat_id for chat_id, _ in addresses})
    marks = ", ".join("?" * len(chat_ids))
    rows = list(db.query(f"SELECT * FROM fleets WHERE chat_id IN ({marks})", chat_ids))
    stored = [_stored_fleet(db, row) for row in rows]
    fleet_by_address = {(each.address.chat_id, each.address.topic_id): each.fleet for each in stored}
    return {address: fleet for address, fleet in fleet_by_address.items() if address in addresses}


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
    db.executemany(
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
    db.executemany(
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
        "SELECT fleets.* FROM fleets JOIN chats USING (chat_id, topic_id) WHERE chats.active "
        "ORDER BY chat_id, topic_id"
    )
    return [stored for stored in (_stored_fleet(db, row) for row in list(rows)) if stored.fleet.kinds]


def note_below_cost(db: Database, address: Address, below_cost: bool) -> None:
    """Note what a fleet counts as now."""
    db.execute(
        "UPDATE fleets SET below_cost = ? WHERE chat_id = ? AND topic_id = ?",
        [below_cost, address.chat_id, address.topic_id],
    )


def note_told(db: Database, address: Address, until: datetime) -> None:
    """Note that a fleet's owner is told of the day-ahead prices up to `until`."""
    db.execute(
        "UPDATE fleets SET told_until = ? WHERE chat_id = ? AND topic_id = ?",
        [until.isoformat(), address.chat_id, address.topic_id],
    )


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
