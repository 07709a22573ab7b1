"""The one reader of questions: every item of a text is used for the answer, or asked about."""

from itertools import pairwise
from typing import Final

from bot.i18n.message import N_
from bot.mining.errors import Choice, InvalidQuestion, verbatim
from bot.mining.machine_names import short_name
from bot.mining.machines import Catalogue
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.block_odds import read_block_odds
from bot.mining.parsing.circuits import without_circuit
from bot.mining.parsing.clarifications import (
    hours_of_peak,
    label,
    open_word,
    own_rate,
)
from bot.mining.parsing.heat_savings import read_heat_saving
from bot.mining.parsing.horizon import read_horizon
from bot.mining.parsing.hours_choice import asks_for_hours
from bot.mining.parsing.items import Item, ItemKind, scan
from bot.mining.parsing.keyed_values import read_pairs
from bot.mining.parsing.keywords import read_keywords
from bot.mining.parsing.leftovers import check_leftovers, words_left_out
from bot.mining.parsing.lexicon import DECIMAL_COMMA
from bot.mining.parsing.machine_mentions import read_machines
from bot.mining.parsing.machine_worth import refuse_worth
from bot.mining.parsing.makers import read_makers
from bot.mining.parsing.named_figures import read_moved_hashprice
from bot.mining.parsing.own_machine_parser import with_own_machines
from bot.mining.parsing.periods import period_within
from bot.mining.parsing.plain_figures import read_price_per_th, read_units
from bot.mining.parsing.power_figures import (
    read_generation_cost,
    read_paid_to_take,
    read_subtracted,
    read_unit_asked,
    read_units_ahead,
)
from bot.mining.parsing.profit_shares import refuse_profit_share
from bot.mining.parsing.question_draft import PERIODS_ASKED, QuestionDraft
from bot.mining.parsing.rigs import rig_of
from bot.mining.parsing.roles import word_set
from bot.mining.parsing.running_costs import check_shared, read_instalments
from bot.mining.parsing.running_hours import read_daily_hours
from bot.mining.parsing.scenario_moves import (
    mark_additions,
    mark_downtime,
    mark_joined_suppositions,
    mark_recoveries,
)
from bot.mining.parsing.site_power import count_fed, refuse_site_alone
from bot.mining.parsing.tariff_hours import other_price, read_hours
from bot.mining.parsing.units import Currency, Money
from bot.mining.parsing.weekdays import read_weekdays
from bot.mining.parsing.zone_tariff import without_zone
from bot.mining.question import Focus, PeakPrice, Question, Scheme

REFERENCE: Final = "Antminer S21"
"""The machine reckoned with when a supposition names none."""


_MAY_BE_MISSING: Final = frozenset(
    {"pool_fee", "power", "hosting", "debt", "fixed", "surcharge", "heat", "fees", "solo"}
)
"""What “no” may stand before; a price without tax is asked about, since the tax is then to be paid too."""


def parse_command(
    text: str, catalogue: Catalogue, *, language: str = "en", currency: Currency | None = None
) -> Question:
    """The question in what follows `/breakeven`. Raises InvalidQuestion when it is none.

    `language` and `currency` are the chat's.
    """
    draft = read(text, catalogue, Asker(language, currency), strict=True)
    if len(draft.machines) > 1:
        raise two_machines(draft)
    question = question_of(draft)
    check_leftovers(draft)
    return question


def read(text: str, catalogue: Catalogue, asker: Asker, *, strict: bool) -> QuestionDraft:
    """Read a text. Raises InvalidQuestion for what contradicts itself or can't be."""
    draft = draft_of(text, catalogue, asker, strict=strict)
    read_machines(draft)
    read_rest(draft)
    return draft


def draft_of(text: str, catalogue: Catalogue, asker: Asker, *, strict: bool) -> QuestionDraft:
    """Cut what somebody typed into items, with their own machines, decimals and power market."""
    named, zone = without_zone(with_own_machines(text, asker.machines))
    named, circuit = without_circuit(named)
    scanned = scan(named, catalogue, asker.language, decimal_comma=asker.language in DECIMAL_COMMA)
    draft = QuestionDraft(scanned, catalogue, asker, strict=strict)
    draft.zone = zone
    if circuit is not None:
        draft.circuit, draft.site_power_w = circuit, circuit.continuous_w
    draft.makers = read_makers(draft.items)
    read_units_ahead(draft)
    read_subtracted(draft)
    read_paid_to_take(draft)
    read_unit_asked(draft)
    read_generation_cost(draft)
    read_moved_hashprice(draft)
    read_instalments(draft)
    mark_recoveries(draft.items)
    mark_additions(draft.items)
    mark_joined_suppositions(draft.items)
    mark_downtime(draft.items)
    return draft


