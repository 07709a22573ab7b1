"""Time zones by places that none is named after: countries, states, more cities, “Moscow time”."""

import re
from functools import cache
from importlib.resources import files
from typing import Final

from bot.i18n.timezones import same_clock, short_zone_name, zone_name

_LANGUAGES: Final = ("en", "de", "es", "ru", "zh")
_MAIN_ZONES: Final = {
    "AR": "America/Argentina/Buenos_Aires", "CL": "America/Santiago", "CN": "Asia/Shanghai",
    "DE": "Europe/Berlin", "ES": "Europe/Madrid", "KZ": "Asia/Almaty", "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland", "PT": "Europe/Lisbon", "UA": "Europe/Kyiv", "UZ": "Asia/Tashkent",
}  # fmt: skip
"""Where nearly everybody of a country with several zones lives."""
_MORE: Final = {
    "America/New_York": "connecticut, delaware, georgia us, maine, maryland, massachusetts, new hampshire, "
    "new jersey, new york, north carolina, ohio, pennsylvania, rhode island, south carolina, vermont, "
    "virginia, west virginia, florida, michigan, boston, miami, atlanta, philadelphia, charlotte, nyc, "
    "eastern, нью йорк, nueva york, 纽约",
    "America/Chicago": "alabama, arkansas, illinois, iowa, kansas, louisiana, minnesota, mississippi, "
    "missouri, nebraska, north dakota, oklahoma, south dakota, tennessee, texas, wisconsin, tejas, техас, "
    "德州, 德克萨斯, houston, dallas, austin, san antonio, nashville, minneapolis, central",
    "America/Denver": "colorado, montana, new mexico, utah, wyoming, salt lake city, mountain",
    "America/Phoenix": "arizona",
    "America/Los_Angeles": "california, nevada, oregon, washington state, san francisco, san diego, seattle, "
    "portland, las vegas, la, pacific, kalifornien, калифорния, 加州, 旧金山, 洛杉矶",
    "America/Toronto": "ontario, quebec, québec, ottawa, montreal",
    "America/Edmonton": "alberta, calgary",
    "America/Vancouver": "british columbia",
    "Europe/Berlin": "frankfurt, münchen, munich, munchen, hamburg, köln, cologne, stuttgart, düsseldorf, "
    "leipzig, dresden, мюнхен, гамбург, франкфурт, deutsche zeit, deutscher zeit, german time, hora alemana, "
    "немецкое время, немецкому времени",
    "Europe/Vienna": "österreichische zeit, österreichischer zeit, austrian time, hora austriaca",
    "Europe/Paris": "französische zeit, französischer zeit, french time, hora francesa",
    "Europe/Madrid": "barcelona, valencia, sevilla, bilbao, барселона, spanische zeit, spanish time, "
    "hora española",
    "Europe/Rome": "milan, milano, mailand, turin",
    "Europe/Zurich": "geneva, genf, bern, basel, schweizer zeit, swiss time, hora suiza",
    "Europe/London": "england, scotland, wales, manchester, uk, britain, großbritannien, inglaterra, англия",
    "Europe/Moscow": "saint petersburg, st petersburg, sankt petersburg, петербург, санкт петербург, питер, "
    "москва, москве, moskau, moscú",
    "Asia/Yekaterinburg": "екатеринбург, екб, челябинск, пермь",
    "Asia/Almaty": "astana, nur sultan, астана",
    "Asia/Dubai": "abu dhabi, uae, emirates, эмираты, оаэ",
    "Asia/Shanghai": "beijing, peking, pekín, пекин, shenzhen, chengdu, guangzhou, 北京, 深圳, 成都, 广州, "
    "杭州, 四川, 中国大陆",
    "Asia/Kolkata": "india, mumbai, delhi, new delhi, bangalore",
    "America/Sao_Paulo": "rio, rio de janeiro, brasília, brasilia",
    "America/Mexico_City": "cdmx, ciudad de mexico, ciudad de méxico",
    "America/Argentina/Buenos_Aires": "buenos aires",
}  # fmt: skip
"""Cities and states by the zone of nearly all their people, as they are typed in any language."""
_WORD: Final = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_RUSSIAN_ENDINGS: Final = ("", "а", "я")
"""Of the place that is named where somebody lives: “в Казахстане”, “в Москве”, “в Германии”."""
_LONGEST_NAME: Final = 3
"""Words of the longest name that is looked for."""
_RUSSIAN_ADJECTIVE: Final = re.compile(r"([а-яё]{3,})ск(?:ое|ому|им|ого)")
_GERMAN_ADJECTIVE: Final = re.compile(r"([a-zäöü]{3,})er")


