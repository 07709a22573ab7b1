"""What the pure core says in English, said in the chat's language.

The core makes whole sentences out of figures, so a rule's title, a figure's detail or a reason is recognised
by its pattern. What no pattern knows is said as it is.
"""

import re
from datetime import UTC, datetime
from functools import cache
from typing import Final

from handlers.language import Tongue
from handlers.words import mark

PATTERNS: Final = (
    mark("price half below its record"),
    mark("price 70 % below its record"),
    mark("hash ribbon inverted (30-day mean below 60-day mean)"),
    mark("hashrate down a tenth in 30 days (7-day means)"),
    mark("a week's net outflow of pool wallets above 95 % of its year (a proxy for selling)"),
    mark("a week's net outflow of pool wallets the largest in a year (a proxy for selling)"),
    mark("public miners sell more than they mine"),
    mark("public miners sell twice what they mine"),
    mark("{zone} power dearer than in 95 % of its year"),
    mark("{zone} power dearest on record"),
    mark("{price} USD against the record of {record} USD on {day}"),
    mark("30-day mean {short} EH/s, 60-day mean {long} EH/s"),
    mark("7-day mean {now} EH/s, 30 days before {before} EH/s"),
    mark(
        "day-ahead power, {zone}, 7-day mean without its dearest day {price} EUR/MWh, above {share} % of its "
        "last 365 days"
    ),
    mark(
        "day-ahead power, {zone}, 7-day mean without its dearest day {price} EUR/MWh; highest before "
        "{before} since {year}"
    ),
    mark(
        "public miners sold about {share} % of what they mined in {month} (company reports: a sample, not "
        "all miners)"
    ),
    mark("no monthly sales of public miners are known yet"),
    mark("public miners' sales are known only to {day}"),
    mark("only {held} of the last {days} days are known"),
    mark("{held} of {days} days of history so far"),
    mark("no complete day of {series} yet"),
    mark("the newest complete day of {series} is {day}"),
    mark("a day of the week to {day} is missing"),
    mark("no {series} known yet"),
    mark("the newest {series} is from {moment}"),
    mark("bitcoin price"),
    mark("network hashrate of the day"),
    mark("net outflow of pool wallets"),
    mark("day-ahead power, {zone}"),
)

_FIGURE = re.compile(r"(?<![\d.,-])(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(?![\d.,-]*\d)")


def retell(text: str, t: Tongue) -> str:
    """A rule's title, a figure's detail or a reason."""
    if t.code == "en" or not text:
        return text
    for pattern, form in _forms():
        if found := form.fullmatch(text):
            values = {name: _value(name, said, t) for name, said in found.groupdict().items()}
            return t(pattern, **values)
    return text


def _value(name: str, said: str, t: Tongue) -> str:
    if name == "series":
        return retell(said, t)
    if name == "month":
        return t.day(datetime.strptime(said, "%B %Y").replace(tzinfo=UTC).date(), "yMMMM")
    return said if name in ("zone", "day", "moment", "year") else _FIGURE.sub(lambda at: _figure(at, t), said)


def _figure(found: re.Match[str], t: Tongue) -> str:
    whole, rest = found[1].replace(",", ""), found[2] or ""
    return t.number(float(whole + rest), max(0, len(rest) - 1), fixed=True)


@cache
def _forms() -> list[tuple[str, re.Pattern[str]]]:
    return [
        (pattern, re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(pattern))))
        for pattern in PATTERNS
    ]
