"""What plain words ask for that a command answers: tables of what must and what may be said.

The words stand in `topics/*.toml`. A text is understood when it says all that an intent needs and nothing
that does not belong to it; of one that is almost understood the likeliest commands are given.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final

from bot.mining.parsing.items import Item, ItemKind, ScannedText
from bot.mining.parsing.lexicon import topic_lexicon
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.units import Currency

THANKS: Final = "thanks"
"""The name of a request that only thanks."""


@dataclass(frozen=True, slots=True)
class CommandRequest:
    """A command to run as if it had been typed: its name and its arguments."""

    name: str
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class Intent:
    """A command, the meanings of which one of each group must be said, and those that may be.

    `arguments` is what follows the command. `changes` is True when the command changes what the chat gets:
    such a text must be understood to its last letter.
    """

    command: str
    arguments: str
    must: tuple[frozenset[str], ...]
    may: frozenset[str]
    changes: bool = False


def _intent(command: str, must: str, may: str = "", *, changes: bool = False) -> Intent:
    """An intent from words: groups of `must` are separated by spaces, alternatives by bars."""
    name, _, arguments = command.partition(" ")
    groups = tuple(frozenset(group.split("|")) for group in must.split())
    return Intent(name, arguments, groups, frozenset(may.split()), changes)


_DRESSING: Final = frozenset(
    {
        "filler", "greeting", "thanks", "send", "per", "to", "by", "and", "or", "day", "money_out",
        "machine_unit", "count_word", "network", "how_many", "profit", "which_machine", "only", "between",
    }
)  # fmt: skip
"""What may be said beside anything."""

_MARKET: Final = "btc price btc_price up down moves high how_far when until last explain tonight today"
_SIGNALS: Final = {
    "hashrate_decline": "hashrate|hash_ribbon",
    "miner_outflow": "selling",
    "energy_price": "energy|power",
    "miner_income": "income|hashprice",
    "capitulation": "capitulation|status",
    "price_drawdown": "drawdown",
}
_SUBSCRIBING: Final = "if alert watch subscribe moves up down when btc price below last capitulation"

INTENTS: Final = (
    _intent("unsubscribe", "stop", "alert watch everything mute watch_list subscribe", changes=True),
    _intent("subscribe all", "everything", "alert watch subscribe send when", changes=True),
    _intent("subscribe critical", "critical", "alert until watch subscribe only", changes=True),
    _intent("unmute", "unmute", "mute alert", changes=True),
    _intent("watches", "watch_list", "alert watch explain"),
    _intent("fleet hours", "shut_off tonight|fleet|catalogue|energy", "when until fleet energy price"),
    _intent("fleet hours", "cheap_hours", "when until tonight today tomorrow energy price power moves"),
    _intent("why", "why|explain alert|watch", "last mute critical send price btc alert watch explain"),
    _intent("why hashrate_decline", "hash_ribbon", "explain hashrate why status up down moves tonight"),
    _intent("why miner_outflow", "selling", "who btc price why explain moves up down"),
    _intent("why phase", "explain|why capitulation", "btc alert"),
    _intent("why price_drawdown", "explain drawdown", "btc price"),
    _intent("why miner_income", "explain income", "btc price"),
    _intent("why miner_income", "income", "up down when"),
    _intent("history", "capitulation when|last|how_often|history", "btc ended past how_often when last"),
    _intent("history", "how_often|history", "alert last past when capitulation"),
    _intent("history", "alert last", "when past"),
    _intent("status", "status|capitulation|ended", "capitulation ended when btc alert status tonight energy"),
    _intent("halving", "halving", "when btc until how_far last after_halving month year week price"),
    _intent("retarget", "retarget", "when difficulty up down until how_far btc tonight high last"),
    _intent("retarget", "difficulty when|up|down|moves", "btc until tonight how_far high"),
    _intent("difficulty", "difficulty", f"{_MARKET} how_far past"),
    _intent("network", "cost_to_mine", "btc price energy power"),
    _intent("network", "underwater", "btc price energy power catalogue when below who how_far fleet"),
    _intent("hashprice", "hashprice", f"{_MARKET} hashrate sats"),
    _intent("hashrate", "hashrate", _MARKET),
    _intent("price", "high|how_far|drawdown btc|btc_price|price|how_far", f"{_MARKET} drawdown below gone"),
    _intent("chart energy", "energy", "price high up down when tonight tomorrow euro"),
    _intent("price", "btc|btc_price", f"{_MARKET} worth"),
    _intent("price", "price", f"{_MARKET} worth"),
    _intent("fleet", "fleet", "price status up down when explain"),
    _intent("machines", "catalogue", "best compare fleet"),
    _intent("share", "share", "status fleet breakeven chart"),
    _intent("keyboard", "keyboard"),
    _intent("test", "test", "alert"),
    _intent("pin", "pin", "status", changes=True),
    _intent("forget", "forget", "everything", changes=True),
    _intent("export", "export", "privacy"),
    _intent("privacy", "privacy"),
    _intent("settings", "settings", "currency_word"),
    _intent("currency", "currency_word", "price"),
    _intent("subscribe", "subscribe", "alert watch", changes=True),
    _intent("subscribe", "send alert", "everything watch", changes=True),
    _intent("help", "help", "status"),
    _intent(THANKS, "thanks"),
    _intent("start", "greeting", "status"),
)
"""In the order in which they are tried."""

_SUBSCRIPTIONS: Final = tuple(
    _intent(f"subscribe {signal}", f"{asking} {words}", _SUBSCRIBING, changes=True)
    for signal, words in _SIGNALS.items()
    for asking in ("watch|subscribe", "alert moves|up|down")
)
_CHARTED: Final = {
    "btc_price": "price", "btc": "price", "price": "price", "high": "price", "hashrate": "hashrate",
    "hashprice": "hashprice", "difficulty": "difficulty", "fees": "fees", "selling": "outflow",
    "energy": "energy", "power": "energy", "drawdown": "drawdown", "retarget": "retarget",
    "hash_ribbon": "hashrate",
}  # fmt: skip
_WATCHED: Final = {
    "btc_price": "price", "btc": "price", "price": "price", "hashrate": "hashrate", "hashprice": "hashprice",
    "difficulty": "difficulty", "fees": "fees", "retarget": "retarget",
}  # fmt: skip
_NO_CHART: Final = frozenset({"share", "watch", "mute", "subscribe", "unsubscribe", "settings"})
_MONEY_COMMANDS: Final = frozenset({"price", "hashprice", "network"})
_GENERAL: Final = frozenset({"btc_price", "btc", "price"})
"""Subjects that give way to a more special one: the price of hashrate is the hashprice."""
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PERIODS: Final = {"day": "d", "week": "w", "month": "m", "year": "y", "hour": "h"}
_SHORTEST_TYPO: Final = 4
_MOST_TYPOS: Final = 2
_LONGEST_MENDED: Final = 12
"""Words of a text that are looked at for typos."""
_FIRST_YEAR, _LAST_YEAR = 2009, 2100


def command_of(scanned: ScannedText) -> CommandRequest | None:
    """The command that answers a text without a machine; None when no intent fits it whole.

    `scanned` is the text as the topic lexicon reads it. Misspelt words are mended where nothing is changed.
    """
    mended = _mended(scanned)
    request, changes = _exact(mended or scanned)
    return None if mended is not None and changes else request


def asks_for_chart(scanned: ScannedText) -> bool:
    """True for a text about a chart that no intent fits whole: the chart command reads it by itself."""
    concepts = _concepts(scanned.items)
    return "chart" in concepts and not concepts & _NO_CHART


def likely_commands(scanned: ScannedText, most: int = 2) -> list[CommandRequest]:
    """The commands that a text comes nearest to, the likeliest first."""
    items = (_mended(scanned, partly=True) or scanned).items
    concepts = _concepts(items)
    special = [_watch(items, concepts), _chart(items, concepts), _digest(items, concepts)]
    ranked: dict[CommandRequest, float] = {
        CommandRequest(request.name): 0.9 for request in special if request is not None
    }
    for intent in INTENTS:
        hits = sum(1 for group in intent.must if concepts & group)
        if not hits or (concepts & intent.must[0]) <= _DRESSING:
            continue
        fits = len(concepts & intent.may.union(*intent.must)) / max(1, len(concepts - _DRESSING))
        score = hits / len(intent.must) * 0.6 + 0.4 * fits
        request = CommandRequest(intent.command, intent.arguments)
        ranked[request] = max(score, ranked.get(request, 0.0))
    ranked.pop(CommandRequest(THANKS), None)
    return sorted(ranked, key=lambda request: -ranked[request])[:most]


def _exact(scanned: ScannedText) -> tuple[CommandRequest | None, bool]:
    """The command, and whether it changes what the chat gets."""
    items = scanned.items
    if any(item.kind is ItemKind.UNKNOWN for item in items):
        return None, False
    concepts, quantities = _concepts(items), _quantities(items)
    if not quantities and (subscription := _fitting(_SUBSCRIPTIONS, concepts)) is not None:
        return subscription
    for changes, read in ((False, _watch), (True, _quiet), (True, _mute), (True, _digest), (False, _chart)):
        if (request := read(items, concepts)) is not None:
            return request, changes
    if (request := _currency(items, concepts)) is not None:
        return request, True
    if not quantities:
        return _in_currency(items, concepts) or _fitting(INTENTS, concepts) or (None, False)
    networks = [intent for intent in INTENTS if intent.command == "network"]
    return (_fitting(networks, concepts) if _prices_only(quantities) else None) or (None, False)


def _in_currency(items: Sequence[Item], concepts: set[str]) -> tuple[CommandRequest, bool] | None:
    """A figure of the market in a currency that is named: “hashprice in euro”."""
    named = {item.currency for item in items if item.currency is not None} - {Currency.BTC}
    codes = {currency.value for currency in named}
    if "sats" in concepts and not codes:
        codes = {"sats"}
    figures = [intent for intent in INTENTS if intent.command in _MONEY_COMMANDS]
    request = _fitting(figures, concepts - {"currency", "sats", "euro"})
    if len(codes) != 1 or request is None:
        return None
    return CommandRequest(request[0].name, codes.pop()), False


def _fitting(intents: Sequence[Intent], concepts: set[str]) -> tuple[CommandRequest, bool] | None:
    """The first intent that a text says wholly and nothing else, and whether it changes anything."""
    for intent in intents:
        known = _DRESSING.union(intent.may, *intent.must)
        if all(concepts & group for group in intent.must) and concepts <= known:
            return CommandRequest(intent.command, intent.arguments), intent.changes
    return None


def _concepts(items: Sequence[Item]) -> set[str]:
    return {item.concept for item in items if item.kind is ItemKind.WORD} - {"filler"}


def _quantities(items: Sequence[Item]) -> list[Item]:
    return [item for item in items if item.quantity is not None]


def _mended(scanned: ScannedText, *, partly: bool = False) -> ScannedText | None:
    """The text with its misspelt words mended; None when there are none, too many, or one that can't be.

    With `partly` what can't be mended stays unknown.
    """
    unknown = [item for item in scanned.items if item.kind is ItemKind.UNKNOWN]
    if not unknown or (len(unknown) > _MOST_TYPOS and not partly):
        return None
    lexicon = topic_lexicon()
    words = [word for word in lexicon.words(scanned.language) if len(word) >= _SHORTEST_TYPO]
    items = list(scanned.items)
    for index, item in enumerate(items[:_LONGEST_MENDED]):
        if item.kind is not ItemKind.UNKNOWN:
            continue
        near = get_close_matches(item.text, words, 1, 0.8) if len(item.text) >= _SHORTEST_TYPO else []
        if not near and not partly:
            return None
        if not near:
            continue
        concept = lexicon.concept(near[0], scanned.language)
        items[index] = replace(item, kind=ItemKind.WORD, text=near[0], concept=concept)
    return replace(scanned, items=items)


def _prices_only(quantities: Sequence[Item]) -> bool:
    return all(
        item.quantity is not None and (item.quantity.cents or "kwh" in item.quantity.per)
        for item in quantities
    )


def _subject(concepts: set[str], names: dict[str, str]) -> str | None:
    """The one subject that is named, "" when none is; None when several are."""
    named = concepts & names.keys()
    named = named - _GENERAL or named
    subjects = {names[concept] for concept in named}
    return None if len(subjects) > 1 else next(iter(subjects), "")


def _watch(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“alert me when btc falls below 100k” as a line of `/watch`."""
    below, above = bool(concepts & {"below", "down"}), bool(concepts & {"above", "up"})
    if "watch" not in concepts and not ("alert" in concepts and (below or above)):
        return None
    subject, quantities = _subject(concepts, _WATCHED), _quantities(items)
    allowed = _DRESSING | _WATCHED.keys() | {
        "watch", "alert", "up", "down", "below", "above", "when", "if", "moves", "tonight", "week",
        "average", "crosses",
    }  # fmt: skip
    if concepts - allowed or subject is None:
        return None
    days = quantities[0].quantity if len(quantities) == 1 else None
    if "average" in concepts:
        is_days = days is not None and days.unit is MeasureUnit.NUMBER and 2 <= days.small <= 400
        if days is None or not is_days:
            return None
        way = "below" if below else "above" if above else "crosses"
        return CommandRequest("watch", f"{subject or 'price'} {way} ma{days.small:g}")
    if len(quantities) == 1 and quantities[0].quantity is not None and (below or above):
        quantity, named = quantities[0].quantity, subject or "price"
        if quantity.unit is MeasureUnit.PERCENT and named == "retarget":
            side = "below" if below else "above"
            return CommandRequest("watch", f"retarget {side} {quantity.small:g}%")
        if quantity.unit is MeasureUnit.PERCENT:
            falls = "down" in concepts or (below and "up" not in concepts)
            turn = "drops" if falls else "rises"
            return CommandRequest("watch", f"{named} {turn} {quantity.small:g}% in 7d")
        side = "below" if "below" in concepts or (below and "above" not in concepts) else "above"
        level = quantity.large * (1e12 if quantity.unit is MeasureUnit.T and named == "difficulty" else 1.0)
        return CommandRequest("watch", f"{named} {side} {level:.15g}")
    if quantities or "watch" not in concepts or subject not in ("", "price"):
        return None
    return CommandRequest("watch")


