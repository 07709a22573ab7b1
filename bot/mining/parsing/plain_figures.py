"""Figures that nothing names: their unit or their size says what they are, or the asker is asked."""

import re
from typing import Final

from bot.i18n.message import N_
from bot.mining.errors import Choice, InvalidQuestion
from bot.mining.limits import OutOfBounds
from bot.mining.parsing.bills import of_bill
from bot.mining.parsing.clarifications import about_past, doubtful, label, open_word, unplaced
from bot.mining.parsing.goal_parser import is_of_bitcoin, period_named
from bot.mining.parsing.items import Item, ItemKind
from bot.mining.parsing.keywords import whose_price
from bot.mining.parsing.measures import Measure, MeasureUnit
from bot.mining.parsing.power_figures import per_kw, read_period
from bot.mining.parsing.question_draft import DAYS, PERIODS_ASKED, QuestionDraft
from bot.mining.parsing.roles import word_set
from bot.mining.parsing.running_costs import add_cost, loses
from bot.mining.parsing.running_hours import RUNS
from bot.mining.parsing.units import Currency, Money
from bot.mining.question import Focus

_BTC: Final = ("btc_price", "btc", "price")
_CHEAPEST_MACHINE, _DEAREST_MACHINE = 20.0, 200_000.0
_UNITS_OF_POWER: Final = frozenset({Currency.INR, Currency.GBP, Currency.ZAR, Currency.MYR})
"""Where people call a kWh a unit."""
_MOST_BITCOINS: Final = 21.0
_FIRST_YEAR, _LAST_YEAR = 2009, 2060
_DEAR: Final = frozenset({Currency.USD, Currency.EUR, Currency.GBP, Currency.CHF})
"""Currencies of which a kWh never costs two."""


def read_price_per_th(draft: QuestionDraft) -> None:
    """“$14/TH”, as machines are sold: what one costs by its hashrate; no TH/s earns so much a day."""
    if len(draft.machines) != 1 or "hashprice" in draft.concepts():
        return
    for item in draft.items:
        quantity = item.quantity
        if quantity is None or item.used or quantity.per != ("th",):
            continue
        is_price = quantity.unit is MeasureUnit.MONEY and quantity.currency in _DEAR and not quantity.cents
        if is_price and _CHEAPEST_TH <= quantity.small <= _DEAREST_TH:
            model, bin_ths, _ = draft.machines[0]
            ths = draft.catalogue.pick(model, bin_ths).hashrate_ths
            money = draft.amount(quantity, own=True)
            draft.set_money("machine_price", Money(quantity.small * ths, money.currency))
            item.used = True


_CHEAPEST_TH, _DEAREST_TH = 1.0, 150.0
"""What a TH/s of a machine costs, new or used."""


def read_units(draft: QuestionDraft) -> None:
    """Quantities whose unit says what they are."""
    for index, item in enumerate(draft.items):
        if item.quantity is None or item.used:
            continue
        try:
            item.used = _read_unit(draft, index, item, item.quantity)
        except OutOfBounds as failure:
            raise failure.as_typed(draft.scanned.as_typed(item)) from None


def _read_unit(draft: QuestionDraft, index: int, item: Item, quantity: Measure) -> bool:  # noqa: PLR0912 - a table of cases, one branch each
    """Take one of them; False for one whose unit says nothing."""
    if quantity.unit is MeasureUnit.J_PER_TH:
        draft.set_number("efficiency_j_per_th", quantity.small)
    elif quantity.unit is MeasureUnit.WATTS:
        draft.set_power(item, quantity.large)
    elif quantity.unit in (MeasureUnit.THS, MeasureUnit.T):
        draft.set_hashrate(quantity.large)
    elif set(quantity.per) & {"kwh", "mwh"} or (quantity.cents and not _are_sats(draft, quantity)):
        name = "surcharge" if _is_added(draft, index) else "power_price"
        draft.set_money(name, draft.per_kwh(item, quantity))
        read_period(draft, item, quantity)
    elif quantity.unit is MeasureUnit.MONEY and "kw" in quantity.per and set(quantity.per) & set(DAYS):
        name = "surcharge" if "power_price" in draft.money else "power_price"
        draft.set_money(name, per_kw(draft, quantity))
    elif _is_tariff_with_period(draft, quantity):
        draft.set_money("power_price", draft.per_kwh(item, quantity._replace(per=())))
        read_period(draft, item, quantity)
    elif quantity.unit is MeasureUnit.MONEY and "ph" in quantity.per:
        draft.set_hashprice(item, quantity)
    elif quantity.unit is MeasureUnit.MONEY and (spans := _spans_of(draft, index, quantity)):
        _read_cost(draft, item, quantity._replace(per=spans))
    elif quantity.unit is MeasureUnit.MONEY and "btc" in quantity.per:
        draft.set_money("btc_price", draft.amount(quantity))
    elif item.is_share and not quantity.signed and _is_running(draft, index):
        draft.set_number("uptime", quantity.small / 100.0)
    elif quantity.unit is MeasureUnit.NUMBER and _is_named_cost(draft, quantity):
        _read_cost(draft, item, quantity)
    elif quantity.unit is MeasureUnit.MONEY or quantity.unit is MeasureUnit.NUMBER:
        _read_plain_number(draft, index, item, quantity)
    else:
        return False
    return True


