"""Questions what listed miners hold: “how much btc does riot hold”, “who sold the most last month”."""

import re
from collections.abc import Sequence
from typing import Final

from bot.mining.parsing.chart_vocabulary import SPAN_CONCEPTS
from bot.mining.parsing.command_arguments import IGNORABLE, quantities_of
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.items import Item

_BESIDE: Final = IGNORABLE | SPAN_CONCEPTS | {
    "company", "listed_miners", "holding", "lasting", "sats", "selling", "sold", "btc", "btc_price", "past",
    "last", "when", "who", "tonight", "until", "best", "high", "status", "fleet", "subscribed", "extreme",
}  # fmt: skip
_WHO_SOLD_MOST: Final = re.compile(
    r"\bwho (?:is |are |has |have |'s )?(?:sold|sell\w*|dump\w*)\b.*\bmost\b"
    r"|\bwer (?:hat|verkauft)\b.*\bmeisten\b|\bqui[ée]n(?:es)? (?:ha |han |est[áa]n? )?vend\w+ m[áa]s\b"
    r"|\bкто\b.*\bбольше всех\b.*\bпрода|\bкто\b.*\bпрода\w* больше всех\b|谁卖[^。]*最多"
)


def holdings_command(items: Sequence[Item], concepts: set[str], plain: str) -> CommandRequest | None:
    """`/holdings`, with the company where one is named; None for any other text."""
    names = [item.text for item in items if item.concept == "company" and not item.is_guess]
    if len(names) > 1 or quantities_of(items):
        return None
    if _WHO_SOLD_MOST.search(plain) is not None:
        return CommandRequest("holdings")
    if not (names or "listed_miners" in concepts) or concepts - _BESIDE:
        return None
    return CommandRequest("holdings", "".join(names))
