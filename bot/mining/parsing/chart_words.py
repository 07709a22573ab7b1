"""What a text says of a chart: which figure, how far back, which day-ahead zone, light or dark."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.i18n.durations import parse_duration
from bot.mining.named_spans import MONTHS, SEASONS, is_named_span
from bot.mining.network import HALVINGS
from bot.mining.parsing.items import Item, ItemKind, ScannedText
from bot.mining.parsing.measures import MeasureUnit

CHARTED: Final = {
    "btc_price": "price", "btc": "price", "price": "price", "drawdown": "drawdown", "high": "drawdown",
    "hashrate": "hashrate", "hash_ribbon": "hashrate", "hashprice": "hashprice", "difficulty": "difficulty",
    "retarget": "difficulty", "compression": "compression", "fees": "fees", "selling": "outflow",
    "income": "income", "puell": "puell", "mpi": "mpi", "stress": "stress", "energy": "energy",
    "power": "energy", "profit": "profit",
}  # fmt: skip
"""The chart of what a word means."""
_OTHER_NAMES: Final = {
    "fees": "fees", "income": "income", "revenue": "income", "revenues": "income", "earnings": "income",
    "einnahmen": "income", "einkommen": "income", "erlös": "income", "erlöse": "income",
    "ingreso": "income", "ingresos": "income", "caída": "drawdown", "caídas": "drawdown",
    "доход": "income", "доходы": "income", "доходов": "income", "выручка": "income", "выручки": "income",
    "收入": "income",
}  # fmt: skip
"""Words that mean a pool's fee, a machine's profit, or any move, unless a chart is named by them."""
ZONES: Final = {
    "zone_at": "AT", "zone_be": "BE", "zone_ch": "CH", "zone_cz": "CZ", "zone_de": "DE-LU", "zone_dk": "DK1",
    "zone_fr": "FR", "zone_hu": "HU", "zone_it": "IT-North", "zone_nl": "NL", "zone_no": "NO2",
    "zone_pl": "PL", "zone_se": "SE4", "zone_si": "SI",
}  # fmt: skip
"""Countries as day-ahead zones; of those with several the southern ones, where prices are highest."""
GENERAL: Final = frozenset({"btc_price", "btc", "price"})
"""Subjects that give way to a more special one: the price of hashrate is the hashprice."""
SPAN_CONCEPTS: Final = frozenset(
    {"day", "week", "month", "quarter", "half_year", "year", "forever", *SEASONS, *MONTHS}
)
_SPANS: Final = {
    "week": "7d", "month": "30d", "quarter": "90d", "half_year": "180d", "year": "1y", "forever": "all",
}  # fmt: skip
_LETTERS: Final = {"day": "d", "week": "w", "month": "m", "year": "y"}
_SINCE_HALVING: Final = "halving+"
_BESIDE: Final = frozenset(
    {
        "filler", "greeting", "thanks", "send", "per", "to", "by", "and", "or", "money_out", "network",
        "how_many", "between", "all", "again", "chart", "picture", "last", "past", "until", "history", "only",
        "compare", "projection", "how_far", "when", "who", "explain", "up", "down", "moves", "move",
        "tonight", "below", "above", "currency",
    }
)  # fmt: skip
"""What may be said of a chart without changing it."""
_PASSED: Final = frozenset(
    {"filler", "chart", "picture", "last", "past", "until", "send", "history", "above"}
)
"""What is left out of the words that say something else."""
_JOINING: Final = frozenset(
    {"and", "und", "y", "e", "и", "与", "和", "vs", "versus", "gegen", "contra", "против"}
)
_DARK: Final = frozenset(
    {"dark", "in dark", "in black", "on black", "on dark", "on black background",
     "on a black background", "on dark background", "on a dark background", "black background",
     "dark background",
     "dark theme", "dark mode", "dark style", "dark colors", "dark colours", "dark design",
     "dunkel", "dunkle", "dunkler", "dunkles", "dunklen", "dunklem", "schwarz", "schwarzem",
     "schwarzer hintergrund", "dunkler hintergrund", "schwarzem hintergrund", "dunklem hintergrund",
     "dunkles design", "dunklem design", "dunkler modus", "dunkelmodus", "dunkles thema", "dunklem thema",
     "oscuro", "oscura", "oscuros", "oscuras", "fondo negro", "fondo oscuro", "tema oscuro", "modo oscuro",
     "темный", "темная", "темное", "темной", "темную", "темном", "темные", "тёмный", "тёмная", "тёмное",
     "тёмной", "тёмную", "тёмном", "тёмные", "чёрный фон", "чёрном фоне", "тёмный фон", "тёмном фоне",
     "черный фон", "черном фоне", "темный фон", "темном фоне", "тёмная тема", "тёмной темой", "тёмную тему",
     "тёмной теме", "темная тема", "темной темой", "темную тему", "темной теме", "тёмный режим",
     "тёмном режиме", "темный режим", "темном режиме",
     "深色", "暗色", "黑色", "黑底", "黑色背景", "深色背景", "深色主题", "暗色主题", "深色模式", "暗黑模式",
     "黑暗模式"}
)  # fmt: skip
_LIGHT: Final = frozenset(
    {"light", "in light", "in white", "on white", "on white background", "on a white background",
     "white background", "light background", "light theme",
     "light mode", "light style", "light colors", "light colours", "light design",
     "hell", "helle", "heller", "helles", "hellen", "hellem", "weiß", "weißem", "weißer hintergrund",
     "weißem hintergrund", "heller hintergrund", "hellem hintergrund", "helles design", "hellem design",
     "heller modus", "helles thema", "hellem thema",
     "claro", "clara", "claros", "claras", "fondo blanco", "fondo claro", "tema claro", "modo claro",
     "светлый", "светлая", "светлое", "светлой", "светлую", "светлом", "светлые", "белый фон", "белом фоне",
     "светлый фон", "светлом фоне", "светлая тема", "светлой темой", "светлую тему", "светлой теме",
     "светлый режим", "светлом режиме",
     "浅色", "亮色", "白色", "白底", "白色背景", "浅色背景", "浅色主题", "亮色主题", "浅色模式"}
)  # fmt: skip
_ALWAYS_DRAWN: Final = frozenset(
    {"charts", "graphs", "plots", "diagramme", "diagrammen", "gráficos", "gráficas", "graficos",
     "graficas", "графики", "графиков", "графиках"}
)  # fmt: skip
_FROM_NOW_ON: Final = frozenset(
    {"always", "from now on", "prefer", "i prefer", "immer", "ab jetzt", "künftig", "in zukunft", "lieber",
     "siempre", "a partir de ahora", "desde ahora", "prefiero", "всегда", "теперь", "отныне", "лучше",
     "以后", "今后", "从现在起", "总是", "一直", "都"}
)  # fmt: skip
"""What says that all charts be so, not only the next."""
_OF_A_YEAR: Final = frozenset(
    {"year", "the year", "jahr", "jahres", "año", "el año", "год", "года", "году", "г", "年"}
)
"""What may stand beside the number of a year."""
_SINCE: Final = frozenset(
    {"since", "from", "starting", "seit", "ab", "von", "desde", "desde el", "с", "со", "начиная с", "从",
     "自", "自从"}
)  # fmt: skip
_ONWARDS: Final = frozenset(
    {"on", "onward", "onwards", "以来", "以来的", "至今", "至今的", "起", "开始", "到现在", "到现在的"}
)
"""What says before a year, and behind it, that all the years after it are meant, too."""
_THIS: Final = frozenset(
    {"this", "diesen", "dieser", "dieses", "este", "esta", "этой", "эту", "этим", "это", "этого"}
)
_HAN_THIS: Final = ("今", "这")
_HAN_SINCE: Final = ("从", "自")
_HAN_ONWARDS: Final = ("以来", "以来的", "至今", "起")
_BETWEEN_YEARS: Final = frozenset(
    {"to", "until", "till", "and", "through", "-", "–", "bis", "und", "hasta", "a", "y", "по", "до", "и",
     "到", "至", "和"}
)  # fmt: skip
_BEFORE_YEAR: Final = frozenset({"before", "until", "till", "up to", "vor", "bis", "antes de", "antes del",
     "hasta", "до", "перед"})  # fmt: skip
_BEFORE_BEHIND: Final = frozenset({"之前", "以前", "前"})
"""What says that only the years before one are meant."""
_LEADS: Final = frozenset({"filler", "last", "past", "between", "the"})
"""What may stand between “since” and what it is since."""
_THIS_YEAR: Final = frozenset(
    {"this year", "for this year", "dieses jahr", "dieses jahres", "este año", "de este año", "этот год",
     "этого года", "в этом году", "за этот год", "с начала года",
     "seit anfang des jahres", "seit jahresanfang", "seit jahresbeginn",
     "desde principios de año", "desde comienzos de año", "desde inicio de año",
     "lo que va de año", "en lo que va de año", "el año en curso", "so far this year",
     "since the start of the year", "since the beginning of the year", "since new year", "seit neujahr",
     "年初以来", "年初至今", "从年初", "с нового года", "今年", "今年的", "今年以来",
     "year to date", "ytd"}
)  # fmt: skip
_YEAR_TO_DATE: Final = "ytd"
_SINCE_TYPED: Final = re.compile(r"20\d\d\+")
_FIRST_YEAR: Final = 2009
_LAST_YEAR: Final = 2100
_LONGEST: Final = 1000
"""Days, weeks, months or years of a span: a larger number is no span."""
_LONGEST_TYPED: Final = timedelta(days=36_525)
_MOST_WEEKS: Final = 100
"""Weeks of a span: “3250W” is what a machine draws."""


@dataclass(frozen=True, slots=True)
class ChartWords:
    """What is said of a chart: names of charts and zones, spans as they are typed.

    `rest` are the words that say something else, a machine perhaps.
    """

    charts: tuple[str, ...] = ()
    spans: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    dark: bool | None = None
    rest: str = ""


def chart_words(scanned: ScannedText, *, is_asked: bool) -> ChartWords:
    """Read a text to its last word; `is_asked` where it asks for a chart, whatever else it says."""
    items = scanned.items
    of_chart: list[Item] = []
    named: list[tuple[str, bool]] = []  # a chart, and whether another name beside it is meant
    spans: list[str] = []
    zones: list[str] = []
    dark: bool | None = None
    for index, item in enumerate(items):
        if any(item is each for each in of_chart):
            continue
        span, length = _span_at(items, index)
        if span:
            spans.append(span)
            of_chart += items[index : index + length]
        elif chart := _chart(item):
            named.append((chart, item.concept in GENERAL))
            of_chart.append(item)
        elif item.concept in ZONES:
            zones.append(ZONES[item.concept])
            of_chart.append(item)
        elif is_asked and is_theme(item):
            dark = item.text.removeprefix("auf ") in _DARK
            of_chart.append(item)
    if is_asked and not spans:
        since_halving = [item for item in items if item.concept in ("halving", "after_halving")]
        of_chart += since_halving
        is_all = any(item.concept == "all" for item in items)
        spans = [_SINCE_HALVING] if since_halving else ["all"] if is_all else []
    other = [item for item in items if not any(item is each for each in of_chart) and not _is_beside(item)]
    passed = [*of_chart, *(item for item in items if item.concept in _PASSED)]
    return ChartWords(
        _charts(named, joined=any(item.text in _JOINING for item in items)),
        tuple(dict.fromkeys(spans)),
        tuple(dict.fromkeys(zones)),
        dark,
        scanned.text_without(passed) if other else "",
    )


def is_year(item: Item) -> bool:
    """True for a figure that may be a year of Bitcoin's."""
    quantity = item.quantity
    is_number = quantity is not None and quantity.unit is MeasureUnit.NUMBER and not quantity.per
    return is_number and quantity is not None and _FIRST_YEAR <= quantity.small <= _LAST_YEAR


