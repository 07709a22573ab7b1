"""The commands a text comes nearest to when none fits it whole, for buttons to choose from.

Each command is scored by the words of the text that belong to it; the fewer commands share a word, the more
it counts.
"""

from collections.abc import Sequence
from functools import cache
from math import log
from typing import Final

from bot.mining.parsing.command_arguments import charted, currency_command
from bot.mining.parsing.command_request import ANNOYED, THANKS, CommandRequest
from bot.mining.parsing.corrections import spares
from bot.mining.parsing.intent_table import INTENTS, SUBSCRIPTIONS, Intent, intent_of
from bot.mining.parsing.intents import concepts_of, read_command
from bot.mining.parsing.items import Item, ItemKind, ScannedText
from bot.mining.parsing.watch_arguments import watch_command

CALCULATOR: Final = frozenset({"breakeven", "whatif"})
"""What the reader of questions answers, and asks back about."""
_WITH_ARGUMENTS: Final = (
    intent_of("watch", "watch|below|above", "alert up down moves price btc hashprice difficulty hashrate"),
    intent_of("watch", "alert up|down|below|above|figure", "price btc hashprice difficulty hashrate fees"),
    intent_of("fleet clear", "delete|stop fleet|catalogue", "all"),
    intent_of("fleet", "sold figure|count_word|machine_unit|fleet"),
    intent_of("watches", "moves figure"),
    intent_of("watches", "delete"),
    intent_of("retarget", "when"),
    intent_of("halving", "when"),
    intent_of("settings", "undo"),
    intent_of("watches", "undo"),
    intent_of("chart", "picture again|send", "last"),
    intent_of("watches", "alert", "price btc hashprice difficulty hashrate fees"),
    intent_of("why", "alert", "last explain"),
    intent_of("chart", "chart", "past year month week last forever price btc history"),
    intent_of("mute", "mute", "until tomorrow tonight hour day week alert morning"),
    intent_of("mute", "negation alert|send", "until tomorrow tonight hour day week"),
    intent_of("quiet", "mute|negation|stop evening|between|off_peak", "alert until morning hour send"),
    intent_of("digest", "digest|weekly_digest|weekly", "morning evening send week day"),
    intent_of("currency", "currency_word|currency", "price"),
    intent_of("subscribe critical", "critical|only", "alert send subscribe"),
    intent_of("subscribe critical", "except critical", "all alert mute"),
    intent_of("subscribe all", "all alert"),
    intent_of("subscribe", "except", "all alert watch subscribe energy power hashrate drawdown income"),
    intent_of("quiet", "peak only", "alert watch send"),
    intent_of(
        "subscribe", "alert stop|shut_off|negation", "energy selling hashrate income drawdown hashprice"
    ),
    intent_of("unsubscribe", "annoyed", "alert stop"),
    intent_of("mute", "annoyed", "alert"),
    intent_of("subscribe critical", "fewer", "alert send"),
    intent_of("quiet", "fewer", "alert send"),
    intent_of("unsubscribe", "delete all alert"),
    intent_of("breakeven", "profit|breakeven|payback|keep_on|breakeven_btc|breakeven_power|machine_price"),
    intent_of("breakeven", "machine_unit|count_word|power_price|solo", "price power"),
    intent_of("machines", "which_machine|best|best_machine|compare", "catalogue profit"),
    intent_of("whatif", "what_if|double|halve|gone|after_halving", "up down price hashrate difficulty"),
)
"""Commands whose texts are read with their arguments, by the reader of questions, or never done unasked."""
_ENDS: Final = frozenset({"stop", "shut_off", "negation", "annoyed", "delete", "mute"})
_SIGNAL_NAMES: Final = frozenset(intent.arguments for intent in SUBSCRIPTIONS)
_SAYS_LITTLE: Final = frozenset({"all"})
"""What is said of so much that alone it speaks for no command."""
_BESIDE: Final = 0.25
"""What a word that may stand beside a command counts, against one that it needs."""


def likely_commands(scanned: ScannedText, most: int = 2) -> list[CommandRequest]:
    """The commands that a text comes nearest to, the likeliest first; none without a word that is known."""
    reading = read_command(scanned)
    first = [] if reading is None else [reading.request]
    return list(dict.fromkeys((*first, *_ranked(scanned.items))))[:most]