def read_rest(draft: QuestionDraft) -> None:
    """Take everything but the machines."""
    refuse_worth(draft)
    _refuse_own_rate(draft)
    read_block_odds(draft)
    read_hours(draft)
    read_weekdays(draft)
    read_daily_hours(draft)
    read_horizon(draft)
    _read_nothing_more(draft)
    read_pairs(draft)
    _read_one_bitcoin(draft)
    refuse_profit_share(draft)
    read_heat_saving(draft)
    read_price_per_th(draft)
    read_keywords(draft)
    read_units(draft)
    _read_free_power(draft)
    _read_included(draft)
    _read_answer_options(draft)
    named = [item for item in draft.items if item.concept in ("difficulty", "network", "hashrate")]
    if named and draft.focus is Focus.DIFFICULTY:
        for item in named:
            item.used = True


def _refuse_own_rate(draft: QuestionDraft) -> None:
    """Raise InvalidQuestion for “汇率7.2”, “exchange rate 1.08”."""
    for index, item in enumerate(draft.items):
        place = draft.neighbour(index, 1) if item.concept == "exchange_rate" else None
        if place is not None and draft.items[place].quantity is not None:
            raise own_rate(draft.scanned, draft.items[index : place + 1])


def _read_free_power(draft: QuestionDraft) -> None:
    """“free electricity”, “no pool fee”."""
    for index, item in enumerate(draft.items):
        if item.kind is not ItemKind.WORD or item.used:
            continue
        if item.concept == "negation":
            following = next((each for each in draft.items[index + 1 :] if each.concept != "filler"), None)
            if following is not None and (following.quantity is not None or following.mention is not None):
                raise open_word(draft.scanned, [item], offer=draft.names_machine)
            item.used = True  # “not profitable any more?” asks the same
        if item.concept == "free":
            item.used = True
            draft.set_money("power_price", Money(0.0))
        if item.concept == "no":
            keyword = draft.item_beside(index, 1)
            said_twice = keyword is not None and (
                keyword.concept in (*draft.numbers, *draft.money)
                or any(other is not keyword and other.concept == keyword.concept for other in draft.items)
            )
            if keyword is None or keyword.used or keyword.concept not in _MAY_BE_MISSING or said_twice:
                raise open_word(draft.scanned, [item], offer=draft.names_machine)
            item.used = keyword.used = True
            if keyword.concept == "power":
                draft.set_money("power_price", Money(0.0))


_MAY_BE_INCLUDED: Final = frozenset({"hosting", "hosted", "fixed", "running_cost", "pool_fee", "overhead"})


def _read_nothing_more(draft: QuestionDraft) -> None:
    """“0.055 hosting included”: the price has it already, so nothing more is paid for it."""
    for index, item in enumerate(draft.items):
        if item.concept != "included" or item.used:
            continue
        for step in (-1, 1):
            named = draft.item_beside(index, step)
            if named is not None and not named.used and named.concept in _MAY_BE_INCLUDED:
                amount = draft.item_beside(draft.items.index(named), step) if step > 0 else None
                if amount is None or amount.quantity is None:
                    item.used = named.used = True
                    break


def _read_included(draft: QuestionDraft) -> None:
    """“hosting 75 USD a month, power included”: nothing more is paid for it, nor for taxes in a tariff."""
    meanings = {"tax", "surcharge"} if draft.names_power_price else {"power"}
    if not draft.names_running_cost and not draft.names_power_price:
        return
    for index, item in enumerate(draft.items):
        if item.concept == "all_included" and draft.names_running_cost and not draft.names_power_price:
            item.used = True
            draft.set_money("power_price", Money(0.0))
        if item.concept != "included" or item.used:
            continue
        before = draft.item_beside(index, -1)
        behind = draft.item_beside(index, 1)
        for named in (before, behind):
            if named is None or named.used or named.concept not in meanings:
                continue
            item.used = named.used = True
            if named.concept == "power":
                draft.set_money("power_price", Money(0.0))
                return


