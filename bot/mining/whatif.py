"""What if price, hashrate, power, fees or subsidy were different: now, at once, and after the retarget."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.mining.answer import USD, Answer, Display, Input, answer, network_of, retargeted
from bot.mining.economics import Economics
from bot.mining.errors import InvalidQuestion
from bot.mining.market import Market
from bot.mining.network import Network, clamp_retarget, halvings_until, next_halving
from bot.mining.parsing.units import Currency, Money
from bot.mining.question import MachineComparison, Question
from bot.mining.scenario import EXAMPLE, Scenario


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A supposition about one machine; `reference` is True when no machine was named."""

    question: Question
    scenario: Scenario
    reference: bool

    @property
    def is_bare_scenario(self) -> bool:
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
    display: Display = USD


def what_if(whatif: WhatIf, market: Market, currency: Currency | None = None) -> WhatIfResult:
    """Reckon a supposition, to show in `currency`. Raises InvalidQuestion for what is missing or
    impossible."""
    scenario, question = with_halvings(whatif.scenario, market.at.date()), whatif.question
    today = answer(question, market, currency, supposed=True)
    network = at_once(scenario, network_of(question, market, []))
    given_price = question.btc_price if question.hashprice is None else Money(today.now.btc_price_usd)
    supposed = replace(
        question,
        btc_price=scenario.price.money(today.now.btc_price_usd) if scenario.price else given_price,
        hashprice=None,
        power_price=(
            scenario.power.money(today.base_power_price_usd) if scenario.power else question.power_price
        ),
        difficulty=network.difficulty,
        fees_btc_per_block=network.fees_btc_per_block,
        block_subsidy_btc=network.subsidy_btc,
    )
    then = replace(answer(supposed, market, supposed=True).now, as_of=today.now.as_of)
    change = retarget_after(scenario, network, today.retarget_change)
    after = None
    if change is not None and not network.by_share:
        later = replace(supposed, difficulty=retargeted(network, change).difficulty)
        after = replace(answer(later, market, supposed=True).now, as_of=today.now.as_of)
    return WhatIfResult(
        whatif=replace(whatif, scenario=scenario),
        now=today.now,
        then=then,
        after_retarget=after,
        retarget_change=change if after is not None else None,
        income_change=income_change(then, after),
        inputs=today.inputs,
        at=market.at,
        display=today.display,
    )


def compared(
    comparison: MachineComparison, market: Market, currency: Currency | None = None
) -> tuple[Answer, ...]:
    """The answers of a comparison, as it is now or as it is supposed, after the retarget that follows.

    Raises InvalidQuestion for what is missing or impossible.
    """
    scenario = comparison.scenario
    if not scenario.supposes:
        return tuple(answer(question, market, currency) for question in comparison.questions)
    scenario = with_halvings(scenario, market.at.date())
    answers = []
    for question in comparison.questions:
        today = answer(question, market, currency, supposed=True)
        network = at_once(scenario, network_of(question, market, []))
        change = retarget_after(scenario, network, None) or 0.0
        moves = scenario.difficulty is not None or scenario.hashrate is not None
        supposed = replace(
            question,
            btc_price=scenario.price.money(today.now.btc_price_usd) if scenario.price else question.btc_price,
            power_price=(
                scenario.power.money(today.base_power_price_usd) if scenario.power else question.power_price
            ),
            difficulty=retargeted(network, change).difficulty if moves else question.difficulty,
            fees_btc_per_block=network.fees_btc_per_block if scenario.fees else question.fees_btc_per_block,
            block_subsidy_btc=network.subsidy_btc if scenario.halving else question.block_subsidy_btc,
        )
        then = answer(supposed, market, currency, supposed=True)
        answers.append(replace(then, inputs=tuple(dict.fromkeys((*today.inputs, *then.inputs)))))
    return tuple(answers)


def with_halvings(scenario: Scenario, day: date) -> Scenario:
    """A supposition with how many halvings there are up to the year it names. Raises InvalidQuestion."""
    if not scenario.halving or scenario.halving_year is None:
        return scenario
    count = halvings_until(day, scenario.halving_year)
    if count == 0:
        coming = next_halving(day)
        raise InvalidQuestion(
            # Translators: {year} is a year, {first} and {second} dates.
            lambda t: t(
                "No halving to come falls into {year}; the next are about {first} and {second}.",
                year=str(scenario.halving_year),
                first=t.calendar_day(coming),
                second=t.calendar_day(next_halving(coming)),
            ),
            EXAMPLE,
        )
    return replace(scenario, halvings=count, halving_year=None if count == 1 else scenario.halving_year)


def retarget_after(scenario: Scenario, network: Network, expected: float | None) -> float | None:
    """The change of difficulty that follows, a fraction: the supposed hashrate's, clamped, or `expected`.

    None for the halving and for another difficulty: today's estimate says nothing of that time.
    """
    if scenario.hashrate is None:
        return None if scenario.halving or scenario.difficulty is not None else expected
    ehs = network.hashrate_ths / 1e6
    return clamp_retarget(scenario.hashrate.of(ehs) / ehs) - 1.0


def at_once(scenario: Scenario, network: Network) -> Network:
    """The network at once: hashrate that comes or goes changes nothing for the others before the retarget."""
    if scenario.fees is not None:
        network = replace(network, fees_btc_per_block=scenario.fees.of(network.fees_btc_per_block))
    if scenario.halving:
        network = replace(network, subsidy_btc=network.subsidy_btc / 2.0**scenario.halvings)
    if scenario.difficulty is not None and network.difficulty is not None:
        network = replace(network, difficulty=scenario.difficulty.of(network.difficulty))
    return network


def income_change(then: Economics, after: Economics | None) -> float | None:
    """How much more or less a TH earns after the retarget than at once, a fraction."""
    if after is None or then.hashprice_usd_per_ph_day <= 0.0:
        return None
    return after.hashprice_usd_per_ph_day / then.hashprice_usd_per_ph_day - 1.0
