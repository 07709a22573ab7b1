"""When messages come, in plain words as arguments: `/mute`, `/quiet`, `/digest` and the time zone."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from bot.mining.parsing.command_arguments import IGNORABLE, quantities_of
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.items import Item, ItemKind
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.roles import word_set

_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FEWEST_MINUTES: Final = 25
_MOST_MINUTES: Final = 240
"""A bare number between these is one of minutes: “mute 30”."""
_LONGEST_NIGHT: Final = 14
"""Hours of a night; longer quiet hours are meant to begin in the evening."""
_MINUTES: Final = re.compile(r"(\d{1,4})m")
_MUTED: Final = {"minute": "min", "hour": "h", "day": "d", "week": "w", "month": "mo", "year": "y"}
"""The units of `/mute`, where `m` is a minute."""


_QUIET_HOURS: Final = word_set("schedule_arguments", "quiet_hours")
_ENDED: Final = frozenset({"stop", "shut_off", "delete", "gone", "negation", "unmute"})
_TURNED_ON: Final = word_set("schedule_arguments", "turned_on")
"""What begins something: “turn … on”, “schalt … ein”."""


_OFF: Final = word_set("schedule_arguments", "off")


def ends_with_off(items: Sequence[Item]) -> bool:
    """True for “quiet hours off”, “Digest aus”: the last word ends what is named before it."""
    words = [item.text for item in items if item.kind is ItemKind.WORD]
    return len(words) > 1 and words[-1] in _OFF


def quiet_off_command(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“turn quiet hours off” as `/quiet off`."""
    allowed = IGNORABLE | _ENDED | {"mute", "settings", "change", "hour", "between", "until", "need"}
    is_named = any(item.text in _QUIET_HOURS for item in items)
    if ends_with_off(items):
        concepts = concepts - {"to"} | {"shut_off"}
    is_begun = any(not _TURNED_ON.isdisjoint(item.text.split()) for item in items) or "again" in concepts
    if not is_named or not concepts & _ENDED or quantities_of(items) or is_begun or concepts - allowed:
        return None
    return CommandRequest("quiet", "off")


