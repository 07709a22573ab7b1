"""Figures that a word beside them or a `key=` names."""

from dataclasses import replace
from typing import Final

from bot.i18n.message import N_
from bot.mining.errors import Choice, InvalidQuestion, verbatim
from bot.mining.parsing.clarifications import label, open_word, unplaced
from bot.mining.parsing.items import Item, ItemKind
from bot.mining.parsing.measures import Measure, MeasureUnit
from bot.mining.parsing.question_draft import DAYS, PERIODS_ASKED, QuestionDraft
from bot.mining.parsing.units import Currency, Money
from bot.mining.question import Scheme

KEYWORDS: Final[dict[str, tuple[MeasureUnit, ...]]] = {
    "pool_fee": (MeasureUnit.PERCENT, MeasureUnit.NUMBER),
    "uptime": (MeasureUnit.PERCENT, MeasureUnit.NUMBER),
    "overhead": (MeasureUnit.NUMBER, MeasureUnit.PERCENT),
    "cooling": (MeasureUnit.PERCENT,),
    "downtime": (MeasureUnit.PERCENT,),
    "consumption": (MeasureUnit.WATTS, MeasureUnit.NUMBER),
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
    "cost": "machine_price",
    "heat": "heat", "surcharge": "surcharge", "tax": "tax", "scheme": "scheme", "count": "count",
    "peak": "peak", "currency": "currency", "growth": "growth", "resale": "resale",
}  # fmt: skip
"""What a `key=value` may be called, and the meaning it has."""


def read_pairs(draft: QuestionDraft) -> None:  # noqa: PLR0912 - a table of cases, one branch each
    """`key=value`, where the key is one of the documented."""
    for index, item in enumerate(draft.items):
        if item.text != "=" or item.used or index == 0:
            continue
        first = index - 1
        key = draft.items[first].text
        while first >= 2 and draft.items[first - 1].text in ("-", "_") and draft.items[first - 1].glued:
            key = f"{draft.items[first - 2].text}-{key}"
            first -= 2
        if draft.items[first].used or not draft.items[first].text[:1].isalpha():
            continue
        meaning = KEYS.get(key.replace("_", "-").replace(" ", "-"))
        if meaning is None and draft.items[first].concept in KEYWORDS:
            meaning = draft.items[first].concept
        if meaning is None:
            raise _unknown_key(key)
        value = draft.items[index + 1] if index + 1 < len(draft.items) else None
        if value is None:
            continue
        for used in (*draft.items[first : index + 1], value):
            used.used = True
        if meaning == "scheme" or (value.concept in ("solo", "fpps", "pplns") and meaning == "pool_fee"):
            draft.set_scheme(value)
        elif meaning == "currency" and value.currency is not None:
            draft.currency = value.currency
        elif value.quantity is None:
            raise open_word(draft.scanned, [value], offer=draft.names_machine)
        else:
            try:
                _assign(draft, meaning, value, keyed=True)
            except InvalidQuestion as failure:
                raise failure.about(key[:30]) from None


def read_keywords(draft: QuestionDraft) -> None:
    """Numbers with a word beside them that says what they are."""
    before = _assignments(draft, -1)
    behind = _assignments(draft, 1)
    first, second = (before, behind) if len(before) >= len(behind) else (behind, before)
    assigned: set[int] = set()
    for index, position in first.items():
        assigned |= {index, position}
    for index, position in second.items():
        if index not in assigned and position not in assigned:
            first[index] = position
            assigned |= {index, position}
    for index in sorted(first):
        item, keyword = draft.items[index], draft.items[first[index]]
        if item.used:
            continue
        unit = item.quantity.unit if item.quantity is not None else None
        in_tariff = unit in (MeasureUnit.PERCENT, MeasureUnit.MONEY) and keyword.concept in (
            "tax",
            "surcharge",
        )
        if in_tariff and _is_included(draft, min(index, first[index])):
            item.used = keyword.used = True  # the tariff has it already: “24 ct incl. 19 % VAT”
            continue
        _assign(draft, _meant(draft, keyword.concept, index), item)
        item.used = keyword.used = True
        if keyword.concept in _ADDED and (start := min(index, first[index])) > 0:
            sign = draft.items[start - 1]
            sign.used = sign.used or sign.text in ("+", "más", "плюс", "加")  # “6c + 19 % tax”
        if keyword.concept == "pool_fee":
            _use_less(draft, min(index, first[index]) - 1)
        for beside_number in (draft.neighbour(index, -1), draft.neighbour(index, 1)):
            other = draft.items[beside_number] if beside_number is not None else None
            if other is not None and other.concept == keyword.concept:
                other.used = True  # “curtailed 6 % of the hours”
        for step in (-1, 1):  # “mit einer Gebühr des Pools von 2 %”: the same said twice
            beside = draft.neighbour(first[index], step)
            if beside is not None and draft.items[beside].concept == keyword.concept:
                draft.items[beside].used = True