def _read_one_bitcoin(draft: QuestionDraft) -> None:
    """“what does it cost to mine 1 bitcoin”, “what does one mined bitcoin cost”."""
    telling = [item for item in draft.items if item.concept != "filler"]
    for item, following in pairwise(telling):
        is_one = item.quantity is not None and item.quantity.small == 1.0
        if is_one and following.concept == "btc" and draft.focus is Focus.COST:
            item.used = True


def _read_downtime(draft: QuestionDraft) -> None:
    """“what does a day of downtime cost me?”, “час простоя”: what is earned in that time."""
    for index, item in enumerate(draft.items):
        if item.concept != "downtime" or item.used:
            continue
        for step in (-1, 1):
            span = draft.item_beside(index, step)
            if span is not None and span.concept in ("hour", "day", *PERIODS_ASKED) and not span.used:
                item.used = span.used = True
                draft.period = span.concept


def _read_hour(draft: QuestionDraft) -> None:
    """“profit per hour”, “how much do I lose in an hour?”."""
    for index, item in enumerate(draft.items):
        if item.used or item.concept != "hour" or not _is_asked_of_an_hour(draft, index):
            continue
        item.used, draft.period = True, "hour"
        for each in draft.items:
            each.used = each.used or each.concept in ("downtime", "shut_off", "down")


def _read_answer_options(draft: QuestionDraft) -> None:
    """How to answer: per month, in euro, solo."""
    _read_downtime(draft)
    _read_hour(draft)
    for index, item in enumerate(draft.items):
        if item.kind is ItemKind.WORD and _asks_within(item) and (period := period_within(item.text)):
            if draft.period not in ("day", period):
                raise open_word(draft.scanned, [item], offer=draft.names_machine)
            draft.period = period
        if item.used or item.kind is not ItemKind.WORD:
            continue
        if item.concept in PERIODS_ASKED and draft.focus is Focus.PAYBACK:
            item.used = True  # “how many months until it has paid for itself”
        elif item.concept in PERIODS_ASKED:
            if draft.period not in ("day", item.concept):
                raise open_word(draft.scanned, [item], offer=draft.names_machine)
            item.used, draft.period = True, item.concept
        elif item.concept in ("solo", "pplns", "fpps"):
            draft.set_scheme(item)
        elif (item.currency is not None and item.concept in ("currency", "btc")) or (
            item.concept == "filler" and item.currency is not None
        ):
            if index and draft.items[index - 1].text in _ONE:
                continue  # “wenn Bitcoin ein Euro kostet”: an amount
            if item.concept == "btc" and (index == 0 or draft.items[index - 1].text not in ("in", "en", "в")):
                continue
            if draft.currency not in (None, item.currency):
                raise open_word(draft.scanned, [item], offer=draft.names_machine)
            draft.currency, item.used = item.currency, True


_ONE: Final = word_set("question_parser", "one")
"""Words that make one of a currency behind them."""


def _asks_within(item: Item) -> bool:
    """True for a meaning that may say of what span of time it is asked: “btc per month”, “Jahresgewinn”."""
    return item.concept in ("profit", "sats", "consumption")


_HOURS: Final = word_set("question_parser", "hours")
_IN_AN: Final = frozenset({"per", "money_out", "by"})


def _is_asked_of_an_hour(draft: QuestionDraft, index: int) -> bool:
    """True for “per hour”, “an hour of downtime”; not for a number of hours, or an hour of the day."""
    item = draft.items[index]
    before = draft.items[index - 1] if index else None
    is_named = before is not None and (before.concept in _IN_AN or before.concept == "price")
    return item.text in _HOURS and (is_named or item.text in ("hourly", "stündlich", "ежечасно"))


