"""Texts that set anew what was set last: “lieber 22 bis 6”, behind a digest “make that 7:45”."""

import re
from collections.abc import Sequence
from typing import Final

from bot.i18n.timezones import zone_name
from bot.mining.parsing.asking import like_a_tariff
from bot.mining.parsing.command_arguments import IGNORABLE, currency_command, quantities_of
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.items import Item, ScannedText
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.roles import any_of, word_set
from bot.mining.parsing.schedule_arguments import digest_command, in_evening, mute_command, quiet_command
from bot.mining.parsing.setting_words import language_command

_CORRECTING: Final = frozenset({"change", "best", "undo", "negation", "last", "past", "also", "only"})
"""What says no more than that something is set anew."""
_LIGHT: Final = word_set("setting_following", "light")
"""Words without a meaning of their own that may stand beside a time; beside others it may be of anything."""
_SPAN: Final = re.compile(r"\d[\d:]*-\d[\d:]*")
_LENGTH: Final = re.compile(r"\d+(?P<unit>min|h|d|w)")
_LENGTHS: Final = frozenset({"minute", "hour", "day", "week", "month"}) | IGNORABLE
_DAYS: Final = frozenset(
    {"day", "week", "weekly", "workdays", "weekend", "monday", "tuesday", "wednesday", "thursday", "friday",
     "saturday", "sunday"}
)  # fmt: skip
"""What says on which day a digest comes."""
_OF_TIMES: Final = _DAYS | IGNORABLE | {"morning", "evening", "hour"}
_TIMED: Final = frozenset({"quiet", "digest", "mute"})
_DAY: Final = re.compile(r"(?P<day>[a-zä-ÿ]+)(?: \d.*)?")
_HOUR: Final = re.compile(r"(?:[a-z]+ )?(?P<hour>\d.*)")
_CLOCK: Final = re.compile(r"\d{1,2}(?:\.[0-5]\d)?")
"""A time of day as its words have it: 7:45 is the figure 7.45 there."""


def set_anew(scanned: ScannedText, concepts: set[str], done: CommandRequest) -> CommandRequest | None:
    """The setting that a text puts in the place of the one set last; None where it says something else."""
    items, said = scanned.items, concepts - _CORRECTING
    is_plain = all(item.text in _LIGHT for item in items if item.concept == "filler")
    if done.name in _TIMED and not is_plain:
        return None
    if any(item.quantity is not None and like_a_tariff(item.quantity) for item in items):
        return None
    match done.name:
        case "quiet":
            return _quiet(items, said) or _other_end(scanned, said, done.arguments)
        case "digest":
            return _digest(items, said, done.arguments)
        case "mute":
            return _mute(items, said, done.arguments)
        case "currency":
            return currency_command(items, said | {"change"})
        case "settings" if done.arguments:
            request = language_command(items, said | {"change"}, scanned.plain)
            return request if request is not None and request.arguments else None
    return None


def zone_instead(plain: str, done: CommandRequest) -> CommandRequest | None:
    """“no, London” behind a time zone that was set."""
    if done.name != "quiet" or zone_name(done.arguments) is None:
        return None
    name = zone_name(plain.strip(" .!?,"))
    return None if name is None else CommandRequest("quiet", name)


def _quiet(items: Sequence[Item], said: set[str]) -> CommandRequest | None:
    if not _are_times(items, 2) or said - _OF_TIMES - {"between", "until"}:
        return None
    request = quiet_command(items, said | {"mute"})
    return request if request is not None and _SPAN.fullmatch(request.arguments) else None


_HOURS: Final = re.compile(r"(?P<start>[\d:]+)-(?P<end>[\d:]+)(?P<zone>(?: \S+)?)")
_BEGINS: Final = any_of("setting_following", "begins")
_ENDS: Final = any_of("setting_following", "ends")
"""What says which end of quiet hours is set anew."""


def _other_end(scanned: ScannedText, said: set[str], before: str) -> CommandRequest | None:
    """“no, from midnight”, “make it until 9” behind quiet hours: only where they begin, or end."""
    hours, begins = _HOURS.fullmatch(before), _BEGINS.search(scanned.plain) is not None
    ends = _ENDS.search(scanned.plain) is not None
    if hours is None or begins is ends or not _are_times(scanned.items, 1):
        return None
    if said - _OF_TIMES - {"between", "until"} or not _is_number(scanned.items):
        return None
    time = quantities_of(scanned.items)[0].text.replace(".", ":")
    if begins:
        time, end = in_evening(time, hours["end"]), hours["end"]
        return CommandRequest("quiet", f"{time}-{end}{hours['zone']}")
    return CommandRequest("quiet", f"{hours['start']}-{time}{hours['zone']}")


def _is_number(items: Sequence[Item]) -> bool:
    quantity = quantities_of(items)[0].quantity
    return quantity is not None and quantity.unit is MeasureUnit.NUMBER and 0 <= quantity.small <= 24


def _mute(items: Sequence[Item], said: set[str], before: str) -> CommandRequest | None:
    """Another length; a number alone is of the unit before."""
    numbers, length = quantities_of(items), _LENGTH.fullmatch(before)
    is_ago = any(item.concept in ("past", "last") for item in items)
    is_one = not numbers and not is_ago and bool(said & {"hour", "day", "week"})  # “mejor una hora”
    if not (is_one or len(numbers) == 1) or said - _LENGTHS:
        return None
    if numbers and numbers[0].text.isdecimal() and length is not None and not said:
        return CommandRequest("mute", f"{numbers[0].text}{length['unit']}")
    request = mute_command(items, said | {"mute"})
    return request if request is not None and request.arguments else None


def _digest(items: Sequence[Item], said: set[str], before: str) -> CommandRequest | None:
    """A digest at another time of the same day, or on another day at the same time."""
    numbers = quantities_of(items)
    if said - _OF_TIMES or not (_are_times(items, 1) if numbers else said & _DAYS):
        return None
    request = digest_command(items, said | {"digest"})
    if request is None or not request.arguments or request.name != "digest":
        return None
    day, hour = _DAY.fullmatch(request.arguments), _HOUR.fullmatch(request.arguments)
    if day is None and (former := _DAY.fullmatch(before)) is not None and "day" not in said:
        return CommandRequest("digest", f"{former['day']} {request.arguments}")
    kept = _HOUR.fullmatch(before)
    if not numbers and kept is not None and not said & {"morning", "evening"}:
        return CommandRequest("digest", f"{day['day'] if day else ''} {kept['hour']}".strip())
    return request if hour is not None or day is not None else None


def _are_times(items: Sequence[Item], count: int) -> bool:
    """True where the figures are so many times of day."""
    numbers = quantities_of(items)
    return len(numbers) == count and all(_CLOCK.fullmatch(item.text) for item in numbers)