_TARIFF_BELOW: Final = 2.0
"""What a word for power stands before is a tariff below this, though a span of time follows."""


def _of_profit(draft: QuestionDraft, index: int) -> bool:
    """True for a tax that is paid on what is earned: “15 % tax on profit”."""
    behind = draft.items[index + 1 : index + 5]
    joined = next((place for place, each in enumerate(behind) if each.text in _ON), None)
    return joined is not None and any(each.concept == "profit" for each in behind[joined + 1 : joined + 3])


_ON: Final = frozenset({"on", "of", "с", "от", "auf", "vom", "von", "sobre", "de", "del"})


def _is_included(draft: QuestionDraft, index: int) -> bool:
    """True for what stands behind “including”."""
    while index > 0 and draft.items[index - 1].concept in ("filler", "per"):
        index -= 1
    return index > 0 and draft.items[index - 1].concept == "included"


def _is_tariff(concept: str, quantity: Measure) -> bool:
    """True for a cost that is one of a kWh: in cents, or for hosting less than a dollar."""
    small = (
        concept in ("hosting", "hosted")
        and quantity.unit is MeasureUnit.MONEY
        and not quantity.per
        and abs(quantity.small) < 1.0
    )
    return bool(set(quantity.per) & {"kwh", "mwh"}) or quantity.cents or small


def _use_less(draft: QuestionDraft, index: int) -> None:
    """“minus 2 % pool fee”: a fee always takes away."""
    if index >= 0 and draft.items[index].text in _LESS:
        draft.items[index].used = True


_ADDED: Final = frozenset({"tax", "surcharge", "hosting", "hosted", "debt", "fixed", "running_cost"})
"""What is paid on top, which a plus sign may stand before."""
_LESS: Final = frozenset(
    {
        "minus",
        "less",
        "after",
        "abzüglich",
        "menos",
        "минус",
        "вычетом",
        "减",
        "减去",
        "扣",
        "扣除",
        "除去",
        "刨去",
    }
)


def _meant(draft: QuestionDraft, concept: str, index: int) -> str:
    """What a word means for an amount: the price of a machine that is bought is not bitcoin's, nor are
    fees in bitcoin the pool's."""
    item, following = draft.items[index], draft.items[index + 1 : index + 2]
    is_share = item.quantity is not None and item.quantity.unit is MeasureUnit.PERCENT
    if concept == "pool_fee" and not is_share and following and following[0].text in ("btc", "xbt", "₿"):
        following[0].used = True
        for each in draft.items[index + 2 : index + 5]:
            each.used = each.used or each.text in _PER_BLOCK
        return "fees"
    is_bought = draft.concepts() & {"payback", "machine_price"} and not draft.concepts() & {
        "btc",
        "btc_price",
    }
    if concept == "price" and item.quantity is not None and item.quantity.large < _CHEAPEST_BITCOIN:
        if is_bought:
            return "machine_price"
        if draft.machines and not draft.concepts() & {"btc", "btc_price"}:
            raise whose_price(draft, item)
    return concept


_CHEAPEST_BITCOIN: Final = 15_000.0
"""What is called a price below this is a machine's, or asked about."""


def whose_price(draft: QuestionDraft, item: Item) -> InvalidQuestion:
    """The question whether an amount is the machine's price or bitcoin's."""
    text = item.text.replace(" ", "")
    return InvalidQuestion(
        lambda t: t("Is {text} the machine's price, or bitcoin's?", text=item.text[:30]),
        f"/breakeven s19 7c cost={text}",
        tuple(
            Choice(label, draft.scanned.text_with(item, f"{key}={text}"))
            for key, label in (("cost", label(N_("the machine's"))), ("btc", label(N_("bitcoin's"))))
        ),
    )


