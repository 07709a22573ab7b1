"""Figures that a word beside them names."""

from typing import Final

from bot.i18n.message import N_
from bot.mining.errors import Choice, InvalidQuestion, verbatim
from bot.mining.parsing.clarifications import label
from bot.mining.parsing.items import Item, ItemKind
from bot.mining.parsing.keyword_table import KEYWORDS, fits
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.named_figures import assign
from bot.mining.parsing.question_draft import QuestionDraft
from bot.mining.parsing.roles import word_set
from bot.mining.parsing.running_costs import SHARED, said_with

_CHEAPEST_BITCOIN: Final = 15_000.0
"""What is called a price below this is a machine's, or asked about."""
_ADDED: Final = frozenset(
    {"tax", "surcharge", "hosting", "hosted", "debt", "fixed", "running_cost", "cooling", "overhead"}
    | {"pool_fee"}
)
"""What is paid on top, which a plus sign may stand before."""
_LESS: Final = word_set("keywords", "less")
_PER_BLOCK: Final = word_set("keywords", "per_block")


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
        assign(draft, _meant(draft, first[index], index), item)
        item.used = keyword.used = True
        if keyword.concept in _ADDED:
            _use_plus(draft, min(index, first[index]), max(index, first[index]))
        if keyword.concept in ("pool_fee", "fpps", "pplns"):
            _use_less(draft, min(index, first[index]) - 1)
        _use_said_again(draft, item, keyword, first[index])


def _use_said_again(draft: QuestionDraft, item: Item, keyword: Item, place: int) -> None:
    """Use what only says an amount's word again: “curtailed 6 % of the hours”, “only up 92 % of the time”."""
    index = draft.items.index(item)
    if keyword.text in _OF_THE_TIME:
        for each in said_with(draft, item):
            each.used = each.used or each.concept in ("only", "up", "keep_on")
    for step in (-1, 1):
        other = draft.item_beside(index, step)
        if other is not None and (other.concept == keyword.concept or other.text in _OF_THE_TIME):
            other.used = True
        beside = draft.item_beside(place, step)  # “mit einer Gebühr des Pools von 2 %”
        if beside is not None and beside.concept == keyword.concept:
            beside.used = True


def _use_plus(draft: QuestionDraft, start: int, end: int) -> None:
    """“6c + 19 % tax”, “12 € fijos más 28 céntimos”: the sign before an amount and its word, or behind."""
    before = draft.items[max(0, start - 1) : start]
    behind = draft.items[end + 1 : end + 3]
    if len(behind) > 1 and behind[1].quantity is not None:
        before.append(behind[0])
    for each in before:
        each.used = each.used or each.text in PLUS


PLUS: Final = word_set("keywords", "plus")
"""What stands before something that is added."""


def _is_off(draft: QuestionDraft, keyword: Item, share: Item) -> bool:
    """True for a share of the time in which a machine is off: “off 8 % of the time”; these words are used."""
    if keyword.text not in _OF_THE_TIME or not share.is_share:
        return False
    off = [each for each in said_with(draft, share) if each.concept in _OFF and not each.used]
    for each in off:
        each.used = True
    return bool(off)


_OFF: Final = frozenset({"shut_off", "gone", "downtime", "down"})
_OF_THE_TIME: Final = word_set("keywords", "of_the_time")
"""What a share is of, whether a machine runs in it or not."""


def _is_of_cost(draft: QuestionDraft, index: int) -> bool:
    """True for an amount right behind which the cost stands that it is."""
    behind = draft.item_beside(index, 1)
    return behind is not None and behind.concept in SHARED


def _is_included(draft: QuestionDraft, index: int) -> bool:
    """True for what stands behind “including”."""
    while index > 0 and draft.items[index - 1].concept in ("filler", "per"):
        index -= 1
    return index > 0 and draft.items[index - 1].concept == "included"


def _use_less(draft: QuestionDraft, index: int) -> None:
    """“minus 2 % pool fee”: a fee always takes away."""
    if index >= 0 and draft.items[index].text in _LESS:
        draft.items[index].used = True


def _meant(draft: QuestionDraft, place: int, index: int) -> str:
    """What the word at a place means for an amount: the price of a machine that is bought is not bitcoin's,
    nor are fees in bitcoin the pool's."""
    concept = draft.items[place].concept
    if concept == "uptime" and _is_off(draft, draft.items[place], draft.items[index]):
        concept = "downtime"
    item, following = draft.items[index], draft.items[index + 1 : index + 2]
    if concept == "pool_fee" and not item.is_share and following and following[0].text in ("btc", "xbt", "₿"):
        following[0].used = True
        for each in draft.items[index + 2 : index + 5]:
            each.used = each.used or each.text in _PER_BLOCK
        return "fees"
    if concept == "pool_fee" and draft.items[place].text in ANY_FEES:
        _check_whose_fees(draft, item)
    subject = draft.item_beside(place, -1)
    if concept == "machine_price" and subject is not None and subject.concept == "btc":
        return "btc_price"  # “a bitcoin costs 25,000 dollars”
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


def _check_whose_fees(draft: QuestionDraft, item: Item) -> None:
    """Raise the question whose fees a “fees 0.04” is of: a pool's share, or bitcoins of a block's."""
    quantity = item.quantity
    if quantity is None or quantity.unit is not MeasureUnit.NUMBER or not 0.0 < quantity.small < _MOST_SHARE:
        return
    if any(each.text in _POOL for each in draft.items):
        return
    share, fees = f"{quantity.small * 100.0:g}%", f"{quantity.small:g} BTC"
    raise InvalidQuestion(
        # Translators: {share} is such as “4%”, {fees} such as “0.04 BTC”.
        lambda t: t(
            "Does the pool take {share}, or are there {fees} of fees in a block?", share=share, fees=fees
        ),
        f"/breakeven s19 7c fee={share}",
        (
            Choice(verbatim(f"fee={share}"), draft.scanned.text_with(item, share)),
            Choice(verbatim(f"fees={fees}"), draft.scanned.text_with(item, fees)),
        ),
    )


ANY_FEES: Final = word_set("keywords", "any_fees")
"""Words for fees of either kind; a single fee is the pool's."""
_POOL: Final = word_set("keywords", "pool")
_MOST_SHARE: Final = 0.3
"""A pool never takes a larger share."""


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
            if other.concept == "machine_price" and step < 0 and _is_of_cost(draft, index):
                break  # “each costs me 20 euros rent a month”
            if other.concept in KEYWORDS and fits(other.concept, item.quantity):
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
                "place",
            ):
                break
            position = draft.neighbour(position, step)
            hops += 1
    return keyword_by_quantity
