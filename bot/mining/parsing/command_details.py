"""What a text says of a command that it is only like: “2h” of `/mute`, “since 2020” of `/chart price`.

The readers of plain words are asked as if the command's own word had been said, and of the rest of the text
only what such a command takes. What they can't read is left out, so that the bare command is offered.
"""

import re
from collections.abc import Callable, Collection, Sequence
from typing import Final

from bot.i18n.moments import moment_in, with_until_first
from bot.mining.parsing.asking import like_a_tariff
from bot.mining.parsing.chart_words import chart_words
from bot.mining.parsing.clock_words import with_spoken_hours
from bot.mining.parsing.command_arguments import (
    IGNORABLE,
    charted,
    currency_command,
    quantities_of,
)
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.fleet_arguments import fleet_fee, fleet_power
from bot.mining.parsing.items import Item, ItemKind, ScannedText
from bot.mining.parsing.schedule_arguments import (
    digest_command,
    mute_command,
    quiet_command,
    quiet_off_command,
)
from bot.mining.parsing.setting_words import language_command
from bot.mining.parsing.signal_choice import CHOSEN_BY, chosen_signals, leaves_out, named_signals
from bot.mining.parsing.units import Currency
from bot.mining.parsing.watch_arguments import watch_command

_Reader = Callable[[Sequence[Item], set[str]], CommandRequest | None]
_OF_TIME: Final = frozenset({"until", "between", "morning", "evening", "hour", "day", "and", "to"})
_LENGTHS: Final = frozenset({"minute", "day", "week", "month", "tomorrow", "tonight"})
_WEEKDAYS: Final = frozenset(
    {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "weekly"}
)
_DAYS: Final = frozenset({"workdays", "weekend", "minute", "week", "month", "year"}) | _WEEKDAYS
"""What is said of a time and not left out of it unnoticed: “a summary every two weeks”."""
_ENDED: Final = frozenset({"stop", "shut_off", "delete", "negation"})
_READ: Final[dict[str, tuple[tuple[_Reader, frozenset[str], frozenset[str]], ...]]] = {
    "mute": ((mute_command, frozenset({"mute"}), _OF_TIME | _LENGTHS),),
    "quiet": (
        (quiet_command, frozenset({"mute"}), _OF_TIME),
        (quiet_off_command, frozenset(), _ENDED | {"mute"}),
    ),
    "digest": ((digest_command, frozenset({"digest"}), _OF_TIME | _WEEKDAYS | _ENDED),),
    "currency": ((currency_command, frozenset({"change"}), frozenset({"currency", "no_rate"})),),
}
"""By command its readers, the words that are taken as said, and what else of a text is read."""
_IN_MONEY: Final = frozenset({"price", "hashprice", "network"})
"""Figures that are shown in any currency."""
_MONTH: Final = re.compile(r"20[0-3]\d(?:-[01]\d)?")
"""A year or a month, as `/history` takes it."""


def with_details(near: CommandRequest, scanned: ScannedText, concepts: set[str]) -> CommandRequest:
    """A command that a text is like, with what the text says of it; as it is where nothing can be read."""
    items = scanned.items
    if near.name == "watch":
        return watch_command(items, concepts | {"watch"}) or near
    if near.name in ("subscribe", "unsubscribe"):
        return _of_signals(near, items, concepts)
    if near.arguments:
        return near
    if near.name == "chart":
        return _chart(scanned, concepts)
    if near.name == "history":
        spans = chart_words(scanned, is_asked=False).spans
        is_month = len(spans) == 1 and _MONTH.fullmatch(spans[0]) is not None
        return CommandRequest("history", spans[0]) if is_month else near
    if near.name == "settings":
        words = [item for item in items if item.kind is not ItemKind.UNKNOWN]
        return language_command(words, {"language_name", "change"}, scanned.plain) or near
    if near.name in _IN_MONEY:
        named = {item.currency for item in items if item.currency is not None} - {Currency.BTC}
        return CommandRequest(near.name, named.pop().value) if len(named) == 1 else near
    if near.name == "fleet":
        return _of_fleet(near, items, concepts)
    if near.name == "mute" and (until := _until(scanned.typed)):
        return CommandRequest("mute", until)
    return _read(near, items) or near


def _read(near: CommandRequest, items: Sequence[Item]) -> CommandRequest | None:
    for read, taken, also in _READ.get(near.name, ()):
        told = _told(items, also | taken)
        concepts = {item.concept for item in told if item.kind is ItemKind.WORD} - {"filler"}
        dropped = _dropped(items, told)
        is_whole = not _DAYS & {item.concept for item in dropped}
        is_whole = is_whole and (near.name != "mute" or not dropped or bool(quantities_of(items)))
        request = read(told, concepts | taken)
        if request is not None and request.name == near.name and is_whole:
            return request  # “an hour” beside other words may be two of them, or half of one
    return None


def _of_fleet(near: CommandRequest, items: Sequence[Item], concepts: set[str]) -> CommandRequest:
    """The price of power, or the fee, that is said of the chat's machines; machines are not read here."""
    if any(item.kind is ItemKind.MACHINE for item in items):
        return near
    numbers = quantities_of(items)
    is_priced = len(numbers) == 1 and numbers[0].quantity is not None and like_a_tariff(numbers[0].quantity)
    if "pool_fee" in concepts:
        return fleet_fee(items, {"pool_fee"}) or near
    return (fleet_power(items, {"fleet", "energy"}) or near) if is_priced else near


def _told(items: Sequence[Item], concepts: Collection[str]) -> list[Item]:
    """The figures of a text, and the words that a reader knows."""
    return [
        item
        for item in items
        if item.quantity is not None
        or item.currency is not None
        or (item.kind is ItemKind.WORD and item.concept in IGNORABLE | set(concepts))
    ]


def _dropped(items: Sequence[Item], told: Sequence[Item]) -> list[Item]:
    kept = {id(item) for item in told}
    return [item for item in items if item.kind is not ItemKind.SIGN and id(item) not in kept]


def _until(text: str) -> str:
    """“until 20:00” as it is typed; "" where no moment is named."""
    text = with_spoken_hours(with_until_first(text))
    place = moment_in(text)
    return "" if place is None else text[slice(*place)].lower()


def _chart(scanned: ScannedText, concepts: set[str]) -> CommandRequest:
    """A chart of the one figure that is named, over the one span."""
    words = chart_words(scanned, is_asked=True)
    named = charted(concepts) or (words.charts[0] if len(words.charts) == 1 else "")
    zone = words.zones[0] if len(words.zones) == 1 and concepts & {"energy", "power"} else ""
    span = words.spans[0] if len(words.spans) == 1 and (named or zone) else ""
    return CommandRequest("chart", " ".join(word for word in (zone or named, span) if word))


def _of_signals(near: CommandRequest, items: Sequence[Item], concepts: set[str]) -> CommandRequest:
    """“only hashrate” of `/subscribe`, the one signal that is named of `/unsubscribe`."""
    signals = named_signals(items)
    if not signals or (near.name == "subscribe" and near.arguments in ("all", "critical")):
        return near
    if concepts & {"only", "keep_only", "cares_only"} or leaves_out(items):
        return chosen_signals(items, concepts & CHOSEN_BY | {"alert"}) or near
    if " " in signals or (near.arguments and near.name == "unsubscribe"):
        return near
    if concepts & _ENDED:
        return CommandRequest("unsubscribe", signals)
    return near if near.arguments else CommandRequest(near.name, signals)
