"""The goal of “how many S21 for 1 BTC a month?”, “wie viele S19 für 1000 € im Monat”, “要几台S21才有1PH”."""

from typing import Final

from bot.i18n.message import N_
from bot.mining.economics import Rig
from bot.mining.errors import Choice, InvalidQuestion
from bot.mining.goal import DAYS, Goal, GoalRequest
from bot.mining.parsing.clarifications import label
from bot.mining.parsing.items import Item, ItemKind
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.periods import period_within
from bot.mining.parsing.question_draft import QuestionDraft
from bot.mining.parsing.rigs import USUAL_J_PER_TH
from bot.mining.parsing.roles import word_set, words_of
from bot.mining.parsing.units import Currency, Money
from bot.mining.question import Focus, Question

_HOW_MANY: Final = word_set("goal_parser", "how_many")
"""Words that ask for a number where a machine follows."""
_NEEDED: Final = word_set("goal_parser", "needed")
"""Words that say that a number is needed, where the one before may ask for an amount of money too."""
_PRICES: Final = frozenset({"hashprice", "power", "price", "btc", "btc_price", "difficulty"})
_LEADING: Final = frozenset({"count_word", "machine_unit", "filler"})
_BETWEEN: Final = frozenset({"count_word", "machine_unit", "filler", "per"})
_COUNTED: Final = frozenset({*DAYS, "sats", "btc", "kwh", "mwh"})
_LEAST: Final = 2.0
"""Money below this is what a kWh costs."""
_LEAST_BARE: Final = 100.0
"""Without a currency a smaller number may be cents, watts or months."""
_EACH: Final = words_of("goal_parser", "each")
_COSTS: Final = frozenset({"hosting", "hosted", "debt", "fixed", "running_cost", "machine_price", "payback"})


def read_goal(draft: QuestionDraft) -> Goal | None:
    """The goal that a number of machines is asked for, taken out of the text; None without one.

    Raises InvalidQuestion for an amount of bitcoin without a span of time.
    """
    asking = [item for index, item in enumerate(draft.items) if _asks_number(draft, index)]
    if not asking or len(draft.machines) != 1 or "count" in draft.numbers:
        return None
    found = [
        (item, goal)
        for index, item in enumerate(draft.items)
        if not item.used and (goal := _goal_at(draft, index)) is not None
    ]
    if len(found) != 1:
        return None
    item, goal = found[0]
    if goal.amount is not None and not goal.period:
        raise _in_what_time(draft, item)
    item.used = True
    meanings = {"how_many", "sats", goal.period, "until"}
    if goal.amount is not None and goal.amount.currency is Currency.BTC:
        meanings.add("btc")
    for each in draft.items:
        each.used = each.used or each.concept in meanings or any(each is other for other in asking)
    return goal


def read_hashrate_goal(draft: QuestionDraft) -> GoalRequest | None:
    """“How much hashrate for 1 BTC a year?”, which needs no machine; None for any other text.

    Raises InvalidQuestion for an amount of money, which depends on what the hashrate costs.
    """
    items = draft.items
    named = next((place for place, item in enumerate(items) if item.concept == "hashrate"), None)
    if named is None:
        return None
    asks = any(each.text.startswith(_HOW_MUCH) for each in items[max(0, named - 3) : named + 3])
    words = [item for item in items if item.kind is not ItemKind.SIGN and item.quantity is None]
    if not asks or any(item.concept not in _AROUND_A_GOAL for item in words):
        return None
    goals = [goal for index in range(len(items)) if (goal := _goal_at(draft, index)) is not None]
    is_said = any(item.text in _ONE_BITCOIN for item in items)
    if is_said:
        goals.append(Goal(Money(1.0, Currency.BTC), period_named(draft, 0)))
    if len(goals) != 1 or goals[0].amount is None or not goals[0].period:
        return None
    if sum(1 for item in items if item.quantity is not None) > 1 - is_said:
        return None
    if goals[0].amount.currency is not Currency.BTC:
        raise InvalidQuestion(
            lambda t: t("What an income takes depends on the machine and its power; name a model."),
            # Translators: a question as it may be typed.
            lambda t: t("how many s21 for 0.1 BTC a month"),
        )
    rig = Rig(1.0, USUAL_J_PER_TH)
    return GoalRequest(Question(rig, focus=Focus.BITCOIN, scaled=True, period=goals[0].period), goals[0])


_HOW_MUCH: Final = words_of("goal_parser", "how_much")
_AROUND_A_GOAL: Final = frozenset(
    {"filler", "hashrate", "to", "profit", "sats", "btc", "per", "count_word", "how_many", "cost_to_mine"}
    | {"by", "money_out", "keep_on", "power", "if", "until", *DAYS}
)
_ONE_BITCOIN: Final = word_set("goal_parser", "one_bitcoin")


