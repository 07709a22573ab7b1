"""The answer to a breakeven question: the economics now and after the next retarget, and their inputs."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.i18n.message import N_
from bot.mining.economics import Economics, MiningSite, economics
from bot.mining.errors import InvalidQuestion
from bot.mining.market import Fact, Market
from bot.mining.network import Network, clamp_retarget
from bot.mining.parsing.units import Currency, Money
from bot.mining.question import Question

OLD_AFTER: Final = {
    N_("BTC price"): timedelta(hours=1),
    N_("difficulty"): timedelta(days=2),
    N_("fees per block"): timedelta(days=3),
    "EUR/USD": timedelta(days=5),
}
"""How old a reading may be before an answer that rests on it must say so."""


@dataclass(frozen=True, slots=True)
class Input:
    """A reading the answer rests on: what it is (a key of OLD_AFTER), and the fact."""

    label: str
    fact: Fact

    def old(self, at: datetime) -> bool:
        """True when the reading is too old at `at` to be passed over in silence."""
        return at - self.fact.as_of > OLD_AFTER[self.label]


@dataclass(frozen=True, slots=True)
class Answer:
    """`now`, and the same `after_retarget` when an estimate worth naming is held (income by difficulty only).

    `retarget_change` is that estimate as a fraction, `retarget_at` when it falls due. `inputs` are the
    readings used; `assumed_power_price` is True when none was asked for. `now` is in US dollars throughout.
    """

    question: Question
    now: Economics
    after_retarget: Economics | None
    retarget_change: float | None
    retarget_at: datetime | None
    inputs: tuple[Input, ...]
    assumed_power_price: bool
    at: datetime


def answer(question: Question, market: Market) -> Answer:
    """Answer a question from what is known. Raises InvalidQuestion naming what is missing or impossible."""
    inputs: list[Input] = []

    def usd(money: Money) -> float:
        return in_usd(money, market, inputs)

    site = MiningSite(
        power_price_usd_per_kwh=(
            market.power_price_usd_per_kwh if question.power_price is None else usd(question.power_price)
        ),
        pool_fee=question.pool_fee,
        uptime=question.uptime,
        overhead=question.overhead,
        fixed_cost_usd_per_day=0.0 if question.fixed_cost is None else usd(question.fixed_cost),
    )
    rig = question.rig
    if question.machine_price is not None:
        rig = replace(rig, price_usd=usd(question.machine_price))
    if question.btc_price is not None:
        btc_price_usd = usd(question.btc_price)
    else:
        btc_price_usd = _known(market.btc_price_usd, "BTC price", inputs, "price=45000")
    network = network_of(question, market, inputs)
    as_of = min((used.fact.as_of for used in inputs), default=None)
    change = market.expected_retarget if question.difficulty is None and not network.by_share else None
    return Answer(
        question=question,
        now=economics(rig, site, network, btc_price_usd, as_of),
        after_retarget=None
        if change is None
        else economics(rig, site, retargeted(network, change), btc_price_usd, as_of),
        retarget_change=change,
        retarget_at=None if change is None else market.retarget_at,
        inputs=tuple(inputs),
        assumed_power_price=question.power_price is None,
        at=market.at,
    )


def in_usd(money: Money, market: Market, inputs: list[Input]) -> float:
    """An amount in US dollars; a rate used is added to `inputs`. Raises InvalidQuestion without one."""
    if money.currency is Currency.USD:
        return money.amount
    if market.eur_usd is None:
        raise InvalidQuestion(
            lambda t: t("I have no euro rate yet; give prices in US dollars."), "/breakeven s19 0.07"
        )
    note = Input("EUR/USD", market.eur_usd)
    if note not in inputs:
        inputs.append(note)
    return money.amount * market.eur_usd.value


def network_of(question: Question, market: Market, inputs: list[Input]) -> Network:
    """The network a question is reckoned in; the readings used are added to `inputs`."""
    difficulty = question.difficulty
    if difficulty is None and question.network_hashrate_ehs is None:
        difficulty = _known(market.difficulty, "difficulty", inputs, "difficulty=120e12")
    fees = question.fees_btc_per_block
    if fees is None and question.network_btc_per_day is None and market.fees_btc_per_block is not None:
        fees = market.fees_btc_per_block.value
        inputs.append(Input("fees per block", market.fees_btc_per_block))
    return Network(
        difficulty=difficulty,
        subsidy_btc=market.subsidy_btc if question.block_subsidy_btc is None else question.block_subsidy_btc,
        fees_btc_per_block=fees or 0.0,
        network_hashrate_ehs=question.network_hashrate_ehs,
        network_btc_per_day=question.network_btc_per_day,
    )


def retargeted(network: Network, change: float) -> Network:
    """The same network after a retarget by `change`, a fraction; the clamp of a quarter to four holds."""
    if network.difficulty is None:
        return network
    return replace(network, difficulty=max(network.difficulty * clamp_retarget(1.0 + change), 1.0))


def _known(fact: Fact | None, label: str, inputs: list[Input], how: str) -> float:
    if fact is None:
        named = {"BTC price": N_("bitcoin price")}.get(label, label)
        raise InvalidQuestion(
            # Translators: {reading} is “bitcoin price” or “difficulty”.
            lambda t: t("I have no {reading} yet; wait for the next poll, or give one.", reading=t(named)),
            f"/breakeven s19 0.07 {how}",
        )
    inputs.append(Input(label, fact))
    return fact.value
