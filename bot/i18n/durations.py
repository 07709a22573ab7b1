"""Lengths of time: one parser of what people type, one rule for the unit in which a length is shown."""

import re
from datetime import timedelta
from typing import Final, Literal

DurationUnit = Literal["second", "minute", "hour", "day"]

_SECONDS: Final = {
    "minute": 60.0,
    "hour": 3600.0,
    "day": 86_400.0,
    "week": 7 * 86_400.0,
    "month": 365.25 / 12 * 86_400.0,
    "year": 365.25 * 86_400.0,
}

_WORDS: Final = {
    "minute": r"min|mins|minutes?|minuten|minutos?|минут[аы]?|мин|分钟?",
    "hour": r"h|hrs?|hours?|std|stunden?|horas?|ч|час(?:а|ов)?|个?小时",
    "day": r"d|days?|tage?n?|d[ií]as?|день|дня|дней|дн|天|日",
    "week": r"w|wks?|weeks?|wochen?|semanas?|недел[яию]|недель|周|个?星期",
    "month": r"mo|months?|monate?n?|mes(?:es)?|месяц(?:а|ев)?|мес|个?月",
    "year": r"y|yrs?|years?|jahre?n?|años?|год(?:а|ов)?|лет|年",
}
_LENGTH: Final = re.compile(
    r"(?P<count>\d{1,5}|an?|eine?n?|una?|одн[ауо]|один|一) ?(?:"
    + "|".join(f"(?P<{unit}>{words})" for unit, words in _WORDS.items())
    + r"|(?P<m>m))\.?",
    re.IGNORECASE,
)

LENGTH_LIKE: Final = r"(?:\d+ ?|an? )[^\W\d_]+"
"""A regular expression of what stands where a length is expected; `parse_duration` says whether it is one."""

_SHOWN: Final[tuple[tuple[float, float, DurationUnit], ...]] = (
    (90.0, 1.0, "second"),
    (120 * 60.0, 60.0, "minute"),
    (48 * 3600.0, 3600.0, "hour"),
)


def parse_duration(text: str, *, m: Literal["minute", "month"] = "minute") -> timedelta | None:
    """A length such as “90m”, “8h”, “2 days”, “1 Woche”, “3 дня”; None for what is none, or for zero.

    `m` says what a bare m stands for: minutes, or months where only days count.
    """
    match = _LENGTH.fullmatch(text.strip())
    if match is None:
        return None
    count = int(match["count"]) if match["count"].isdecimal() else 1
    unit = m if match["m"] else next(unit for unit in _WORDS if match[unit])
    return timedelta(seconds=count * _SECONDS[unit]) if count else None


def in_largest_unit(length: timedelta) -> tuple[int, DurationUnit]:
    """A length in the unit that every text shows it in: seconds to 90 s, minutes to 2 h, hours to 48 h."""
    seconds = max(0.0, length.total_seconds())
    for limit, size, unit in _SHOWN:
        if seconds < limit:
            return round(seconds / size), unit
    return round(seconds / 86_400), "day"


def compact(length: timedelta) -> str:
    """A length in the shortest whole form, as it is typed: 2d, 12h, 30m."""
    minutes = round(length.total_seconds() / 60)
    if minutes % 1440 == 0:
        return f"{minutes // 1440}d"
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"
