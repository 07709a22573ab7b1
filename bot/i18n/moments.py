"""Moments to come as people name them: “until monday”, “bis Freitag 9 Uhr”, “24 декабря”, “到明天早上”."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Final

MORNING: Final = time(8)
"""The hour meant by a day without a time."""
_EVENING: Final = time(18)
_NAMED_TIMES: Final = {"noon": time(12), "midnight": time(0)}

_HOUR: Final = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?", re.IGNORECASE)
_WEEKDAYS: Final = (
    r"mon(?:days?)?|mo|montags?|lun(?:es)?|пн|понедельник[аеу]?|(?:周|星期|礼拜)一",
    r"tue(?:s(?:days?)?)?|di|dienstags?|martes|вт|вторник[аеу]?|(?:周|星期|礼拜)二",
    r"wed(?:nesdays?)?|mi|mittwochs?|mi[ée](?:rcoles)?|ср|сред[аеуы]|(?:周|星期|礼拜)三",
    r"thu(?:rs?(?:days?)?)?|do|donnerstags?|jue(?:ves)?|чт|четверг[ау]?|(?:周|星期|礼拜)四",
    r"fri(?:days?)?|fr|freitags?|viernes|пт|пятниц[аеуы]|(?:周|星期|礼拜)五",
    r"sat(?:urdays?)?|sa|samstags?|sonnabends?|s[áa]b(?:ado)?|сб|суббот[аеуы]|(?:周|星期|礼拜)六",
    r"sun(?:days?)?|so|sonntags?|dom(?:ingo)?|вс|воскресень[еюя]|(?:周|星期|礼拜)[日天]",
)
_A_WEEKDAY: Final = re.compile("|".join(f"({words})" for words in _WEEKDAYS), re.IGNORECASE)
MONTHS: Final = (
    r"jan(?:uary?)?|jänner|ene(?:ro)?|январ[ьяе]|янв",
    r"feb(?:ruary?)?|febrero|феврал[ьяе]|фев",
    r"mar(?:ch)?|märz|maerz|marzo|март[ае]?|мар",
    r"apr(?:il)?|abr(?:il)?|апрел[ьяе]|апр",
    r"may|mai|mayo|ма[йяе]",
    r"june?|juni|junio|июн[ьяе]",
    r"july?|juli|julio|июл[ьяе]",
    r"aug(?:ust)?|ago(?:sto)?|август[ае]?|авг",
    r"sept?(?:ember)?|se[pt]tiembre|сентябр[ьяе]|сен",
    r"o[ck]t(?:ober)?|octubre|октябр[ьяе]|окт",
    r"nov(?:ember)?|noviembre|ноябр[ьяе]|ноя",
    r"de[cz](?:ember)?|dic(?:iembre)?|декабр[ьяе]|дек",
)
_UNTIL: Final = r"until|till?|bis(?: zum| zur)?|hasta(?: el| las?)?|до|直到|到|至"
_WORDS: Final = {
    "until": _UNTIL,
    "morning": r"(?:in the |the )?morning|früh|vormittags?|morgens|(?:por|de) la ma[ñn]ana|утром|утра"
    r"|早上|上午",
    "evening": r"(?:in the |the )?(?:evening|afternoon)|abends?|nachmittags?"
    r"|(?:(?:por|de) )?(?:la )?(?:tarde|noche)|вечером|вечера|晚上|下午",
    "noon": r"noon|midday|lunch(?:time)?|mittags?|mediod[ií]a|(?:la hora de )?comer|полудня|обеда|中午|正午",
    "midnight": r"midnight|mitternacht|medianoche|полуночи|午夜|零点|半夜",
    "today": r"today|tonight|heute|hoy|esta noche|сегодня|今天|今晚",
    "after_tomorrow": r"(?:the )?day after tomorrow|übermorgen|pasado ma[ñn]ana|послезавтра|后天",
    "weekend": r"(?:(?:for|over|during) )?(?:the |this )?weekend|(?:übers|übers ganze|das|dieses) wochenende"
    r"|(?:durante )?(?:el |este )?fin de semana|(?:на )?(?:эти )?выходн(?:ые|ых)|(?:这个?)?周末",
    "tomorrow": r"tomorrow|morgen|ma[ñn]ana|завтра(?:шнего)?|明天|明日|明早(?:上)?|明晨",
    "next_week": r"next week|n[äa]e?chste[rn]? woche|(?:la )?(?:pr[óo]xima semana|semana que viene)"
    r"|следующей недели|下周(?![一-六日天])|下星期(?![一-六日天])",
    **{f"weekday{day}": words for day, words in enumerate(_WEEKDAYS)},
    **{f"month{number}": words for number, words in enumerate(MONTHS, 1)},
    "filler": r"next|on|at|the|of|am|um|dem|den|n[äa]e?chsten|el|las?|de|a|при|во?|следующ\w+|下",
}
_UNTIL_SOMETIME: Final = re.compile(rf"{_UNTIL}|weekend|wochenende|fin de semana|выходн|周末")
"""What a text has, in lower case, that has words for “until”; most have none, which saves the work."""
_DAYS: Final = frozenset(
    {"today", "tomorrow", "after_tomorrow", "next_week", "weekend", "iso", "dotted", "han"}
)
_AHEAD: Final = {"today": 0, "tomorrow": 1, "after_tomorrow": 2}
_SATURDAY: Final = 5
_BEFORE: Final = re.compile(
    r"((?:(?:今天|今晚|明天|明早上?|明晚|后天|下周[一二三四五六日天]?|(?:周|星期|礼拜)[一二三四五六日天]|早上|上午|中午"
    r"|下午|晚上|\d{1,2}点|\d{1,2}月\d{1,2}[日号]?) ?)+)"
    r"(?:之前|以前|前|再(?:说|来|发|提醒|通知|叫我|吵我|找我))"
)
_Parts = list[tuple[str, str]]


def weekday_of(word: str) -> int | None:
    """The day of the week that a word names in any of the languages, Monday as 0; None for another word."""
    match = _A_WEEKDAY.fullmatch(word)
    return None if match is None or match.lastindex is None else match.lastindex - 1


def hour_of(text: str) -> time | None:
    """“7”, “07:30”, “10pm” as a time of day; 24 is midnight; None for what is none."""
    match = _HOUR.fullmatch(text.strip())
    if match is None:
        return None
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").lower()
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    if (hour, minute) == (24, 0):
        hour = 0
    return time(hour, minute) if hour < 24 and minute < 60 else None


def moment_in(text: str) -> tuple[int, int] | None:
    """The place of words that name a moment with “until” in a text; None when there are none."""
    if _UNTIL_SOMETIME.search(text.lower()) is None:
        return None
    for beginning in _beginning().finditer(text):
        ends = [end for name, _, end in _scan(text, beginning.start()) if name not in ("until", "filler")]
        if ends:
            return beginning.start(), ends[-1]
    return None


def parse_moment(text: str, now: datetime) -> datetime | None:
    """The next moment after `now` that a text names, on the clock of `now`, without its zone.

    A day without a time is its morning; a time without a day is the next such time. None for what names no
    moment, or one that is over.
    """
    text, now = text.strip(), now.replace(tzinfo=None)
    scanned = list(_scan(text, 0))
    if not scanned or scanned[-1][2] < len(text.rstrip(" .!")):
        return None
    parts = [(name, value) for name, value, _ in scanned]
    named = {name for name, _ in parts}
    days = [part for part in parts if _is_day(part[0])]
    numbers = _numbers(parts)
    if len(days) > 1 or numbers is None:
        return None
    number, year, hour = numbers
    clocks = [value.replace("点", "") for name, value in parts if name == "clock"]
    if hour is not None and (days or named & {"until", "mark", "evening"}):
        clocks.append(str(hour))
    at = hour_of(clocks[0]) if len(clocks) == 1 else None
    is_half_day = "until" in named and bool(named & {"morning", "evening"})
    if at is None and not clocks and hour is None:
        at = next((_NAMED_TIMES[name] for name in named if name in _NAMED_TIMES), None)
    if at is None and (clocks or hour is not None or not (days or is_half_day)):
        return None
    if at is not None and "evening" in named and at.hour < 12:
        at = at.replace(hour=at.hour + 12)
    usual = _EVENING if named & {"evening", "today"} else MORNING
    if not days:
        return _first(at or usual, now, [now.date(), now.date() + timedelta(days=1)])
    name, value = days[0]
    if name == "weekend":  # a silence until it begins, else until it is over
        name = f"weekday{_SATURDAY}" if "until" in named else "next_week"
    dates = _dates_of(name, value, now.date(), number, year)
    if at is None and name.startswith("weekday"):
        dates = (day for day in dates if day > now.date())
    return _first(at or usual, now, dates)


def with_until_first(text: str) -> str:
    """A text in which Chinese moments stand behind “until” as everywhere else: “明早之前” is “到明早”."""
    return text if text.isascii() else _BEFORE.sub(r"到\1", text)


@cache
def _beginning() -> re.Pattern[str]:
    """How a moment begins that follows other words."""
    return re.compile(
        rf"(?<![^\W\d_\u3400-\u9fff])(?:{_UNTIL}|{_WORDS['weekend']})(?![^\W\d_\u3400-\u9fff])", re.IGNORECASE
    )


@cache
def _part() -> re.Pattern[str]:
    """A part of a moment; compiled for the first text with “until”, as that takes longer than all else."""
    return re.compile(
        r"[ ,]*(?:(?P<iso>\d{4}-\d{1,2}-\d{1,2})|(?P<dotted>\d{1,2}\.\d{1,2}\.(?:\d{4})?)"
        r"|(?P<han>\d{1,2}月\d{1,2}[日号]?)"
        r"|(?P<clock>\d{1,2}(?:[:.]\d{2}(?: ?[ap]m)?| ?[ap]m\b| ?点)|\d{1,2}(?= ?(?:uhr|h|час\w*|o'clock)\b))"
        r"|(?P<mark>(?:uhr|h|час(?:а|ов)?|o'clock)\b)"
        r"|(?P<number>\d{1,4})(?:st|nd|rd|th|\.)?(?![\w:])|"
        + "|".join(rf"(?P<{name}>(?:{words})(?![^\W\d_\u3400-\u9fff])\.?)" for name, words in _WORDS.items())
        + ")",
        re.IGNORECASE,
    )


def _scan(text: str, start: int) -> Iterator[tuple[str, str, int]]:
    """The parts from a place on as far as they are words of a moment: kind, text, and where it ends."""
    while (match := _part().match(text, start)) is not None:
        name = match.lastgroup or ""
        yield name, match[name], match.end(name)
        start = match.end()


def _is_day(name: str) -> bool:
    return name in _DAYS or name.startswith(("weekday", "month"))


def _numbers(parts: _Parts) -> tuple[int | None, int | None, int | None] | None:
    """The bare numbers as day of a month, year and hour; None when they make no sense."""
    day = year = hour = None
    has_month = any(name.startswith("month") for name, _ in parts)
    for name, value in parts:
        if name != "number":
            continue
        number = int(re.sub(r"\D", "", value))
        if has_month and day is None and number <= 31:
            day = number
        elif has_month and year is None and number >= 2000:
            year = number
        elif hour is None and number <= 24:
            hour = number
        else:
            return None
    return day, year, hour


def _dates_of(name: str, value: str, today: date, number: int | None, year: int | None) -> Iterator[date]:
    """The days that a part names, the earliest first; a date without a year is every year's."""
    figures = [int(figure) for figure in re.findall(r"\d+", value)]
    if name in _AHEAD:
        yield today + timedelta(days=_AHEAD[name])
    elif name == "next_week":
        yield today + timedelta(days=7 - today.weekday())
    elif name.startswith("weekday"):
        ahead = (int(name.removeprefix("weekday")) - today.weekday()) % 7
        yield from (today + timedelta(days=ahead + week) for week in (0, 7))
    elif name.startswith("month") and number is not None:
        yield from _dates(int(name.removeprefix("month")), number, year, today)
    elif name == "iso":
        yield from _dates(figures[1], figures[2], figures[0], today)
    elif name == "han":
        yield from _dates(figures[0], figures[1], None, today)
    elif name == "dotted":
        yield from _dates(figures[1], figures[0], figures[2] if len(figures) > 2 else None, today)


def _dates(month: int, day: int, year: int | None, today: date) -> Iterator[date]:
    for each in range(today.year, today.year + 5) if year is None else (year,):
        try:
            yield date(each, month, day)
        except ValueError:  # the 29th of February of most years
            continue


def _first(at: time, now: datetime, days: Iterable[date]) -> datetime | None:
    moments = (datetime.combine(day, at) for day in days)
    return next((moment for moment in moments if moment > now), None)
