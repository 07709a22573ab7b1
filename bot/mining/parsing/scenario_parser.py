"""Suppositions in plain words, English and the usual German: “what if a tenth of the hashrate leaves”.

Each becomes what `/whatif` would be told: `hashrate=-10%`.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

_I: Final = re.IGNORECASE

_WHAT_IF: Final = re.compile(
    r"\bwhat\s+(?:if|happens?\b)|\bhow\s+about\b|\bsuppos(?:e|ing)\b|\bassum(?:e|ing)\b", _I
)
_WAS_WENN: Final = re.compile(
    r"\bwas\s+(?:(?:ist|w(?:ä|ae)re|passiert|geschieht)\s*,?\s*)?wenn\b|\bangenommen\b", _I
)
_IF: Final = re.compile(r"\b(?:if|when|once|after|wenn|falls|sobald|nach)\b", _I)

_DOWN: Final = (
    r"f[ae]ll(?:s|en)?|drops?|sink(?:s|t|en)?|crash(?:es)?|declines?|decreases?|loses?|shrinks?|dumps?|plunges?"
    r"|(?:goes|go|is|comes)\s+down|down|f(?:ä|ae)llt|verliert"
)
_GONE: Final = (
    r"leaves?|disappears?|vanish(?:es)?|dies?|quits?|exits?|stops?|unplugs?|capitulates?"
    r"|(?:goes|go|is|are)\s+(?:away|offline|dark|off|gone)"
    r"|(?:shuts?|switch(?:es)?|turns?|is\s+(?:shut|switched|turned))\s+(?:down|off)"
    r"|verschwinde[tn]|ge(?:ht|hen)\s+(?:weg|offline|vom\s+netz)|(?:weg|offline|vom\s+netz)\s*ge(?:ht|hen)|abgeschaltet(?:\s+wird)?"
)
_UP: Final = (
    r"rises?|climbs?|grows?|gains?|increases?|jumps?|rall(?:y|ies)|(?:goes|go|is|comes)\s+up|up"
    r"|steig(?:t|en)|w(?:ä|ae)chst"
)
_COMES: Final = r"joins?|(?:comes?|goes|go)\s+(?:online|on)|is\s+added|kommt\s+(?:dazu|hinzu|ans\s+netz)"
_AT: Final = r"goes|go|gets?|moves?|hits?|reache?s?|stands?|is|was|were|geht|steht|liegt|ist|w(?:ä|ae)re"

_CHEAPER: Final = r"cheaper|lower|less|billiger|g(?:ü|ue)nstiger|weniger"
_DEARER: Final = r"more\s+expensive|dearer|higher|more|teurer|h(?:ö|oe)her|mehr"

_HASHRATE: Final = r"(?:network\s+)?hash\s?(?:rate|power)"
_SUBJECTS: Final = {
    "hashrate": rf"{_HASHRATE}|network|netzwerks?|miners?",
    "difficulty": r"difficulty|schwierigkeit",
    "fees": r"(?:block\s+|transaction\s+)?fees|geb(?:ü|ue)hren",
    "power": r"(?:power|electricity|energy)(?:\s+(?:prices?|costs?))?|strom(?:preis)?",
    "price": r"(?:btc|bitcoin|coin)[\s-]*(?:price|preis|kurs)?"
    r"|(?<!power\s)(?<!energy\s)(?<!electricity\s)(?<!machine\s)(?<!hash\s)(?:price|preis|kurs)",
}
_SHARES: Final = {
    r"(?:a|one)\s+tenth|ein\s+zehntel": 10.0,
    r"(?:a|one)\s+fifth|ein\s+f(?:ü|ue)nftel": 20.0,
    r"(?:a|one)\s+quarter|ein\s+viertel": 25.0,
    r"(?:a|one)\s+third|ein\s+drittel": 100.0 / 3.0,
    r"(?:a\s+)?half|die\s+h(?:ä|ae)lfte": 50.0,
    r"two\s+thirds|zwei\s+drittel": 200.0 / 3.0,
    r"three\s+quarters|drei\s+viertel": 75.0,
}
_PERCENT: Final = r"(?P<percent>\d+(?:[.,]\d+)?)\s?(?:%|percent\b|per\s+cent\b|prozent\b)"
_SHARE: Final = rf"(?:{_PERCENT}|(?P<share>{'|'.join(_SHARES)})\b)"
_UNIT: Final = (
    r"(?:k|mio|[ez]h(?:/s)?|t|p|ct|cts|cents?|c|¢)(?![\w/])|(?:us)?\$|usd|dollars?|€|eur(?:os?)?"
    r"|(?:/|per|pro|a)\s?[km]wh"
)
_VALUE: Final = rf"(?P<value>[$€]?\s?\d+(?:[.,' ]\d{{3}})*(?:[.,]\d+)?(?:\s?(?:{_UNIT}))*)(?![\w%]|\s?%)"
_IDLE: Final = (
    r"(?:\s+(?:the|would|should|will|then|now|suddenly|by|another|just"
    r"|der|die|das|dann|pl(?:ö|oe)tzlich|um|nur))*"
)
_OF: Final = r"\s+(?:(?:of|the|all|der|des|von|vom)\s+)*"


@dataclass(frozen=True, slots=True)
class ParsedScenario:
    """What a text supposes, as values of `/whatif`'s keys, and the `rest` of it.

    `what_if` is True when it asks in so many words what would be, `beyond_price` when more is supposed than
    a bitcoin price, `about` when what could be supposed is spoken of at all. `german` tells the language.
    """

    found: dict[str, str]
    rest: str
    what_if: bool
    beyond_price: bool
    about: bool
    german: bool


def parse_scenario_text(text: str) -> ParsedScenario | None:
    """The suppositions of a text; None when it makes no condition at all."""
    german = _WAS_WENN.search(text) is not None
    what_if = german or _WHAT_IF.search(text) is not None
    if not what_if and not _IF.search(text):
        return None
    found: dict[str, str] = {}
    rest = text
    for key, pattern in _patterns():
        if key not in found and (match := pattern.search(rest)):
            found[key] = _value(match)
            rest = f"{rest[: match.start()]} \x1f {rest[match.end() :]}"
    beyond = any(key != "price" or value.endswith("%") for key, value in found.items())
    rest = _WAS_WENN.sub(" ", _WHAT_IF.sub(" ", rest))
    return ParsedScenario(found, rest, what_if, beyond, _about().search(text) is not None, german)


def _value(match: re.Match[str]) -> str:
    """What was matched as a new value, or as a change in per cent."""
    said = {name: words for name, words in match.groupdict().items() if words}
    if "halving" in said:
        return "yes"
    if "twice" in said:
        return "+100%"
    if "halved" in said:
        return "-50%"
    if "value" in said:
        return re.sub(r"(?<=\d)\s(?=\d)", "", said["value"].strip())
    percent = float(said["percent"].replace(",", ".")) if "percent" in said else _share(said["share"])
    if "to" in said:
        return f"{percent - 100.0:+.6g}%"
    return f"{'-' if 'down' in said else '+'}{percent:.6g}%"


def _share(words: str) -> float:
    return next(percent for form, percent in _SHARES.items() if re.fullmatch(form, words, _I))


def _changes(subject: str) -> tuple[str, ...]:
    """A change by a share: “a tenth of it leaves”, “it doubles”, “falls (to) 20 %”, “gets 20 % dearer”."""
    way = rf"(?:(?P<down>{_GONE}|{_DOWN})|(?P<up>{_COMES}|{_UP}))\b"
    compared = rf"(?:(?P<down>{_GONE}|{_DOWN}|{_CHEAPER})|(?P<up>{_COMES}|{_UP}|{_DEARER}))\b"
    becomes = rf"(?:\s+(?:{_AT}|becomes?|costs?|wird|kostet))?"
    return (
        rf"{_SHARE}{_OF}(?:{subject})\b{_IDLE}\s+{way}",
        rf"\b(?P<down>lose|losing|verliere\w*)\s+{_SHARE}{_OF}(?:{subject})\b",
        rf"\b(?:{subject})\b{_IDLE}\s+(?:(?P<twice>doubles?|verdoppelt\w*)|(?P<halved>halves?|halbiert\w*))\b",
        rf"\b(?:{subject})\b{_IDLE}\s+{way}(?P<to>\s+(?:to|auf))?{_IDLE}\s+{_SHARE}",
        rf"\b(?:{subject})\b{_IDLE}{becomes}\s+(?:(?P<to>auf)\s+)?{_SHARE}\s+{compared}",
    )


def _becomes(subject: str, to: str = "to|at|of|auf|bei|zu", directly: str = _AT) -> str:
    """A new value: “it falls to 40k”, “at 40k”, “hits 40k”; “falls 5000” is neither that nor a share."""
    moved = rf"(?:\s+(?:{_DOWN}|{_UP}|{_AT}))?\s+(?:{to})|\s+(?:{directly})"
    return rf"\b(?:{subject})\b{_IDLE}(?:{moved}){_IDLE}\s+{_VALUE}"


_NEW: Final = {
    "hashrate": _becomes(_HASHRATE),
    "difficulty": _becomes(_SUBJECTS["difficulty"]),
    "fees": _becomes(_SUBJECTS["fees"]),
    # “my power is at 7 cents” says what it costs, not what it might
    "power": _becomes(_SUBJECTS["power"], to="to|auf", directly=r"hits?|reache?s?|gets?"),
    "price": _becomes(_SUBJECTS["price"]),
}
_HALVING: Final = (
    r"(?P<halving>\b(?:(?:the|die|der)\s+)?(?:next\s+|n(?:ä|ae)chste[nr]?\s+)?(?:halving|halbierung)\b)"
)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """In the order in which they are tried. They take a while to compile, so only when somebody supposes."""
    forms = [(key, form) for key, subject in _SUBJECTS.items() for form in (*_changes(subject), _NEW[key])]
    return tuple((key, re.compile(form, _I)) for key, form in (*forms, ("halving", _HALVING)))


@cache
def _about() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(_SUBJECTS.values())})\b", _I)
