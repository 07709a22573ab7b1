"""Plain words as a command with its arguments: “be quiet for two hours” is `/mute 2h`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.i18n.timezones import zone_name
from bot.mining.parsing.chart_words import CHARTED, GENERAL, SPAN_CONCEPTS, ZONES, chart_words
from bot.mining.parsing.items import Item, ItemKind, ScannedText
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.number_words import NUMBER_WORDS
from bot.mining.parsing.units import Currency


@dataclass(frozen=True, slots=True)
class CommandRequest:
    """A command to run as if it had been typed: its name and its arguments."""

    name: str
    arguments: str = ""


DRESSING: Final = frozenset(
    {
        "filler", "greeting", "thanks", "send", "per", "to", "by", "and", "or", "day", "money_out",
        "machine_unit", "count_word", "network", "how_many", "profit", "which_machine", "between",
        "all", "move", "again", "bought",
    }
)  # fmt: skip
"""What may be said beside anything."""
_WATCHED: Final = {
    "btc_price": "price", "btc": "price", "price": "price", "hashrate": "hashrate", "hashprice": "hashprice",
    "difficulty": "difficulty", "fees": "fees", "retarget": "retarget",
}  # fmt: skip
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PERIODS: Final = {"day": "d", "week": "w", "month": "m", "year": "y", "hour": "h"}
_BOUGHT: Final = frozenset({"bought"})
_AND: Final = frozenset({"and", "und", "y", "и", "且", "并且", "而且", "和"})
_OR: Final = frozenset({"or", "oder", "o", "или", "或", "或者"})
_NEGATIVE: Final = frozenset(
    {"negative", "turns negative", "goes negative", "negativ", "negativo", "negativa", "negativos",
     "отрицательной", "отрицательная", "отрицательные", "минус", "负", "负数", "为负", "负电价"}
)  # fmt: skip
_LEAST_MWH: Final = 2.0
"""Below this a price of power is one of a kWh."""
_SOLD: Final = frozenset({"sold", "selling", "delete", "forget"})
_EHS: Final = 1e-6
"""A TH/s in EH/s, which the network's hashrate is watched in."""
_HIGHEST_FEE: Final = 10.0
_FEWEST_MINUTES: Final = 25
_MOST_MINUTES: Final = 240
"""A bare number between these is one of minutes: “mute 30”."""
_PLUS: Final = frozenset({"加", "再加", "plus", "плюс", "más"})
"""Words that add what stands behind them, where nothing stands before."""
_LONGEST_NIGHT: Final = 14
"""Hours of a night; longer quiet hours are meant to begin in the evening."""
_MINUTES: Final = re.compile(r"(\d{1,4})m")
_OF_CHARTS: Final = SPAN_CONCEPTS | {
    "chart", "last", "past", "until", "up", "down", "history", "projection", "picture", "only", "compare",
    "tonight",
}  # fmt: skip
"""What may be said of a chart beside its figure."""
_NEAR_DAYS: Final = frozenset({"tomorrow", "tonight", "when"})
_DAYS: Final = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.0, "year": 365.0}
_MUTED: Final = _PERIODS | {"minute": "min", "month": "mo"}
"""The units of `/mute`, where `m` is a minute."""
_TIME_ZONE: Final = re.compile(
    r"(?:time ?zone|zeitzone|zona horaria|huso horario|часов\w+ пояс\w*|时区)\W*"
    r"(?:(?:is|to|in|of|for|ist|auf|von|für|es|a|de|en|на|это|для|是|为|改成|改为|设为|设成|换成)\b)?[\s:=]*"
    r"(?P<zone>[^\W\d][\w/ +:-]*?|[+-]?\d[\d:]*)(?: (?:please|pls|bitte|por favor|пожалуйста))?[\s.!]*$",
    re.IGNORECASE,
)
"""Where a time zone is named, and its name."""
_TIME_OF: Final = re.compile(
    r"\b(?:(?:put|set|switch|move) (?:me|it|us|my clock|the clock) (?:on|to|onto)|i(?:'m| am) (?:on|in))"
    r" (?P<zone>[\w/ +:-]+?) time\b",
    re.IGNORECASE,
)


def quantities_of(items: Sequence[Item]) -> list[Item]:
    """The items that are figures."""
    return [item for item in items if item.quantity is not None]


def _subject(concepts: set[str], names: Mapping[str, str]) -> str | None:
    """The one subject that is named, "" when none is; None when several are."""
    named = concepts & names.keys()
    named = named - GENERAL or named
    subjects = {names[concept] for concept in named}
    return None if len(subjects) > 1 else next(iter(subjects), "")


