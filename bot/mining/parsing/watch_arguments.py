"""Plain words as the arguments of `/watch`: “alert me when btc falls below 100k” is `price below 100000`."""

from collections.abc import Sequence
from typing import Final

from bot.mining.parsing.chart_vocabulary import ZONES
from bot.mining.parsing.command_arguments import AND_WORDS, IGNORABLE, quantities_of, subject_of
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.items import Item, ItemKind
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.roles import word_set
from bot.mining.parsing.units import Currency
from bot.mining.parsing.watch_hold import without_hold

_WATCHED: Final = {
    "btc_price": "price", "btc": "price", "price": "price", "hashrate": "hashrate", "hashprice": "hashprice",
    "difficulty": "difficulty", "fees": "fees", "retarget": "retarget",
}  # fmt: skip
_OR: Final = word_set("watch_arguments", "or")
_NEGATIVE: Final = word_set("watch_arguments", "negative")
_POSITIVE: Final = word_set("watch_arguments", "positive")
_LEAST_MWH: Final = 2.0
"""Below this a price of power is one of a kWh."""
_EHS: Final = 1e-6
"""A TH/s in EH/s, which the network's hashrate is watched in."""
_DAYS: Final = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.0, "year": 365.0}
_BEFORE: Final = frozenset({"last", "past"})
"""What “before” and “antes” mean among the words of commands."""


