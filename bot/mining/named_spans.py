"""Spans of a chart that are named: “since the last halving”, “last winter”, “March 2023”, 2019 to 2021.

As they are typed: `halving+`, `winter`, `this-winter`, `winter+`, `march`, `march+`, `2023-03`, `2023-03+`,
`2020-05-11+`, `2019..2021`, `..2019`. A “+” is up to now.
"""

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import Final

from bot.mining.network import HALVINGS

SEASONS: Final = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}
"""The seasons of the northern half of the world, by the month in which they begin."""
MONTHS: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_SEASON_MONTHS: Final = 3
_NAMED: Final = re.compile(
    rf"halving\+|(?:this-)?(?:{'|'.join(SEASONS)})|(?:{'|'.join(MONTHS)})"
    rf"|(?:{'|'.join((*SEASONS, *MONTHS))})\+"
    r"|20\d\d-(?:0[1-9]|1[0-2])\+?|20\d\d-(?:0[1-9]|1[0-2])-\d\d\+|(?:20\d\d)?\.\.20\d\d"
)


def is_named_span(text: str) -> bool:
    """True for a span as it is typed, such as `winter` or `2023-03+`."""
    if _NAMED.fullmatch(text) is None:
        return False
    first, _, last = text.partition("..")
    if last:
        return first <= last
    return len(text) <= len("2023-03+") or not text[0].isdecimal() or _is_day(text.rstrip("+"))


def named_bounds(name: str, today: date) -> tuple[date | None, date | None]:
    """The first and the last day of a named span; None where it is open: from the beginning, up to now."""
    if ".." in name:
        first, _, last = name.partition("..")
        return (date(int(first), 1, 1) if first else None), date(int(last), 12, 31)
    word = name.rstrip("+")
    is_open = word != name
    if word == "halving":
        return max((day for day in HALVINGS if day <= today), default=HALVINGS[0]), None
    if word[0].isdecimal():
        year, month, *days = map(int, word.split("-"))
        begin, end = date(year, month, days[0] if days else 1), _month_end(year, month, 1)
    elif word in MONTHS:
        begin, end = _last_begun(MONTHS.index(word) + 1, today, 1)
    else:
        season = word.removeprefix("this-")
        begin, end = _last_begun(SEASONS[season], today, _SEASON_MONTHS)
        if season == word and not is_open and end >= today:  # “last winter” in January is the one before
            begin, end = _last_begun(SEASONS[season], begin - timedelta(days=1), _SEASON_MONTHS)
    return begin, None if is_open else end


def _last_begun(month: int, today: date, length: int) -> tuple[date, date]:
    """The last time that began with a month, up to today, and lasts some months."""
    year = today.year if today.month >= month else today.year - 1
    return date(year, month, 1), _month_end(year, month, length)


def _month_end(year: int, month: int, length: int) -> date:
    """The last day of the months that begin with one."""
    year, month = year + (month + length - 2) // 12, (month + length - 2) % 12 + 1
    return date(year, month, monthrange(year, month)[1])


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
