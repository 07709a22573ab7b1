"""What plain words ask for that a command answers: tables of what must and what may be said.

The words stand in `topics/*.toml`. A text is understood when it says all that an intent needs and nothing
that does not belong to it; of one that is almost understood the likeliest commands are given.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final

from bot.mining.parsing.command_arguments import (
    DRESSING,
    CommandRequest,
    chart_command,
    currency_command,
    digest_command,
    mute_command,
    quantities_of,
    quiet_command,
    watch_command,
)
from bot.mining.parsing.items import Item, ItemKind, ScannedText
from bot.mining.parsing.lexicon import topic_lexicon
from bot.mining.parsing.units import Currency

THANKS: Final = "thanks"
"""The name of a request that only thanks."""


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
    _intent("why miner_outflow", "selling", "who btc price why explain moves up down alert"),
    _intent("why phase", "explain|why capitulation", "btc alert"),
    _intent("why energy_price", "explain|why energy alert", "price"),
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
_NO_CHART: Final = frozenset({"share", "watch", "mute", "subscribe", "unsubscribe", "settings"})
_MONEY_COMMANDS: Final = frozenset({"price", "hashprice", "network"})
_SHORTEST_TYPO: Final = 4
_MOST_TYPOS: Final = 2
_LONGEST_MENDED: Final = 12
"""Words of a text that are looked at for typos."""


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
    special = [
        watch_command(items, concepts),
        chart_command(items, concepts),
        digest_command(items, concepts),
    ]
    ranked: dict[CommandRequest, float] = {
        CommandRequest(request.name): 0.9 for request in special if request is not None
    }
    for intent in INTENTS:
        hits = sum(1 for group in intent.must if concepts & group)
        if not hits or (concepts & intent.must[0]) <= DRESSING:
            continue
        fits = len(concepts & intent.may.union(*intent.must)) / max(1, len(concepts - DRESSING))
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
    concepts, quantities = _concepts(items), quantities_of(items)
    if not quantities and (subscription := _fitting(_SUBSCRIPTIONS, concepts)) is not None:
        return subscription
    for changes, read in (
        (False, watch_command),
        (True, quiet_command),
        (True, mute_command),
        (True, digest_command),
        (False, chart_command),
    ):
        if (request := read(items, concepts)) is not None:
            return request, changes
    if (request := currency_command(items, concepts)) is not None:
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
        known = DRESSING.union(intent.may, *intent.must)
        if all(concepts & group for group in intent.must) and concepts <= known:
            return CommandRequest(intent.command, intent.arguments), intent.changes
    return None


def _concepts(items: Sequence[Item]) -> set[str]:
    return {item.concept for item in items if item.kind is ItemKind.WORD} - {"filler"}


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
