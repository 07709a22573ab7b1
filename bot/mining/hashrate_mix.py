"""The network view: the mix of machines, the share that loses money at a power price, the cost of a bitcoin.

Nobody knows the machine mix. These are dated estimates with their origin and uncertainty; docs/economics.md
says how each was made.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from bot.i18n.message import N_
from bot.mining.machines import Catalogue, Machine
from bot.mining.market import Market
from bot.mining.network import Network, hashcost_usd_per_ph_day, subsidy_on

NAMEPLATE_SPREAD: Final = 0.07
"""How far machines in the field stray from their nameplate J/TH, as a fraction: bins, heat, tuning."""

BAND_USD_PER_KWH: Final = (0.04, 0.07)
"""Power prices of the production-cost band; the median miner of Cambridge's 2024 survey paid 0.045."""

VIEW_USD_PER_KWH: Final = (0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.10)


@dataclass(frozen=True, slots=True)
class HashrateMix:
    """An estimate of the machine mix from a day on: shares of hashrate by model, standing for their kind.

    `uncertainty` is how far a share may be off, as a fraction of itself.
    """

    since: date
    shares: tuple[tuple[str, float], ...]
    uncertainty: float
    source: str


MIXES: Final = (
    HashrateMix(
        date(2022, 1, 1),
        (
            ("Antminer S9", 0.03), ("Whatsminer M20S", 0.07), ("Antminer S17", 0.07),
            ("Whatsminer M30S", 0.15), ("AvalonMiner 1246", 0.06), ("Antminer S19", 0.27),
            ("Whatsminer M30S++", 0.10), ("Antminer S19j Pro", 0.20), ("Antminer S19 Pro", 0.05),
        ),
        0.4,
        N_("own estimate for 2022, between Coin Metrics' of 2020 and 2023"),
    ),
    HashrateMix(
        date(2023, 3, 1),
        (
            ("Antminer S9", 0.015), ("Whatsminer M20S", 0.04), ("Antminer S17", 0.04),
            ("Whatsminer M30S", 0.10),
            ("Antminer S19", 0.281), ("Whatsminer M30S++", 0.044), ("Antminer S19j Pro", 0.343),
            ("Antminer S19 XP", 0.137),
        ),
        0.25,
        N_(
            "Coin Metrics, May 2023 (S19j Pro, S19, S19 XP; 33.6 J/TH on average), the rest our own estimate"
        ),
    ),
    HashrateMix(
        date(2024, 3, 1),
        (
            ("Antminer S9", 0.005), ("Whatsminer M20S", 0.015), ("Whatsminer M30S", 0.07),
            ("Antminer S19", 0.17),
            ("Antminer S19j Pro", 0.32), ("Whatsminer M50", 0.06), ("Antminer S19k Pro", 0.06),
            ("Antminer S19 XP", 0.17), ("Whatsminer M60S", 0.02), ("Antminer S21", 0.11),
        ),
        0.35,
        N_("own estimate for mid-2024, set to Cambridge's 28.2 J/TH on average"),
    ),
    HashrateMix(
        date(2025, 7, 1),
        (
            ("Antminer S19", 0.04), ("Antminer S19j Pro", 0.12), ("Whatsminer M50S", 0.06),
            ("Antminer S19k Pro", 0.08), ("Antminer S19 XP", 0.18), ("Whatsminer M60S", 0.08),
            ("Antminer S21", 0.26), ("Antminer S21 Pro", 0.18),
        ),
        0.5,
        N_("own extrapolation beyond Cambridge's figure for mid-2024; no mix is published"),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class UnprofitableShare:
    """The share of hashrate that loses money at a power price, with the range the uncertainty leaves."""

    power_price_usd_per_kwh: float
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class NetworkView:
    """Who is under water at each power price, and the power cost of a coin at the mix's mean efficiency.

    `cost_low_usd` and `cost_high_usd` are USD per BTC at the band's power prices; efficiency in J/TH.
    """

    mix: HashrateMix
    mean_efficiency_j_per_th: float
    under_water: tuple[UnprofitableShare, ...]
    cost_low_usd: float
    cost_high_usd: float
    btc_price_usd: float


@dataclass(frozen=True, slots=True)
class DayState:
    """The network and the price of one UTC day."""

    day: date
    btc_price_usd: float
    difficulty: float
    fees_btc_per_block: float
    subsidy_btc: float

    @property
    def network(self) -> Network:
        """Return the network of that day, for revenue per hashrate."""
        return Network(self.difficulty, self.subsidy_btc, self.fees_btc_per_block)


def day_states(
    prices_usd: Iterable[tuple[date, float]],
    difficulties: Iterable[tuple[date, float]],
    fees_btc_per_block: Iterable[tuple[date, float]],
) -> tuple[DayState, ...]:
    """The days of which price and difficulty are known, oldest first; unknown fees count as none."""
    difficulty, fees = dict(difficulties), dict(fees_btc_per_block)
    return tuple(
        DayState(day, price, difficulty[day], fees.get(day, 0.0), subsidy_on(day))
        for day, price in sorted(prices_usd)
        if day in difficulty
    )


@dataclass(frozen=True, slots=True)
class Shutdowns:
    """At a power price: the machine that stopped paying last, since when, and which follows at what price.

    `since_start` is True when it hasn't paid in all the history given. `stopped` is None when every machine
    of the mix pays, `following` when none does.
    """

    power_price_usd_per_kwh: float
    stopped: str | None
    days: int
    since_start: bool
    following: str | None
    following_at_usd: float | None


def mix_on(day: date) -> HashrateMix | None:
    """The estimate for a day, or None before the first."""
    return next((mix for mix in reversed(MIXES) if mix.since <= day), None)


def mean_efficiency_j_per_th(catalogue: Catalogue, mix: HashrateMix) -> float:
    """The mix's mean efficiency, weighted by hashrate."""
    return sum(catalogue.pick(model).efficiency_j_per_th * share for model, share in mix.shares)


def cost_per_btc_usd(efficiency_j_per_th: float, power_usd_per_kwh: float, network: Network) -> float:
    """The power cost of a coin to a network of this efficiency; infinite where miners earn nothing."""
    if network.btc_per_th_day <= 0.0:
        return math.inf
    return hashcost_usd_per_ph_day(efficiency_j_per_th, power_usd_per_kwh) / 1000.0 / network.btc_per_th_day


def network_view(
    catalogue: Catalogue, mix: HashrateMix, network: Network, btc_price_usd: float
) -> NetworkView | None:
    """The share under water at 4 to 10 c/kWh and the production-cost band. None when miners earn nothing."""
    hashprice = network.hashprice_usd_per_ph_day(btc_price_usd)
    if network.btc_per_th_day <= 0.0:
        return None
    machines = [(catalogue.pick(model), share) for model, share in mix.shares]
    mean = mean_efficiency_j_per_th(catalogue, mix)

    def losing(power_price: float, spread: float) -> float:
        return sum(
            share
            for machine, share in machines
            if hashcost_usd_per_ph_day(machine.efficiency_j_per_th * (1.0 + spread), power_price) > hashprice
        )

    return NetworkView(
        mix=mix,
        mean_efficiency_j_per_th=mean,
        under_water=tuple(
            UnprofitableShare(
                power_price,
                min(losing(power_price, 0.0), 1.0),
                max(_certain(losing(power_price, -NAMEPLATE_SPREAD), mix.uncertainty), 0.0),
                min(losing(power_price, NAMEPLATE_SPREAD) * (1.0 + mix.uncertainty), 1.0),
            )
            for power_price in VIEW_USD_PER_KWH
        ),
        cost_low_usd=cost_per_btc_usd(mean, BAND_USD_PER_KWH[0], network),
        cost_high_usd=cost_per_btc_usd(mean, BAND_USD_PER_KWH[1], network),
        btc_price_usd=btc_price_usd,
    )


def network_now(catalogue: Catalogue, market: Market) -> NetworkView | None:
    """The view of the market as it is; None without price, difficulty or an estimate of the mix."""
    mix, price, network = mix_on(market.at.date()), market.btc_price_usd, market.network
    if mix is None or price is None or network is None:
        return None
    return network_view(catalogue, mix, network, price.value)


def _certain(share: float, uncertainty: float) -> float:
    """The least a share can be: smaller by its uncertainty, yet no less than an enlarged rest leaves."""
    return max(share * (1.0 - uncertainty), 1.0 - (1.0 - share) * (1.0 + uncertainty))


def shutdowns(
    catalogue: Catalogue, history: Sequence[DayState], power_price_usd_per_kwh: float
) -> Shutdowns | None:
    """Which machine of the mix stopped paying last, and which is next.

    `history` is daily and in order, its last day the present. None without history or an estimate of the mix.
    """
    if not history or (mix := mix_on(history[-1].day)) is None:
        return None
    today = history[-1]
    machines = sorted(
        {catalogue.pick(model) for model, _ in mix.shares}, key=lambda machine: -machine.efficiency_j_per_th
    )
    prices = {machine: _shutdown_price(machine, today, power_price_usd_per_kwh) for machine in machines}
    still = [machine for machine in machines if prices[machine] <= today.btc_price_usd]
    over = [machine for machine in machines if prices[machine] > today.btc_price_usd]
    stopped = over[-1] if over else None
    following = still[0] if still else None
    first_losing = _losing_since(stopped, history, power_price_usd_per_kwh) if stopped else None
    return Shutdowns(
        power_price_usd_per_kwh=power_price_usd_per_kwh,
        stopped=stopped.model if stopped else None,
        days=(today.day - first_losing).days if first_losing else 0,
        since_start=first_losing == history[0].day,
        following=following.model if following else None,
        following_at_usd=prices[following] if following else None,
    )


def _shutdown_price(machine: Machine, state: DayState, power_price_usd_per_kwh: float) -> float:
    """The bitcoin price at which power alone eats the income; infinite where there is no income."""
    income = state.network.btc_per_th_day
    hashcost = hashcost_usd_per_ph_day(machine.efficiency_j_per_th, power_price_usd_per_kwh)
    return hashcost / 1000.0 / income if income > 0.0 else float("inf")


def _losing_since(machine: Machine, history: Sequence[DayState], power_price_usd_per_kwh: float) -> date:
    """The first day of the unbroken run of losing days that ends today."""
    since = history[-1].day
    for state in reversed(history):
        if _shutdown_price(machine, state, power_price_usd_per_kwh) <= state.btc_price_usd:
            break
        since = state.day
    return since