def is_about_command(scanned: ScannedText) -> bool:
    """True when a text comes nearer to a command than to the calculator.

    A text with a machine or a supposition does not, one with figures only where it asks for a watch in words
    that are not all known.
    """
    items, concepts = scanned.items, concepts_of(scanned.items)
    if "what_if" in concepts or any(item.kind is ItemKind.MACHINE for item in items):
        return False
    if any(item.quantity is not None for item in items):
        is_unknown = any(item.kind is ItemKind.UNKNOWN for item in items)
        return "watch" in concepts or (is_unknown and watch_command(items, concepts | {"watch"}) is not None)
    ranked = _ranked(items)
    return bool(ranked) and ranked[0].name not in CALCULATOR


def _ranked(items: Sequence[Item]) -> list[CommandRequest]:
    concepts = concepts_of(items)
    if any(item.quantity is not None for item in items):
        concepts |= {"figure"}
    scores: dict[CommandRequest, float] = {}
    for intent in (*INTENTS, *SUBSCRIPTIONS, *_WITH_ARGUMENTS):
        score = _score(intent, concepts)
        if score > 0.0 and intent.command not in (ANNOYED, THANKS):
            request = _request(intent, items, concepts)
            scores[request] = max(score, scores.get(request, 0.0))
    ends = bool(concepts & _ENDS)
    excepts = "except" in concepts
    meant = [
        request
        for request in scores
        if not (ends and _begins(request)) and not (excepts and request.arguments in _SIGNAL_NAMES)
    ]
    ranked = sorted(meant, key=lambda request: -scores[request])
    if not spares(items):
        return ranked
    return [CommandRequest("settings"), *(each for each in ranked if each.name not in _ENDED)]


ENDING: Final = frozenset({"mute", "quiet", "unsubscribe", "forget", "watches", "subscribe", "unmute"})
"""What ends messages, or has to do with them."""
_ENDED: Final = frozenset({"mute", "quiet", "unsubscribe", "forget", "settings"})
"""What ends something, or keeps messages back: not offered to whoever wants no end."""


def _begins(request: CommandRequest) -> bool:
    """True for what brings more messages: the opposite of what an ending asks for."""
    if request.name == "subscribe":
        return request.arguments not in ("", "critical") and not request.arguments.startswith("only ")
    return request.name in ("watch", "unmute")


def _score(intent: Intent, concepts: set[str]) -> float:
    """How much of a text belongs to an intent; 0 when it says nothing of what the intent is about."""
    weights = _weights()
    needed = [max((weights[each] for each in concepts & group), default=0.0) for group in intent.must]
    if not needed[0]:  # the first says what it is about
        return 0.0
    if concepts & intent.must[0] <= _SAYS_LITTLE and not all(needed):
        return 0.0
    beside = sum(weights.get(each, 1.0) for each in concepts & intent.may - frozenset().union(*intent.must))
    share = sum(1 for weight in needed if weight) / len(needed)
    return share * (sum(needed) + _BESIDE * beside)


def _request(intent: Intent, items: Sequence[Item], concepts: set[str]) -> CommandRequest:
    if intent.command == "watch" and (watch := watch_command(items, concepts | {"watch"})) is not None:
        return watch
    if intent.command == "chart" and not intent.arguments:
        return CommandRequest("chart", charted(concepts))
    if intent.command == "currency":
        named = currency_command(items, concepts | {"currency_word"})  # “in pounds please”
        return named or CommandRequest(intent.command)
    return CommandRequest(intent.command, intent.arguments)


@cache
def _weights() -> dict[str, float]:
    """How much a meaning says about which command is meant: the fewer need it, the more."""
    commands: dict[str, set[str]] = {}
    intents = (*INTENTS, *SUBSCRIPTIONS, *_WITH_ARGUMENTS)
    for intent in intents:
        for concept in frozenset().union(*intent.must):
            commands.setdefault(concept, set()).add(intent.command)
    most = len({intent.command for intent in intents})
    return {concept: log(most / len(names)) for concept, names in commands.items()}
