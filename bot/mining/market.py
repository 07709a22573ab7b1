"""The market that a question is answered from: figures with their age and source."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.mining.network import NOISY_PROGRESS, Network, subsidy_at_height, subsidy_on


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure, the moment it describes (UTC) and who gave it."""

    value: float
    as_of: datetime
    source: str


@dataclass(frozen=True, slots=True)
class PowerSlot:
    """One day-ahead slot: start and end (UTC) and its price, which may be negative."""

    start: datetime
    end: datetime
    eur_per_mwh: float


@dataclass(frozen=True, slots=True)
class Market:
    """The state of the network and the markets at `at` (UTC); None where nothing trustworthy is held.

    `retarget_change` is the estimated change of difficulty at the next retarget as a fraction (−0.02 is 2 %
    down); `retarget_progress` is how much of the epoch is over, 0 to 1. `height` decides the subsidy; without
    it the date does. `fees_btc_per_block` should be a mean over several days. `day_ahead` holds, by bidding
    zone, the slots known from now on. `rates` are US dollars for one unit of a currency, by its code;
    `btc_high_usd` is the record, `hashrate_ehs` the mean of seven days.
    """

    at: datetime
    btc_price_usd: Fact | None = None
    difficulty: Fact | None = None
    fees_btc_per_block: Fact | None = None
    height: int | None = None
    eur_usd: Fact | None = None
    retarget_change: Fact | None = None
    retarget_at: datetime | None = None
    retarget_progress: float | None = None
    power_price_usd_per_kwh: float = 0.07
    day_ahead: Mapping[str, tuple[PowerSlot, ...]] = field(default_factory=dict)
    rates: Mapping[str, Fact] = field(default_factory=dict)
    btc_high_usd: Fact | None = None
    hashrate_ehs: Fact | None = None

    def rate(self, currency: str) -> Fact | None:
        """US dollars for one unit of a currency; None when it isn't known."""
        if currency == "EUR":
            return self.eur_usd
        return self.btc_price_usd if currency == "BTC" else self.rates.get(currency)

    @property
    def hashprice_usd_per_ph_day(self) -> float | None:
        """Income of one PH/s by difficulty with the mean fees, USD/day; None without price or difficulty."""
        network = self.network
        if self.btc_price_usd is None or network is None:
            return None
        return network.hashprice_usd_per_ph_day(self.btc_price_usd.value)

    @property
    def network(self) -> Network | None:
        """The network by difficulty with the mean fees; None without difficulty."""
        if self.difficulty is None:
            return None
        fees = 0.0 if self.fees_btc_per_block is None else self.fees_btc_per_block.value
        return Network(self.difficulty.value, self.subsidy_btc, fees)

    @property
    def subsidy_btc(self) -> float:
        """New coins of a block now, BTC."""
        return subsidy_on(self.at.date()) if self.height is None else subsidy_at_height(self.height)

    @property
    def expected_retarget(self) -> float | None:
        """The next retarget's change as a fraction, or None while an estimate is missing or still noise."""
        if self.retarget_change is None:
            return None
        if self.retarget_progress is not None and self.retarget_progress < NOISY_PROGRESS:
            return None
        return self.retarget_change.value
