"""A time gone by in a question: “in July 2022”, “vor zwei Jahren”, “el mes pasado”, “2022年7月”."""

import re
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Final

from bot.i18n.moments import MONTHS
from bot.mining.parsing.number_words import NUMBER_WORDS
from bot.mining.parsing.question_draft import QuestionDraft
from bot.mining.parsing.roles import word_set
from bot.mining.past import PastSpan

_MONTH_NAMES: Final = "|".join(f"(?P<m{number}>{names})" for number, names in enumerate(MONTHS, 1))
_MONTHS_BEHIND: Final = "|".join(f"(?P<b{number}>{names})" for number, names in enumerate(MONTHS, 1))
_YEAR: Final = r"20(?:09|[12]\d)"
_SINCE: Final = r"(?:since|seit|desde|начиная с|с|自|从)"
_UNITS: Final = {
    "day": r"days?|tag(?:e|en)?|d[ií]as?|день|дня|дней|天|日",
    "week": r"weeks?|wochen?|semanas?|недел[юиьяе]|周|个?星期",
    "month": r"months?|monat(?:e|en|s)?|mes(?:es)?|месяц(?:а|ев|е)?|个?月",
    "year": r"years?|jahr(?:e|en|es)?|años?|год(?:а|у)?|лет|年",
}
_NAMED: Final = "|".join(f"(?P<{{0}}_{unit}>{words})" for unit, words in _UNITS.items())
_LAST: Final = {
    "day": r"yesterday|gestern|ayer|вчера|昨天|昨日",
    "week": r"(?:the )?(?:last|past|previous) (?:week|7 days)"
    r"|(?:in der )?(?:letzten?|vorigen?|vergangenen?) woche"
    r"|(?:la )?semana pasada|(?:на )?прошлой неделе|上周|上星期",
    "month": r"(?:the )?(?:last|previous) month|(?:im |dem )?(?:letzten?|vorigen|vergangenen) monat"
    r"|(?:el )?mes pasado|(?:в )?прошлом месяце|上个?月",
    "year": r"(?:the )?(?:last|previous) year|(?:im )?(?:letzte[sn]?|voriges|vorigen|vergangenen) jahr"
    r"|(?:el )?año pasado|(?:в )?прошлом году|去年",
}
"""The day, week, month or year before this one."""
_AGO: Final = (
    r"(?P<n1>\d{1,2}|[a-z]+) (?:full )?(?:" + _NAMED.format("x") + r") ago"
    r"|vor (?P<n2>\d{1,2}|[a-zäöü]+) (?:" + _NAMED.format("y") + r")"
    r"|hace (?P<n3>\d{1,2}|[a-zé]+) (?:" + _NAMED.format("z") + r")"
    r"|(?:(?P<n4>\d{1,2}|два|две|три|четыре|пять) )?(?:" + _NAMED.format("v") + r") назад"
    r"|(?P<n5>\d{1,2}|[一两二三四五半])(?:" + _NAMED.format("w") + r")(?:之前|以前|前)"
)
_DATE: Final = (
    rf"(?P<iso_year>{_YEAR})-(?P<iso_month>\d\d)(?:-(?P<iso_day>\d\d))?"
    rf"|(?:(?P<d_day>\d{{1,2}})\.)?(?P<d_month>\d{{1,2}})[./](?P<d_year>{_YEAR})"
    rf"|(?P<han_year>{_YEAR})年(?:的)?(?:(?P<han_month>\d{{1,2}})月份?(?:(?P<han_day>\d{{1,2}})[日号])?)?"
    rf"|(?:(?P<n_day>\d{{1,2}})(?:st|nd|rd|th|\.|º)? (?:of |de )?)?(?:{_MONTH_NAMES})\.?,?"
    rf"(?: (?P<us_day>\d{{1,2}})(?:st|nd|rd|th)?,?)? (?:of |de |del )?(?P<n_year>{_YEAR})"
    r"(?: ?г(?:ода|оду|од|\.)?)?"
    rf"|(?P<b_year>{_YEAR})(?: году?)?,? (?:{_MONTHS_BEHIND})"
)
_INTRODUCED: Final = (
    r"(?:in|during|throughout|all of|back in|im jahre?|jahr|anno|en(?: el)?(?: año)?|durante|todo|в|за)"
    rf" (?:the )?(?:year )?(?P<year>{_YEAR})(?: ?год[уа]?)?"
    r"(?! ?(?:[$€£¥₽]|usd|eur|dol|dól|дол|руб|th|w\b|kw|[+\d]))"
    rf"(?!,? (?:{'|'.join(MONTHS)})(?!\w))"
    rf"|(?P<han_alone>{_YEAR})年"
)


@cache
def _pattern() -> re.Pattern[str]:
    last = "|".join(f"(?P<last_{unit}>{words})" for unit, words in _LAST.items())
    start = r"(?:(?:the )?(?:start|beginning|anfang|principios?|начал[ао])(?: (?:of|de))? )?"
    ends = r"(?:(?![\w%]|(?<=\d)[.,]\d)|(?<=[\u3400-\u9fff]))"
    begins = r"(?:(?<![\w.,])|(?=[\u3400-\u9fff]))"
    return re.compile(
        rf"{begins}(?:(?:(?P<since>{_SINCE}) ?{start})?(?:{_DATE})|{last}|{_AGO}"
        rf"|(?:{_SINCE}) ?{start}(?P<since_year>{_YEAR})|{_INTRODUCED}){ends}"
    )