def charted(concepts: set[str]) -> str:
    """The series that a text about a chart names; "" when it names none or several."""
    return _subject(concepts, CHARTED) or ""


def _joined_watch(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“tell me when btc > 130k and hashprice > 60” as a line of `/watch` with both."""
    places = [index for index, item in enumerate(items) if item.text in _AND or item.text in _OR]
    if len(places) != 1 or len(quantities_of(items)) != 2 or not concepts & {"watch", "alert"}:
        return None
    lines = []
    for part in (items[: places[0]], items[places[0] + 1 :]):
        said = {item.concept for item in part if item.kind is ItemKind.WORD} - {"filler"} | {"watch"}
        request = watch_command(part, said) if _subject(said, _WATCHED) else None
        if request is None or any(item.kind is ItemKind.UNKNOWN for item in part):
            return None
        lines.append(request.arguments)
    joint = "or" if items[places[0]].text in _OR else "and"
    return CommandRequest("watch", f" {joint} ".join(lines))


def _power_watch(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“tell me when power in France falls below zero” as a line of `/watch`."""
    zones, quantities = [ZONES[concept] for concept in concepts if concept in ZONES], quantities_of(items)
    is_negative = any(item.text in _NEGATIVE for item in items)
    below, above = bool(concepts & {"below", "down"}), bool(concepts & {"above", "up"})
    allowed = DRESSING | ZONES.keys() | {
        "watch", "alert", "energy", "power", "up", "down", "below", "above", "when", "if", "moves", "costs",
        "free", "breakeven_btc", "currency", "kwh", "mwh", "tomorrow", "tonight",
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


_BEFORE: Final = frozenset({"last", "past"})
"""What “before” and “antes” mean among the words of commands."""


def _is_ahead(items: Sequence[Item], concepts: set[str]) -> bool:
    """True for “30 days before”."""
    return len(quantities_of(items)) == 1 and bool(concepts & _BEFORE) and bool(concepts & _DAYS.keys())


def _halving_watch(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“tell me 30 days before the halving” as `/watch halving below 30`."""
    quantities = quantities_of(items)
    allowed = DRESSING | _BEFORE | {
        "watch", "alert", "halving", "day", "week", "month", "until", "when", "below", "if",
    }  # fmt: skip
    periods = [concept for concept in ("day", "week", "month") if concept in concepts]
    if concepts - allowed or len(quantities) > 1 or len(periods) > 1:
        return None
    quantity = quantities[0].quantity if quantities else None
    number = 1.0 if quantity is None else quantity.small
    days = round(number * _DAYS[periods[0]]) if periods else round(number) if quantity else 30
    return CommandRequest("watch", f"halving below {days}") if days >= 1 else None


def watch_command(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“alert me when btc falls below 100k” as a line of `/watch`."""
    if (joined := _joined_watch(items, concepts)) is not None:
        return joined
    if "halving" in concepts and (concepts & {"watch", "alert"} or _is_ahead(items, concepts)):
        return _halving_watch(items, concepts)
    if concepts & {"watch", "alert"} and (power := _power_watch(items, concepts)) is not None:
        return power
    signs = {item.text for item in items if item.kind is ItemKind.SIGN}
    below = bool(concepts & {"below", "down"}) or bool(signs & {"<", "≤"})
    above = bool(concepts & {"above", "up"}) or bool(signs & {">", "≥"})
    subject, quantities = _subject(concepts, _WATCHED), quantities_of(items)
    if "watch" not in concepts and not ("alert" in concepts and (below or above or _is_level(quantities))):
        return None
    allowed = DRESSING | _WATCHED.keys() | {
        "watch", "alert", "up", "down", "below", "above", "when", "if", "moves", "tonight", "week", "only",
        "average", "crosses", "until", "hour", "month", "year",
    }  # fmt: skip
    if concepts - allowed or subject is None or ("all" in concepts and not quantities):
        return None
    days = quantities[0].quantity if len(quantities) == 1 else None
    if "average" in concepts:
        is_days = days is not None and days.unit is MeasureUnit.NUMBER and 2 <= days.small <= 400
        if days is None or not is_days:
            return None
        way = "below" if below else "above" if above else "crosses"
        return CommandRequest("watch", f"{subject or 'price'} {way} ma{days.small:g}")
    if not below and not above and _is_level(quantities):
        return CommandRequest("watch", f"{subject or 'price'} crosses {_level(quantities[0], subject)}")
    window = _window(items)
    quantities = [item for item in quantities if not window or _is_percent(item)]
    if len(quantities) == 1 and quantities[0].quantity is not None and (below or above):
        quantity, named = quantities[0].quantity, subject or "price"
        is_ahead = named == "difficulty" and not window  # it changes with the next adjustment only
        if quantity.unit is MeasureUnit.PERCENT and (named == "retarget" or is_ahead):
            falls = "down" in concepts or (below and "up" not in concepts)
            sign = "-" if falls and quantity.small > 0 else ""
            side = "below" if falls else "above"
            return CommandRequest("watch", f"retarget {side} {sign}{quantity.small:g}%")
        if quantity.unit is MeasureUnit.PERCENT:
            falls = "down" in concepts or (below and "up" not in concepts)
            turn = "drops" if falls else "rises"
            return CommandRequest("watch", f"{named} {turn} {quantity.small:g}% in {window or '7d'}")
        side = "below" if "below" in concepts or (below and "above" not in concepts) else "above"
        return CommandRequest("watch", f"{named} {side} {_level(quantities[0], named)}")
    if quantities or "watch" not in concepts or subject not in ("", "price"):
        return None
    return CommandRequest("watch")


def _is_percent(item: Item) -> bool:
    return item.quantity is not None and item.quantity.unit is MeasureUnit.PERCENT


def _window(items: Sequence[Item]) -> str:
    """The time in which something changes by so many per cent, such as “30d”; "" when none is named."""
    if not any(_is_percent(item) for item in items):
        return ""
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


def _level(item: Item, subject: str | None) -> str:
    quantity = item.quantity
    if quantity is None:
        return ""
    is_difficulty = quantity.unit is MeasureUnit.T and subject == "difficulty"
    is_hashrate = quantity.unit is MeasureUnit.THS and subject == "hashrate"
    unit = 1e12 if is_difficulty else _EHS if is_hashrate else 1.0
    level = f"{quantity.large * unit:.15g}"
    is_foreign = quantity.currency not in (None, Currency.USD)
    return f"{level} {quantity.currency}" if is_foreign else level  # the watch says what it counts in


def quiet_command(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“no messages between 22 and 7” as `/quiet 22-7`."""
    quantities = quantities_of(items)
    allowed = DRESSING | {
        "mute", "stop", "alert", "between", "until", "morning", "evening", "hour", "day", "only",
    }  # fmt: skip
    if {"negation", "alert"} <= concepts:  # “no pings 10pm to 6am”
        concepts = concepts - {"negation"} | {"mute"}
    if not concepts & {"mute", "stop"} or len(quantities) != 2 or concepts - allowed - {"off_peak"}:
        return None
    if concepts & _MUTED.keys() - {"hour", "day"} or not (
        concepts & {"between", "until", "and", "to", "morning", "evening"} or "hour" not in concepts
    ):
        return None
    start, end = (_hour(items, item) for item in quantities)
    if start is None or end is None:
        return None
    return CommandRequest("quiet", f"{_in_evening(start, end)}-{end}")


def _in_evening(start: str, end: str) -> str:
    """The beginning of quiet hours: “between 11 and 7” is from 23 to 7, as nobody sleeps twenty hours."""
    first, last = (int(each.partition(":")[0]) for each in (start, end))
    is_too_long = (last - first) % 24 > _LONGEST_NIGHT
    if not is_too_long or not 6 <= first <= 12:
        return start
    return start.replace(str(first), str((first + 12) % 24), 1)


def _hour(items: Sequence[Item], item: Item) -> str | None:
    """A time of day as `/quiet` and `/digest` take it; a word beside it says before or after noon."""
    quantity = item.quantity
    if quantity is None or quantity.unit is not MeasureUnit.NUMBER or not 0 <= quantity.small <= 24:
        return None
    place = items.index(item)
    beside = [each.concept for each in (*items[max(0, place - 1) : place], *items[place + 1 : place + 3])]
    hour = int(quantity.small)
    minutes = round(100 * (quantity.small - hour))
    if "evening" in beside and hour < 12:
        hour += 12
    return f"{hour}:{minutes:02}" if 0 < minutes < 60 else f"{hour}"


def mute_command(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“be quiet for two hours” as `/mute 2h`."""
    allowed = DRESSING | {
        "mute", "stop", "until", "tomorrow", "tonight", "hour", "day", "week", "month", "alert", "morning",
        "evening", "forever_quiet", "off_peak", "peak", "only", "minute",
    }  # fmt: skip
    quantities = quantities_of(items)
    if {"negation", "alert"} <= concepts and quantities:  # “no notifications for 12 hours”
        concepts = concepts - {"negation"} | {"mute"}
    if "mute" not in concepts or concepts - allowed or len(quantities) > 1:
        return None
    if "evening" in concepts and "until" in concepts:  # the words of a moment, see `mute_until`
        return None
    periods = [item.concept for item in items if item.concept in _MUTED]
    if concepts & {"evening", "off_peak"} and not (
        quantities or periods or concepts & {"tonight", "tomorrow"}
    ):
        return None  # every night: quiet hours
    if quantities:
        quantity = quantities[0].quantity
        if quantity is not None and (minutes := _MINUTES.fullmatch(quantity.text)):
            return CommandRequest("mute", f"{minutes[1]}min")
        is_bare = quantity is not None and not quantity.per and not periods
        if quantity is not None and is_bare and _FEWEST_MINUTES <= quantity.small <= _MOST_MINUTES:
            return CommandRequest("mute", f"{quantity.small:g}min")
        period = next((_MUTED[each] for each in (*(quantity.per if quantity else ()), *periods)), "")
        return CommandRequest("mute", f"{quantity.small:g}{period}") if quantity and period else None
    if periods:
        return CommandRequest("mute", f"1{_MUTED[periods[0]]}")
    if "forever_quiet" in concepts:
        return CommandRequest("mute", "forever")
    return CommandRequest("mute", "tomorrow" if concepts & {"tomorrow", "tonight", "morning"} else "")


def fleet_command(scanned: ScannedText, concepts: set[str]) -> CommandRequest | None:
    """“add 10 s19 to my fleet” as `/fleet add 10 s19`."""
    allowed = DRESSING | {"add", "delete", "fleet", "catalogue"}
    items = scanned.items
    verbs = concepts & {"add", "delete"} or ({"add"} if items[0].text in _PLUS else set())
    is_known = all(item.kind is not ItemKind.UNKNOWN or item.text in NUMBER_WORDS for item in items)
    if len(verbs) != 1 or concepts - allowed or not is_known:
        return None
    is_counted = quantities_of(items) or any(item.text in NUMBER_WORDS for item in items)
    if "delete" in verbs and not is_counted:
        return None
    verb = "add" if "add" in verbs else "remove"
    return CommandRequest("fleet", f"{verb} {_machines_in_short(items)}")


def fleet_told(scanned: ScannedText, concepts: set[str]) -> CommandRequest | None:
    """“sold two S19”, “my farm: 10 S19, 5 M50S, power 6c” as the command that would note it."""
    if "moved" in concepts:
        return CommandRequest("fleet")
    verb = "remove" if concepts & _SOLD else "add" if concepts & _BOUGHT else ""
    is_list = "fleet" in concepts and any(item.quantity is not None for item in scanned.items)
    allowed = (
        DRESSING | _SOLD | _BOUGHT | {"fleet", "catalogue", "energy", "power", "dearer", "last", "forget"}
    )
    is_priced = any(
        item.quantity is not None and item.quantity.unit is MeasureUnit.MONEY for item in scanned.items
    )
    if not (verb or is_list) or concepts - allowed or (verb and is_priced):
        return None
    if any(item.kind is ItemKind.UNKNOWN and item.text not in NUMBER_WORDS for item in scanned.items):
        return None
    return CommandRequest("fleet", f"{verb or 'add'} {_machines_in_short(scanned.items)}")


def _machines_in_short(items: Sequence[Item]) -> str:
    """Machines as `/fleet` takes them: what they are, how many, and the price of their power."""
    words = ""
    for item in items:
        text = _in_short(item) if item.kind is not ItemKind.WORD or _is_kept(item) else ""
        words += ("" if item.glued or not words or text == "," else " ") + text if text else ""
    return words.strip(" ,;:.!?")


def _in_short(item: Item) -> str:
    """An item as `/fleet` takes it: numbers as digits, a comma for “and”, “power” for whatever names it."""
    if item.concept in ("energy", "power"):
        return "power"
    if item.text in _AND:
        return ","
    return f"{NUMBER_WORDS[item.text]:g}" if item.text in NUMBER_WORDS else item.text


def fleet_power(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“change my power to 8.2 cents” as the command that would set the price of the chat's machines."""
    quantities = quantities_of(items)
    allowed = DRESSING | {
        "energy",
        "power",
        "power_price",
        "change",
        "until",
        "price",
        "fleet",
        "kwh",
        "costs",
    }
    quantity = quantities[0].quantity if len(quantities) == 1 else None
    is_price = quantity is not None and quantity.unit in (MeasureUnit.MONEY, MeasureUnit.NUMBER)
    is_asked = concepts & {"change", "tonight"} and concepts & {"energy", "power", "power_price"}
    if not is_asked or not is_price or concepts - allowed:
        return None
    return CommandRequest("fleet", f"power {quantities[0].text}")


def fleet_fee(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“pool fee 2%” as the command that would set the fee of the chat's machines."""
    quantities = quantities_of(items)
    quantity = quantities[0].quantity if len(quantities) == 1 else None
    is_share = quantity is not None and quantity.unit in (MeasureUnit.PERCENT, MeasureUnit.NUMBER)
    if "pool_fee" not in concepts or concepts - DRESSING - {
        "pool_fee",
        "change",
        "until",
        "fleet",
        "tonight",
    }:
        return None
    if quantity is None or not is_share or not 0 <= quantity.small <= _HIGHEST_FEE:
        return None
    return CommandRequest("fleet", f"fee {quantity.small:g}%")


def _is_kept(item: Item) -> bool:
    """True for the words that a list of machines needs."""
    return item.concept in ("energy", "power") or item.text in NUMBER_WORDS or item.text in _AND


def time_zone_command(text: str) -> CommandRequest | None:
    """“my timezone is Berlin” as `/quiet Europe/Berlin`; one that I don't know is chosen in the settings."""
    match = _TIME_ZONE.search(text) or _TIME_OF.search(text)
    if match is None:
        return None
    name = zone_name(match["zone"].strip())
    return CommandRequest("settings") if name is None else CommandRequest("quiet", name)


def digest_command(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“send me a summary every monday at 8” as `/digest monday 8`."""
    allowed = DRESSING | {
        "digest", "weekly", "weekly_digest", "morning", "evening", "hour", "week", "status", "subscribe",
        "alert", "stop", "negation", "until", "shut_off", "delete", "change", "to", *_WEEKDAYS,
    }  # fmt: skip
    quantities = quantities_of(items)
    if not concepts & {"digest", "weekly_digest"} or concepts - allowed or len(quantities) > 1:
        return None
    if concepts & {"stop", "negation", "shut_off", "delete"}:
        return CommandRequest("digest", "off")
    if concepts <= DRESSING | {"digest", "status", "subscribe"} and "status" in concepts and not quantities:
        return None
    day = next((name for name in _WEEKDAYS if name in concepts), "")
    if not day and concepts & {"weekly", "weekly_digest", "week"}:
        day = "weekly"
    hour = _hour(items, quantities[0]) if quantities else None
    if quantities and hour is None:
        return None
    if hour is None and (day or concepts & {"morning", "evening", "day"}):
        hour = "18" if "evening" in concepts else "8"
    return CommandRequest("digest", " ".join(word for word in (day, hour) if word))


def chart_command(scanned: ScannedText, concepts: set[str]) -> CommandRequest | None:
    """“plot hashprice for a year”, “difficulty over the last year” as `/chart hashprice 1y`."""
    is_of_zone = bool(concepts & ZONES.keys() and concepts & {"energy", "power"})
    if is_of_zone:
        concepts = concepts - ZONES.keys() - _NEAR_DAYS - {"costs", "cheap"} | {"chart"}
    words = chart_words(scanned, is_asked="chart" in concepts)
    over_time = bool(words.charts and words.spans)
    if "chart" not in concepts and not over_time and not (words.charts and "picture" in concepts):
        return None
    if "chart" in concepts:
        concepts = concepts - {"halving", "after_halving"}
    if concepts - DRESSING - CHARTED.keys() - _OF_CHARTS or "profit" in concepts:
        return None
    if words.rest and not is_of_zone:
        return None
    several = max(len(words.charts), len(words.spans), len(words.zones)) > 1
    if several or len(quantities_of(scanned.items)) > 1:
        return None
    subject = words.zones or words.charts
    theme = () if words.dark is None else ("dark",) if words.dark else ("light",)
    return CommandRequest("chart", " ".join((*subject, *words.spans, *theme)))


def currency_command(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“show prices in euro”, “switch to euros” as `/currency EUR`."""
    named = {item.currency for item in items if item.currency is not None}
    allowed = DRESSING | {"currency_word", "currency", "price", "change", "settings"}
    if not concepts & {"currency_word", "change"} or concepts - allowed:
        return None
    currency = next(iter(named), None)
    return CommandRequest("currency", currency.value) if currency is not None and len(named) == 1 else None
