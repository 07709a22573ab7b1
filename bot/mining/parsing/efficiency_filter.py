"""Machines by how much energy their hashes take: “which miners under 16 J/TH” as `/machines under 16`."""

from collections.abc import Sequence
from typing import Final

from bot.mining.parsing.command_arguments import IGNORABLE, quantities_of
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.items import Item
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.roles import word_set

_UNDER: Final = frozenset({"below", "until", "cheaper"})
_AT_MOST: Final = word_set("efficiency_filter", "at_most")
_BETTER: Final = word_set("efficiency_filter", "better")
"""Of joules a terahash the smaller is the better."""
_WORSE: Final = word_set("efficiency_filter", "worse")
_BESIDE: Final = IGNORABLE | _UNDER | {
    "above", "limit", "catalogue", "best_machine", "best", "all_income", "efficiency", "compare",
    "who", "need",
}  # fmt: skip


def efficiency_command(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """The command that lists the machines under, over or between some J/TH; None for any other text."""
    quantities = quantities_of(items)
    if not quantities or len(quantities) > 2 or concepts - _BESIDE:
        return None
    last = quantities[-1].quantity
    if last is None or last.unit is not MeasureUnit.J_PER_TH or last.per:
        return None
    levels = [f"{each.quantity.small:g}" for each in quantities if each.quantity is not None]
    if len(levels) == 2:
        first = quantities[0].quantity
        is_range = first is not None and first.unit in (MeasureUnit.NUMBER, MeasureUnit.J_PER_TH)
        is_range = is_range and not concepts & {"below", "above", "cheaper"}
        return CommandRequest("machines", f"between {' '.join(levels)}") if is_range else None
    side = _side(items, concepts)
    return CommandRequest("machines", f"{side} {levels[0]}") if side else None


def _side(items: Sequence[Item], concepts: set[str]) -> str:
    """“under” or “over”; "" where a text says neither, or both."""
    said = {item.text for item in items}
    if said & (_BETTER | _AT_MOST):
        return "under"
    if said & _WORSE:
        return "over"
    is_under, is_over = bool(concepts & _UNDER), "above" in concepts
    return "" if is_under is is_over else "under" if is_under else "over"