def zone_in(text: str) -> tuple[str, str] | None:
    """The zone of the place that a text names, and the text without the place; None when it names none.

    A country of several zones is none, but where nearly everybody lives in one.
    """
    words = list(_WORD.finditer(text.lower()))
    for count in range(_LONGEST_NAME, 0, -1):
        for first in range(len(words) - count + 1):
            start, end = words[first].start(), words[first + count - 1].end()
            name = " ".join(word[0] for word in words[first : first + count])
            if (zone := _zone_of(name)) is not None:
                return zone, f"{text[:start]} {text[end:]}"
    for name, zone in _chinese_places():
        if name in text:
            return zone, text.replace(name, " ", 1)
    return None


def _zone_of(name: str) -> str | None:
    """The zone of one name, also as an adjective: “московское”, “Berliner”."""
    if len(name) < 2 or name in _NO_PLACES:
        return None
    if zone := short_zone_name(name) or _listed(name):
        return zone
    if match := _RUSSIAN_ADJECTIVE.fullmatch(name):
        if match[1] == "москов":
            return "Europe/Moscow"
        return next((zone for each in (match[1], f"{match[1]}ск") if (zone := zone_name(each))), None)
    if "а" <= name[0] <= "я":
        return next((zone for each in _RUSSIAN_ENDINGS if (zone := _listed(f"{name[:-1]}{each}"))), None)
    match = _GERMAN_ADJECTIVE.fullmatch(name)
    return None if match is None else _listed(match[1])


def _listed(name: str) -> str | None:
    return _more_places().get(name) or zone_name(name) or _countries().get(name)


_NO_PLACES: Final = frozenset(
    {"as", "de", "do", "es", "et", "general", "hora", "in", "is", "it", "la", "local", "me", "met", "my",
     "no", "so", "to", "us", "wet", "zeit"}
)  # fmt: skip
"""Short words that are names of zones, too, or of countries in short."""


@cache
def _more_places() -> dict[str, str]:
    return {name.strip(): zone for zone, names in _MORE.items() for name in names.split(",")}


@cache
def _chinese_places() -> tuple[tuple[str, str], ...]:
    """Places as Chinese writes them, without spaces around; the longest names first."""
    from babel import Locale  # noqa: PLC0415 - Babel's data is read when somebody names such a place

    cities = {words["city"]: name for name, words in Locale("zh").time_zones.items() if "city" in words}
    named = {**cities, **_countries(), **_more_places()}
    found = {name: zone_name(zone) or "" for name, zone in named.items() if "\u3400" <= name[:1] <= "\u9fff"}
    return tuple(
        sorted(((name, zone) for name, zone in found.items() if zone), key=lambda pair: -len(pair[0]))
    )


@cache
def _countries() -> dict[str, str]:
    """Countries of one zone, or of one for nearly all, by their names in the five languages."""
    from babel import Locale  # noqa: PLC0415 - as above

    zones: dict[str, list[str]] = {}
    for line in (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            country, _, name, *_ = line.split("\t")
            zones.setdefault(country, []).append(name)
    main = {code: names[0] for code, names in zones.items() if same_clock(names)} | _MAIN_ZONES
    return {
        Locale(language).territories[code].lower(): zone
        for language in _LANGUAGES
        for code, zone in main.items()
        if code in Locale(language).territories
    }