def _assignments(draft: QuestionDraft, step: int) -> dict[int, int]:
    """Quantities by index with the index of the keyword beside them in a direction."""
    keyword_by_quantity: dict[int, int] = {}
    claimed: set[int] = set()
    for index, item in enumerate(draft.items):
        if item.quantity is None or item.used:
            continue
        position = draft.neighbour(index, step)
        hops = 0
        while position is not None and hops < 3:
            other = draft.items[position]
            if step < 0 and other.text in _LESS and position > 0:
                before = draft.items[position - 1]
                if before.concept in ("fpps", "pplns", "pool_fee") and not before.used:
                    keyword_by_quantity[index] = position - 1  # “FPPS minus 4 %”
                    claimed.add(position - 1)
                    other.used = True
                break
            if other.kind is not ItemKind.WORD or other.used or position in claimed:
                break
            between = draft.items[min(index, position) + 1 : max(index, position)]
            if other.concept in ("tax", "surcharge") and any(each.concept == "included" for each in between):
                break  # “24 ct incl. all levies”
            if other.concept == "heat" and step < 0 and draft.introduced(index):
                break  # “as a heater at 28 cents”: what the power costs, not what the heat is worth
            if other.concept in KEYWORDS and _fits(other.concept, item.quantity):
                keyword_by_quantity[index] = position
                claimed.add(position)
                break
            if other.concept not in (
                "machine_price",
                "price",
                "network",
                "btc",
                "day",
                "month",
                "count_word",
            ):
                break
            position = draft.neighbour(position, step)
            hops += 1
    return keyword_by_quantity


def _fits(concept: str, quantity: Measure) -> bool:
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
    if concept == "debt":
        return not energy and not quantity.cents
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


def _assign(draft: QuestionDraft, concept: str, item: Item, *, keyed: bool = False) -> None:  # noqa: PLR0912, PLR0915 - a table of cases, one branch each
    """Take a quantity for what its keyword says."""
    quantity = item.quantity
    assert quantity is not None  # noqa: S101 - callers pass quantities only; this tells the type checker
    match concept:
        case "fpps" | "pplns":
            draft.scheme = Scheme(concept)
            draft.set_number("pool_fee", draft.share(item, quantity, N_("pool fee"), 0.1, keyed))
        case "pool_fee":
            draft.set_number("pool_fee", draft.share(item, quantity, N_("pool fee"), 0.1, keyed))
        case "uptime":
            if quantity.unit is MeasureUnit.NUMBER and 20.0 <= quantity.small <= 100.0:
                draft.set_number("uptime", quantity.small / 100.0)
            else:
                draft.set_number("uptime", draft.share(item, quantity, N_("uptime"), 1.0, keyed))
        case "overhead" if quantity.unit is MeasureUnit.NUMBER:
            draft.set_number("overhead", quantity.small)
        case "overhead" | "cooling":
            draft.set_number("overhead", 1.0 + quantity.small / 100.0)
        case "consumption":
            draft.set_power(item, quantity.large)
        case "downtime":
            draft.set_number("uptime", 1.0 - quantity.small / 100.0)
        case "difficulty" | "breakeven_difficulty":
            draft.set_number("difficulty", draft.difficulty(item, quantity))
        case "hashrate" | "network":
            ehs = (
                quantity.large / 1e6 if quantity.unit in (MeasureUnit.THS, MeasureUnit.T) else quantity.large
            )
            if concept == "hashrate" and quantity.unit in (MeasureUnit.THS, MeasureUnit.T) and ehs < 1.0:
                draft.set_number("hashrate_ths", quantity.large)
            else:
                draft.set_number("network_hashrate_ehs", ehs)
        case "machine_hashrate":
            draft.set_number("hashrate_ths", quantity.large)
        case "fees":
            draft.set_number("fees_btc_per_block", quantity.small)
        case "subsidy":
            draft.set_number("block_subsidy_btc", quantity.small)
        case "power":
            _assign_power(draft, item, quantity, keyed=keyed)
        case "btc" | "btc_price" | "price":
            draft.set_money("btc_price", draft.amount(quantity))
        case "machine_price":
            draft.set_money("machine_price", draft.amount(quantity, own=True))
        case "hosting" | "hosted" if "kw" in quantity.per and set(quantity.per) & set(DAYS):
            draft.set_money("power_price", per_kw(draft, quantity))
        case "hosting" | "hosted" | "fixed" | "running_cost" if _is_tariff(concept, quantity):
            name = "surcharge" if _comes_on_top(draft, concept, item) else "power_price"
            draft.set_money(name, draft.per_kwh(item, quantity))
        case "hosting" | "hosted" | "debt" | "fixed" | "running_cost":
            cost = _with_period(draft, concept, item, quantity, keyed=keyed)
            if not keyed:
                _check_shared(draft, concept, item, cost)
            draft.is_hosted = draft.is_hosted or (concept in ("hosting", "hosted") and not keyed)
            draft.add_fixed_cost(item, cost)
        case "heat":
            draft.set_money("heat_credit", draft.per_kwh(item, quantity))
        case "surcharge":
            draft.set_money("surcharge", draft.per_kwh(item, quantity))
        case "tax" if _of_profit(draft, draft.items.index(item)):
            raise open_word(draft.scanned, [item], offer=False)  # what is left after it isn't reckoned
        case "tax":
            draft.set_number("power_tax", quantity.small / 100.0)
        case "peak":
            draft.set_money("peak_price", draft.per_kwh(item, quantity))
        case "off_peak" | "rest":
            draft.set_money("power_price", draft.per_kwh(item, quantity))
        case "count":
            draft.set_number("count", quantity.large)
        case "growth" | "resale":
            draft.set_number(concept, quantity.small / 100.0)
        case _:
            raise unplaced(draft.scanned, item)


