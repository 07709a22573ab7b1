"""Texts that go on from a change of a chat's machines: “undo”, “sold 5 of them”, “no, 30”."""

import re
from typing import Final

from bot.mining.parsing.command_arguments import quantities_of
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.following import PASSED
from bot.mining.parsing.intents import concepts_of
from bot.mining.parsing.items import Item, ItemKind, ScannedText
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.roles import word_set

_FLEET: Final = re.compile(r"(?P<site>(?:at|site) [\w-]+ )?(?P<verb>add|remove) (?P<machines>\d+ [^;]+)")
_JUST_ONE: Final = word_set("fleet_following", "just_one")
_MACHINES: Final = re.compile(r"(?:^|, *)\d+ (?!\d)[^,]*")


def fleet_followed(items: list[Item], said: set[str], line: str) -> CommandRequest | None:
    """“undo”, “sold 5 of them” behind a change of the chat's machines, where it is clear what that was."""
    match = _FLEET.fullmatch(line)
    if match is None or "power" in line or _MACHINES.sub("", match["machines"]).strip(" ,"):
        return None
    site, machines = match["site"] or "", match["machines"]
    number = _number(items)
    is_one = number == 1 or (number is None and any(item.text in _JUST_ONE for item in items))
    if is_one and said in ({"delete"}, {"discard"}):
        return _one_less(match)
    if said in ({"undo"}, {"delete"}) and not quantities_of(items):
        is_added = match["verb"] == "add"
        if said == {"delete"} and not is_added:
            return None
        return CommandRequest("fleet", f"{site}{'remove' if is_added else 'add'} {machines}")
    way = {"sold": "remove", "bought": "add", "delete": "remove"}
    verbs = said & way.keys()
    if number is None or "," in machines or len(verbs) != 1 or said - verbs - {"dearer", "keep_rest"}:
        return None
    return CommandRequest("fleet", f"{site}{way[verbs.pop()]} {number} {machines.split(' ', 1)[1]}")


def _one_less(match: re.Match[str]) -> CommandRequest | None:
    """“take one away” behind machines of one kind that were added, never all of them."""
    count, _, name = match["machines"].partition(" ")
    if match["verb"] != "add" or "," in name or not count.isdecimal():
        return None
    return CommandRequest("fleet", f"{match['site'] or ''}remove 1 {name}")


def other_number(items: list[Item], said: set[str], line: str) -> CommandRequest | None:
    """“no, 30” behind 20 machines that were added: as many more, or fewer."""
    match, number = _FLEET.fullmatch(line), _number(items)
    if match is None or match["verb"] != "add" or number is None or said or "," in match["machines"]:
        return None
    count, _, name = match["machines"].partition(" ")
    more = number - int(count)
    if not more or "power" in line:
        return None
    return CommandRequest(
        "fleet", f"{match['site'] or ''}{'add' if more > 0 else 'remove'} {abs(more)} {name}"
    )


def takes_from(scanned: ScannedText, machine: str) -> CommandRequest | None:
    """“sold 5 of them” behind a question about a machine, as what takes them from the chat's own."""
    items = scanned.items
    if any(item.kind in (ItemKind.MACHINE, ItemKind.UNKNOWN) for item in items):
        return None
    said = concepts_of(items) - PASSED
    number = _number(items)
    verb = {frozenset({"sold"}): "remove", frozenset({"bought"}): "add"}.get(frozenset(_sides(items) or said))
    return None if verb is None or number is None else CommandRequest("fleet", f"{verb} {number} {machine}")


def _sides(items: list[Item]) -> set[str]:
    return {item.concept for item in items if item.concept in ("sold", "bought")}


def _number(items: list[Item]) -> int | None:
    """The one whole number of a text."""
    numbers = [item.quantity for item in quantities_of(items) if item.quantity is not None]
    if len(numbers) != 1 or numbers[0].unit is not MeasureUnit.NUMBER or numbers[0].per:
        return None
    number = numbers[0].small
    return int(number) if number == int(number) and number >= 1 else None
