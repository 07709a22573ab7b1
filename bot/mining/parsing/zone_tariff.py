"""A day-ahead zone in a question: “s21 DE-LU+3c” is the zone's price with a surcharge."""

import re
from functools import cache
from typing import Final

from bot.mining.parsing.roles import word_set
from bot.mining.power_market import TRADED_ZONES

_ZONE_BY_NAME: Final = {zone.lower(): zone for zone in TRADED_ZONES}
_ZONE_BY_COUNTRY: Final = {
    name: zone
    for zone, names in {
        "DE-LU": "germany german deutschland deutsche deutscher alemania германия германии 德国 luxembourg",
        "AT": "austria austrian österreich austria австрия австрии 奥地利",
        "BE": "belgium belgian belgien bélgica бельгия бельгии 比利时",
        "CH": "switzerland swiss schweiz suiza швейцария швейцарии 瑞士",
        "CZ": "czechia czech tschechien chequia чехия чехии 捷克",
        "FR": "france french frankreich francia франция франции 法国",
        "HU": "hungary hungarian ungarn hungría венгрия венгрии 匈牙利",
        "NL": "netherlands dutch holland niederlande holanda нидерланды голландия 荷兰",
        "PL": "poland polish polen polonia польша польши 波兰",
        "SI": "slovenia slowenien eslovenia словения словении 斯洛文尼亚",
    }.items()
    for name in names.split()
}
"""Countries that are one bidding zone, by name."""
_NAMES: Final = "|".join(sorted(map(re.escape, (*_ZONE_BY_NAME, *_ZONE_BY_COUNTRY)), key=len, reverse=True))
_SPOT: Final = (
    r"spot|day-ahead|day ahead|epex|wholesale|exchange|dynamic|börse|börsen|börsenstrom|börsenpreis"
    r"|börsenstrompreis|strombörse|spotpreis|spotmarkt|dynamischer?|mercado|mayorista|спот|биржа|бирже|биржевая|现货|日前"
)
"""Words for the power market."""
_PLAIN: Final = (
    # A name that no word has, or any zone behind a word for power.
    rf"(?<![\w-])(?:(?P<introduced>(?:power|zone|tariff|strom|luz|тариф|зона|电价)\s*[=:]?\s*|@\s*"
    rf"|(?:{_SPOT})\s*(?:(?:prices?|market|tariff|power|strom|tarif|preis|eléctrico|цена|цене|价|价格|电价)\s*)?"
    rf"(?:(?:in|for|of|from|für|aus|en|de|в|的)\s*(?:the\s*)?)?)\(?"
    rf"(?P<any>{_NAMES})|(?P<clear>de-lu|dk1|dk2|it-north|no2|se4)"
    rf"|(?P<country>{'|'.join(_ZONE_BY_COUNTRY)})\s*(?:{_SPOT})(?:\s*(?:prices?|market|tariff|power))?)(?!\w|-[a-z])\)?"
    rf"(?:\s*(?P<sign>[-+]|plus|más|плюс|加)\s*(?P<surcharge>\d[\d.,]*)\s*(?P<unit>(?:€?cts?|€?c|cents?|¢|цент\w*|c[eé]ntimos?|欧分|分)(?!\w))?"
    r"(?:\s*(?:aufschlag|surcharge|markup|(?:grid |network )?fees?|netzgebühr(?:en)?|netzentgelte?"
    r"|gebühr(?:en)?|recargo|peajes?|надбавк\w|наценк\w|附加费|过网费)(?!\w))?)?"
)


_LIKE_WORDS: Final = word_set("zone_tariff", "like_words")


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(_PLAIN, re.IGNORECASE)


def _is_word(match: re.Match[str], text: str) -> bool:
    """True for “power at 6c”: a zone that reads as a word is written large, and no number follows it."""
    name = match["any"] or ""
    following = text[match.end() :].lstrip()[:1]
    return name.lower() in _LIKE_WORDS and (not name.isupper() or following.isdigit())


def without_zone(text: str) -> tuple[str, str | None]:
    """The text with a zone's surcharge in the reader's words, and the zone; the text as it is without one."""
    match = _pattern().search(text)
    if match is None or _is_word(match, text):
        return text, None
    name = (match["any"] or match["clear"] or match["country"]).lower()
    zone = _ZONE_BY_NAME.get(name) or _ZONE_BY_COUNTRY[name]
    words = ""
    if match["surcharge"]:
        unit = " €/kWh" if match["unit"] is None and match["surcharge"].startswith(("0", ".")) else "€ct"
        words = f" surcharge {'-' if match['sign'] == '-' else ''}{match['surcharge']}{unit} "
    return f"{text[: match.start()]}{words}{text[match.end() :]}", zone