def _comes_on_top(draft: QuestionDraft, concept: str, item: Item) -> bool:
    """True for a cost of a kWh beside what it costs itself: “3.2c plus 1.1c maintenance per kWh”."""
    index = draft.items.index(item)
    others = [
        each
        for each in draft.items
        if each is not item
        and each.quantity is not None
        and (each.quantity.cents or set(each.quantity.per) & {"kwh", "mwh"})
    ]
    added = index > 0 and draft.items[index - 1].text in ("plus", "+", "más", "плюс", "加", "加上")
    return bool(others) and (added or concept in ("fixed", "running_cost"))


def _with_period(
    draft: QuestionDraft, concept: str, item: Item, quantity: Measure, *, keyed: bool
) -> Measure:
    """A cost with the span of time named beside it: “hosting monthly 60$”, “每月60美元”.

    `fixed=` is of a day, as documented. Raises InvalidQuestion where no span of time is named.
    """
    if set(quantity.per) & set(DAYS):
        return quantity
    index = next(position for position, each in enumerate(draft.items) if each is item)
    for step in (-1, 1):
        position = draft.neighbour(index, step, over=_BESIDE_A_COST)
        beside = draft.items[position] if position is not None else None
        if beside is not None and not beside.used and beside.kind is ItemKind.WORD and beside.concept in DAYS:
            beside.used = True
            return replace(quantity, per=(*quantity.per, beside.concept))
    if keyed or (draft.strict and concept == "fixed"):
        return quantity
    raise InvalidQuestion(
        # Translators: {text} is an amount of money, such as “60$”, that hosting costs.
        lambda t: t("Is {text} for a day, or for a month?", text=item.text[:30]),
        "/breakeven s21 7c hosting 60$/month",
        (
            *_as_tariff(draft, item, quantity),
            *(
                Choice(label(name), draft.scanned.text_with(item, f"{item.text}/{period}"))
                for period, name in (("month", N_("per month")), ("day", N_("per day")))
            ),
        ),
    )


def _as_tariff(draft: QuestionDraft, item: Item, quantity: Measure) -> tuple[Choice, ...]:
    """The choice of cents a kWh, for “the hoster takes 8.25”."""
    if quantity.unit is not MeasureUnit.NUMBER or not 1.0 <= quantity.small <= 30.0:
        return ()
    cents = f"{quantity.small:g}c/kWh"
    return (Choice(verbatim(cents), draft.scanned.text_with(item, cents)),)


