"""A day-ahead zone in a question: “s21 DE-LU+3c” is the zone's price with a surcharge."""

import re
from typing import Final

from bot.mining.power_market import ENDED_ZONES, ZONES

_TRADED: Final = tuple(zone for zone in ZONES if zone not in ENDED_ZONES)
_ZONE_BY_NAME: Final = {zone.lower(): zone for zone in _TRADED}
_NAMES: Final = "|".join(sorted(map(re.escape, _ZONE_BY_NAME), key=len, reverse=True))
_PLAIN: Final = re.compile(
    # A name that no word has, or any zone behind a word for power.
    rf"(?<![\w-])(?:(?P<introduced>(?:power|zone|spot|day-ahead|tariff|strom|börse|luz|тариф|зона|电价)\s*[=:]?\s*|@\s*)"
    rf"(?P<any>{_NAMES})|(?P<clear>de-lu|dk1|dk2|it-north|no2|se4))(?!\w|-[a-z])"
    rf"(?:\s*(?P<sign>[-+])\s*(?P<surcharge>\d[\d.,]*)\s*(?P<unit>(?:€?cts?|€?c|cents?|¢|цент\w*|c[eé]ntimos?|欧分|分)(?!\w))?)?",
    re.IGNORECASE,
)


_LIKE_WORDS: Final = frozenset({"at", "be", "si"})


def _is_word(match: re.Match[str], text: str) -> bool:
    """True for “power at 6c”: a zone that reads as a word is written large, and no number follows it."""
    name = match["any"] or ""
    following = text[match.end() :].lstrip()[:1]
    return name.lower() in _LIKE_WORDS and (not name.isupper() or following.isdigit())


def without_zone(text: str) -> tuple[str, str | None]:
    """The text with a zone's surcharge in the reader's words, and the zone; the text as it is without one."""
    match = _PLAIN.search(text)
    if match is None or _is_word(match, text):
        return text, None
    zone = _ZONE_BY_NAME[(match["any"] or match["clear"]).lower()]
    words = ""
    if match["surcharge"]:
        unit = " €/kWh" if match["unit"] is None and match["surcharge"].startswith(("0", ".")) else "€ct"
        words = f" surcharge {match['sign'].strip('+')}{match['surcharge']}{unit} "
    return f"{text[: match.start()]}{words}{text[match.end() :]}", zone
