"""A text as the words of commands read it: times of day, spans and clauses as the tables have them."""

import re
from typing import Final

from bot.mining.parsing.clock_words import with_clock_digits
from bot.mining.parsing.roles import any_of

_YEARS: Final = re.compile(r"(\d(?<![\w.,].)\d?)(?:y| ?yrs?)(?!\w)", re.IGNORECASE)
"""A span in short, which is no unit of a machine: “plot hashprice 1y”."""
_MINUTES: Final = re.compile(r"(\d(?<![\w.,].)\d{0,3})min(?!\w)", re.IGNORECASE)
_HALF_HOUR: Final = any_of("command_text", "half_hour")
_HOUR_AND_HALF: Final = any_of("command_text", "hour_and_half")
"""Half hours in words, which are minutes then: “mute half an hour”."""
_EXAHASHES: Final = re.compile(r"(?<=算力)(\D{0,6}\d[\d.]*) ?E(?![A-Za-z/])")
"""The network's hashrate as Chinese miners say it: “算力涨到1300E”."""
_ADDRESS: Final = re.compile(
    r"(?<![\w.])(?:on |at |unter |en |на |в )?\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?![\w.])"
)
"""A machine's address in its network, which says no figure: “reboot 192.168.1.40”."""
_POINTS_OF_AN_ADDRESS: Final = 3
_ORDINAL: Final = re.compile(
    r"(\d(?<![\w.,].)\d?)(?:st|nd|rd|th(?= (?:watch|alert|one)))(?!\w)", re.IGNORECASE
)
"""“the 2nd watch”; of “5th” only before what is counted, as TH is a unit."""
_BEFORE_A_CLAUSE: Final = re.compile(
    r",\s+(?=(?:wenn|falls|sobald|sofern|если|когда|как только)\b)", re.IGNORECASE
)
"""The comma within what asks for a watch: “sag Bescheid, wenn”, “напиши, если”."""


def command_text(text: str) -> str:
    """The text with a time of day such as 7:30 as one figure, spans in words, no comma before a clause."""
    text = _ADDRESS.sub(" ", text) if text.count(".") >= _POINTS_OF_AN_ADDRESS else text
    text = _ORDINAL.sub(r"\1", text)
    text = _YEARS.sub(r"\1 years", with_clock_digits(text))
    plain = text.lower()
    if _HOUR_AND_HALF.search(plain):
        text = _HOUR_AND_HALF.sub("90 min", plain)
    elif _HALF_HOUR.search(plain):
        text = _HALF_HOUR.sub("30 min", plain)
    text = _EXAHASHES.sub(r"\1EH", text)
    return _BEFORE_A_CLAUSE.sub(" ", _MINUTES.sub(r"\1 minutes", text))