def _is_running(draft: QuestionDraft, index: int) -> bool:
    """True for a share right beside a word for running: “96 % encendido”."""
    quantity, beside = draft.items[index].quantity, draft.items[max(0, index - 1) : index + 2]
    return (
        quantity is not None
        and _LEAST_UPTIME <= quantity.small <= 100.0
        and any(each.text in RUNS for each in beside)
    )


_LEAST_UPTIME: Final = 20.0


def _is_named_cost(draft: QuestionDraft, quantity: Measure) -> bool:
    """True for “the loan on the S21 is 95 a month”: a number that only a cost named elsewhere explains."""
    named = [each for each in draft.items if each.concept in _COSTS and not each.used]
    return len(named) == 1 and bool(set(quantity.per) & {"month", "week", "year"})


def _is_tariff_with_period(draft: QuestionDraft, quantity: Measure) -> bool:
    """True for “0.05$ a month”: nothing costs so little a month, so the month is what is asked about."""
    least = _LEAST_COST if quantity.currency in _DEAR else _LEAST_COST * 10.0
    return (
        quantity.unit is MeasureUnit.MONEY
        and quantity.currency is not Currency.BTC
        and set(quantity.per) <= {"day", *PERIODS_ASKED}
        and bool(quantity.per)
        and abs(quantity.small) < least
        and not draft.names_power_price
    )


_LEAST_COST: Final = 0.5
"""What a machine's hosting never costs so little of, a day."""


def _check_plain(draft: QuestionDraft, index: int, item: Item, quantity: Measure) -> None:
    """Raise InvalidQuestion for a year, and for an amount of bitcoins."""
    if _is_of_bitcoins(draft, index, quantity) or (
        is_of_bitcoin(draft, index) and quantity.small < _MOST_BITCOINS
    ):
        raise unplaced(draft.scanned, item)
    if _is_year(quantity):
        raise about_past(draft.scanned, [item], offer=draft.names_machine)


def _is_of_bitcoins(draft: QuestionDraft, index: int, quantity: Measure) -> bool:
    """True for “0.01 BTC”, which is no tariff."""
    following = draft.items[index + 1] if index + 1 < len(draft.items) else None
    plain = quantity.unit is MeasureUnit.NUMBER and not quantity.scaled and quantity.large < _MOST_BITCOINS
    return plain and following is not None and following.text in ("btc", "xbt", "₿", "bitcoin", "bitcoins")


def _is_year(quantity: Measure) -> bool:
    whole = quantity.unit is MeasureUnit.NUMBER and quantity.large.is_integer()
    return whole and not quantity.scaled and _FIRST_YEAR <= quantity.large <= _LAST_YEAR


def _read_price_of_one(draft: QuestionDraft, item: Item, quantity: Measure) -> None:
    """“2,900 a machine”; of little money a unit is a kWh where people call it so."""
    if quantity.large >= _CHEAPEST_MACHINE:
        draft.set_money("machine_price", draft.amount(quantity, own=True))
    elif item.text.endswith("unit") and quantity.currency in _UNITS_OF_POWER:
        draft.set_money("power_price", draft.per_kwh(item, quantity._replace(per=("kwh",))))
    else:
        raise unplaced(draft.scanned, item)


