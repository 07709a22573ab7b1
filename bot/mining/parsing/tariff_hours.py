"""Prices of power that hold for hours of the day: a peak price, a day of several spans."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from bot.mining.errors import InvalidQuestion
from bot.mining.parsing.day_schedules import (
    HOURS_OF_A_DAY,
    Part,
    Span,
    hours_of_prices,
    length,
    overlapping,
)
from bot.mining.parsing.hour_ranges import are_of_a_clock, begins_in, hours_of, is_scaled, ranges_of
from bot.mining.parsing.hours_choice import DAYTIME, NIGHTTIME, asks_whether, read_day_and_night
from bot.mining.parsing.items import Item
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.question_draft import QuestionDraft
from bot.mining.parsing.running_hours import (
    read_free_hours,
    read_running_range,
    runs_only,
    says_when_it_runs,
    stops_then,
)
from bot.mining.parsing.units import Money

_Window = tuple[re.Match[str], Span]
_NIGHT_ENDS: Final = 5.0
_NO_TARIFF: Final = frozenset(
    {"fees", "subsidy", "network", "pool_fee", "uptime", "overhead", "surcharge", "heat", "difficulty"}
)
_MINUTE: Final = 1.0 / 60.0
_TARIFF_MARKS: Final = frozenset(",;./")
_THREE_PRICES: Final = "/breakeven s19 7c peak 12c 7-9 peak 15c 17-21"
_BESIDE_A_PRICE: Final = frozenset({"filler", "to", "per", "by", "power"})
_TARIFF_HOURS: Final = frozenset({"peak", "off_peak", "rest"})


def read_hours(draft: QuestionDraft) -> None:
    """A schedule: the hours of another price, “17-21”, “10pm to 6am”, and which price is whose.

    The price beside the hours is theirs, whether it is the dearer or the cheaper one; the other price holds
    for the rest of the day.
    """
    prices = [
        item
        for index, item in enumerate(draft.items)
        if item.may_be_power_price and not _is_of_else(draft, index)
    ]
    labelled = bool(draft.concepts() & {"peak", "off_peak", "rest", "free", "except"})
    windows = [
        (match, hours)
        for match in ranges_of(draft.scanned.plain)
        if (hours := hours_of(match)) is not None
        and not is_scaled(draft, match)
        and not any(item.used for item in draft.items if begins_in(draft, item, match))
    ]
    ranges = [
        (match, hours) for match, hours in windows if labelled or (len(prices) > 1 and are_of_a_clock(match))
    ]
    whole = windows if len(windows) > 1 else ranges or windows
    prices = [item for item in prices if not any(begins_in(draft, item, match) for match, _ in whole)]
    prices = _with_bare_cents(draft, prices, [match for match, _ in ranges])
    several = windows if len(prices) > 2 else ranges
    if len(several) > 1 and len(prices) > 1 and not _is_day_and_night(several, prices):
        _read_day(draft, several, prices)
        return
    if not ranges:
        if not read_free_hours(draft) and not read_day_and_night(draft, prices) and len(prices) <= 1:
            read_running_range(draft)
        return
    first, hours = ranges[0]
    if len(prices) <= 1 and len(ranges) == 1 and (says_when_it_runs(draft) or stops_then(draft)):
        read_running_range(draft)
        return
    if len(ranges) == 1 and len(prices) == 2 and not labelled and says_when_it_runs(draft):
        raise _while_it_runs(draft, prices)
    if len(ranges) == 1 and len(prices) == 1 and _read_free_hours(draft, first, hours, prices[0]):
        return
    if len(ranges) > 1 and ranges[1][1] != hours[::-1]:
        return  # a third price, or hours that overlap: what is left unused is asked about
    for item in draft.items:
        position = draft.scanned.tokens[item.start].start
        if any(match.start() <= position < match.end() for match, _ in ranges):
            item.used = True
    draft.hours = (hours[0] % 24, hours[1] % 24)
    prices = [item for item in prices if not item.used]
    if len(prices) == 2:
        _assign_schedule(draft, first, prices)


def _is_of_else(draft: QuestionDraft, index: int) -> bool:
    """True for an amount that is said to be something else: “surcharge 2c”, “fees=0.05”."""
    if index > 1 and draft.items[index - 1].text == "=":
        return draft.items[index - 2].concept not in ("power", "peak", "off_peak")
    return index > 0 and draft.items[index - 1].concept in _NO_TARIFF


def _is_day_and_night(windows: Sequence[_Window], prices: Sequence[Item]) -> bool:
    """True for two prices with the hours of both: “4c 22-6, 9c 6-22”."""
    return len(windows) == len(prices) == 2 and windows[0][1] == windows[1][1][::-1]


def _read_day(draft: QuestionDraft, windows: Sequence[_Window], prices: Sequence[Item]) -> None:
    """A day of several spans, each with its price. Raises InvalidQuestion where they leave something open."""
    free = [item for item in draft.items if item.concept == "free" and not item.used]
    prices = sorted([*prices, *free], key=lambda item: item.start)
    spans = [(hours[0] % 24, hours[1] % 24) for _, hours in windows]
    assigned = hours_of_prices(_parts(draft, windows, prices))
    runs = says_when_it_runs(draft) and assigned is not None and max(map(len, assigned)) > 1
    if assigned is None or runs or draft.concepts() & {"only", "shut_off"}:
        raise _which_hours()
    if (both := overlapping(spans)) is not None:
        raise _overlap(*both)
    for price, own in zip(prices, assigned, strict=True):
        quantity = price.quantity
        paid = Money(0.0) if quantity is None else draft.per_kwh(price, quantity)
        price.used = True
        if not own:
            draft.set_money("power_price", paid)
        for number in own:
            draft.add_peak(paid, *spans[number])
    if () not in assigned:
        if sum(map(length, spans)) < HOURS_OF_A_DAY - _MINUTE:
            raise InvalidQuestion(
                lambda t: t("And what does a kWh cost in the hours that you don't name?"),
                _THREE_PRICES,
            )
        draft.set_money("power_price", draft.peaks[-1].price)
        draft.peaks.pop()
    base = prices[assigned.index(())] if () in assigned else None
    _use_names(draft, windows, prices, base)


def _use_names(
    draft: QuestionDraft, windows: Sequence[_Window], prices: Sequence[Item], base: Item | None
) -> None:
    """Let the day rest on its hours and on the words that name them; `base` is the price of all others."""
    for item in draft.items:
        if any(begins_in(draft, item, match) for match, _ in windows):
            item.used = True
    for index, item in enumerate(draft.items):
        if item.concept in ("peak", "off_peak", "power"):
            item.used = item.used or _is_beside_used(draft, index)
        elif item.concept == "rest":
            item.used = base is not None
        elif item.concept == "except":
            item.used = base is not None and base.start < item.start < max(price.start for price in prices)
    for item, behind in pairwise(draft.items):
        is_number = item.quantity is not None and item.quantity.small == len(prices)
        if is_number and not item.used and behind.concept in ("power", "price"):
            item.used = True  # “three tariffs: …”


def _is_beside_used(draft: QuestionDraft, index: int) -> bool:
    """True for the name of hours or of a price beside them."""
    beside = (draft.neighbour(index, step, over=_BESIDE_A_PRICE) for step in (-1, 1))
    return any(place is not None and draft.items[place].used for place in beside)


def _parts(draft: QuestionDraft, windows: Sequence[_Window], prices: Sequence[Item]) -> list[Part]:
    """The items of a tariff by the hour in their order, without those that say nothing of it."""
    parts: list[Part] = []
    begun: set[int] = set()
    is_labelled = False
    for item in draft.items:
        number = next((n for n, (match, _) in enumerate(windows) if begins_in(draft, item, match)), None)
        if number is not None:
            if number not in begun:
                parts.append(Part.HOURS)
            begun.add(number)
        elif any(item is price for price in prices):
            parts += [Part.MARK, Part.PRICE] if is_labelled else [Part.PRICE]
        elif item.concept in ("peak", "off_peak") and parts and parts[-1] is Part.HOURS:
            is_labelled = True  # “peak 8c 10-14, 18-22 night 3c”: a label begins what it names
            continue
        elif item.concept == "rest":
            parts.append(Part.REST)
        elif item.text in _TARIFF_MARKS or item.concept in ("and", "except"):
            parts.append(Part.MARK)
        else:
            continue
        is_labelled = False
    return parts


def _which_hours() -> InvalidQuestion:
    return InvalidQuestion(
        lambda t: t("Which price holds in which hours? Write each price before its hours."), _THREE_PRICES
    )


def _overlap(first: Span, second: Span) -> InvalidQuestion:
    named = [f"{start:g}-{end:g}" for start, end in (first, second)]
    return InvalidQuestion(
        # Translators: {first} and {second} are hours of the day, such as “16-21”.
        lambda t: t(
            "The hours {first} and {second} overlap. From when to when does each price hold?",
            first=named[0],
            second=named[1],
        ),
        _THREE_PRICES,
    )


def other_price(draft: QuestionDraft) -> InvalidQuestion:
    """The question for the second price of a day of which hours and one price are given."""
    concepts = draft.concepts()
    if "power_price" not in draft.money or not concepts & {"off_peak", "except"} or draft.hours is None:
        return InvalidQuestion(
            lambda t: t("What is the peak price? Write it before the hours."),
            "/breakeven s19 7c peak 12c 17-21",
        )
    start, end = draft.hours
    hours = f"{start:g}-{end:g}"
    if "except" in concepts:
        return InvalidQuestion(
            # Translators: {hours} are hours of the day, such as “16-21”.
            lambda t: t("And what does a kWh cost in these hours, {hours}?", hours=hours),
            "/breakeven s19 7c peak 12c 17-21",
        )
    return InvalidQuestion(
        # Translators: {hours} are hours of the day, such as “22-6”.
        lambda t: t("And what does a kWh cost in the other hours, outside of {hours}?", hours=hours),
        "/breakeven s19 7c 22-6, otherwise 12c",
    )


def _with_bare_cents(draft: QuestionDraft, prices: list[Item], ranges: Sequence[re.Match[str]]) -> list[Item]:
    """One price with the other whose cents go without saying, but for the hours themselves."""
    given = prices[0].quantity if len(prices) == 1 else None
    if not ranges or given is None or not (given.cents or "mwh" in given.per):
        return prices
    bare = [
        item
        for index, item in enumerate(draft.items)
        if _is_bare_cents(draft, index) and not any(begins_in(draft, item, match) for match in ranges)
    ]
    if "mwh" in given.per and len(bare) == 1 and bare[0].quantity is not None:
        bare[0].quantity = bare[0].quantity._replace(unit=given.unit, currency=given.currency, per=given.per)
    return sorted([*prices, *bare], key=lambda item: item.start)


def _while_it_runs(draft: QuestionDraft, prices: Sequence[Item]) -> InvalidQuestion:
    """Which of two prices is paid in the hours in which a machine runs: “8 ct feed-in, 32 ct grid”."""
    first, second = (price.text[:30] for price in prices)
    return InvalidQuestion(
        # Translators: {first} and {second} are power prices, such as “8.2 ct”.
        lambda t: t(
            "In the hours in which it runs, does a kWh cost {first} or {second}?", first=first, second=second
        ),
        "/breakeven s19 8c uptime=30%",
    )


def _read_free_hours(
    draft: QuestionDraft, match: re.Match[str], hours: tuple[float, float], price: Item
) -> bool:
    """“18 ct, but free from 11 to 15”: hours in which power costs nothing."""
    free = next((item for item in draft.items if item.concept == "free" and not item.used), None)
    if free is None or price.quantity is None:
        return False
    draft.set_money("power_price", draft.per_kwh(price, price.quantity))
    draft.set_money("peak_price", Money(0.0))
    draft.hours = (hours[0] % 24, hours[1] % 24)
    length = (hours[1] - hours[0]) % 24.0 or 24.0
    for index, item in enumerate(draft.items):
        same = item.quantity is not None and item.quantity.small == length
        if same and index + 1 < len(draft.items) and draft.items[index + 1].concept == "hour":
            item.used = draft.items[index + 1].used = True  # “4 h a day free from 11 to 15”
        if item is free or item is price or item.concept == "rest" or begins_in(draft, item, match):
            item.used = True
    return True


def _assign_schedule(draft: QuestionDraft, hours: re.Match[str], prices: Sequence[Item]) -> None:
    """Give the price beside the hours to these, and the other one to the rest of the day."""
    assert draft.hours is not None  # noqa: S101 - the caller has set it; this tells the type checker
    start, end = draft.hours
    night = start > end or start < _NIGHT_ENDS
    special = _special_price(draft, hours, prices, night=night)
    if special is None:
        return
    runs_at = runs_only(draft)
    if runs_at is not None:  # “7c from 22 to 6, 12c otherwise: only at night?”
        is_beside = runs_at != ("peak" if night else "off_peak")
        other = next(price for price in prices if price is not special)
        paid = special if is_beside else other
        assert paid.quantity is not None  # noqa: S101 - a price is one; this tells the type checker
        if asks_whether(draft) and _costs_less(paid, other if is_beside else special):
            runs_at, draft.asks_hours = None, True
        else:
            share = ((end - start) % 24.0 or 24.0) / 24.0
            draft.set_money("power_price", draft.per_kwh(paid, paid.quantity))
            draft.set_number("uptime", share if is_beside else 1.0 - share)
            draft.hours = None
    for price in prices:
        quantity = price.quantity
        if runs_at is not None:
            price.used = True
            continue
        if quantity is None:
            continue
        name = "peak_price" if price is special else "power_price"
        draft.set_money(name, draft.per_kwh(price, quantity))
        price.used = True
    for item in draft.items:
        if item.concept in ("peak", "off_peak", "rest", "power"):
            item.used = True


def _costs_less(price: Item, other: Item) -> bool:
    """True for the lower of two prices of a kWh."""
    if price.quantity is None or other.quantity is None:
        return False
    per_mwh = ["mwh" in each.per for each in (price.quantity, other.quantity)]
    return per_mwh[0] == per_mwh[1] and price.quantity.small < other.quantity.small


def _special_price(
    draft: QuestionDraft, hours: re.Match[str], prices: Sequence[Item], *, night: bool
) -> Item | None:
    """Which of two prices is that of the hours; None where either may be."""
    places = [index for index, item in enumerate(draft.items) if begins_in(draft, item, hours)]
    labels = [_label(draft, draft.items.index(price)) for price in prices]
    if (excepted := _price_excepted(draft, prices)) is not None:
        return excepted
    if labels.count("rest") == 1:
        return prices[1 - labels.index("rest")]
    if set(labels) == {"peak", "off_peak"}:
        return prices[labels.index("off_peak" if night else "peak")]
    if (named := _price_of_named_hours(draft, prices, places)) is not None:
        return named
    if places and min(places) > 0 and draft.items[min(places) - 1].text == "(":
        return max(
            (price for price in prices if price.start < draft.items[min(places)].start),
            key=lambda price: price.start,
            default=prices[0],
        )
    if (other := _price_of_other_time(draft, prices, night=night)) is not None:
        return other
    special = min(prices, key=lambda price: distance(draft, draft.items.index(price), places))
    label = draft.items[min(places) - 1] if places and min(places) > 1 else None
    if label is not None and label.concept in ("peak", "off_peak") and special.start > label.start:
        before = draft.items[min(places) - 2]
        if any(before is price for price in prices):
            return None  # “7c night 22-6 4c”: either price may be the night's, which is asked
    return special


def _price_of_other_time(draft: QuestionDraft, prices: Sequence[Item], *, night: bool) -> Item | None:
    """The price beside one that is the day's, where hours of the night are given, or the other way round:
    “白天6毛 晚上10点到早上6点3毛”; None without one.
    """
    labels = [_label_item(draft, draft.items.index(price)) for price in prices]
    contrary = DAYTIME if night else NIGHTTIME
    are_named = [label is not None and label.text in contrary for label in labels]
    return prices[are_named.index(False)] if are_named.count(True) == 1 else None


def _price_of_named_hours(draft: QuestionDraft, prices: Sequence[Item], places: Sequence[int]) -> Item | None:
    """The price at night in “3c at night and 11c at day, night is 10pm to 6am”; None without one."""
    name = draft.item_beside(min(places), -1, over=_BESIDE_A_PRICE) if places else None
    if name is None or name.concept not in ("peak", "off_peak"):
        return None
    labels = [_label_item(draft, draft.items.index(price)) for price in prices]
    same = [
        price
        for price, label in zip(prices, labels, strict=True)
        if label is not None and label is not name and label.concept == name.concept
    ]
    return same[0] if len(same) == 1 else None


def _price_excepted(draft: QuestionDraft, prices: Sequence[Item]) -> Item | None:
    """The price behind “except”: “7c except 4pm-9pm when it's 29c”; None where nothing is excepted."""
    word = next((item for item in draft.items if item.concept == "except" and not item.used), None)
    behind = [] if word is None else [price for price in prices if price.start > word.start]
    if word is None or len(behind) != 1:
        return None
    word.used = True
    return behind[0]


