"""Words of texts that go on from what was done before: how they begin, and what means nothing in them."""

from typing import Final

from bot.mining.parsing.command_arguments import IGNORABLE
from bot.mining.parsing.items import ScannedText
from bot.mining.parsing.roles import word_set

PASSED: Final = IGNORABLE | {"until", "currency", "above", "tonight", "euro", "sats", "only", "also"}
"""Words that may stand beside what goes on."""
ALSO: Final = word_set("following", "also")
"""Words that ask for one more watch, not for another in the place of the last."""
_OPENERS: Final = word_set("following", "openers")


def opens_on(scanned: ScannedText) -> bool:
    """True for a text that begins with “and”, or asks with Chinese 呢 at its end."""
    first = next((item for item in scanned.items if item.text[0].isalnum()), None)
    return (first is not None and first.text in _OPENERS) or scanned.plain.rstrip(" ?？").endswith("呢")
