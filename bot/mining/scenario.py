"""A supposition: which figures of the market are supposed to be different, and to what."""

from dataclasses import dataclass
from typing import Final

from bot.mining.parsing.units import Currency, Money

EXAMPLE: Final = "/whatif s19 price=40000 hashrate=-10% power=0.05 fees=+50% halving=yes"

KEYS: Final = ("price", "hashrate", "power", "fees", "difficulty", "halving")
"""What can be supposed."""


@dataclass(frozen=True, slots=True)
class ScenarioChange:
    """A figure supposed: a new value `to` (in `currency` where it is money), or a change `by` a fraction."""

    to: float | None = None
    by: float = 0.0
    currency: Currency = Currency.USD

    def of(self, base: float) -> float:
        """The figure supposed, where `base` is what it is."""
        return base * (1.0 + self.by) if self.to is None else self.to

    def money(self, base_usd: float) -> Money:
        """The amount supposed, where `base_usd` is what it is."""
        return Money(self.of(base_usd), self.currency)


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is supposed; None: as it is. Hashrate in EH/s, fees in BTC per block, power in USD/kWh.

    `halvings` is how many halvings are supposed, where `halving` is; `halving_year` the year said of the last
    of them, which counts then. `of_hashprice` is True where `price` stands for a hashprice that changes by
    the same share.
    """

    price: ScenarioChange | None = None
    hashrate: ScenarioChange | None = None
    power: ScenarioChange | None = None
    fees: ScenarioChange | None = None
    difficulty: ScenarioChange | None = None
    halving: bool = False
    halving_year: int | None = None
    halvings: int = 1
    of_hashprice: bool = False

    @property
    def supposes(self) -> bool:
        """True when anything is supposed."""
        return self != Scenario()

    @property
    def beyond_price(self) -> bool:
        """True when more is supposed than a bitcoin price to reckon at."""
        return self != Scenario() and (
            self.price is None or self.price.to is None or self != Scenario(price=self.price)
        )
