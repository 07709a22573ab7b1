"""One machine on one site: revenue, cost, profit, and the three prices at which profit is nothing.

Formulas and published checks: docs/economics.md.
"""

import math
from dataclasses import dataclass, fields
from datetime import datetime

from bot.mining.limits import check
from bot.mining.network import Network, hashcost_usd_per_ph_day


def ratio(over: float, under: float) -> float | None:
    """`over` ÷ `under`, or None where that is no number: nothing below the line, or too little of it."""
    if under == 0.0:
        return None
    result = over / under
    return result if math.isfinite(result) else None


@dataclass(frozen=True, slots=True)
class Rig:
    """A machine: hashrate in TH/s, power at the wall in W, its catalogue name and its price when known."""

    hashrate_ths: float
    power_w: float
    name: str | None = None
    price_usd: float | None = None

    def __post_init__(self) -> None:
        check("hashrate_ths", self.hashrate_ths)
        check("power_w", self.power_w)
        if self.price_usd is not None:
            check("machine_price_usd", self.price_usd)

    @property
    def efficiency_j_per_th(self) -> float:
        """J/TH: W ÷ TH/s."""
        return self.power_w / self.hashrate_ths


@dataclass(frozen=True, slots=True)
class MiningSite:
    """Where it runs. `overhead` is facility ÷ machine power (PUE); the fixed cost is per machine."""

    power_price_usd_per_kwh: float
    pool_fee: float = 0.0
    uptime: float = 1.0
    overhead: float = 1.0
    fixed_cost_usd_per_day: float = 0.0

    def __post_init__(self) -> None:
        check("power_price_usd_per_kwh", self.power_price_usd_per_kwh)
        check("pool_fee", self.pool_fee)
        check("uptime", self.uptime)
        check("overhead", self.overhead)
        check("fixed_cost_usd_per_day", self.fixed_cost_usd_per_day)


@dataclass(frozen=True, slots=True)
class Economics:
    """The result; the fields are the keys of the public JSON, in its order.

    `btc_per_day` and `revenue_usd_per_day` are net of pool fee and uptime; hashprice is the network's, before
    both. `cost_per_btc_usd` is the network-wide power cost of a coin at this efficiency and power price.
    `margin` = profit ÷ revenue, None without revenue. A break-even is None when no value reaches it: "never,
    at any price". A negative break-even power price means that even free power would not be enough.
    `as_of` is the age of the oldest reading used, None when every figure was given.
    """

    machine: str | None
    hashrate_ths: float
    power_w: float
    efficiency_j_per_th: float
    power_price_usd_per_kwh: float
    btc_price_usd: float
    difficulty: float | None
    network_hashrate_ehs: float
    btc_per_day: float
    revenue_usd_per_day: float
    power_cost_usd_per_day: float
    fixed_cost_usd_per_day: float
    profit_usd_per_day: float
    margin: float | None
    hashprice_usd_per_ph_day: float
    hashcost_usd_per_ph_day: float
    cost_per_btc_usd: float | None
    breakeven_btc_price_usd: float | None
    breakeven_power_price_usd_per_kwh: float | None
    breakeven_difficulty: float | None
    payback_days: float | None
    profit_change_per_usd_of_btc_price: float
    as_of: datetime | None

    @property
    def pays(self) -> bool:
        """True when a day leaves something over."""
        return self.profit_usd_per_day > 0.0

    @property
    def btc_price_room(self) -> float | None:
        """How far the bitcoin price can fall before profit is nothing, as a fraction; negative: must rise."""
        if self.breakeven_btc_price_usd is None:
            return None
        times = ratio(self.breakeven_btc_price_usd, self.btc_price_usd)
        return None if times is None else 1.0 - times

    @property
    def difficulty_room(self) -> float | None:
        """How far difficulty can rise, as a fraction of itself."""
        if self.breakeven_difficulty is None or self.difficulty is None:
            return None
        times = ratio(self.breakeven_difficulty, self.difficulty)
        return None if times is None else times - 1.0

    def as_json(self) -> dict[str, str | float | None]:
        """The public JSON object: every key present, None where it does not apply, time as ISO 8601."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return values | {"as_of": self.as_of.isoformat() if self.as_of else None}


def economics(
    rig: Rig, site: MiningSite, network: Network, btc_price_usd: float, as_of: datetime | None = None
) -> Economics:
    """Reckon one machine. Raises InvalidQuestion for a bitcoin price out of bounds."""
    check("btc_price_usd", btc_price_usd)
    btc = rig.hashrate_ths * network.btc_per_th_day * (1.0 - site.pool_fee) * site.uptime
    revenue = btc * btc_price_usd
    kwh = rig.power_w / 1000.0 * 24.0 * site.uptime * site.overhead
    power_cost = kwh * site.power_price_usd_per_kwh
    cost = power_cost + site.fixed_cost_usd_per_day
    profit = revenue - cost
    efficiency = rig.efficiency_j_per_th
    hashcost = hashcost_usd_per_ph_day(efficiency, site.power_price_usd_per_kwh)
    return Economics(
        machine=rig.name,
        hashrate_ths=rig.hashrate_ths,
        power_w=rig.power_w,
        efficiency_j_per_th=efficiency,
        power_price_usd_per_kwh=site.power_price_usd_per_kwh,
        btc_price_usd=btc_price_usd,
        difficulty=network.difficulty,
        network_hashrate_ehs=network.hashrate_ths / 1e6,
        btc_per_day=btc,
        revenue_usd_per_day=revenue,
        power_cost_usd_per_day=power_cost,
        fixed_cost_usd_per_day=site.fixed_cost_usd_per_day,
        profit_usd_per_day=profit,
        margin=ratio(profit, revenue),
        hashprice_usd_per_ph_day=network.hashprice_usd_per_ph_day(btc_price_usd),
        hashcost_usd_per_ph_day=hashcost,
        cost_per_btc_usd=ratio(hashcost / 1000.0, network.btc_per_th_day),
        breakeven_btc_price_usd=ratio(cost, btc),
        breakeven_power_price_usd_per_kwh=ratio(revenue - site.fixed_cost_usd_per_day, kwh),
        breakeven_difficulty=(
            ratio(network.difficulty * revenue, cost)
            if revenue and network.difficulty is not None and not network.by_share
            else None
        ),
        payback_days=ratio(rig.price_usd, profit) if rig.price_usd is not None and profit > 0.0 else None,
        profit_change_per_usd_of_btc_price=btc,
        as_of=as_of,
    )
