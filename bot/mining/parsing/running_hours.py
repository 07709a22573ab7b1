"""The share of the day in which a machine runs: “only from 10 to 16 h”, “8 hours a day”."""

from typing import Final

from bot.mining.parsing.hour_ranges import begins_in, hours_of, is_of_hours, ranges_of
from bot.mining.parsing.items import Item
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.question_draft import QuestionDraft
from bot.mining.parsing.roles import word_set
from bot.mining.parsing.units import Money

RUNS: Final = word_set("running_hours", "runs")
_BESIDE_ONLY: Final = frozenset(
    {"filler", "to", "per", "by", "when", "if", "keep_on", "power", "hour", "money_out"}
)
_BEFORE_A_DAY: Final = frozenset({"filler", "per", "keep_on", "only"})


def runs_only(draft: QuestionDraft) -> str | None:
    """The hours in which alone a machine is to run, `peak` or `off_peak`, "" for those of the range; None
    where it runs all day: “only 5c at night” says that of the price.
    """
    for index, item in enumerate(draft.items):
        if item.concept != "only" or item.used:
            continue
        beside = [draft.neighbour(index, step, over=_BESIDE_ONLY) for step in (1, -1)]
        near = [draft.items[place] for place in beside if place is not None]
        label = next((each.concept for each in near if each.concept in ("peak", "off_peak")), "")
        runs = any(each.concept == "keep_on" or each.text in RUNS for each in draft.items)
        behind = beside[0]
        following = None if behind is None else draft.neighbour(behind, 1)
        before = draft.items[index - 1] if index and not runs else item
        is_price = before.may_be_power_price or any(
            place is not None and draft.items[place].may_be_power_price and not draft.items[place].used
            for place in (behind, following)
        )
        if (label and not is_price) or (
            runs and (behind is None or not draft.items[behind].may_be_power_price)
        ):
            item.used = True
            if not label:
                label = next(
                    (each.concept for each in draft.items[index:] if each.concept in ("peak", "off_peak")), ""
                )
            return label
    return None


def says_when_it_runs(draft: QuestionDraft) -> bool:
    """True where hours are those in which a machine runs, not those of a price."""
    return any(item.concept in ("only", "keep_on") or item.text in RUNS for item in draft.items)


def stops_then(draft: QuestionDraft) -> bool:
    """True where a machine is off in the hours, or outside of them: “7c except 16-21, then it is off”."""
    return {"except", "shut_off"} <= draft.concepts() or _is_off_else(draft)


def _is_off_else(draft: QuestionDraft) -> bool:
    """True for “otherwise it's off”: the hours are those in which a machine runs."""
    for index, item in enumerate(draft.items):
        if item.concept == "rest":
            beside = [draft.item_beside(index, step) for step in (1, -1)]
            return any(each is not None and each.concept == "shut_off" for each in beside)
    return False


def read_running_range(draft: QuestionDraft) -> None:
    """“it only runs from 10 to 16 h”: the share of the day in which it does."""
    if draft.hours is not None:
        return  # they are a price's
    ranges = [
        (match, hours)
        for match in ranges_of(draft.scanned.plain)
        if (hours := hours_of(match)) is not None and is_of_hours(draft, match)
    ]
    if len(ranges) != 1:
        return
    concepts = draft.concepts()
    runs_only = "rest" in concepts and "shut_off" not in concepts and says_when_it_runs(draft)
    is_off_else = runs_only or _is_off_else(draft)
    stops = bool(concepts & {"shut_off", "except"}) and not is_off_else
    if not (stops or is_off_else or says_when_it_runs(draft)):
        return
    match, (start, end) = ranges[0]
    share = ((end - start) % 24.0 or 24.0) / 24.0
    draft.set_number("uptime", 1.0 - share if stops else share)
    for item in draft.items:
        is_told = item.concept in ("peak", "off_peak", "rest" if is_off_else else "except")
        if begins_in(draft, item, match) or is_told:
            item.used = True