def question_of(draft: QuestionDraft, machine: tuple[str, float | None] | None = None) -> Question:
    """The question for the machine named, or for this one of several. Raises InvalidQuestion."""
    if machine is None:
        refuse_site_alone(draft)
    rig, scaled, disputed = rig_of(draft, machine)
    peaks = tuple(draft.peaks)
    if "peak_price" in draft.money:
        if draft.hours is None:
            raise hours_of_peak()
        peaks = (PeakPrice(draft.money["peak_price"], *draft.hours, draft.peak_days),)
    elif draft.hours is not None:
        raise other_price(draft)
    if {"hashprice", "btc_price"} <= draft.money.keys():
        raise InvalidQuestion(  # of a hashprice, bitcoin's price is what makes it so
            lambda t: t("A hashprice has its bitcoin price already; give one of the two."),
            "/breakeven s19 7c hashprice=45$",
        )
    if draft.zone is not None and "power_price" in draft.money:
        raise InvalidQuestion(
            lambda t: t("I read two different {figures}; give one.", figures=t(N_("power prices"))),
            "/breakeven s19 DE-LU+3c",
        )
    if "heat_credit" in draft.money and not _is_heat_cheaper(draft):
        heat = next(item for item in draft.items if item.concept == "heat")
        raise open_word(draft.scanned, [heat], offer=False)  # either amount may be what power costs
    if draft.is_hosted and not draft.names_power_price and not draft.keeps_tariff:
        raise _is_power_included(draft)
    number = draft.numbers.get
    fed = count_fed(draft, rig)
    count = int(draft.numbers.get("count", 1)) if fed is None else fed
    check_shared(draft, draft.total_count or count)
    return Question(
        rig=rig,
        power_price=draft.money.get("power_price"),
        btc_price=draft.money.get("btc_price"),
        hashprice=draft.money.get("hashprice"),
        pool_fee=draft.numbers.get("pool_fee", 0.0),
        uptime=draft.numbers.get("uptime", 1.0),
        overhead=draft.numbers.get("overhead", 1.0),
        fixed_cost=draft.money.get("fixed_cost"),
        shared_cost=draft.money.get("shared_cost"),
        machine_price=draft.money.get("machine_price"),
        difficulty=number("difficulty"),
        network_hashrate_ehs=number("network_hashrate_ehs"),
        block_subsidy_btc=number("block_subsidy_btc"),
        fees_btc_per_block=number("fees_btc_per_block"),
        focus=Focus.HOURS if peaks and asks_for_hours(draft) else draft.focus,
        scaled=scaled,
        count=count,
        site_power_w=draft.site_power_w,
        circuit=draft.circuit,
        period=draft.period,
        peaks=peaks,
        surcharge=draft.money.get("surcharge"),
        power_tax=draft.numbers.get("power_tax", 0.0),
        heat_credit=draft.money.get("heat_credit"),
        scheme=Scheme.SOLO if draft.block_span is not None else draft.scheme,
        block_span=draft.block_span,
        currency=draft.currency,
        cents_assumed=draft.cents_assumed,
        disputed=disputed,
        zone=draft.zone,
        per_mwh=draft.is_per_mwh,
        hours_assumed=draft.hours_assumed,
        left_out=tuple(item.text for item in words_left_out(draft)),
        sums_costs=draft.sums_costs,
    )


def _is_heat_cheaper(draft: QuestionDraft) -> bool:
    """True where heat is worth no more than the power it is made of, whose price is given."""
    heat, power = draft.money["heat_credit"], draft.money.get("power_price")
    near = {Currency.USD, Currency.EUR, Currency.GBP, Currency.CHF}
    if power is None:
        return False
    comparable = power.currency is heat.currency or {power.currency, heat.currency} <= near
    return not comparable or heat.amount <= power.amount


def _is_power_included(draft: QuestionDraft) -> InvalidQuestion:
    """Whether hosting for so much a month includes the power, when nothing says what a kWh costs."""
    text = draft.scanned.text_without([])
    return InvalidQuestion(
        lambda t: t("Does the hosting include the power?"),
        "/breakeven s21 hosting 90$/month power included",
        (
            Choice(label(N_("Power included")), f"{text}, power included"),
            Choice(verbatim("+ 7c/kWh"), f"{text} 7c"),
        ),
    )


def two_machines(draft: QuestionDraft) -> InvalidQuestion:
    """The refusal of several machines where one is asked for."""
    names = tuple(model for model, _, _ in draft.machines)
    return InvalidQuestion(
        lambda t: t(
            "You named {n} machines ({names}); ask for one, or use /fleet.",
            n=len(names),
            names=", ".join(names),
        ),
        choices=tuple(Choice(verbatim(name), short_name(name)) for name in names[:3]),
    )