def _joined_watch(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“tell me when btc > 130k and hashprice > 60” as a line of `/watch` with both."""
    places = [index for index, item in enumerate(items) if item.text in AND_WORDS or item.text in _OR]
    if len(places) != 1 or len(quantities_of(items)) != 2 or not concepts & {"watch", "alert"}:
        return None
    lines = []
    for part in (items[: places[0]], items[places[0] + 1 :]):
        said = {item.concept for item in part if item.kind is ItemKind.WORD} - {"filler"} | {"watch"}
        request = watch_command(part, said) if subject_of(said, _WATCHED) else None
        if request is None or any(item.kind is ItemKind.UNKNOWN for item in part):
            return None
        lines.append(request.arguments)
    joint = "or" if items[places[0]].text in _OR else "and"
    return CommandRequest("watch", f" {joint} ".join(lines))


def _power_watch(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“tell me when power in France falls below zero” as a line of `/watch`."""
    zones, quantities = [ZONES[concept] for concept in concepts if concept in ZONES], quantities_of(items)
    is_negative = any(item.text in _NEGATIVE for item in items)
    below, above = bool(concepts & {"below", "down", "cheaper"}), bool(concepts & {"above", "up", "dearer"})
    allowed = IGNORABLE | ZONES.keys() | {
        "watch", "alert", "energy", "power", "up", "down", "below", "above", "when", "if", "moves", "costs",
        "free", "breakeven_btc", "currency", "kwh", "mwh", "tomorrow", "tonight", "cheaper", "dearer",
        "until",
    }  # fmt: skip
    if len(zones) != 1 or not concepts & {"energy", "power"} or concepts - allowed:
        return None
    if not quantities and (is_negative or (below and "free" in concepts)):
        return CommandRequest("watch", f"power {zones[0]} below 0")
    quantity = quantities[0].quantity if len(quantities) == 1 else None
    if quantity is None or below == above or quantity.unit not in (MeasureUnit.NUMBER, MeasureUnit.MONEY):
        return None
    is_kwh = quantity.cents or "kwh" in quantity.per or 0 < abs(quantity.small) < _LEAST_MWH
    level = quantity.small * (1000.0 if is_kwh else 1.0)
    return CommandRequest("watch", f"power {zones[0]} {'below' if below else 'above'} {level:.10g}")


def _is_ahead(items: Sequence[Item], concepts: set[str]) -> bool:
    """True for “30 days before”."""
    return len(quantities_of(items)) == 1 and bool(concepts & _BEFORE) and bool(concepts & _DAYS.keys())


def _halving_watch(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“tell me 30 days before the halving” as `/watch halving below 30`."""
    quantities = quantities_of(items)
    allowed = IGNORABLE | _BEFORE | {
        "watch", "alert", "halving", "day", "week", "month", "until", "when", "below", "if",
    }  # fmt: skip
    periods = [concept for concept in ("day", "week", "month") if concept in concepts]
    if concepts - allowed or len(quantities) > 1 or len(periods) > 1:
        return None
    quantity = quantities[0].quantity if quantities else None
    number = 1.0 if quantity is None else quantity.small
    days = round(number * _DAYS[periods[0]]) if periods else round(number) if quantity else 30
    return CommandRequest("watch", f"halving below {days}") if days >= 1 else None


def _record_watch(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“tell me when btc makes a new high” as `/watch price record`."""
    allowed = IGNORABLE | _WATCHED.keys() | {
        "watch", "alert", "high", "above", "up", "when", "if", "moves", "crosses", "until",
    }  # fmt: skip
    subject = subject_of(concepts, _WATCHED)
    is_asked = "high" in concepts and bool(concepts & {"watch", "alert"}) and not quantities_of(items)
    if not is_asked or concepts - allowed or subject not in ("", "price", "hashrate", "difficulty"):
        return None
    return CommandRequest("watch", f"{subject or 'price'} record")


def _sign_watch(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“tell me when an adjustment turns negative” as `/watch retarget below 0%`."""
    allowed = IGNORABLE | {"watch", "alert", "retarget", "difficulty", "up", "down", "when", "if", "moves"}
    way = {"up", "down"} & concepts
    is_asked = concepts & {"watch", "alert"} and "retarget" in concepts and not quantities_of(items)
    is_signed = any(item.text in _NEGATIVE | _POSITIVE for item in items)
    if not is_asked or not is_signed or concepts - allowed or len(way) > 1:
        return None
    is_negative = any(item.text in _NEGATIVE for item in items)
    return CommandRequest("watch", f"retarget {'below' if is_negative else 'above'} 0%")


def _special_watch(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """Two conditions in one, the halving, a power price, or a record."""
    if (joined := _joined_watch(items, concepts)) is not None:
        return joined
    if (signed := _sign_watch(items, concepts)) is not None:
        return signed
    if "halving" in concepts and (concepts & {"watch", "alert"} or _is_ahead(items, concepts)):
        return _halving_watch(items, concepts)
    if concepts & {"watch", "alert"} and (power := _power_watch(items, concepts)) is not None:
        return power
    return _record_watch(items, concepts)


_ONCE: Final = word_set("watch_arguments", "once")
"""What says that a watch is over when it has told."""


def watch_command(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“alert me when btc falls below 100k” as a line of `/watch`."""
    rest, hold = without_hold(items)
    gone = {item.concept for item in items} - {item.concept for item in rest} if hold else set()
    request = _watch_line(rest, concepts - gone)
    if request is None or not request.arguments:
        return None if hold else request
    once = "once" if any(_is_once(item) for item in items) else ""
    return CommandRequest("watch", " ".join(part for part in (request.arguments, hold, once) if part))


def _is_once(item: Item) -> bool:
    return item.text in _ONCE or item.text.endswith((" once if", " once when"))


def _watch_line(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    if (special := _special_watch(items, concepts)) is not None:
        return special
    signs = {item.text for item in items if item.kind is ItemKind.SIGN}
    below = bool(concepts & {"below", "down"}) or bool(signs & {"<", "≤"})
    above = bool(concepts & {"above", "up"}) or bool(signs & {">", "≥"})
    subject, quantities = subject_of(concepts, _WATCHED), quantities_of(items)
    if "watch" not in concepts and not ("alert" in concepts and (below or above or _is_level(quantities))):
        return None
    allowed = IGNORABLE | _WATCHED.keys() | {
        "watch", "alert", "up", "down", "below", "above", "when", "if", "moves", "tonight", "week", "only",
        "average", "crosses", "until", "hour", "month", "year", "double", "halve", "projection",
    }  # fmt: skip
    is_of_payment = subject == "fees" and any(_is_of_one_payment(item) for item in quantities)
    if concepts - allowed or subject is None or is_of_payment or ("all" in concepts and not quantities):
        return None
    if not quantities and "watch" in concepts and (doubling := concepts & {"double", "halve"}):
        turn = "rises 100%" if "double" in doubling else "drops 50%"
        return CommandRequest("watch", f"{subject or 'price'} {turn} in 365d")
    days = quantities[0].quantity if len(quantities) == 1 else None
    if "average" in concepts:
        is_days = days is not None and days.unit is MeasureUnit.NUMBER and 2 <= days.small <= 400
        if days is None or not is_days:
            return None
        way = "below" if below else "above" if above else "crosses"
        return CommandRequest("watch", f"{subject or 'price'} {way} ma{days.small:g}")
    if not below and not above and _is_level(quantities):
        return CommandRequest("watch", f"{subject or 'price'} crosses {watch_level(quantities[0], subject)}")
    window = _window(items)
    quantities = [item for item in quantities if not window or item.is_share]
    if len(quantities) == 1 and quantities[0].quantity is not None and (below or above):
        quantity, named = quantities[0].quantity, subject or "price"
        is_ahead = named == "difficulty" and not window  # it changes with the next adjustment only
        if quantity.unit is MeasureUnit.PERCENT and (named == "retarget" or is_ahead):
            falls = "down" in concepts or (below and "up" not in concepts)
            sign = "-" if falls and quantity.small > 0 else ""
            side = "below" if falls else "above"
            return CommandRequest("watch", f"retarget {side} {sign}{quantity.small:g}%")
        if quantity.unit is MeasureUnit.PERCENT:
            if concepts.isdisjoint(("up", "down")) and not signs & {"<", "≤", ">", "≥"}:
                return None  # “sheds more than 7 %”: which way isn't understood
            falls = "down" in concepts or (below and "up" not in concepts)
            turn = "drops" if falls else "rises"
            return CommandRequest("watch", f"{named} {turn} {quantity.small:g}% in {window or '7d'}")
        side = "below" if "below" in concepts or (below and "above" not in concepts) else "above"
        return CommandRequest("watch", f"{named} {side} {watch_level(quantities[0], named)}")
    if quantities or "watch" not in concepts or subject not in ("", "price"):
        return None
    return CommandRequest("watch")


_LEAST_FEES: Final = 1e-4
"""BTC a block: less is said of a single payment, or of a byte of it, and not watched."""


def _is_of_one_payment(item: Item) -> bool:
    quantity = item.quantity
    return quantity is not None and quantity.currency is Currency.BTC and quantity.small < _LEAST_FEES


def _window(items: Sequence[Item]) -> str:
    """The time in which something changes by so many per cent, such as “30d”; "" when none is named."""
    if not any(item.is_share for item in items):
        return ""
    if any(item.concept == "filler" and item.text.startswith("24") for item in items):
        return "1d"  # “24小时” is passed over elsewhere
    for index, item in enumerate(items):
        quantity = item.quantity
        if quantity is not None and quantity.unit is MeasureUnit.NUMBER:
            concepts = (*quantity.per, *(each.concept for each in items[index + 1 : index + 2]))
            days = next((_DAYS[each] for each in concepts if each in _DAYS), 0.0) * quantity.small
            return f"{max(1, round(days))}d" if days else ""
    return next((f"{_DAYS[item.concept]:g}d" for item in items if _DAYS.get(item.concept, 0.0) >= 1), "")


def _is_level(quantities: Sequence[Item]) -> bool:
    """True for one figure that may be a price: no share, no time."""
    quantity = quantities[0].quantity if len(quantities) == 1 else None
    return (
        quantity is not None
        and quantity.unit in (MeasureUnit.NUMBER, MeasureUnit.MONEY)
        and quantity.large > 9
    )


def watch_level(item: Item, subject: str | None) -> str:
    """A figure as `/watch` takes it for a subject."""
    quantity = item.quantity
    if quantity is None:
        return ""
    is_difficulty = quantity.unit is MeasureUnit.T and subject == "difficulty"
    is_hashrate = quantity.unit is MeasureUnit.THS and subject == "hashrate"
    unit = 1e12 if is_difficulty else _EHS if is_hashrate else 1.0
    level = f"{quantity.large * unit:.15g}"
    is_foreign = quantity.currency not in (None, Currency.USD)
    return f"{level} {quantity.currency}" if is_foreign else level  # the watch says what it counts in