def is_theme(item: Item) -> bool:
    """True for what says that a chart be light or dark."""
    return item.text.removeprefix("auf ") in _DARK | _LIGHT


def theme_set(items: Sequence[Item]) -> str:
    """“dark” or “light” where all charts are to be so: “charts on black”, “dark mode”; "" elsewhere."""
    themes = {item.text.removeprefix("auf ") in _DARK for item in items if is_theme(item)}
    is_drawn = any(item.concept == "chart" for item in items)
    is_for_all = any(
        item.text in _ALWAYS_DRAWN | _FROM_NOW_ON or item.concept in ("change", "again") for item in items
    )
    if len(themes) != 1 or (is_drawn and not is_for_all):
        return ""
    return "dark" if themes.pop() else "light"


def typed_span(word: str) -> str:
    """A span in short as it is typed, such as “90d”, “6m” or “max”; "" for any other word."""
    if word.lower() in ("all", "max"):
        return "all"
    if word.lower() == _YEAR_TO_DATE or _SINCE_TYPED.fullmatch(word) or is_named_span(word.lower()):
        return word.lower()
    length = parse_duration(word, m="month") if word[:1].isdecimal() else None
    is_watts = word[-1:] in "wW" and len(word) > len(str(_MOST_WEEKS))
    is_span = length is not None and timedelta(days=1) <= length < _LONGEST_TYPED
    return word.lower() if is_span and not is_watts else ""