def quiet_command(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“no messages between 22 and 7” as `/quiet 22-7`."""
    quantities = quantities_of(items)
    allowed = IGNORABLE | {
        "mute", "stop", "alert", "between", "until", "morning", "evening", "hour", "day", "only",
    }  # fmt: skip
    if {"negation", "alert"} <= concepts:  # “no pings 10pm to 6am”
        concepts = concepts - {"negation"} | {"mute"}
    if any(item.text in _NOTHING for item in items):  # “nothing between 11pm and 6am”
        concepts = concepts - {"free", "alert"} | {"mute"}
    if any(item.text in _QUIET_HOURS for item in items) and concepts <= IGNORABLE | {
        "mute",
        "settings",
        "when",
    }:
        return None if quantities else CommandRequest("quiet")
    if not concepts & {"mute", "stop"} or len(quantities) != 2 or concepts - allowed - {"off_peak"}:
        return None
    if concepts & _MUTED.keys() - {"hour", "day"} or not (
        concepts & {"between", "until", "and", "to", "morning", "evening"} or "hour" not in concepts
    ):
        return None
    start, end = (_hour(items, item) for item in quantities)
    if start is None or end is None:
        return None
    return CommandRequest("quiet", f"{in_evening(start, end)}-{end}")


def night_command(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“no pings before 9am”, “nothing after 10pm” as the quiet hours this may mean, to be offered."""
    quantities = quantities_of(items)
    is_quiet = concepts & {"mute", "stop"} or {"negation", "alert"} <= concepts
    allowed = IGNORABLE | {
        "mute", "stop", "negation", "alert", "last", "if", "morning", "evening", "hour", "watch",
    }  # fmt: skip
    if not is_quiet or len(quantities) != 1 or concepts - allowed:
        return None
    hour = _hour(items, quantities[0])
    before = any(item.text in _BEFORE for item in items)
    after = any(item.text in _AFTER for item in items)
    if hour is None or before == after:
        return None
    return CommandRequest("quiet", f"{_NIGHT}-{hour}" if before else f"{hour}-{_MORNING}")


_NOTHING: Final = word_set("schedule_arguments", "nothing")
"""What is to come between two hours, where nothing is."""
_BEFORE: Final = word_set("schedule_arguments", "before")
_AFTER: Final = word_set("schedule_arguments", "after")
_NIGHT: Final = 22
_MORNING: Final = 7
"""When a night begins and ends for whoever names one of them only."""


def in_evening(start: str, end: str) -> str:
    """The beginning of quiet hours: “between 11 and 7” is from 23 to 7, as nobody sleeps twenty hours."""
    first, last = (int(each.partition(":")[0]) for each in (start, end))
    is_too_long = (last - first) % 24 > _LONGEST_NIGHT
    if not is_too_long or not 6 <= first <= 12:
        return start
    return start.replace(str(first), str((first + 12) % 24), 1)


def _hour(items: Sequence[Item], item: Item) -> str | None:
    """A time of day as `/quiet` and `/digest` take it; a word beside it says before or after noon.

    None for a length: “every two weeks”. Of the only time the word may stand anywhere: “every evening at 9”.
    """
    quantity = item.quantity
    if quantity is None or quantity.unit is not MeasureUnit.NUMBER or not 0 <= quantity.small <= 24:
        return None
    place = items.index(item)
    behind = items[place + 1 : place + 3]
    if set(quantity.per) & _LENGTHS or any(
        each.concept in _LENGTHS or each.text in _HOURS for each in behind[:1]
    ):
        return None
    beside = [*items[max(0, place - 1) : place], *behind]
    if len(quantities_of(items)) == 1 and not any(each.concept == "morning" for each in items):
        beside = list(items)
    hour = int(quantity.small)
    minutes = round(100 * (quantity.small - hour))
    if hour == 12 and any(each.text in _BEFORE_NOON for each in behind):
        hour = 0
    evening = next((each for each in beside if each.concept == "evening"), None)
    is_night = evening is not None and evening.text not in _AFTER_NOON and hour < _EARLIEST_EVENING
    if evening is not None and hour < 12 and not is_night:
        hour += 12
    return f"{hour}:{minutes:02}" if 0 < minutes < 60 else f"{hour}"


_LENGTHS: Final = frozenset({"minute", "day", "week", "month", "year"})
_HOURS: Final = word_set("schedule_arguments", "hours")
"""What a number before is a length by, no time of day."""
_BEFORE_NOON: Final = word_set("schedule_arguments", "before_noon")
_AFTER_NOON: Final = word_set("schedule_arguments", "after_noon")
_EARLIEST_EVENING: Final = 5
"""An hour before this is one of the night where evening or night is said: “2 ночи”, “1 Uhr nachts”."""


_SEVERAL: Final = word_set("schedule_arguments", "several")
"""Lengths of which there is more than one."""
_FOR_TODAY: Final = word_set("schedule_arguments", "for_today")
"""Until when messages are to stop, where it is not for good."""


_EVERY: Final = word_set("schedule_arguments", "every")
"""What comes back, beside or with the word for a day: “every day”, “каждый”."""


def mute_command(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“be quiet for two hours” as `/mute 2h`."""
    allowed = IGNORABLE | {
        "mute", "stop", "until", "tomorrow", "tonight", "hour", "day", "week", "month", "alert", "morning",
        "evening", "forever_quiet", "off_peak", "peak", "only", "minute",
    }  # fmt: skip
    quantities = quantities_of(items)
    if quantities or concepts & _MUTED.keys():  # “for the next 90 minutes”
        concepts = concepts - {"projection"}
    if {"negation", "alert"} <= concepts and quantities:  # “no notifications for 12 hours”
        concepts = concepts - {"negation"} | {"mute"}
    if "stop" in concepts and len(quantities) == 1:  # “stop writing to me for 3 hours” ends by itself
        concepts = concepts | {"mute"}
    if "stop" in concepts and any(item.text in _FOR_TODAY for item in items):  # “no more messages today”
        concepts = concepts | {"mute"}
    if "mute" not in concepts or concepts - allowed or len(quantities) > 1:
        return None
    if {"evening", "until"} <= concepts or any(item.text in _EVERY for item in items):
        return None  # the words of a moment, see `mute_until`; or no time from now on
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
    if periods:  # “for a few hours” is not for one
        is_several = any(not _SEVERAL.isdisjoint(item.text.split()) for item in items)
        return CommandRequest("mute", "" if is_several else f"1{_MUTED[periods[0]]}")
    if "forever_quiet" in concepts:
        return CommandRequest("mute", "forever")
    return CommandRequest("mute", "tomorrow" if concepts & {"tomorrow", "tonight", "morning"} else "")


_AT_ONCE: Final = word_set("schedule_arguments", "at_once")
"""When a summary is to come once, not every day."""


def digest_command(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“send me a summary every monday at 8” as `/digest monday 8`."""
    allowed = IGNORABLE | {
        "digest", "weekly", "weekly_digest", "morning", "evening", "hour", "week", "status", "subscribe",
        "alert", "stop", "negation", "until", "shut_off", "delete", "change", "to", "moves", "moved", "below",
        "forever_quiet", "best", "only", *_WEEKDAYS,
    }  # fmt: skip
    quantities = quantities_of(items)
    if any(item.text == "mo" and behind.quantity is not None for item, behind in pairwise(items)):
        concepts = concepts - {"month"} | {"monday"}  # “mo 9 Uhr”; behind a number it is a month
    if "only" in concepts and not concepts & {*_WEEKDAYS, "weekly", "weekly_digest"}:
        return None
    is_now = any(item.text in _AT_ONCE for item in items) and not quantities
    if is_now and "digest" in concepts and concepts <= IGNORABLE | {"digest", "status", "tonight"}:
        return CommandRequest("status")  # “send me the summary right now”
    if not concepts & {"digest", "weekly_digest"} or concepts - allowed or len(quantities) > 1:
        return None
    if len(concepts & set(_WEEKDAYS)) > 1:  # one of them would be left out
        return None
    if concepts & {"stop", "negation", "shut_off", "delete"} or ends_with_off(items):
        return CommandRequest("digest", "off")
    if concepts <= IGNORABLE | {"digest", "status", "subscribe"} and "status" in concepts and not quantities:
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
