"""Words that say what a number beside them is, and which numbers fit them."""

from typing import Final

from bot.mining.parsing.measures import Measure, MeasureUnit
from bot.mining.parsing.question_draft import DAYS
from bot.mining.parsing.units import Currency

KEYWORDS: Final[dict[str, tuple[MeasureUnit, ...]]] = {
    "pool_fee": (MeasureUnit.PERCENT, MeasureUnit.NUMBER),
    "uptime": (MeasureUnit.PERCENT, MeasureUnit.NUMBER),
    "overhead": (MeasureUnit.NUMBER, MeasureUnit.PERCENT),
    "cooling": (MeasureUnit.PERCENT, MeasureUnit.NUMBER),
    "downtime": (MeasureUnit.PERCENT,),
    "consumption": (MeasureUnit.WATTS, MeasureUnit.NUMBER),
    "hashprice": (MeasureUnit.MONEY, MeasureUnit.NUMBER),
    "difficulty": (MeasureUnit.NUMBER, MeasureUnit.T),
    "breakeven_difficulty": (MeasureUnit.NUMBER, MeasureUnit.T),
    "hashrate": (MeasureUnit.THS, MeasureUnit.NUMBER, MeasureUnit.T),
    "network": (MeasureUnit.THS, MeasureUnit.NUMBER),
    "fees": (MeasureUnit.MONEY, MeasureUnit.NUMBER),
    "subsidy": (MeasureUnit.MONEY, MeasureUnit.NUMBER),
    "power": (MeasureUnit.MONEY, MeasureUnit.NUMBER, MeasureUnit.WATTS),
    "btc": (MeasureUnit.MONEY, MeasureUnit.NUMBER),
    "btc_price": (MeasureUnit.MONEY, MeasureUnit.NUMBER),
    "price": (MeasureUnit.MONEY, MeasureUnit.NUMBER),
    "machine_price": (MeasureUnit.MONEY, MeasureUnit.NUMBER),
    "hosting": (MeasureUnit.MONEY, MeasureUnit.NUMBER),
    "hosted": (MeasureUnit.MONEY, MeasureUnit.NUMBER),
    "debt": (MeasureUnit.MONEY, MeasureUnit.NUMBER),
    "fixed": (MeasureUnit.MONEY, MeasureUnit.NUMBER),
    "running_cost": (MeasureUnit.MONEY, MeasureUnit.NUMBER),
    "heat": (MeasureUnit.MONEY,),
    "surcharge": (MeasureUnit.MONEY, MeasureUnit.NUMBER),
    "tax": (MeasureUnit.PERCENT,),
    "fpps": (MeasureUnit.PERCENT,),
    "count": (MeasureUnit.NUMBER,),
    "growth": (MeasureUnit.PERCENT,),
    "resale": (MeasureUnit.PERCENT,),
    "pplns": (MeasureUnit.PERCENT,),
    "peak": (MeasureUnit.MONEY, MeasureUnit.NUMBER),
    "off_peak": (MeasureUnit.MONEY, MeasureUnit.NUMBER),
    "rest": (MeasureUnit.MONEY, MeasureUnit.NUMBER),
}
"""Words that say what a number beside them is, and in which units it may be."""
KEYS: Final = {
    "fee": "pool_fee", "pool-fee": "pool_fee", "pool": "pool_fee", "uptime": "uptime", "pue": "overhead",
    "overhead": "overhead", "fixed": "fixed", "fixed-cost": "fixed", "hosting": "hosting", "debt": "debt",
    "price": "btc", "btc": "btc", "btc-price": "btc", "power-price": "power", "electricity": "power",
    "tariff": "power", "power": "power", "hashrate": "machine_hashrate", "difficulty": "difficulty",
    "network": "network", "network-hashrate": "network", "fees": "fees", "block-fees": "fees",
    "subsidy": "subsidy", "block-subsidy": "subsidy", "machine-price": "machine_price",
    "cost": "machine_price", "hashprice": "hashprice",
    "heat": "heat", "surcharge": "surcharge", "tax": "tax", "scheme": "scheme", "count": "count",
    "peak": "peak", "currency": "currency", "growth": "growth", "resale": "resale",
}  # fmt: skip
"""What a `key=value` may be called, and the meaning it has."""
_TARIFF_BELOW: Final = 2.0
"""What a word for power stands before is a tariff below this, though a span of time follows."""


def fits(concept: str, quantity: Measure) -> bool:  # noqa: PLR0912 - a table of cases, one branch each
    """True for a quantity whose unit and size a keyword may have beside it."""
    if quantity.unit not in KEYWORDS[concept]:
        return False
    energy = bool(set(quantity.per) & {"kwh", "mwh"})
    large = quantity.unit is MeasureUnit.MONEY and not quantity.cents and not energy
    if concept == "machine_price":
        return (
            not energy and not quantity.cents and quantity.large >= 20 and not set(quantity.per) & set(DAYS)
        )
    if concept in ("btc", "btc_price", "price"):
        return (
            (large or quantity.unit is MeasureUnit.NUMBER)
            and quantity.large >= 20
            and not (set(quantity.per) & {*DAYS, "machine", "th", "ph"})
        )
    if concept == "hashprice":
        return not energy and not set(quantity.per) - {"ph", "th", "day"}
    if concept == "debt":
        return not energy and not quantity.cents
    if concept == "cooling":
        return quantity.unit is MeasureUnit.PERCENT or (not quantity.per and 1.0 <= quantity.small < 2.0)
    if concept == "uptime" and quantity.unit is MeasureUnit.NUMBER:
        return 0.2 <= quantity.small <= 1.0 or 20.0 <= quantity.small <= 100.0
    if concept in ("heat", "surcharge"):
        return energy or quantity.cents or quantity.small < 1
    if concept in ("peak", "off_peak", "rest"):
        return energy or quantity.cents or quantity.small < 100
    if concept == "power":
        return (
            quantity.unit is MeasureUnit.WATTS
            or energy
            or quantity.cents
            or (quantity.large <= 100 and not set(quantity.per) & set(DAYS))
            or abs(quantity.small) < _TARIFF_BELOW
        )
    if concept == "consumption":
        return quantity.unit is MeasureUnit.WATTS or (not quantity.per and quantity.large >= 100.0)
    if concept in ("network", "hashrate"):
        return quantity.unit is not MeasureUnit.NUMBER or quantity.large >= 50
    if concept in ("fees", "subsidy"):
        return quantity.unit is MeasureUnit.NUMBER or quantity.currency is Currency.BTC
    return True