def _span_at(items: Sequence[Item], index: int) -> tuple[str, int]:
    """The span that begins at an item, and how many items it takes; "" when none does."""
    item = items[index]
    if item.kind is ItemKind.WORD:
        if item.text in _OF_A_YEAR and index + 1 < len(items) and is_year(items[index + 1]):
            return f"{items[index + 1].text}{_to_now(items, index, 2)}", 2  # “el año 2018”
        if item.concept in SEASONS or item.concept in MONTHS:
            return _of_calendar(items, index)
        if item.concept in ("halving", "after_halving") and _to_now(items, index, 1):
            return _SINCE_HALVING, 1
        if item.text in _THIS_YEAR:
            return _YEAR_TO_DATE, 1
        return _SPANS.get(item.concept, ""), 1
    quantity = item.quantity
    if quantity is None or quantity.unit is not MeasureUnit.NUMBER or quantity.small > _LAST_YEAR:
        return "", 0
    behind = items[index + 1].concept if index + 1 < len(items) else ""
    if is_year(item):
        if (of_years := _of_years(items, index)) is not None:
            return of_years
        is_said = behind == "year" and items[index + 1].text in _OF_A_YEAR
        length = 2 if is_said else 1
        return f"{quantity.small:.0f}{_to_now(items, index, length)}", length
    unit = next((each for each in quantity.per if each in _LETTERS), "")
    letter = _LETTERS.get(unit or behind, "")
    if not letter or not 0 < quantity.small <= _LONGEST:
        return "", 0
    return f"{quantity.small:.0f}{letter}", 1 if unit else 2