def _is_added(draft: QuestionDraft, index: int) -> bool:
    """True for the second of two tariffs that are paid together: “3.2c plus 1.1c”, or behind a question
    with a tariff “add 2 cents”.
    """
    if "power_price" not in draft.money and (draft.names_machine or not draft.keeps_tariff):
        return False
    place = index - 1
    while place > 0 and draft.items[place].concept == "filler" and draft.items[place].text not in _PLUS:
        place -= 1
    before = draft.items[place] if index else None
    if before is not None and (before.text in _PLUS or before.concept == "add"):
        before.used = True
        return True
    behind = draft.items[index + 1] if index + 1 < len(draft.items) else None
    if behind is None or behind.text not in _ON_TOP:
        return False
    for each in draft.items[index + 1 : index + 4]:
        each.used = each.used or each.concept in ("cooling", "surcharge", "hosting", "running_cost", "fixed")
    behind.used = True
    return True


_PLUS: Final = word_set("plain_figures", "plus")
_ON_TOP: Final = word_set("plain_figures", "on_top")
"""Words behind an amount that is paid beside another."""


def _read_cost(draft: QuestionDraft, item: Item, quantity: Measure) -> None:
    """An amount a month, which somewhere in the text is said to be hosting or the like, or else is asked
    about."""
    named = next((each for each in draft.items if each.concept in _COSTS and not each.used), None)
    if named is None and not draft.names_power_price and any(each.text in _FLAT for each in draft.items):
        named = next((each for each in draft.items if each.concept == "power"), None)
        if named is not None:
            draft.set_money("power_price", Money(0.0))  # “180 a month flat for electricity”
    if named is None and (concept := _unnamed_cost(draft, item, quantity)) is not None:
        add_cost(draft, concept, item, quantity)
        return
    if named is None and _is_hoped_for(draft, item, quantity):
        return
    if named is None and (bill := of_bill(draft, item, quantity)) is not None:
        raise bill
    if named is None and quantity.currency is Currency.BTC:
        raise unplaced(draft.scanned, item)  # an income rather than a cost
    if named is None:
        text = item.text.replace(" ", "")
        raise InvalidQuestion(
            # Translators: {text} is an amount of money a month, such as “60$/month”.
            lambda t: t("What is {text} for? Write hosting before it if it is a cost.", text=item.text[:30]),
            "/breakeven s21 7c hosting 60$/month",
            (Choice(label(N_("hosting")), draft.scanned.text_with(item, f"hosting {text}")),)
            if item.text.isascii()
            else (),
        )
    named.used = True
    add_cost(draft, named.concept, item, quantity)


def _is_hoped_for(draft: QuestionDraft, item: Item, quantity: Measure) -> bool:
    """Whether it is asked if an income in a span of time is reached: “does it make more than 10 USD a day?”.

    The words of it are used then: the answer says the profit of that time, in that currency.
    """
    index, words = draft.items.index(item), []
    spans = set(quantity.per) & set(SPANS_ASKED)
    span = next(iter(spans)) if len(spans) == 1 else ""
    if not spans and draft.scanned.language == "zh":
        span = period_named(draft, index)  # “一天能赚10美元以上吗”
    if draft.focus is not Focus.PROFIT or draft.concepts() & _ASKED_OTHERWISE or loses(draft):
        return False
    if len(draft.machines) != 1 or span not in SPANS_ASKED or set(quantity.per) - {span} or quantity.cents:
        return False
    for before in reversed(draft.items[max(0, index - _MOST_BETWEEN) : index]):
        words.append(before)
        if before.concept == "profit" or _MAKES_MORE.match(before.text):
            break
        if before.mention is None and (before.concept not in _THRESHOLDS or before.quantity is not None):
            return False
    else:
        return False
    behind = draft.items[index + 1 : index + 2]
    words += [each for each in behind if each.concept in ("above", "below")]
    if draft.period not in ("day", span):
        return False
    draft.period = span
    if draft.currency is None and quantity.currency not in (None, Currency.BTC):
        draft.currency = quantity.currency
    for each in words:
        each.used = True
    return True


_ASKED_OTHERWISE: Final = frozenset(
    {"btc", "btc_price", "breakeven_btc", "price", "payback", "machine_price", "how_many"}
)
SPANS_ASKED: Final = ("day", *PERIODS_ASKED)
_MOST_BETWEEN: Final = 5
_MAKES_MORE: Final = re.compile(
    r"(?:make|earn|bring|da|gana|genera|bringt|macht|verdient)s? (?:more|más|mehr)"
)
_THRESHOLDS: Final = frozenset({"filler", "above", "compare", "dearer", "limit", "per", "by", "to"})
"""What may stand between a word for earning and the income it is to reach."""


