"""“How long until an S21 mines 0.1 BTC?”, “wie lange für einen ganzen Bitcoin”, “多久能挖一个比特币”."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.mining.errors import InvalidQuestion
from bot.mining.mining_time import MinedAmount, MiningTimeRequest
from bot.mining.parsing.continuation import following
from bot.mining.parsing.follow_up import AskedQuestion
from bot.mining.parsing.goal_parser import is_of_bitcoin
from bot.mining.parsing.items import Item
from bot.mining.parsing.leftovers import check_leftovers
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.projection_parser import difficulty_growth
from bot.mining.parsing.question_draft import QuestionDraft
from bot.mining.parsing.question_parser import question_of
from bot.mining.parsing.scenario_parser import MOVES, nothing_supposed
from bot.mining.parsing.units import Currency
from bot.mining.question import Focus, Question
from bot.mining.scenario import Scenario

_HOW_LONG: Final = re.compile(
    r"(?<![a-zа-яäöüß])(?:how (?:long|soon)(?: (?:until|till|does it take|would it take|will it take|to))?"
    r"|(?:in )?how many (?:days|weeks|months|years)"
    r"|(?:days|time|weeks|months|years) (?:until|till|to|for|needed)"
    r"|when (?:will|does|do|would|have|has|is)"
    r"|wie ?lange|(?:in |nach )?wie ?vielen? (?:tagen?|wochen|monaten?|jahren?)|(?:bis )?wann"
    r"|(?:en )?cu[áa]nto (?:tiempo|tarda\w*|tardo|demora\w*|falta|se tarda|lleva)|(?:en )?cu[áa]nt[oa]s"
    r" (?:d[íi]as|semanas|meses|años)|cu[áa]ndo"
    r"|как долго|(?:за |через )?сколько (?:времени|дней|недель|месяцев|лет)|через сколько|за сколько"
    r"|за какое время|когда)(?![a-zа-яäöüß])"
    r"|(?:要|需要|还要)?(?:多久|多长时间|多少天|几天|多少个月|几个月|几年|多少年)|什么时候|何时"
)
"""How the time is asked for that something takes."""
_WHOLE: Final = re.compile(
    r"(?<![a-zа-яäöüß\d.,])(?P<half>(?:an? )?half (?:of )?(?:an? )?|ein(?:en)? halben |medio |пол[- ]?)?"
    r"(?P<one>(?:an?|one|an entire|an? (?:whole|full|single|entire)|(?:den|der) erste[nr]?"
    r"|einen?(?: (?:ganzen|vollen|einzigen))?|ganzen|un(?: solo)?|один(?: целый)?|целый|the first) )?"
    r"(?P<coin>btc|bitcoin|биткоин|биткойн|биткоина|битка?)(?: (?:entero|completo))?(?![a-zа-яäöüß])"
    r"|(?P<han_half>半[个枚])(?:btc|比特币|币)|(?P<han_one>(?:一整?|1)[个枚])(?:完整的)?(?:btc|比特币|币)"
)
"""A bitcoin, or half of one, without a figure."""
_OF_MONEY: Final = frozenset(
    {"payback", "breakeven", "machine_price", "hosting", "hosted", "debt", "fixed", "surcharge"}
)
_SAID: Final = frozenset(
    {"when", "until", "sats", "cost_to_mine", "profit", "money_out", "how_many", "to", "keep_on", "btc"}
)
"""Meanings that only ask for the time, or say of what."""


def read_mined_amount(draft: QuestionDraft, *, goes_on: bool) -> MinedAmount | None:
    """The amount of bitcoin of which is asked how long it takes, taken out of the text; None without one.

    `goes_on` is True behind a question, whose machine may be meant.
    """
    if len(draft.machines) > 1 or not (draft.names_machine or goes_on):
        return None
    asked = _HOW_LONG.search(draft.scanned.plain)
    if asked is None or any(
        item.concept in _OF_MONEY and not _begins_within(draft, item, [asked.span()]) for item in draft.items
    ):
        return None
    found = [
        (item, amount)
        for index, item in enumerate(draft.items)
        if not item.used and (amount := _amount_at(draft, index)) is not None
    ]
    ranges = [asked.span()]
    if not found:
        whole = next((each for each in _WHOLE.finditer(draft.scanned.plain) if _is_one(each)), None)
        if whole is None:
            return None
        ranges.append(whole.span())
        btc = 0.5 if whole["half"] or whole["han_half"] else 1.0
    elif len(found) == 1:
        item, btc = found[0]
        item.used = True
    else:
        return None
    for item in draft.items:
        if item.concept in _SAID or _begins_within(draft, item, ranges):
            item.used = True
    draft.has_aim = True
    return MinedAmount(btc)


def mining_time_request(
    draft: QuestionDraft, amount: MinedAmount, scenario: Scenario, before: AskedQuestion | None
) -> MiningTimeRequest:
    """The question how long it takes. Raises InvalidQuestion where more than difficulty changes."""
    if not draft.numbers.keys().isdisjoint(("months", "resale")):
        raise InvalidQuestion(
            lambda t: t("I reckon how long it takes; leave out for how long."),
            "/breakeven s21 6c",
        )
    growth = difficulty_growth(draft, scenario)
    if draft.names_machine or before is None:
        question = question_of(draft)
        check_leftovers(draft, MOVES)
    else:
        followed = following(draft, Scenario(), before)
        if not isinstance(followed, Question):
            raise nothing_supposed()
        question = followed
    return MiningTimeRequest(replace(question, focus=Focus.PROFIT, period="day"), amount.btc, growth)


def _begins_within(draft: QuestionDraft, item: Item, ranges: Sequence[tuple[int, int]]) -> bool:
    begins = draft.scanned.tokens[item.start].start
    return any(first <= begins < end for first, end in ranges)


def _is_one(match: re.Match[str]) -> bool:
    return any(match[name] for name in ("half", "one", "han_half", "han_one"))


def _amount_at(draft: QuestionDraft, index: int) -> float | None:
    """The amount of bitcoin that a quantity is; None for any other."""
    quantity = draft.items[index].quantity
    if quantity is None or quantity.signed or quantity.per or quantity.small <= 0.0:
        return None
    is_sats = quantity.unit is MeasureUnit.MONEY and quantity.currency is Currency.BTC
    if is_sats:
        return quantity.large if quantity.cents else quantity.small  # “100.000 sats” are whole ones
    return quantity.small if is_of_bitcoin(draft, index) else None