def _of_years(items: Sequence[Item], index: int) -> tuple[str, int] | None:
    """“2019 to 2021”, “before 2020”, “the 2020 halving”: the span that begins at a year; None for none."""
    item, behind = items[index], [each.text for each in items[index + 1 : index + 3]]
    year = int(item.quantity.small) if item.quantity is not None else 0
    if index + 2 < len(items) and behind[0] in _BETWEEN_YEARS and is_year(items[index + 2]):
        is_said = index + 3 < len(items) and items[index + 3].text in _OF_A_YEAR
        return f"{year}..{items[index + 2].text}", 4 if is_said else 3
    if index + 1 < len(items) and items[index + 1].concept in ("halving", "after_halving"):
        day = next((day for day in HALVINGS if day.year == year), None)
        return None if day is None else (f"{day}+", 2)
    numbered = items[index + 1 : index + 4]
    if [each.text for each in numbered[::2]] == ["年", "月"] and (number := numbered[1].text).isdecimal():
        if not 1 <= int(number) <= len(MONTHS):
            return None
        return f"{year}-{int(number):02}{_to_now(items, index, 4)}", 4
    months = [each for each in items[index + 1 : index + 3] if each.concept in MONTHS]
    if months:  # “2023年三月”
        length = items.index(months[0]) - index + 1
        return f"{year}-{_month_number(months[0])}{_to_now(items, index, length)}", length
    is_before = any(each.text in _BEFORE_YEAR for each in items[max(0, index - 1) : index])
    if is_before or (behind and behind[0] in _BEFORE_BEHIND):
        return f"..{year - 1}", 1
    return None


