"""What if price, hashrate, power, fees or subsidy were different: now, at once, and after the retarget."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.mining.answer import Input, answer, network_of, retargeted
from bot.mining.economics import Economics
from bot.mining.errors import InvalidQuestion
from bot.mining.machines import Catalogue
from bot.mining.market import Market
from bot.mining.network import Network, clamp_retarget
from bot.mining.parsing.patterns import PAIR, TRIGGER, TYPED_MACHINE
from bot.mining.parsing.question_parser import LONGEST, parse_command, parse_message, parse_rest
from bot.mining.parsing.scenario_parser import ParsedScenario, parse_scenario_text
from bot.mining.parsing.units import EFFICIENCY, HASHRATE, WATTS, tidy
from bot.mining.question import Question
from bot.mining.scenario import EXAMPLE, KEYS, Scenario, read_scenario

REFERENCE: Final = "Antminer S21"
"""The machine reckoned with when none is named."""


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A supposition about one machine; `reference` is True when no machine was named."""

    question: Question
    scenario: Scenario
    reference: bool

    @property
    def bare(self) -> bool:
        """Whether nothing was said but the supposition: neither a machine nor anything of its site."""
        return self.reference and self.question == Question(self.question.rig)


@dataclass(frozen=True, slots=True)
class WhatIfResult:
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
    """The supposition in what follows `/whatif`. Raises InvalidQuestion when there is none.

    `decimal_comma` says how the asker's language writes numbers.
    """
    found: dict[str, str] = {}

    def take(pair: re.Match[str]) -> str:
        key = pair["key"].lower().replace("_", "-").removeprefix("btc-")
        if key not in KEYS or (key == "power" and WATTS.fullmatch(pair["value"])):
            return pair[0]
        if found.setdefault(key, pair["value"]) != pair["value"]:
            # Translators: {key} is what was typed before “=”, such as price.
            raise InvalidQuestion(
                lambda t: t("I read two different values of {key}; give one.", key=key), EXAMPLE
            )
        return " "

    if len(text) > LONGEST:
        raise InvalidQuestion(
            lambda t: t(
                "{length} characters are too long for a question; ask in one line.",
                length=t.number(len(text)),
            ),
            EXAMPLE,
        )
    rest = PAIR.sub(take, tidy(text))
    if not found:
        raise _nothing_supposed()
    named = _names_a_machine(rest, catalogue)
    asked = rest if named else f"{REFERENCE} {rest}"
    question = parse_command(asked, catalogue, decimal_comma=decimal_comma)
    return WhatIf(question, read_scenario(found, decimal_comma=decimal_comma), not named)


def parse_supposition(text: str, catalogue: Catalogue, *, decimal_comma: bool = False) -> WhatIf | None:
    """The supposition in a message in plain words, or None when it holds none.

    “If bitcoin falls to 20,000” in a question about a machine is no supposition of its own: it says at which
    price to reckon. Raises InvalidQuestion when it can't be reckoned as asked.
    """
    told = _supposed(text)
    return None if told is None else _of_words(told, catalogue, decimal_comma)


def _supposed(text: str) -> ParsedScenario | None:
    return parse_scenario_text(tidy(text)) if len(text) <= LONGEST else None


def _of_words(told: ParsedScenario, catalogue: Catalogue, decimal_comma: bool) -> WhatIf | None:
    if not told.found:
        return None
    comma = decimal_comma or told.german
    named = _names_a_machine(told.rest, catalogue)
    asks = named or TRIGGER.search(told.rest) is not None
    if not told.what_if and not (told.beyond_price and asks):
        return None
    asked = told.rest if named else f"{REFERENCE} {told.rest}"
    question = parse_rest(asked, catalogue, decimal_comma=comma, german=told.german)
    return WhatIf(question, read_scenario(told.found, decimal_comma=comma), not named)


def understand(text: str, catalogue: Catalogue, *, decimal_comma: bool = False) -> WhatIf | Question | None:
    """What a message in plain words asks; None when it asks nothing that can be reckoned.

    Raises InvalidQuestion when it asks, but not so that it can be answered.
    """
    told = _supposed(text)
    if told is not None and (supposed := _of_words(told, catalogue, decimal_comma)) is not None:
        return supposed
    question = parse_message(text, catalogue, decimal_comma=decimal_comma)
    if question is None and told is not None and told.what_if and told.about:
        raise _nothing_supposed()
    return question


def _nothing_supposed() -> InvalidQuestion:
    # Translators: {keys} is a list of what can be typed, such as “price=, hashrate=”.
    return InvalidQuestion(
        lambda t: t("What should be different? I know {keys}.", keys=", ".join(f"{key}=" for key in KEYS)),
        EXAMPLE,
    )


def _names_a_machine(text: str, catalogue: Catalogue) -> bool:
    patterns = (HASHRATE, EFFICIENCY, WATTS, TYPED_MACHINE)
    return bool(catalogue.mentions(text)) or any(pattern.search(text) for pattern in patterns)


def what_if(whatif: WhatIf, market: Market) -> WhatIfResult:
    """Reckon a supposition. Raises InvalidQuestion naming what is missing or impossible."""
    scenario, question = whatif.scenario, whatif.question
    today = answer(question, market)
    network = at_once(scenario, network_of(question, market, []))
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
    change = retarget_after(scenario, network, today.retarget_change)
    after = None
    if change is not None and not network.by_share:
        later = replace(supposed, difficulty=retargeted(network, change).difficulty)
        after = replace(answer(later, market).now, as_of=today.now.as_of)
    return WhatIfResult(
        whatif=whatif,
        now=today.now,
        then=then,
        after_retarget=after,
        retarget_change=change if after is not None else None,
        income_change=income_change(then, after),
        inputs=today.inputs,
        at=market.at,
    )


def retarget_after(scenario: Scenario, network: Network, expected: float | None) -> float | None:
    """The change of difficulty that follows, a fraction: the supposed hashrate's, clamped, or `expected`."""
    if scenario.hashrate is None:
        return expected
    ehs = network.hashrate_ths / 1e6
    return clamp_retarget(scenario.hashrate.of(ehs) / ehs) - 1.0


def at_once(scenario: Scenario, network: Network) -> Network:
    """The network at once: hashrate that comes or goes changes nothing for the others before the retarget."""
    if scenario.fees is not None:
        network = replace(network, fees_btc_per_block=scenario.fees.of(network.fees_btc_per_block))
    if scenario.halving:
        network = replace(network, subsidy_btc=network.subsidy_btc / 2.0)
    if scenario.difficulty is not None and network.difficulty is not None:
        network = replace(network, difficulty=scenario.difficulty.of(network.difficulty))
    return network


def income_change(then: Economics, after: Economics | None) -> float | None:
    """How much more or less a TH earns after the retarget than at once, a fraction."""
    if after is None or then.hashprice_usd_per_ph_day <= 0.0:
        return None
    return after.hashprice_usd_per_ph_day / then.hashprice_usd_per_ph_day - 1.0
