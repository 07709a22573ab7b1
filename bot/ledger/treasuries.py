"""Public miners' holdings: who counts as a miner, and when a fall is worth an alert of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

FALL_FRACTION: Final = 0.05
"""A fall by at least this part of what was held …"""

FALL_BTC: Final = 100.0
"""… and by at least this much is news."""

MINERS: Final[Mapping[str, str]] = {
    "ABTC": "American Bitcoin",
    "ARBK": "Argo Blockchain",
    "BITF": "Bitfarms",
    "BTBT": "Bit Digital",
    "BTDR": "Bitdeer",
    "CAN": "Canaan",
    "CANG": "Cango",
    "CIFR": "Cipher Mining",
    "CLSK": "CleanSpark",
    "CORZ": "Core Scientific",
    "DGX": "DigiPowerX",
    "DGXX": "DigiPowerX",
    "DMGI": "DMG Blockchain",
    "FUFU": "BitFuFu",
    "GREE": "Greenidge",
    "HIVE": "HIVE Digital",
    "HUT": "Hut 8",
    "IREN": "IREN",
    "LMFA": "LM Funding",
    "MARA": "MARA Holdings",
    "RIOT": "Riot Platforms",
    "SDIG": "Stronghold",
    "SLNH": "Soluna",
    "WULF": "TeraWulf",
}
"""Listed companies that mine, by ticker without its exchange."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What one company says it holds. `symbol` is its ticker without the exchange."""

    symbol: str
    name: str
    held_btc: float


@dataclass(frozen=True, slots=True)
class HoldingFall:
    """A company that holds notably less than it did."""

    symbol: str
    name: str
    before_btc: float
    after_btc: float

    @property
    def change(self) -> float:
        """Change ÷ what was held, a negative fraction."""
        return self.after_btc / self.before_btc - 1

    @property
    def text(self) -> str:
        """“Core Scientific: 9,618 → 1,959 BTC”."""
        return f"{self.name}: {self.before_btc:,.0f} → {self.after_btc:,.0f} BTC"


def falls(before: Sequence[Holding], after: Sequence[Holding]) -> list[HoldingFall]:
    """The companies that hold at least 5 % and 100 BTC less than before, largest fall in BTC first.

    A company that is missing on either side tells nothing: providers drop and add rows without a reason.
    """
    holding_before = {holding.symbol: holding for holding in before}
    fallen = [
        HoldingFall(holding.symbol, holding.name, old.held_btc, holding.held_btc)
        for holding in after
        if (old := holding_before.get(holding.symbol)) is not None
        and old.held_btc - holding.held_btc >= max(FALL_BTC, FALL_FRACTION * old.held_btc)
    ]
    return sorted(fallen, key=lambda fall: (fall.after_btc - fall.before_btc, fall.symbol))
