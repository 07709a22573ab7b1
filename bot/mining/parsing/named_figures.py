"""What a quantity sets in a question when it is known what it is."""

import re
from typing import Final

from bot.i18n.message import N_
from bot.mining.errors import Choice, InvalidQuestion, verbatim
from bot.mining.limits import OutOfBounds, check
from bot.mining.parsing.clarifications import doubtful, open_word, unplaced
from bot.mining.parsing.items import Item
from bot.mining.parsing.keyword_table import fits
from bot.mining.parsing.measures import Measure, MeasureUnit
from bot.mining.parsing.power_figures import assign_power, per_kw
from bot.mining.parsing.question_draft import DAYS, QuestionDraft
from bot.mining.parsing.roles import word_set, words_of
from bot.mining.parsing.running_costs import add_cost, comes_on_top, is_tariff, with_period
from bot.mining.question import Scheme

_ON: Final = word_set("named_figures", "on")
_OF_INCOME: Final = re.compile(
    r"mining|майнинг|доход|минер[ií]а|miner[ií]a|renta\b|income|einkommen|所得|挖矿|收益"
)


def assign(draft: QuestionDraft, concept: str, item: Item, *, keyed: bool = False) -> None:
    """Take a quantity for what its keyword says. Raises InvalidQuestion for what it can't be."""
    try:
        _assign(draft, concept, item, keyed=keyed)
    except OutOfBounds as failure:
        raise failure.as_typed(draft.scanned.as_typed(item)) from None


def _assign(draft: QuestionDraft, concept: str, item: Item, *, keyed: bool) -> None:  # noqa: PLR0912, PLR0915 - a table of cases, one branch each
    quantity = item.quantity
    assert quantity is not None  # noqa: S101 - callers pass quantities only; this tells the type checker
    match concept:
        case "fpps" | "pplns":
            draft.scheme = Scheme(concept)
            draft.set_number("pool_fee", _share(draft, item, quantity, N_("pool fee"), 0.1))
        case "pool_fee":
            draft.set_number("pool_fee", _share(draft, item, quantity, N_("pool fee"), 0.1))
        case "uptime":
            if quantity.unit is MeasureUnit.NUMBER and 20.0 <= quantity.small <= 100.0:
                draft.set_number("uptime", quantity.small / 100.0)
            else:
                draft.set_number("uptime", _share(draft, item, quantity, N_("uptime"), 1.0))
        case "overhead" | "cooling" if quantity.unit is MeasureUnit.NUMBER:
            draft.set_number("overhead", quantity.small)
        case "overhead" | "cooling":
            draft.set_number("overhead", 1.0 + quantity.small / 100.0)
        case "consumption":
            draft.set_power(item, quantity.large)
        case "downtime":
            check("downtime", quantity.small / 100.0)
            draft.set_number("uptime", 1.0 - quantity.small / 100.0)
        case "hashprice":
            draft.set_hashprice(item, quantity)
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
            assign_power(draft, item, quantity, keyed=keyed)
        case "btc" | "btc_price" | "price":
            draft.set_money("btc_price", draft.amount(quantity))
        case "machine_price":
            draft.set_money("machine_price", draft.amount(quantity, own=True))
        case "hosting" | "hosted" if "kw" in quantity.per and set(quantity.per) & set(DAYS):
            draft.set_money("power_price", per_kw(draft, quantity))
        case "hosting" | "hosted" | "fixed" | "running_cost" if is_tariff(concept, quantity):
            name = "surcharge" if comes_on_top(draft, concept, item) else "power_price"
            draft.set_money(name, draft.per_kwh(item, quantity))
        case "hosting" | "hosted" | "debt" | "fixed" | "running_cost":
            cost = with_period(draft, concept, item, quantity, keyed=keyed)
            draft.is_hosted = draft.is_hosted or (concept in ("hosting", "hosted") and not keyed)
            add_cost(draft, concept, item, cost, keyed=keyed)
        case "heat":
            draft.set_money("heat_credit", draft.per_kwh(item, quantity))
        case "surcharge":
            draft.set_money("surcharge", draft.per_kwh(item, quantity))
        case "tax" if _taxes_income(draft, draft.items.index(item)):
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


def read_moved_hashprice(draft: QuestionDraft) -> None:
    """“if the hashprice falls to 38 $”, “算力价格掉到38美元”: the hashprice it falls to."""
    if not any(item.mention is not None for item in draft.items):
        return
    for index, item in enumerate(draft.items):
        if item.concept != "hashprice" or item.used:
            continue
        moves: list[Item] = []
        for behind in draft.items[index + 1 : index + 5]:
            if behind.quantity is not None and moves and fits("hashprice", behind.quantity):
                draft.set_hashprice(behind, behind.quantity)
                for each in (item, behind, *moves):
                    each.used = True
            if behind.concept not in _MOVING:
                break
            moves.append(behind)


_MOVING: Final = frozenset({"down", "up", "move", "to", "filler", "by"})


def _taxes_income(draft: QuestionDraft, index: int) -> bool:
    """True for a tax that is paid on what is earned: “15 % tax on profit”, “income tax 20 %”."""
    near = draft.items[max(0, index - 3) : index + 4]
    return is_of_profit(draft, index) or any(_OF_INCOME.search(each.text) for each in near)


def is_of_profit(draft: QuestionDraft, index: int) -> bool:
    """True for a share of what is earned: “15 % of the profit”."""
    behind = draft.items[index + 1 : index + 5]
    if behind and behind[0].concept == "profit" and behind[0].text.startswith(_PROFIT_IN_RUSSIAN):
        return True
    joined = next((place for place, each in enumerate(behind) if each.text in _ON), None)
    if joined is None:
        return False
    return any(each.concept == "profit" for each in behind[joined + 1 : joined + 3])


_PROFIT_IN_RUSSIAN: Final = words_of("named_figures", "of_profit")
"""How the words begin that say whose share it is without a word between: “20 % прибыли”."""


def _share(draft: QuestionDraft, item: Item, quantity: Measure, name: str, most: float) -> float:
    """A fraction given in per cent, or as a fraction where it can be nothing else."""
    if quantity.unit is MeasureUnit.PERCENT:
        value = quantity.small / 100.0
        if name == "pool fee" and value > 0.3 and value <= 1.0:
            raise doubtful(draft.scanned, item, [f"{value:.4g}%"] if value < 1 else [])
        return value
    value = quantity.small
    if 0.0 <= value <= most:
        return value
    raise InvalidQuestion(
        # Translators: {text} is a number without a unit, {name} such as “pool fee”.
        lambda t: t("Is the {name} of {text} in per cent, or a fraction?", name=t(name), text=item.text),
        f"/breakeven s19 7c fee={value:g}%",
        tuple(
            Choice(verbatim(text), draft.scanned.text_with(item, text))
            for text in (f"{value:g}%",)
            if value <= 100
        ),
    )
