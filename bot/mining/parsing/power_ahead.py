"""Questions for tomorrow's prices of power: “strom morgen”, “power price in France tomorrow”."""

from collections.abc import Sequence
from typing import Final

from bot.mining.parsing.chart_vocabulary import ZONES
from bot.mining.parsing.command_arguments import IGNORABLE, quantities_of
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.items import Item
from bot.mining.parsing.roles import word_set

_TOMORROW: Final = word_set("power_ahead", "tomorrow")
"""Days whose prices no chart of days gone by shows."""
_BESIDE: Final = IGNORABLE | ZONES.keys() | {
    "energy", "power", "tonight", "tomorrow", "price", "costs", "when", "hour", "moves", "up", "down", "high",
    "explain", "euro", "forecast", "cheap", "cheap_hours", "if", "spot",
}  # fmt: skip


def power_ahead_command(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“power price tomorrow” as `/fleet hours`, with the zone that is named behind it; None for another."""
    is_ahead = any(item.text in _TOMORROW for item in items)
    if not is_ahead or not concepts & {"energy", "power"} or concepts - _BESIDE or quantities_of(items):
        return None
    zones = [ZONES[concept] for concept in sorted(concepts & ZONES.keys())]
    if len(zones) > 1:
        return None
    return CommandRequest("fleet", " ".join(("hours", *zones)))
