"""Whether a machine is to run in all hours of a tariff: “12c from 17 to 21, shut it off then?”."""

from collections.abc import Sequence
from typing import Final

from bot.mining.parsing.items import Item
from bot.mining.parsing.question_draft import QuestionDraft
from bot.mining.parsing.roles import any_of, word_set
from bot.mining.parsing.running_hours import RUNS

_WHETHER: Final = any_of("hours_choice", "whether")
DAYTIME: Final = word_set("hours_choice", "daytime")
NIGHTTIME: Final = word_set("hours_choice", "nighttime")
USUAL_NIGHT: Final = (22.0, 6.0)
"""The hours of a night tariff of which nothing more is said."""
_STOPPING: Final = frozenset({"shut_off", "keep_on", "gone", "stop", "down"})
_PARTS_OF_A_DAY: Final = frozenset({"peak", "off_peak", "rest"})


def asks_whether(draft: QuestionDraft) -> bool:
    """True where something is asked, not told: a question mark, or “should I”, “lohnt es sich”."""
    return "?" in draft.scanned.plain or _WHETHER.search(draft.scanned.plain) is not None


def asks_for_hours(draft: QuestionDraft) -> bool:
    """True where it is asked whether to stop in some hours; the words that ask it are used then."""
    items = draft.items
    is_asked = draft.asks_hours or any(
        item.concept == "shut_off" or (item.concept in ("keep_on", "only") and _names_hours(items, index))
        for index, item in enumerate(items)
    )
    if not is_asked or not asks_whether(draft):
        return False
    for item in items:
        item.used = item.used or item.concept in (*_STOPPING, *_PARTS_OF_A_DAY, "only")
    return True


def _names_hours(items: Sequence[Item], index: int) -> bool:
    """True for “only at night”, “keep it on during peak”, “nur nachts laufen lassen”."""
    near = items[max(0, index - 4) : index + 5]
    return any(each.concept in ("peak", "off_peak") for each in near)


def read_day_and_night(draft: QuestionDraft, prices: Sequence[Item]) -> bool:
    """“6 ct at night, 11 ct by day, only at night?”: the usual hours of a night, since whether it pays in
    them does not depend on them. Gives whether that was read.
    """
    is_read = draft.hours is not None or any(price.used for price in prices)
    if is_read or len(prices) != 2 or not asks_for_hours(draft):
        return False
    places = [draft.items.index(price) for price in prices]
    ways = ([_label(draft, place, step) for place in places] for step in (1, -1))
    labels = next((labels for labels in ways if sorted(labels) == ["day", "night"]), None)
    if labels is None:
        return False
    by_label = dict(zip(labels, prices, strict=True))
    for label, name in (("day", "power_price"), ("night", "peak_price")):
        price = by_label[label]
        if price.quantity is None:
            return False
        draft.set_money(name, draft.per_kwh(price, price.quantity))
        price.used = True
    draft.hours, draft.hours_assumed, draft.asks_hours = USUAL_NIGHT, True, True
    return True


def _label(draft: QuestionDraft, index: int, step: int) -> str:
    """Whether a price is the day's or the night's, by the word on one side; "" where none says so."""
    place = draft.neighbour(index, step, over=_BESIDE_A_PRICE)
    text = "" if place is None else draft.items[place].text
    return "night" if text in NIGHTTIME else "day" if text in DAYTIME else ""


_BESIDE_A_PRICE: Final = frozenset({"filler", "to", "per", "by", "power"})


def asks_of_hours_before(items: Sequence[Item]) -> bool:
    """True for “only at night?”, “shut it off then?”, behind a question whose tariff has several prices."""
    said = {item.concept for item in items}
    runs = said & {"only", "shut_off", "keep_on"} or any(item.text in RUNS for item in items)
    return bool(runs) and bool(said & {"peak", "off_peak", "shut_off"})
