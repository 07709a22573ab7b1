"""Settings of a chat that are named in plain words: its language and its time zone."""

import re
from collections.abc import Sequence
from typing import Final

from bot.i18n.language_names import languages_in
from bot.i18n.places import zone_in
from bot.i18n.timezones import zone_name
from bot.mining.parsing.chart_words import theme_set
from bot.mining.parsing.command_arguments import IGNORABLE, quantities_of
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.items import Item

_NAMING: Final = frozenset({"language_name", "settings", "zone_de"})
"""What the words mean that may name a language: “german” is said of Germany’s prices, too."""
_BESIDE_A_LANGUAGE: Final = IGNORABLE | {
    "language_name", "settings", "change", "explain", "status", "alert", "until", "tonight", "currency_word",
    "only",
}  # fmt: skip
_TIME_ZONE: Final = re.compile(
    r"(?:time ?zone|\btz|zeitzone|zona horaria|huso horario|часов\w+ пояс\w*|时区)\W*"
    r"(?:(?:is|to|in|of|for|ist|auf|von|für|es|a|de|en|на|это|для|是|为|改成|改为|设为|设成|换成)\b)?[\s:=]*"
    r"(?P<zone>[^\W\d][\w/ +:-]*?|[+-]?\d[\d:]*)(?: (?:please|pls|bitte|por favor|пожалуйста))?[\s.!]*$",
    re.IGNORECASE,
)
"""Where a time zone is named, and its name."""
_TIME_OF: Final = re.compile(
    r"\b(?:(?:put|set|switch|move) (?:me|it|us|my clock|the clock) (?:on|to|onto)|i(?:'m| am) (?:on|in))"
    r" (?P<zone>[\w/ +:-]+?) time\b",
    re.IGNORECASE,
)
_CLOCK: Final = (
    r"time ?zones?|times?|clock|zeit(?:zone)?|uhr(?:zeit(?:en)?)?|ortszeit|hora|horario|reloj|huso"
    r"|врем\w+|час\w*|пояс\w*"
)
_WHERE: Final = r"live|wohne|lebe|sitze|vivo|живу|нахожусь|i'?m|i am|bin|estoy"
SETTING_CLOCK: Final = re.compile(rf"\b(?:{_CLOCK})\b|时间|时区|时钟", re.IGNORECASE)
"""Words by which a clock is meant for certain."""
HAS_CLOCK: Final = re.compile(
    rf"\b(?:{_CLOCK}|{_WHERE})\b|时间|时区|时钟|在|\b(?:я|мы) (?:из|в|во|на)\b", re.IGNORECASE
)
"""What a text may set a clock by, beside a place."""
HERE: Final = re.compile(
    r"\b(?:i'?m|i am|we'?re|we are|i live|we live|ich (?:wohne|lebe|bin|sitze)|wir (?:sind|sitzen)|vivo"
    r"|estoy|estamos|живу|нахожусь|сижу|я|мы)\s+(?:in|from|en|в|во|на|из)\b|我(?:们)?(?:住)?在",
    re.IGNORECASE,
)
"""What says where somebody is, before the place."""
OF_A_CLOCK: Final = re.compile(
    rf"{HERE.pattern}|\b(?:(?:local )?time(?: ?zone)?|(?:orts|uhr)?zeit(?:zone|en)?|(?:zona )?horaria"
    r"|hora (?:de|local)|(?:по )?(?:местному )?времени|часово\w+ пояс\w*)\b|时间|时区",
    re.IGNORECASE,
)
"""What says beside times of day and a place whose clock they are of."""
BESIDE_A_ZONE: Final = IGNORABLE | {
    "settings",
    "hour",
    "change",
    "tonight",
    "status",
    "language_name",
    "moved",
}
"""What a text may say that names a place for the clock."""


def language_command(items: Sequence[Item], concepts: set[str], plain: str) -> CommandRequest | None:
    """“change language to german” as `/settings de`; the settings where it is asked, denied or not clear."""
    naming = [item for item in items if item.concept in _NAMING and not item.is_guess]
    codes = list(dict.fromkeys(code for item in naming for code in languages_in(item.text)))
    is_meant = concepts & {"language_name", "settings", "change"}
    if not codes or not is_meant or quantities_of(items) or concepts - _BESIDE_A_LANGUAGE - {"zone_de"}:
        return None
    is_asked = ("?" in plain and not concepts & {"change"}) or bool(concepts & {"no", "negation"})
    return CommandRequest("settings", "" if is_asked or len(codes) > 1 else codes[0])


_BESIDE_A_THEME: Final = IGNORABLE | {
    "chart", "settings", "change", "tonight", "only", "forever_quiet", "until", "picture", "status",
}  # fmt: skip


def theme_command(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“charts on black please”, “dark mode” as `/settings dark`."""
    theme = "" if quantities_of(items) or concepts - _BESIDE_A_THEME else theme_set(items)
    return CommandRequest("settings", theme) if theme else None


def time_zone_command(text: str) -> tuple[CommandRequest, str] | None:
    """“my timezone is Berlin” as `/quiet Europe/Berlin`, and what is said before it; None for none.

    A zone that I don't know is chosen in the settings. What is said behind it must be of the zone.
    """
    match = _TIME_ZONE.search(text) or _TIME_OF.search(text)
    if match is None:
        return None
    place = match["zone"].strip()
    name, rest = zone_name(place), ""
    if name is None:
        name, rest = zone_in(place) or (None, "")
    if any(character.isalnum() for character in rest):
        return None  # “时区改成上海 货币用人民币”
    request = CommandRequest("settings") if name is None else CommandRequest("quiet", name)
    return request, text[: match.start()]