def _label(draft: QuestionDraft, index: int) -> str:
    """Whether a price is said to be the peak's or that of the rest of the day, by the word beside it."""
    label = _label_item(draft, index)
    if label is None:
        return ""
    if label.text == "days":
        label.used = True
        return "peak"  # “6c nights, 12c days”
    return label.concept


def _label_item(draft: QuestionDraft, index: int) -> Item | None:
    """The word beside a price that says when it holds."""
    for step in (-1, 1):
        label = draft.item_beside(index, step, over=_BESIDE_A_PRICE)
        if label is not None and (label.concept in ("peak", "off_peak", "rest") or label.text == "days"):
            return label
    return None


def distance(draft: QuestionDraft, index: int, places: Sequence[int]) -> tuple[int, int]:
    """How far a price is from hours: marks and joining words between count, then words."""
    low, high = (index, min(places)) if index < min(places) else (max(places), index)
    between = draft.items[low + 1 : high]
    marks = sum(1 for item in between if item.text in ",;" or item.concept in ("and", "rest"))
    return marks, len(between)


def _is_bare_cents(draft: QuestionDraft, index: int) -> bool:
    """True for the second of two prices, whose cents go without saying: “2 cents at night, by day 6”."""
    item, before = draft.items[index], draft.items[index - 1] if index else None
    quantity = item.quantity
    return (
        quantity is not None
        and not item.used
        and quantity.unit is MeasureUnit.NUMBER
        and not quantity.per
        and 1.0 <= quantity.small <= 100.0
        and before is not None
        and (
            draft.introduced(index)
            or before.concept in _TARIFF_HOURS
            or (index + 1 < len(draft.items) and draft.items[index + 1].concept in _TARIFF_HOURS)
        )
    )
