"""A supposition: which figures of the market are supposed to be different, and to what."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.mining.errors import InvalidQuestion
from bot.mining.limits import check
from bot.mining.parsing.patterns import MONEY
from bot.mining.parsing.units import (
    CENTS,
    HASHRATE,
    POWER_PRICE,
    Currency,
    Money,
    currency_of,
    read_cents,
    read_hashrate,
    read_number,
    read_power_price,
    times,
)

EXAMPLE: Final = "/whatif s19 price=40000 hashrate=-10% power=0.05 fees=+50% halving=yes"

KEYS: Final = ("price", "hashrate", "power", "fees", "difficulty", "halving")
"""What can be supposed."""

_RELATIVE: Final = re.compile(r"[-+−]?\d+(?:[.,]\d+)?\s?%")


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
    """What is supposed; None: as it is. Hashrate in EH/s, fees in BTC per block, power in USD/kWh."""

    price: ScenarioChange | None = None
    hashrate: ScenarioChange | None = None
    power: ScenarioChange | None = None
    fees: ScenarioChange | None = None
    difficulty: ScenarioChange | None = None
    halving: bool = False


def read_scenario(found: Mapping[str, str], *, decimal_comma: bool) -> Scenario:
    """The scenario of these `KEYS`, each with a new value or a change (“-10%”) as it was typed.

    `decimal_comma` says how the asker's language writes numbers. Raises InvalidQuestion.
    """
    changes: dict[str, ScenarioChange] = {}
    halving = False
    for key, value in found.items():
        try:
            if key == "halving":
                halving = _yes(value)
            else:
                changes[key] = _change(key, value, decimal_comma)
        except InvalidQuestion as failure:
            raise failure.about(key, EXAMPLE) from None
    return Scenario(
        price=changes.get("price"),
        hashrate=changes.get("hashrate"),
        power=changes.get("power"),
        fees=changes.get("fees"),
        difficulty=changes.get("difficulty"),
        halving=halving,
    )


def _yes(value: str) -> bool:
    if value.lower() not in ("yes", "no", "ja", "nein"):
        # Translators: follows “halving:”; {yes} and {no} are what to type.
        raise InvalidQuestion(
            lambda t: t("write {yes} or {no}.", yes="halving=yes", no="halving=no"), EXAMPLE
        )
    return value.lower() in ("yes", "ja")


def _change(key: str, value: str, decimal_comma: bool) -> ScenarioChange:
    if _RELATIVE.fullmatch(value):
        by = read_number(value.rstrip("% "), decimal_comma=decimal_comma) / 100.0
        if not -1.0 < by <= 100.0:
            raise InvalidQuestion(
                # Translators: {change} is what was typed; {low} is “−100 %”, {high} “10,000 %”.
                lambda t: t(
                    "{change} can't be; a change is above {low} and at most {high}.",
                    change=value,
                    low=f"−{t.number(100)} %",
                    high=f"{t.number(10_000)} %",
                ),
                EXAMPLE,
            )
        return ScenarioChange(by=by)
    if key == "price":
        if (money := MONEY.fullmatch(value)) is None:
            raise InvalidQuestion(
                lambda t: t("“{text}” is no price; write 40000, 40k or -20%.", text=value[:30]), EXAMPLE
            )
        number = read_number(money["number"], dot_groups=decimal_comma)
        amount = check("btc_price_usd", number * times(money["times"]))
        return ScenarioChange(amount, currency=currency_of(money["before"] or money["after"]))
    if key == "power":
        return _power_price(value, decimal_comma)
    if key == "hashrate":
        found = HASHRATE.fullmatch(value)
        ehs = (
            read_hashrate(found, decimal_comma=decimal_comma) / 1e6
            if found
            else read_number(value, dot_groups=decimal_comma)
        )
        return ScenarioChange(check("network_hashrate_ehs", ehs))
    if key == "fees":
        return ScenarioChange(check("fees_btc_per_block", read_number(value, decimal_comma=decimal_comma)))
    suffix = value[-1].lower() if value[-1].lower() in "tp" else ""
    number = read_number(value[: len(value) - len(suffix)], decimal_comma=decimal_comma)
    return ScenarioChange(check("difficulty", number * times(suffix)))


def _power_price(value: str, decimal_comma: bool) -> ScenarioChange:
    if found := POWER_PRICE.fullmatch(value):
        money = read_power_price(found, decimal_comma=decimal_comma)
    elif found := CENTS.fullmatch(value):
        money = read_cents(found, Currency.USD, decimal_comma=decimal_comma)
    elif (found := MONEY.fullmatch(value)) and not found["times"]:
        number = read_number(found["number"], decimal_comma=decimal_comma)
        money = Money(number, currency_of(found["before"] or found["after"]))
    else:
        raise InvalidQuestion(
            lambda t: t("“{text}” is no power price; write 0.05, 5c or -20%.", text=value[:30]), EXAMPLE
        )
    return ScenarioChange(check("power_price_usd_per_kwh", money.amount), currency=money.currency)
