"""What if price, hashrate, power, fees or subsidy were different: now, at once, and after the retarget."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.mining.answer import Input, answer, network_of, retargeted
from bot.mining.bounds import check
from bot.mining.economics import Economics
from bot.mining.grammar import parse_command
from bot.mining.machines import Catalogue
from bot.mining.market import Market
from bot.mining.misunderstanding import Misunderstanding
from bot.mining.network import Network, clamp_retarget
from bot.mining.phrases import MONEY, PAIR, TYPED_MACHINE
from bot.mining.quantities import (
    CENTS,
    EFFICIENCY,
    HASHRATE,
    POWER_PRICE,
    WATTS,
    Currency,
    Money,
    currency_of,
    read_cents,
    read_hashrate,
    read_number,
    read_power_price,
    tidy,
    times,
)
from bot.mining.question import Question

EXAMPLE: Final = "/whatif s19 price=40000 hashrate=-10% power=0.05 fees=+50% halving=yes"
REFERENCE: Final = "Antminer S21"
"""The machine reckoned with when none is named."""

_KEYS: Final = ("price", "hashrate", "power", "fees", "difficulty", "halving")
_RELATIVE: Final = re.compile(r"[-+−]?\d+(?:[.,]\d+)?\s?%")


@dataclass(frozen=True, slots=True)
class Change:
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

    price: Change | None = None
    hashrate: Change | None = None
    power: Change | None = None
    fees: Change | None = None
    difficulty: Change | None = None
    halving: bool = False


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A supposition about one machine; `reference` is True when no machine was named."""

    question: Question
    scenario: Scenario
    reference: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """The economics now, at once under the supposition, and after the retarget that answers it.

    `retarget_change` is the change of difficulty assumed, a fraction: the supposed change of hashrate
    (clamped), or without one the running estimate, or None where neither is known.
    `income_change` is how much more or less a TH earns after the retarget than at once, a fraction.
    """

    whatif: WhatIf
    now: Economics
    then: Economics
    after_retarget: Economics | None
    retarget_change: float | None
    income_change: float | None
    inputs: tuple[Input, ...]
    at: datetime


def parse_whatif(text: str, catalogue: Catalogue, *, decimal_comma: bool = False) -> WhatIf:
    """The supposition in what follows `/whatif`. Raises Misunderstanding when there is none.

    `decimal_comma` says how the asker's language writes numbers.
    """
    found: dict[str, str] = {}

    def take(pair: re.Match[str]) -> str:
        key = pair["key"].lower().replace("_", "-").removeprefix("btc-")
        if key not in _KEYS or (key == "power" and WATTS.fullmatch(pair["value"])):
            return pair[0]
        if found.setdefault(key, pair["value"]) != pair["value"]:
            # Translators: {key} is what was typed before “=”, such as price.
            raise Misunderstanding(
                lambda t: t("I read two different values of {key}; give one.", key=key), EXAMPLE
            )
        return " "

    if len(text) > 400:
        raise Misunderstanding(
            lambda t: t(
                "{length} characters are too long for a question; ask in one line.",
                length=t.number(len(text)),
            ),
            EXAMPLE,
        )
    rest = PAIR.sub(take, tidy(text))
    if not found:
        raise Misunderstanding(
            # Translators: {keys} is a list of what can be typed, such as “price=, hashrate=”.
            lambda t: t(
                "What should be different? I know {keys}.", keys=", ".join(f"{key}=" for key in _KEYS)
            ),
            EXAMPLE,
        )
    naming = (HASHRATE, EFFICIENCY, WATTS, TYPED_MACHINE)
    named = bool(catalogue.mentions(rest)) or any(pattern.search(rest) for pattern in naming)
    asked = rest if named else f"{REFERENCE} {rest}"
    question = parse_command(asked, catalogue, decimal_comma=decimal_comma)
    return WhatIf(question, _scenario(found, decimal_comma), not named)


def what_if(whatif: WhatIf, market: Market) -> Outlook:
    """Reckon a supposition. Raises Misunderstanding naming what is missing or impossible."""
    scenario, question = whatif.scenario, whatif.question
    today = answer(question, market)
    network = _supposed(scenario, network_of(question, market, []))
    supposed = replace(
        question,
        btc_price=scenario.price.money(today.now.btc_price_usd) if scenario.price else question.btc_price,
        power_price=(
            scenario.power.money(today.now.power_price_usd_per_kwh)
            if scenario.power
            else question.power_price
        ),
        difficulty=network.difficulty,
        fees_btc_per_block=network.fees_btc_per_block,
        block_subsidy_btc=network.subsidy_btc,
    )
    then = replace(answer(supposed, market).now, as_of=today.now.as_of)
    change = today.retarget_change
    if scenario.hashrate is not None:
        ehs = network.hashrate_ths / 1e6
        change = clamp_retarget(scenario.hashrate.of(ehs) / ehs) - 1.0
    after = None
    if change is not None and not network.by_share:
        later = replace(supposed, difficulty=retargeted(network, change).difficulty)
        after = replace(answer(later, market).now, as_of=today.now.as_of)
    return Outlook(
        whatif=whatif,
        now=today.now,
        then=then,
        after_retarget=after,
        retarget_change=change if after is not None else None,
        income_change=_income_change(then, after),
        inputs=today.inputs,
        at=market.at,
    )


