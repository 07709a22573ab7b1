"""The answer to a breakeven question: the economics now and after the next retarget, and their inputs."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.i18n.message import N_
from bot.mining.economics import Economics, MiningSite, economics
from bot.mining.errors import InvalidQuestion
from bot.mining.market import Fact, Market
from bot.mining.network import Network, clamp_retarget
from bot.mining.parsing.units import Currency, Money
from bot.mining.power_market import mean_eur_per_kwh
from bot.mining.question import Focus, Question

OLD_AFTER: Final = {
    N_("BTC price"): timedelta(hours=1),
    N_("difficulty"): timedelta(days=2),
    N_("fees per block"): timedelta(days=3),
}
"""How old a reading may be before an answer that rests on it must say so."""
_RATE_OLD_AFTER: Final = timedelta(days=5)
_BELIEVABLE_FACTOR: Final = 10.0
"""A bitcoin price further than this from the newest is asked about unless it is supposed."""


@dataclass(frozen=True, slots=True)
class Input:
    """A reading the answer rests on: what it is (a key of OLD_AFTER, or a rate's currencies), and its
    fact."""

    label: str
    fact: Fact

    @property
    def is_rate(self) -> bool:
        """True for the rate of a currency: `GBP/USD`."""
        return self.label not in OLD_AFTER

    def old(self, at: datetime) -> bool:
        """True when the reading is too old at `at` to be passed over in silence."""
        return at - self.fact.as_of > OLD_AFTER.get(self.label, _RATE_OLD_AFTER)


@dataclass(frozen=True, slots=True)
class Display:
    """The currency amounts are shown in: its code, and US dollars for one unit of it."""

    currency: Currency = Currency.USD
    usd: float = 1.0

    @property
    def of_btc_price(self) -> "Display":
        """What to show bitcoin's own price in: in bitcoin it would always be one."""
        return USD if self.currency is Currency.BTC else self


USD: Final = Display()


@dataclass(frozen=True, slots=True)
class Answer:
    """`now`, and the same `after_retarget` when an estimate worth naming is held (income by difficulty only).

    `retarget_change` is that estimate as a fraction, `retarget_at` when it falls due. `inputs` are the
    readings used; `assumed_power_price` is True when none was asked for. `now` is in US dollars throughout
    and of one machine; `display` is the currency to show it in. `base_power_price_usd` is the tariff before
    peak hours, surcharge, tax and heat. `without_dear_hours` is `now` when it runs only in the hours
    that cost less than `dearest_usd_per_kwh`, where that is asked.
    """

    question: Question
    now: Economics
    after_retarget: Economics | None
    retarget_change: float | None
    retarget_at: datetime | None
    inputs: tuple[Input, ...]
    assumed_power_price: bool
    at: datetime
    display: Display = USD
    base_power_price_usd: float = 0.0
    without_dear_hours: Economics | None = None
    dearest_usd_per_kwh: float = 0.0


def answer(
    question: Question, market: Market, currency: Currency | None = None, *, supposed: bool = False
) -> Answer:
    """Answer a question from what is known. Raises InvalidQuestion naming what is missing or impossible.

    `currency` is the chat's, to answer in; `supposed` is True for a what-if, where any bitcoin price goes.
    """
    inputs: list[Input] = []

    def usd(money: Money) -> float:
        return in_usd(money, market, inputs)

    base_price = market.power_price_usd_per_kwh
    if question.power_price is not None:
        base_price = usd(question.power_price)
    elif question.zone is not None:
        base_price = usd(Money(mean_eur_per_kwh(question.zone, market), Currency.EUR))
    power_price = _effective_price(question, base_price, usd)
    site = MiningSite(
        power_price_usd_per_kwh=power_price,
        pool_fee=question.pool_fee,
        uptime=question.uptime,
        overhead=question.overhead,
        fixed_cost_usd_per_day=(0.0 if question.fixed_cost is None else usd(question.fixed_cost))
        + (0.0 if question.shared_cost is None else usd(question.shared_cost) / question.count),
    )
    _check_power_price(question, base_price)
    rig = question.rig
    if question.machine_price is not None:
        rig = replace(rig, price_usd=usd(question.machine_price))
    if question.hashprice is not None:
        network = network_of(question, market, inputs)
        if network.btc_per_day <= 0.0:
            raise InvalidQuestion(
                lambda t: t("Where a block pays nothing there is no hashprice."),
                "/breakeven s19 7c hashprice=45$",
            )
        btc_price_usd = usd(question.hashprice) / (1000.0 * network.btc_per_th_day)
    else:
        btc_price_usd = _btc_price_usd(question, market, inputs, supposed=supposed)
        network = network_of(question, market, inputs)
    display = display_in(question.currency or currency, market, inputs)
    as_of = min((used.fact.as_of for used in inputs), default=None)
    is_of_now = question.difficulty is None and question.hashprice is None
    shorter, dearest = _without_dear_hours(question, base_price, site, usd)
    change = market.expected_retarget if is_of_now and not network.by_share else None
    return Answer(
        question=question,
        now=economics(rig, site, network, btc_price_usd, as_of),
        after_retarget=None
        if change is None
        else economics(rig, site, retargeted(network, change), btc_price_usd, as_of),
        retarget_change=change,
        retarget_at=None if change is None else market.retarget_at,
        inputs=tuple(inputs),
        assumed_power_price=question.power_price is None and question.zone is None,
        at=market.at,
        display=display,
        base_power_price_usd=base_price,
        without_dear_hours=None
        if shorter is None
        else economics(rig, shorter, network, btc_price_usd, as_of),
        dearest_usd_per_kwh=dearest,
    )


def _btc_price_usd(question: Question, market: Market, inputs: list[Input], *, supposed: bool) -> float:
    """The bitcoin price asked with, else the newest. Raises InvalidQuestion without one."""
    if question.btc_price is None:
        return _known(market.btc_price_usd, "BTC price", inputs, "price=45000")
    price = in_usd(question.btc_price, market, inputs)
    if not supposed:
        _check_btc_price(price, market)
    return price


def _effective_price(question: Question, base_usd: float, usd: Callable[[Money], float]) -> float:
    """The mean price of a kWh: peak hours weighed in, plus surcharge and tax, less what the heat saves."""
    price = (1.0 - sum(peak.share for peak in question.peaks)) * base_usd
    price += sum(peak.share * usd(peak.price) for peak in question.peaks)
    return _with_additions(question, price, usd)


def _with_additions(question: Question, price: float, usd: Callable[[Money], float]) -> float:
    """A price of a kWh with what is paid beside it."""
    if question.surcharge is not None:
        price += usd(question.surcharge)
    price *= 1.0 + question.power_tax
    if question.heat_credit is not None:
        price -= usd(question.heat_credit)
    return price


def _without_dear_hours(
    question: Question, base_usd: float, site: MiningSite, usd: Callable[[Money], float]
) -> tuple[MiningSite | None, float]:
    """The site that stops in the dearest hours of its tariff, where that is asked, and their price."""
    if question.focus is not Focus.HOURS:
        return None, 0.0
    rest = 1.0 - sum(peak.share for peak in question.peaks)
    spans = [(usd(peak.price), peak.share) for peak in question.peaks] + [(base_usd, rest)] * (rest > 0.0)
    dearest = max(price for price, _ in spans)
    cheaper = [(price, share) for price, share in spans if price < dearest]
    share = sum(share for _, share in cheaper)
    if not cheaper or share <= 0.0:
        return None, dearest
    mean = sum(price * share for price, share in cheaper) / share
    price = _with_additions(question, mean, usd)
    return replace(site, power_price_usd_per_kwh=price, uptime=site.uptime * share), dearest


def _check_power_price(question: Question, usd_per_kwh: float) -> None:
    """Raise InvalidQuestion for a tariff that nobody has, in whatever currency it was given."""
    if question.power_price is None or usd_per_kwh <= 0.0:
        return
    money = question.power_price
    if usd_per_kwh > 1.5 or usd_per_kwh < 0.001:
        raise InvalidQuestion(
            # Translators: {price} is a power price as typed, {usd} the same in US dollars.
            lambda t: t(
                "{price} per kWh would be {usd} USD; nobody pays that. Check the unit.",
                price=f"{t.number(money.amount, 6)} {money.currency}",
                usd=t.number(usd_per_kwh, 5),
            ),
            "/breakeven s19 7c",
        )


def _check_btc_price(usd: float, market: Market) -> None:
    newest = market.btc_price_usd
    if newest is None or newest.value / _BELIEVABLE_FACTOR <= usd <= newest.value * _BELIEVABLE_FACTOR:
        return
    raise InvalidQuestion(
        # Translators: {price} is the bitcoin price asked with, {newest} the one now; both in USD.
        lambda t: t(
            "Bitcoin at {price} USD? It is {newest} USD now. To suppose that, ask what-if.",
            price=t.number(usd, 2),
            newest=t.number(newest.value),
        ),
        f"/whatif s19 price={usd:.0f}",
    )


def rate_usd(currency: Currency, market: Market, inputs: list[Input]) -> float:
    """US dollars for one unit of a currency; the rate used is added to `inputs`. Raises InvalidQuestion."""
    if currency is Currency.USD:
        return 1.0
    rate = market.rate(currency)
    if rate is None:
        raise InvalidQuestion(
            # Translators: {currency} is a currency's code such as GBP.
            lambda t: t(
                "I have no rate of {currency} yet; give prices in US dollars.", currency=currency.value
            ),
            "/breakeven s19 $0.07",
        )
    note = Input("BTC price" if currency is Currency.BTC else f"{currency}/USD", rate)
    if note not in inputs:
        inputs.append(note)
    return rate.value


def display_in(currency: Currency | None, market: Market, inputs: list[Input]) -> Display:
    """How to show amounts in a currency, None being US dollars; a rate used is added to `inputs`.

    Raises InvalidQuestion without a rate.
    """
    if currency is None or currency is Currency.USD:
        return USD
    return Display(currency, rate_usd(currency, market, inputs))


def in_usd(money: Money, market: Market, inputs: list[Input]) -> float:
    """An amount in US dollars; a rate used is added to `inputs`. Raises InvalidQuestion without one."""
    return money.amount * rate_usd(money.currency, market, inputs)


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
