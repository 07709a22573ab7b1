"""An amount that is to be said in another unit: “what is 7c/kWh in €/MWh?”, “was sind 100 $ in Sats?”."""

import re
from collections.abc import Sequence
from typing import Final

from bot.mining.conversion import ConversionRequest
from bot.mining.errors import InvalidQuestion
from bot.mining.parsing.currency_names import CURRENCIES, SUBUNITS
from bot.mining.parsing.items import ItemKind, scan
from bot.mining.parsing.lexicon import DECIMAL_COMMA
from bot.mining.parsing.measures import Measure, MeasureUnit
from bot.mining.parsing.prices import parse_quantity
from bot.mining.parsing.question_draft import QuestionDraft
from bot.mining.parsing.units import Currency, Money

_INTO: Final = re.compile(
    r" (?:in|to|into|as|en|a|son|nach|auf|в|на|это|is|are|sind|ist|es)(?: (?:the|die|den))? "
    r"|(?:等于|换算成|换算为|换成|折合|合成|是|合|折)|(?: ?(?:=|->|→)+ ?)"
)
"""What stands between an amount and the unit it is wanted in."""
_REVERSED: Final = re.compile(
    r"^\W*(?:how (?:many|much)|wie ?viele?|cu[áa]nt[oa]s?|сколько)"
    r"(?: (?:is|sind|son|es|будет))? (?P<unit>.+?)"
    r" (?:is|are|in|for|sind|ist|sollen|son|es|en|hay en|в|это|будет) (?P<amount>.+)$"
)
"""“how many €/MWh is 7c/kWh”."""
_ASKING: Final = re.compile(
    r"^(?:多少钱?|几|wie ?viele? |how (?:many|much) |cu[áa]nt[oa]s? |сколько )"
    r"|(?:多少|几|please|bitte|吗|呢|por favor|пожалуйста)$"
)


def read_conversion(draft: QuestionDraft) -> ConversionRequest | None:
    """The conversion that a text asks for; None when it asks for none."""
    items = draft.items
    amounts = [item for item in items if item.quantity is not None]
    if not 1 <= len(amounts) <= 2 or len(items) > _MOST_ITEMS:
        return None
    if any(item.kind is ItemKind.MACHINE for item in items):
        return None
    plain = draft.scanned.plain.strip(" ?!.¿¡？")
    if (match := _REVERSED.match(plain)) is not None:
        found = _conversion(draft, match["amount"], match["unit"])
        if found is not None:
            return found
    for match in reversed(list(_INTO.finditer(plain))):
        found = _conversion(draft, plain[: match.start()], plain[match.end() :])
        if found is not None:
            return found
    return None


_MOST_ITEMS: Final = 24


def _conversion(draft: QuestionDraft, before: str, behind: str) -> ConversionRequest | None:
    unit = _ASKING.sub("", behind.strip()).strip()
    if not unit or unit[0].isdigit() or len(unit) > _LONGEST_UNIT:
        return None
    *rest, last = unit.split()
    if rest and last in CURRENCIES and any(word in SUBUNITS for word in rest):
        unit = " ".join((last, *rest))  # “cents per kwh usd”
    try:
        measure = _only_amount(draft, before)
        wanted = parse_quantity(f"1 {unit}", language=draft.scanned.language)
        if measure is not None and measure.per and (wanted is None or wanted.unit is MeasureUnit.NUMBER):
            code = measure.currency or draft.cents_currency  # “80 EUR a MWh is how much a kWh”
            wanted = parse_quantity(f"1 {code} {unit}", language=draft.scanned.language)
    except InvalidQuestion:
        return None
    if wanted is None or measure is None or wanted.unit is not MeasureUnit.MONEY:
        return None
    if measure.currency is Currency.BTC and measure.small == 1.0:
        return None  # that is bitcoin's price
    of, into = _energy(measure), _energy(wanted)
    if of is None or into is None:
        return None
    if not into and of:
        into = of
    elif into and not of:
        of = "kwh"  # “7 cents in €/MWh”
    value = measure.small if of else measure.large if not measure.cents else measure.small
    currency = measure.currency or draft.cents_currency
    to = wanted.currency
    if to is None and wanted.cents and ("美" in unit or currency not in _OF_CENTS):
        to = Currency.USD if "美" in unit else draft.cents_currency
    same = of == into and to in (None, currency) and wanted.cents == measure.cents
    if same:
        return None
    return ConversionRequest(Money(value, currency), of, to, into, wanted.cents and to is not Currency.BTC)


_LONGEST_UNIT: Final = 40
_OF_CENTS: Final = frozenset(
    {Currency.USD, Currency.EUR, Currency.CAD, Currency.AUD, Currency.NZD, Currency.HKD, Currency.SGD}
    | {Currency.ZAR, Currency.MXN}
)
"""Currencies whose hundredths are called cents."""


def _energy(measure: Measure) -> str | None:
    """The energy that an amount is for; "" for none, None for anything else."""
    if len(measure.per) > 1 or set(measure.per) - {"kwh", "mwh"}:
        return None
    return measure.per[0] if measure.per else ""


def _only_amount(draft: QuestionDraft, text: str) -> Measure | None:
    """The one amount of money in a text that says nothing else of importance."""
    language = draft.asker.language
    items = scan(text, draft.catalogue, language, decimal_comma=language in DECIMAL_COMMA).items
    found: list[Measure] = []
    for item in items:
        if item.quantity is not None:
            found.append(item.quantity)
        elif item.concept == "btc" and found and found[-1].unit is MeasureUnit.NUMBER:
            found[-1] = found[-1]._replace(unit=MeasureUnit.MONEY, currency=Currency.BTC)
        elif item.kind is ItemKind.UNKNOWN or (item.kind is ItemKind.WORD and item.concept not in _DRESSING):
            return None
    return found[0] if len(found) == 1 and _is_money(found) else None


def _is_money(found: Sequence[Measure]) -> bool:
    return all(
        measure.unit is MeasureUnit.MONEY or (measure.unit is MeasureUnit.NUMBER and bool(measure.per))
        for measure in found
    )


_DRESSING: Final = frozenset(
    {
        "filler",
        "greeting",
        "how_many",
        "money_out",
        "power",
        "price",
        "currency",
        "machine_price",
        "to",
        "per",
    }
    | {"breakeven_power"}
)