def _supposed(scenario: Scenario, network: Network) -> Network:
    """The network at once: hashrate that comes or goes changes nothing for the others before the retarget."""
    if scenario.fees is not None:
        network = replace(network, fees_btc_per_block=scenario.fees.of(network.fees_btc_per_block))
    if scenario.halving:
        network = replace(network, subsidy_btc=network.subsidy_btc / 2.0)
    if scenario.difficulty is not None and network.difficulty is not None:
        network = replace(network, difficulty=scenario.difficulty.of(network.difficulty))
    return network


def _income_change(then: Economics, after: Economics | None) -> float | None:
    if after is None or then.hashprice_usd_per_ph_day <= 0.0:
        return None
    return after.hashprice_usd_per_ph_day / then.hashprice_usd_per_ph_day - 1.0


def _scenario(found: dict[str, str], decimal_comma: bool) -> Scenario:
    changes: dict[str, Change] = {}
    halving = False
    for key, value in found.items():
        try:
            if key == "halving":
                halving = _yes(value)
            else:
                changes[key] = _change(key, value, decimal_comma)
        except Misunderstanding as failure:
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
        raise Misunderstanding(
            lambda t: t("write {yes} or {no}.", yes="halving=yes", no="halving=no"), EXAMPLE
        )
    return value.lower() in ("yes", "ja")


def _change(key: str, value: str, decimal_comma: bool) -> Change:
    if _RELATIVE.fullmatch(value):
        by = read_number(value.rstrip("% "), decimal_comma=decimal_comma) / 100.0
        if not -1.0 < by <= 100.0:
            raise Misunderstanding(
                # Translators: {change} is what was typed; {low} is “−100 %”, {high} “10,000 %”.
                lambda t: t(
                    "{change} can't be; a change is above {low} and at most {high}.",
                    change=value,
                    low=f"−{t.number(100)} %",
                    high=f"{t.number(10_000)} %",
                ),
                EXAMPLE,
            )
        return Change(by=by)
    if key == "price":
        if (money := MONEY.fullmatch(value)) is None:
            raise Misunderstanding(
                lambda t: t("“{text}” is no price; write 40000, 40k or -20%.", text=value[:30]), EXAMPLE
            )
        number = read_number(money["number"], dot_groups=decimal_comma)
        amount = check("btc_price_usd", number * times(money["times"]))
        return Change(amount, currency=currency_of(money["before"] or money["after"]))
    if key == "power":
        return _power_price(value, decimal_comma)
    if key == "hashrate":
        found = HASHRATE.fullmatch(value)
        ehs = (
            read_hashrate(found, decimal_comma=decimal_comma) / 1e6
            if found
            else read_number(value, dot_groups=decimal_comma)
        )
        return Change(check("network_hashrate_ehs", ehs))
    if key == "fees":
        return Change(check("fees_btc_per_block", read_number(value, decimal_comma=decimal_comma)))
    suffix = value[-1].lower() if value[-1].lower() in "tp" else ""
    number = read_number(value[: len(value) - len(suffix)], decimal_comma=decimal_comma)
    return Change(check("difficulty", number * times(suffix)))


def _power_price(value: str, decimal_comma: bool) -> Change:
    if found := POWER_PRICE.fullmatch(value):
        money = read_power_price(found, decimal_comma=decimal_comma)
    elif found := CENTS.fullmatch(value):
        money = read_cents(found, Currency.USD, decimal_comma=decimal_comma)
    elif (found := MONEY.fullmatch(value)) and not found["times"]:
        number = read_number(found["number"], decimal_comma=decimal_comma)
        money = Money(number, currency_of(found["before"] or found["after"]))
    else:
        raise Misunderstanding(
            lambda t: t("“{text}” is no power price; write 0.05, 5c or -20%.", text=value[:30]), EXAMPLE
        )
    return Change(check("power_price_usd_per_kwh", money.amount), currency=money.currency)