def _spans_of(draft: QuestionDraft, index: int, quantity: Measure) -> tuple[str, ...]:
    """What an amount of a span of time is for, which may stand right before it: “每台每月收我80美元”,
    “monatlich 80 Euro pro Gerät”; nothing for any other amount.
    """
    if set(quantity.per) & set(DAYS):
        return quantity.per
    before = draft.item_beside(index, -1)
    if before is None or before.used or before.concept not in PERIODS_ASKED:
        return ()
    before.used = True
    return (*quantity.per, before.concept)


def _unnamed_cost(draft: QuestionDraft, item: Item, quantity: Measure) -> str | None:
    """What an amount a month that nothing names is: hosting where the power is included or each machine
    costs it beside a tariff, "" for one added to a tariff; None where it may be anything.
    """
    index = draft.items.index(item)
    before = draft.items[index - 1] if index else item
    is_added = before.text in _PLUS
    names_tariff = draft.names_power_price or any(each.may_be_power_price for each in draft.items)
    if not names_tariff:
        return "hosting" if _includes_power(draft) else None
    if is_added or "machine" in quantity.per:
        before.used = before.used or is_added
        return "hosting" if "machine" in quantity.per else ""
    return None


def _includes_power(draft: QuestionDraft) -> bool:
    """True for “75 USD a month, power included”."""
    return any(
        item.concept == "all_included"
        or (
            item.concept == "included"
            and any(
                each is not None and each.concept == "power"
                for each in (draft.item_beside(index, -1), draft.item_beside(index, 1))
            )
        )
        for index, item in enumerate(draft.items)
    )


_FLAT: Final = word_set("plain_figures", "flat")
_COSTS: Final = frozenset({"hosting", "hosted", "debt", "fixed", "running_cost"})


def _read_plain_number(draft: QuestionDraft, index: int, item: Item, quantity: Measure) -> None:
    """A number or an amount that nothing introduces: what it is follows from its size, or is asked."""
    _check_plain(draft, index, item, quantity)
    money = quantity.unit is MeasureUnit.MONEY
    value = quantity.large
    if money and _is_hoped_for(draft, item, quantity):
        return
    if _read_one_span(draft, index, item, quantity):
        return
    introduced = draft.strict or draft.introduced(index) or _is_arrived_at(draft, index, quantity)
    if "machine" in quantity.per:
        _read_price_of_one(draft, item, quantity)
    elif money and quantity.currency is Currency.BTC:
        raise unplaced(draft.scanned, item)
    elif money and abs(quantity.small) < 20.0 and not _is_thousands(quantity):
        draft.set_money("power_price", draft.per_kwh(item, quantity))
    elif money and value < 20.0:
        raise doubtful(draft.scanned, item, [f"{value / 100.0:g} {quantity.currency}/kWh"])
    elif value >= 15_000.0 and _may_be_bitcoins(draft, index, quantity):
        draft.set_money("btc_price", draft.amount(quantity))
    elif money or (value >= 100.0 and (quantity.scaled or _is_bought(draft, index))):
        _read_machine_price(draft, item, quantity)
    elif quantity.unit is MeasureUnit.NUMBER and abs(quantity.small) < 0.5 and not _torn(quantity):
        draft.set_money("power_price", draft.per_kwh(item, quantity))
    elif quantity.unit is MeasureUnit.NUMBER and 0.5 <= quantity.small < 1.0:
        raise doubtful(draft.scanned, item, [f"{quantity.small * 10:g}c", f"{quantity.small * 100:g}c/kWh"])
    elif introduced and 1.0 <= quantity.small <= 100.0 and not _torn(quantity):
        draft.set_money("power_price", draft.per_kwh(item, quantity))
    else:
        raise unplaced(draft.scanned, item)


def _are_sats(draft: QuestionDraft, quantity: Measure) -> bool:
    """True for an income in sats: “reicht 1 mio sats im Monat?”; a price in sats is one of a kWh."""
    return (
        quantity.currency is Currency.BTC and bool(quantity.per or quantity.large > 1e-5) and not draft.strict
    )


def _is_thousands(quantity: Measure) -> bool:
    """True for dear money from two on, and for “1.890 Euro” with a dot that groups: no price of a kWh."""
    is_grouped = quantity.large >= _THOUSAND > quantity.small >= 1.0
    return quantity.currency in _DEAR and (abs(quantity.small) >= 2.0 or is_grouped)