_SIGNS: Final = re.compile(
    rf"{_YEAR}|yesterday|last|past|previous|ago|gestern|letzt|vorig|vergangen|vor |ayer|pasad|hace |вчера"
    r"|прошл|назад|昨|上周|上星期|上个?月|去年|前"
)
"""What a text has that speaks of a time gone by; most have none, which saves the work."""


_BARE_YEAR: Final = re.compile(rf"(?<![\w.,$€£]){_YEAR}(?![\w%]|[.,]\d| ?(?:[$€£]|usd|eur|w\b|th))")
_WOULD_HAVE: Final = re.compile(
    r"\bwould\b.*\bhave\b|would've|\bhätten?\b|\bhabr[íi]a\b|\bhubiera\b|\bбы\b|当时|那时"
)
"""What asks of a time gone by how it would have been."""
_BOUGHT: Final = frozenset({"machine_price", "payback", "chart"})
"""With one of these a time gone by is that of a purchase."""


def read_past(draft: QuestionDraft) -> PastSpan | None:
    """The time gone by that a text speaks of, taken out of it; None when it speaks of none, or of several."""
    plain = draft.scanned.plain
    if _SIGNS.search(plain) is None or draft.concepts() & _BOUGHT:
        return None
    found = list(_pattern().finditer(plain))
    if not found and _WOULD_HAVE.search(plain):  # “what would an S19 have made 2021?”
        found = list(_BARE_YEAR.finditer(plain))
    if len(found) != 1:
        return None
    span = PastSpan("year", date(int(found[0][0]), 1, 1), is_told=True) if found[0].re is _BARE_YEAR else None
    span = span or _span(found[0])
    if span is None:
        return None
    start, end = found[0].span()
    places = [draft.scanned.tokens[item.start].start for item in draft.items]
    within = [item for item, place in zip(draft.items, places, strict=True) if start <= place < end]
    if any(item.used for item in within):
        return None  # the year of a halving
    for item in draft.items:
        if item.concept == "past" or any(item is each for each in within):
            if item.mention is not None:
                return None
            item.used = True
            draft.past_items.append(item)
    told = any(item.concept == "past" or item.text in _TOLD for item in draft.items)
    return replace(span, is_told=span.is_told or told)


_BESIDE: Final = re.compile(
    r"(?:and|und|y|и|а|what about|how about|was war|那|那么|at|in|呢|的时候|[\s?!.,¿¡？。，])*"
)
"""What may stand around a time in a text that names nothing else."""


def names_only_past(plain: str) -> bool:
    """True for a normalized text that is a time gone by and nothing more: “and a year ago?”."""
    if _SIGNS.search(plain) is None:
        return False
    found = list(_pattern().finditer(plain))
    if len(found) != 1:
        return False
    beside = (plain[: found[0].start()], plain[found[0].end() :])
    return all(_BESIDE.fullmatch(part.removesuffix("a ")) for part in beside)


def months_past(plain: str) -> int | None:
    """How many months ago the one time is that a text names, a part of one counted whole; None for a date."""
    match = next(_pattern().finditer(plain), None)
    span = None if match is None else _span(match)
    if span is None or span.first is not None or span.unit not in _DAYS_OF:
        return None
    return -(-span.ago * _DAYS_OF[span.unit] // _DAYS_OF["month"])


_DAYS_OF: Final = {"day": 1, "week": 7, "month": 30, "year": 360}
_TOLD: Final = word_set("past_parser", "told")
"""Words that tell of a time gone by; without one the year may be this one."""


def _span(match: re.Match[str]) -> PastSpan | None:
    groups = match.groupdict()
    for unit in _LAST:
        if groups[f"last_{unit}"]:
            return PastSpan(unit)
        for which, number in zip("xyzvw", ("n1", "n2", "n3", "n4", "n5"), strict=True):
            if groups[f"{which}_{unit}"]:
                return _counted(unit, groups[number])

    def named(*names: str) -> str | None:
        return next((groups[name] for name in names if groups[name]), None)

    year = named("iso_year", "d_year", "han_year", "n_year", "b_year", "year", "since_year", "han_alone")
    if year is None:
        return None
    month = named("iso_month", "d_month", "han_month")
    if month is None:
        month = next((str(each) for each in range(1, 13) if groups[f"m{each}"] or groups[f"b{each}"]), None)
    day = named("iso_day", "d_day", "han_day", "n_day", "us_day")
    try:
        first = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    unit = (
        "since" if groups["since"] or groups["since_year"] else "day" if day else "month" if month else "year"
    )
    return PastSpan(unit, first, is_told=groups["year"] is None)


_ONE: Final = word_set("past_parser", "one")


def _counted(unit: str, number: str | None) -> PastSpan | None:
    """So many units ago: of years the month they lead to, of weeks and days the day."""
    if number == "半":
        return PastSpan("month", ago=6) if unit == "year" else None
    count = 1
    if number is not None and number not in _ONE:
        count = int(number) if number.isdigit() else int(NUMBER_WORDS.get(number, 0.0))
    if count == 0:
        return None
    if unit in ("year", "month"):
        return PastSpan("month", ago=count * (12 if unit == "year" else 1))
    return PastSpan("day", ago=count * (7 if unit == "week" else 1))