def _check_shared(draft: QuestionDraft, concept: str, item: Item, cost: Measure) -> None:
    """Raise the question whether a cost is each machine's or all machines' together.

    A rent is a site's as often as a machine's; a hosting fee that no single machine pays is all machines'.
    """
    count = draft.numbers.get("count", 1.0)
    days = next((DAYS[unit] for unit in cost.per if unit in DAYS), 1.0)
    each = "machine" in cost.per or any(word.text in EACH for word in draft.items)
    dear = cost.large / days > _MOST_A_MACHINE_DAY and cost.currency in (None, Currency.USD, Currency.EUR)
    if count <= 1.0 or each or not (concept == "fixed" or dear):
        return
    span = next((f"/{unit}" for unit in cost.per if unit in DAYS), "")
    code = (cost.currency or draft.asker.currency or Currency.USD).value
    one, alone = f"{cost.large / count:.10g} {code}/machine{span}", f"{cost.large:.10g} {code}/machine{span}"
    raise InvalidQuestion(
        # Translators: {text} is an amount of money a month, {count} a number of machines.
        lambda t: t(
            "Is {text} for each machine, or for all {count} together?",
            text=item.text[:30],
            count=t.number(count),
        ),
        f"/breakeven {count:g}x s21 7c hosting 60$/machine/month",
        (
            Choice(label(N_("for each")), draft.scanned.text_with(item, alone)),
            Choice(label(N_("for all")), draft.scanned.text_with(item, one)),
        ),
    )


_MOST_A_MACHINE_DAY: Final = 10.0
"""What hosting a machine hardly costs a day, US dollars or euros."""
EACH: Final = frozenset(
    {"each", "apiece", "each machine", "per machine", "je", "je gerät", "pro gerät", "pro stück", "jeweils"}
    | {"cada", "cada una", "cada uno", "por máquina", "каждый", "каждая", "за каждый", "с каждого"}
    | {"每台", "单台", "一台"}
)
"""Words by which an amount is one of each machine."""
_PER_BLOCK: Final = frozenset(
    {
        "per",
        "block",
        "a",
        "/",
        "each",
        "pro",
        "je",
        "por",
        "bloque",
        "на",
        "за",
        "блок",
        "每",
        "每个",
        "区块",
        "块",
    }
)
_BESIDE_A_COST: Final = frozenset({"per", "to", "by", "filler", "hosting", "hosted", "debt", "fixed"})


def _assign_power(draft: QuestionDraft, item: Item, quantity: Measure, *, keyed: bool) -> None:
    """`power=` is what the machine draws or what a kWh costs; the unit tells, else it is asked."""
    if quantity.unit is MeasureUnit.WATTS:
        draft.set_power(item, quantity.large)
        return
    if keyed and quantity.unit is MeasureUnit.NUMBER and not quantity.per and quantity.small >= 2.0:
        if quantity.large > 500.0:
            draft.set_number("power_w", quantity.large)
            return
        raise InvalidQuestion(
            # Translators: {text} is a number without a unit.
            lambda t: t(
                "Is {text} the price of a kWh in cents, or what the machine draws in watts?",
                text=item.text,
            ),
            f"/breakeven s19 {quantity.small:g}c",
            tuple(
                Choice(verbatim(text), _with_pair(draft, item, text))
                for text in (f"{quantity.small:g}c", *([] if draft.machines else [f"{quantity.large:g}W"]))
            ),
        )
    draft.set_money("power_price", draft.per_kwh(item, quantity))
    read_period(draft, item, quantity)


def per_kw(draft: QuestionDraft, quantity: Measure) -> Money:
    """What a kWh costs at a price of a kilowatt a month, as hosters charge: one that runs all the time."""
    days = next(DAYS[unit] for unit in quantity.per if unit in DAYS)
    price = draft.amount(quantity)
    return Money(price.amount / (days * 24.0), price.currency)


def read_period(draft: QuestionDraft, item: Item, quantity: Measure) -> None:
    """“s21 6c per week”: the week is what the profit is wanted for, since a kWh is no span of time."""
    for period in set(quantity.per) & set(PERIODS_ASKED):
        if draft.period not in ("day", period):
            raise unplaced(draft.scanned, item)
        draft.period = period
    if "hour" in quantity.per:
        raise unplaced(draft.scanned, item)


def _with_pair(draft: QuestionDraft, item: Item, text: str) -> str:
    """The question with `key=value` replaced by a value with its unit."""
    index = draft.items.index(item)
    left_out = [index - 2, index - 1] if index >= 2 and draft.items[index - 1].text == "=" else []
    return draft.scanned._joined(
        [
            Item(ItemKind.WORD, text, each.start, each.end) if each is item else each
            for number, each in enumerate(draft.items)
            if number not in left_out
        ]
    )


def _unknown_key(key: str) -> InvalidQuestion:
    return InvalidQuestion(
        # Translators: {key} is what was typed before “=”, {keys} a list of what can be.
        lambda t: t("I don't know “{key}=”; I know {keys}.", key=key[:30], keys=", ".join(sorted(KEYS)))
    )