def refuse_number_without_goal(draft: QuestionDraft, goal: Goal | None) -> None:
    """Raise InvalidQuestion where a number of machines is asked for that nothing in the text decides."""
    is_said = "count" in draft.numbers or draft.counts or draft.site_power_w is not None
    if goal is not None or is_said or len(draft.machines) != 1:
        return
    is_needed = any(item.text in _NEEDED for item in draft.items)
    for index, item in enumerate(draft.items):
        if item.concept != "how_many" and not (is_needed and item.text in _HOW_MANY):
            continue
        behind = next((each for each in draft.items[index + 1 :] if each.concept not in _LEADING), None)
        if behind is not None and behind.mention is not None:
            raise InvalidQuestion(
                lambda t: t("How many machines for what: an income, an amount of bitcoin or a hashrate?"),
                # Translators: a question as it may be typed.
                lambda t: t("how many s21 for 0.1 BTC a month"),
            )


def asks_number(draft: QuestionDraft) -> bool:
    """True where a number of machines is asked for."""
    return any(_asks_number(draft, index) for index in range(len(draft.items)))


def _asks_number(draft: QuestionDraft, index: int) -> bool:
    item = draft.items[index]
    if item.concept != "how_many" and item.text not in _HOW_MANY:
        return False
    behind = next((each for each in draft.items[index + 1 :] if each.concept not in _BETWEEN), None)
    if item.concept == "how_many":  # not “how many months”
        return behind is None or behind.concept not in _COUNTED
    if index and draft.items[index - 1].concept in _PRICES:
        return False  # “算力价格多少 s21 …”: the price is asked for
    return behind is not None and behind.mention is not None


def _goal_at(draft: QuestionDraft, index: int) -> Goal | None:
    """The goal that a quantity is."""
    item = draft.items[index]
    quantity = item.quantity
    if quantity is None or quantity.signed:
        return None
    if quantity.unit in (MeasureUnit.THS, MeasureUnit.T):
        return Goal(hashrate_ths=quantity.large)
    if quantity.unit is MeasureUnit.NUMBER and not quantity.per and is_of_bitcoin(draft, index):
        return Goal(Money(quantity.small, Currency.BTC), period_named(draft, index))
    is_income = quantity.unit is MeasureUnit.MONEY and not quantity.cents and quantity.large >= _LEAST
    if (
        not (is_income or _is_bare_income(draft, index))
        or draft.concepts() & _COSTS
        or set(quantity.per) - set(DAYS)
    ):
        return None
    period = quantity.per[0] if quantity.per else period_named(draft, index)
    if not period and not draft.concepts() & {"profit"}:
        return None
    return Goal(draft.amount(quantity, own=not is_income), period)


def _is_bare_income(draft: QuestionDraft, index: int) -> bool:
    """True for an amount without a currency of which it is said in what time: “2000 a month”, “月入一万”."""
    quantity, behind = draft.items[index].quantity, draft.items[index + 1 : index + 2]
    if quantity is None or quantity.unit is not MeasureUnit.NUMBER or quantity.large < _LEAST_BARE:
        return False
    if set(quantity.per) & set(DAYS):
        return True
    if behind and behind[0].concept in DAYS:
        return behind[0].text.startswith(_EACH) or len(behind[0].text.split()) > 1
    before = [each for each in draft.items[:index] if each.concept != "filler"]
    return bool(before) and before[-1].concept == "profit" and bool(period_named(draft, index))


def is_of_bitcoin(draft: QuestionDraft, index: int) -> bool:
    """True for a number with a word for bitcoin behind it."""
    quantity = draft.items[index].quantity
    if quantity is None or quantity.unit is not MeasureUnit.NUMBER or quantity.per:
        return False
    behind = draft.items[index + 1 : index + 3]
    if behind and behind[0].concept == "count_word":
        behind = behind[1:]
    return bool(behind) and behind[0].text.split()[0] in _BITCOINS


_BITCOINS: Final = word_set("goal_parser", "bitcoins")


def period_named(draft: QuestionDraft, index: int) -> str:
    """The span of time that a text names, "" where it names none or several."""
    periods = {item.concept for item in draft.items if item.kind is ItemKind.WORD and item.concept in DAYS}
    named = (item for item in draft.items if item.concept == "profit")
    periods |= {period_within(item.text) for item in (*named, *draft.items[index + 1 : index + 2])} - {""}
    return periods.pop() if len(periods) == 1 else ""


def _in_what_time(draft: QuestionDraft, item: Item) -> InvalidQuestion:
    names = (("day", N_("per day")), ("month", N_("per month")), ("year", N_("per year")))
    text = draft.scanned.text_without([])
    return InvalidQuestion(
        # Translators: {text} is an amount, such as “1 BTC”.
        lambda t: t("In what time: {text} a day, a month or a year?", text=item.text[:30]),
        "/breakeven s21 6c",
        tuple(Choice(label(name), f"{text} per {period}") for period, name in names),
    )
