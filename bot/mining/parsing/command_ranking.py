"""The commands a text comes nearest to when none fits it whole, for buttons to choose from."""

from collections.abc import Sequence
from typing import Final

from bot.mining.parsing.command_details import with_details
from bot.mining.parsing.command_request import MEANING, SAID_IN_A_SENTENCE, CommandRequest
from bot.mining.parsing.corrections import spares
from bot.mining.parsing.intent_table import SUBSCRIPTIONS
from bot.mining.parsing.intents import concepts_of, read_command
from bot.mining.parsing.items import ItemKind, ScannedText
from bot.mining.parsing.nearest_messages import message_index
from bot.mining.parsing.signal_choice import chosen_signals, leaves_out
from bot.mining.parsing.watch_arguments import watch_command

CALCULATOR: Final = frozenset({"breakeven", "whatif"})
"""What the reader of questions answers, and asks back about."""
_ENDS: Final = frozenset({"stop", "shut_off", "negation", "annoyed", "delete", "mute"})
_SIGNAL_NAMES: Final = frozenset(intent.arguments for intent in SUBSCRIPTIONS)


def likely_commands(scanned: ScannedText, most: int = 2) -> list[CommandRequest]:
    """The commands that a text comes nearest to, the likeliest first; none for one like no message known."""
    reading = read_command(scanned)
    first = [] if reading is None else [reading.request]
    if not first and leaves_out(scanned.items):  # “everything but energy”
        excepting = chosen_signals(scanned.items, concepts_of(scanned.items) | {"alert"})
        first = [] if excepting is None else [excepting]
    near = [each for each in _nearest(scanned) if each.name not in SAID_IN_A_SENTENCE]
    offered = [each for each in near if not each.name.startswith(MEANING)]
    return list(dict.fromkeys((*first, *_fitting(scanned, offered))))[:most]


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
    nearest = _nearest(scanned)
    return bool(nearest) and nearest[0].name not in CALCULATOR


def _nearest(scanned: ScannedText) -> list[CommandRequest]:
    return [near.request for near in message_index(scanned.language).nearest(scanned.typed)]


def _fitting(scanned: ScannedText, near: Sequence[CommandRequest]) -> list[CommandRequest]:
    """Those of the commands that are not the opposite of what a text says, with what it says of them."""
    items = scanned.items
    concepts = concepts_of(items)
    ends, excepts = bool(concepts & _ENDS), "except" in concepts
    fitting = [
        with_details(request, scanned, concepts)
        for request in near
        if not (ends and _begins(request)) and not (excepts and request.arguments in _SIGNAL_NAMES)
    ]
    if not spares(items):
        return fitting
    return [CommandRequest("settings"), *(each for each in fitting if each.name not in _ENDED)]


ENDING: Final = frozenset({"mute", "quiet", "unsubscribe", "forget", "watches", "subscribe", "unmute"})
"""What ends messages, or has to do with them."""
_ENDED: Final = frozenset({"mute", "quiet", "unsubscribe", "forget", "settings"})
"""What ends something, or keeps messages back: not offered to whoever wants no end."""


def _begins(request: CommandRequest) -> bool:
    """True for what brings more messages: the opposite of what an ending asks for."""
    if request.name == "subscribe":
        return request.arguments not in ("", "critical") and not request.arguments.startswith("only ")
    return request.name in ("watch", "unmute")