def read_daily_hours(draft: QuestionDraft) -> None:
    """“8 hours a day”, “每天8小时”: the share of the day in which a machine runs."""
    for index, item in enumerate(draft.items[:-1]):
        quantity, hours = item.quantity, draft.items[index + 1]
        if item.used or quantity is None or quantity.unit is not MeasureUnit.NUMBER or quantity.signed:
            continue
        if any(each.concept == "free" for each in draft.items[max(0, index - 4) : index + 6]):
            continue  # “4 hours a day for free”: of the power, not of running
        if not 0.0 < quantity.small <= 24.0 or hours.concept != "hour":
            continue
        slash = index + 2 < len(draft.items) and draft.items[index + 2].text == "/"
        behind = draft.neighbour(index + 1 + slash, 1, over=_BEFORE_A_DAY)
        ahead = draft.neighbour(index, -1, over=_BEFORE_A_DAY)
        day = next(
            (
                draft.items[place]
                for place in (behind, ahead)
                if place is not None and draft.items[place].concept == "day" and not draft.items[place].used
            ),
            None,
        )
        price = draft.items[ahead] if ahead is not None else None
        if day is None and price is not None and _is_cents_a_day(price):
            assert price.quantity is not None  # noqa: S101 - it has one; this tells the type checker
            price.quantity, day = price.quantity._replace(per=()), hours
        if day is not None:
            item.used = hours.used = day.used = True
            draft.set_number("uptime", quantity.small / 24.0)


def read_free_hours(draft: QuestionDraft) -> bool:
    """“free solar 6 h a day, the rest at 14c”: hours in which power costs less, said to be around noon where
    nothing names them, or alone those in which it runs. Gives whether that was read.
    """
    items = draft.items
    prices = [item for item in items if item.may_be_power_price and not item.used]
    free = next((item for item in items if item.concept == "free" and not item.used), None)
    if free is None and len(prices) == 2 and any(item.concept == "rest" for item in items):
        rest = next(index for index, item in enumerate(items) if item.concept == "rest")
        free, prices = prices[0], prices[1:]  # “5 h of sun a day at 8c, otherwise 30c”
        if items.index(prices[0]) < rest:
            return False
    if len(prices) != 1 or free is None or draft.hours is not None:
        return False
    for index, item in enumerate(items[:-1]):
        quantity, hours = item.quantity, items[index + 1]
        if item.used or quantity is None or hours.concept != "hour" or not 0.0 < quantity.small < HOURS_A_DAY:
            continue
        behind = draft.neighbour(index + 1, 1, over=_BEFORE_A_DAY | {"place", "power", "free"})
        ahead = draft.neighbour(index, -1, over=_BEFORE_A_DAY)
        named = [items[place] for place in (behind, ahead) if place is not None]
        day = next((each for each in named if each.concept == "day" and not each.used), None)
        price = prices[0].quantity
        if day is None or price is None:
            continue
        cheap = Money(0.0) if free.quantity is None else draft.per_kwh(free, free.quantity)
        for each in (item, hours, day, free, prices[0]):
            each.used = True
        for each in items:
            each.used = each.used or each.concept == "rest"
        only = [each for each in items if each.concept == "only"]
        if only and "?" not in draft.scanned.plain:
            draft.set_money("power_price", cheap)
            draft.set_number("uptime", quantity.small / HOURS_A_DAY)
        else:
            draft.set_money("power_price", draft.per_kwh(prices[0], price))
            draft.set_money("peak_price", cheap)
            draft.hours = (NOON - quantity.small / 2.0, NOON + quantity.small / 2.0)
            draft.hours_assumed, draft.asks_hours = True, bool(only)
        return True
    return False


NOON, HOURS_A_DAY = 12.0, 24.0


def _is_cents_a_day(item: Item) -> bool:
    """True for “7美分 每天” before a number of hours, where the day is that of the hours."""
    quantity = item.quantity
    return quantity is not None and quantity.cents and quantity.per == ("day",)