def _month_number(item: Item) -> str:
    return f"{MONTHS.index(item.concept) + 1:02}"


def _of_calendar(items: Sequence[Item], index: int) -> tuple[str, int]:
    """“since last winter”, “this summer”, “March 2023”: the span of a month or a season."""
    item = items[index]
    since = _to_now(items, index, 1)
    if item.concept in MONTHS:
        ahead = items[index + 1 : index + 3]
        if len(ahead) > 1 and ahead[0].concept in ("filler", "between"):  # “marzo de 2023”
            ahead = ahead[1:]
        if not ahead or not is_year(ahead[0]):
            return f"{item.concept}{since}", 1
        length = items.index(ahead[0]) - index + 1
        return f"{ahead[0].text}-{_month_number(item)}{since or _to_now(items, index, length)}", length
    words = {*item.text.split(), *(each.text for each in items[max(0, index - 1) : index])}
    is_this = words & _THIS or item.text.startswith(_HAN_THIS)
    return f"{item.concept}+" if since else f"this-{item.concept}" if is_this else item.concept, 1


def _to_now(items: Sequence[Item], index: int, length: int) -> str:
    """“+” where what stands at a place begins what is drawn up to now: “since 2018”, “2018年以来”."""
    text = items[index].text
    if text.split()[0] in _SINCE or text.startswith(_HAN_SINCE) or text.endswith(_HAN_ONWARDS):
        return "+"
    if items[index + length : index + length + 1] and items[index + length].text in _ONWARDS:
        return "+"
    for item in reversed(items[max(0, index - 4) : index]):
        if item.text in _SINCE:
            return "+"
        if item.concept not in _LEADS:
            return ""
    return ""


def _is_beside(item: Item) -> bool:
    if item.kind is ItemKind.WORD:
        return item.concept in _BESIDE
    return item.kind is ItemKind.SIGN and item.text in ",;:!?.-()\"'“”…·"


def _chart(item: Item) -> str:
    """The chart that a word names; "" for none."""
    if item.kind is not ItemKind.WORD:
        return ""
    if item.is_guess and item.concept in ("profit", "moves", "pool_fee"):
        return ""
    if item.concept in ("pool_fee", "profit", "moves") and item.text in _OTHER_NAMES:
        return _OTHER_NAMES[item.text]
    return CHARTED.get(item.concept, "")


def _charts(named: Sequence[tuple[str, bool]], *, joined: bool) -> tuple[str, ...]:
    """“Bitcoin difficulty” and “power price” name one chart, “price and difficulty” two."""
    special = [chart for chart, is_general in named if not is_general]
    counted = special if special and not joined else [chart for chart, _ in named]
    return tuple(dict.fromkeys(counted))