_THOUSAND: Final = 1_000.0


def _read_one_span(draft: QuestionDraft, index: int, item: Item, quantity: Measure) -> bool:
    """Take “for 1 day”, “за 1 месяц” as what the profit is asked of; True where it is that.

    Raises InvalidQuestion for several days: no number before a span of time is a price.
    """
    behind = draft.items[index + 1] if index + 1 < len(draft.items) else None
    if quantity.unit is not MeasureUnit.NUMBER or quantity.per or behind is None or draft.strict:
        return False
    if behind.concept not in SPANS_ASKED or behind.kind is not ItemKind.WORD or behind.used:
        return False
    if behind.text.split()[0] not in _BARE_SPANS:
        return False
    if quantity.small != 1.0 or draft.period not in ("day", behind.concept):
        raise open_word(draft.scanned, [item, behind], offer=draft.names_machine)
    draft.period, behind.used = behind.concept, True
    return True


_BARE_SPANS: Final = word_set("plain_figures", "bare_spans")
"""Spans of time that a number counts; “a day” behind a number says how often."""


def _is_arrived_at(draft: QuestionDraft, index: int, quantity: Measure) -> bool:
    """True for “and if they knock it down to 7.2?”, “if I only pay 6.5”: a number of cents of a tariff."""
    before = draft.items[index - 1].text if index else ""
    if quantity.small > _MOST_CENTS or draft.names_power_price:
        return False
    behind = draft.items[index + 1].text if index + 1 < len(draft.items) else ""
    is_paid = before in _PAYING or behind in _PAYING  # “wenn ich nur 5,5 zahle”
    return before.endswith(_ARRIVALS) or (is_paid and not draft.concepts() & _COSTS)


_ARRIVALS: Final = (" to", " auf", "谈到", "降到", "涨到", " до")
_PAYING: Final = word_set("plain_figures", "paying")
_MOST_CENTS: Final = 30.0


def _may_be_bitcoins(draft: QuestionDraft, index: int, quantity: Measure) -> bool:
    """True for a large amount that is bitcoin's price, not the machine's."""
    if _btc_near(draft, index):
        return True
    if draft.concepts() & {"machine_price", "payback"} and quantity.large <= _DEAREST_MACHINE:
        return False
    dear = quantity.currency in _DEAR or quantity.currency is None
    return dear and (quantity.unit is MeasureUnit.MONEY or quantity.scaled or draft.strict)


def _btc_near(draft: QuestionDraft, index: int) -> bool:
    return any(item.concept in _BTC for item in draft.items[max(0, index - 4) : index + 4])


def _read_machine_price(draft: QuestionDraft, item: Item, quantity: Measure) -> None:
    """An amount of money between a power price and a bitcoin's: the machine's where it is bought."""
    concepts = draft.concepts()
    bought = concepts & {"machine_price", "payback"} or draft.introduced(draft.items.index(item))
    told = bool(concepts & {"machine_price", "payback"})
    if not told and quantity.currency not in (None, *_DEAR) and quantity.large < _TOO_CHEAP:
        raise doubtful(draft.scanned, item, [f"{quantity.large / 100.0:g} {quantity.currency}/kWh"])
    if bought and _CHEAPEST_MACHINE <= quantity.large <= _DEAREST_MACHINE:
        draft.set_money("machine_price", draft.amount(quantity, own=True))
        return
    raise of_bill(draft, item, quantity) or whose_price(draft, item)


_TOO_CHEAP: Final = 200.0
"""No machine costs so little of a currency that is less than a dollar: “a 70 reales”."""


def _is_bought(draft: QuestionDraft, index: int) -> bool:
    """True for a plain number that a machine is bought for: “bought an S21 for 900”."""
    before = draft.items[index - 1].text if index else ""
    behind = draft.items[index + 1].text if index + 1 < len(draft.items) else ""
    introduced = draft.introduced(index) or before in _FOR or behind in _EACH
    return introduced and bool(draft.concepts() & {"machine_price", "payback"})


_FOR: Final = word_set("plain_figures", "for")
_EACH: Final = word_set("plain_figures", "each")


def _torn(quantity: Measure) -> bool:
    """True for what is left of thousands written with spaces: “060”."""
    return len(quantity.text) > 1 and quantity.text.isdigit() and quantity.text[0] == "0"
