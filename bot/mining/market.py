"""What the bot knows of the world when a question is asked: figures with their age and origin."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.mining.network import NOISY_PROGRESS, subsidy_at_height, subsidy_on


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
    zone, the slots known from now on.
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
