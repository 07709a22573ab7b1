"""Tariffs of weekdays and weekends: “9c weekdays 5c weekends”, “Mo-Fr 12 ct, sonst 6”, “周末2毛 平时4毛”."""

import re
from typing import Final

from bot.mining.parsing.items import Item
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.question_draft import QuestionDraft
from bot.mining.parsing.tariff_hours import distance

WEEKDAYS, WEEKEND = 5, 2
"""Days of a week."""
_LABELS: Final = re.compile(
    r"(?<![a-zа-яäöü])(?:"
    r"(?P<weekend>(?:(?:on|at|over|during|am|an|los|en|по|в|на) (?:the |den )?)?(?:weekends?|sat(?:urday)?s?"
    r" ?(?:&|and|\+|/|-|to) ?sun(?:day)?s?|wochenenden?|sa(?:mstags?)? ?(?:und|&|\+|-|/|bis) ?so(?:nntags?)?"
    r"|fin(?:es)? de semana|s[áa]b(?:ados?)? ?(?:y|-|/) ?dom(?:ingos?)?|выходн(?:ые|ым|ых)|сб ?[-и/] ?вс)"
    r"|周末|周六(?:和|、|, |到)?周?日|双休日)"
    r"|(?P<weekday>(?:(?:on|during|an|unter|los|de|по|в) (?:the |der )?)?(?:week ?days?|working days?"
    r"|workdays?"
    r"|mon(?:day)?s? ?(?:-|to|thru|through) ?fri(?:day)?s?|werktags?|werktagen?|wochentags?|wochentagen"
    r"|unter der woche|mo(?:ntags?)? ?(?:-|bis) ?fr(?:eitags?)?|entre semana"
    r"|d[ií]as (?:laborables|h[áa]biles)"
    r"|lun(?:es)? ?(?:a|-) ?vie(?:rnes)?|laborables|будн(?:и|ям|ие|ях|ий)(?: дни| дням)?|рабочи[ем] дн[иям]+"
    r"|пн ?- ?пт)|工作日|周一(?:到|至|-)(?:周)?五|平日))(?![a-zа-яäöü])"
)


def read_weekdays(draft: QuestionDraft) -> None:
    """Take a tariff that is another at weekends, or peak hours that are of weekdays only."""
    found = list(_LABELS.finditer(draft.scanned.plain))
    if not found:
        return
    labels = [(match, "weekend" if match["weekend"] else "weekday") for match in found]
    named = {label for _, label in labels}
    if "peak_price" in draft.money:
        if len(named) == 1 and len(labels) == 1 and draft.peak_days == WEEKDAYS + WEEKEND:
            draft.peak_days = WEEKDAYS if "weekday" in named else WEEKEND
            _use(draft, [labels[0][0]])
        return
    prices = [item for item in draft.items if item.may_be_power_price and not item.used]
    if len(labels) > 2 or len(labels) != len(named):
        return
    if len(prices) == 1 and len(labels) == 1 and _runs_then(draft):
        draft.set_number("uptime", (WEEKDAYS if "weekday" in named else WEEKEND) / (WEEKDAYS + WEEKEND))
        _use(draft, [labels[0][0]])
        return
    if len(prices) == 1 and prices[0].quantity is not None and prices[0].quantity.cents:
        prices += [item for index, item in enumerate(draft.items) if _is_bare_cents(draft, index, labels)]
        prices.sort(key=lambda item: item.start)
    if len(prices) != 2 or draft.hours is not None:
        return
    special = prices[_place(draft, labels[0][0], prices)] if len(labels) == 1 else prices[0]
    if len(labels) == 2:  # in the order in which both stand
        special = prices[0] if labels[0][1] == "weekend" else prices[1]
    elif labels[0][1] == "weekday":
        special = prices[1] if special is prices[0] else prices[0]
    for price in prices:
        if price.quantity is not None:
            name = "peak_price" if price is special else "power_price"
            draft.set_money(name, draft.per_kwh(price, price.quantity))
            price.used = True
    draft.hours, draft.peak_days = (0.0, 24.0), WEEKEND
    _use(draft, [match for match, _ in labels])
    for item in draft.items:
        item.used = item.used or item.concept in ("rest", "power", "weekend")


def _is_bare_cents(draft: QuestionDraft, index: int, labels: list[tuple[re.Match[str], str]]) -> bool:
    """True for the second price, whose cents go without saying: “9 cents on weekdays, weekends 5”."""
    quantity = draft.items[index].quantity
    if quantity is None or draft.items[index].used or quantity.unit is not MeasureUnit.NUMBER or quantity.per:
        return False
    beside = (index - 1, index + 1)
    return 1.0 <= quantity.small <= 100.0 and any(
        0 <= place < len(draft.items) and _is_in(draft, draft.items[place], match)
        for place in beside
        for match, _ in labels
    )


def _runs_then(draft: QuestionDraft) -> bool:
    """True where it is said that machines run on these days only."""
    return any(item.concept == "only" for item in draft.items)


def _place(draft: QuestionDraft, label: re.Match[str], prices: list[Item]) -> int:
    """Which of two prices a label is beside; the second one where it stands right between them."""
    places = [index for index, item in enumerate(draft.items) if _is_in(draft, item, label)]
    if not places:
        return 1
    rest = next((index for index, item in enumerate(draft.items) if item.concept == "rest"), None)
    positions = [next(index for index, item in enumerate(draft.items) if item is price) for price in prices]
    if rest is not None:  # “9c, sonst 5c am Wochenende”: the other one is the rest's
        first, second = (distance(draft, position, [rest]) for position in positions)
        return 1 if first < second else 0
    first, second = (distance(draft, position, places) for position in positions)
    return 0 if first < second else 1


def _is_in(draft: QuestionDraft, item: Item, match: re.Match[str]) -> bool:
    return match.start() <= draft.scanned.tokens[item.start].start < match.end()


def _use(draft: QuestionDraft, matches: list[re.Match[str]]) -> None:
    for item in draft.items:
        if any(_is_in(draft, item, match) for match in matches):
            item.used = True