def _quiet(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“no messages between 22 and 7” as `/quiet 22-7`."""
    quantities = _quantities(items)
    allowed = _DRESSING | {"mute", "stop", "alert", "between", "until", "morning", "evening", "hour", "day"}
    if not concepts & {"mute", "stop"} or len(quantities) != 2 or concepts - allowed - {"off_peak"}:
        return None
    if not concepts & {"between", "until", "and", "to"}:
        return None
    hours = [_hour(items, item) for item in quantities]
    return None if None in hours else CommandRequest("quiet", f"{hours[0]}-{hours[1]}")


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


def _mute(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“be quiet for two hours” as `/mute 2h`."""
    allowed = _DRESSING | {
        "mute", "stop", "until", "tomorrow", "tonight", "hour", "day", "week", "month", "alert", "morning",
        "evening", "forever_quiet", "off_peak", "peak",
    }  # fmt: skip
    quantities = _quantities(items)
    if "mute" not in concepts or concepts - allowed or len(quantities) > 1:
        return None
    if quantities:
        return CommandRequest("mute", _length(items, quantities[0]))
    periods = [item.concept for item in items if item.concept in _PERIODS]
    if periods:
        return CommandRequest("mute", f"1{_PERIODS[periods[0]]}")
    if "forever_quiet" in concepts:
        return CommandRequest("mute", "forever")
    return CommandRequest("mute", "tomorrow" if concepts & {"tomorrow", "tonight", "morning"} else "")


def _length(items: Sequence[Item], item: Item) -> str:
    """A length such as “90d” from a number and the word behind it."""
    quantity = item.quantity
    if quantity is None:
        return ""
    concepts = [*quantity.per, *(each.concept for each in items[items.index(item) + 1 :])]
    period = next((_PERIODS[concept] for concept in concepts if concept in _PERIODS), "h")
    return f"{quantity.small:g}{period}"


def _digest(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“send me a summary every monday at 8” as `/digest monday 8`."""
    allowed = _DRESSING | {
        "digest", "weekly", "weekly_digest", "morning", "evening", "hour", "week", "status", "subscribe",
        "alert", "stop", "until", *_WEEKDAYS,
    }  # fmt: skip
    quantities = _quantities(items)
    if not concepts & {"digest", "weekly_digest"} or concepts - allowed or len(quantities) > 1:
        return None
    if "stop" in concepts:
        return CommandRequest("digest", "off")
    day = next((name for name in _WEEKDAYS if name in concepts), "")
    if not day and concepts & {"weekly", "weekly_digest", "week"}:
        day = "weekly"
    hour = _hour(items, quantities[0]) if quantities else None
    if quantities and hour is None:
        return None
    if hour is None and (day or concepts & {"morning", "evening", "day"}):
        hour = "18" if "evening" in concepts else "8"
    return CommandRequest("digest", " ".join(word for word in (day, hour) if word))


def _chart(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“plot hashprice for a year” as `/chart hashprice 1y`."""
    subject, quantities = _subject(concepts, _CHARTED), _quantities(items)
    allowed = _DRESSING | _CHARTED.keys() | {
        "chart", "last", "past", "until", "day", "week", "month", "year", "forever", "up", "down", "history",
        "price", "projection",
    }  # fmt: skip
    if "chart" not in concepts or concepts - allowed | concepts & {"profit"} or subject is None:
        return None
    if len(quantities) > 1:
        return None
    span = ""
    if quantities and quantities[0].quantity is not None:
        number = quantities[0].quantity
        is_year = number.unit is MeasureUnit.NUMBER and _FIRST_YEAR <= number.small <= _LAST_YEAR
        span = f"{number.small:.0f}" if is_year else _length(items, quantities[0])
        if not is_year and span.endswith("h"):
            return None
    elif "forever" in concepts:
        span = "all"
    else:
        period = next((item.concept for item in items if item.concept in ("week", "month", "year")), "")
        span = {"week": "7d", "month": "30d", "year": "1y"}.get(period, "")
    return CommandRequest("chart", " ".join(word for word in (subject, span) if word))


def _currency(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“show prices in euro” as `/currency EUR`."""
    named = {item.currency for item in items if item.currency is not None}
    if "currency_word" not in concepts or concepts - _DRESSING - {"currency_word", "currency", "price"}:
        return None
    currency = next(iter(named), None)
    return CommandRequest("currency", currency.value) if currency is not None and len(named) == 1 else None
