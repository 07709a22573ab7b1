"""What a text corrects of what was said before it: “no wait 7.9”, “sorry, 9 cents”, “not 7, 8”."""

import math
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from bot.mining.parsing.follow_up import AskedQuestion
from bot.mining.parsing.tokens import normalize
from bot.mining.parsing.units import Currency, Money
from bot.mining.question import MachineComparison, Question
from bot.mining.scenario import KEYS, Scenario, ScenarioChange
from bot.mining.whatif import WhatIf

_MARKS: Final = (
    "no,? wait|wait,? no|wait|no,? sorry|(?:oh )?sorry|my mistake|my bad|(?:wh)?oops|actually|correction"
    "|scratch that|(?:i |we )?meant(?: to say)?|i mean|i said|rather|(?:no,? )?make (?:it|that)"
    "|it's|it is|should be|typo|(?:that'?s |that is )?(?:wrong|incorrect|not right)",
    "ach nein|ach ne|quatsch|entschuldigung|ups|(?:ich )?meinte?(?: ich)?|ich hab mich vertippt|vertippt"
    "|moment|korrektur|falsch|doch lieber|lieber|doch|mach daraus|(?:es )?sind|es waren"
    "|(?:das )?stimmt nicht|nicht richtig",
    "perdón|perdon|perdona|espera|quise decir|quiero decir|quería decir|me refería al?|me refiero al?|digo"
    "|me equivoqué|corrijo|corrección|en realidad|mejor dicho|que sean|que sea|eran|era"
    "|está mal|no es correcto",
    "ой|извини(?:те)?|прости(?:те)?|точнее|вернее|то есть|я имел[аи]? в виду|имел[аи]? в виду"
    "|хотя нет|подожди|ошибся|ошиблась|опечатка|поправка"
    "|неверно|неправильно|не так",
    "不对|错了|打错了|说错了|写错了|抱歉|不好意思|对不起|等等|我是说|我的意思是|应该是|哦不|更正|改成|改为|还是",
)
"""Words at the beginning of what corrects something, in en, de, es, ru and zh."""
_REFUSALS: Final = r"(?:no|nope|nein|nee?|nö|нет|не|不|不是|yes,? but|ja,? aber|sí,? pero|да,? но)"
"""A no that corrects where a comma, a mark or a figure stands behind it."""
_BEFORE_FIGURES: Final = (
    r"(?:mejor|besser|лучше|是|son|nein|nee?|нет|i pay|we pay|ich zahle?|wir zahlen|pago|я плачу|плачу"
    r"|我付)"
    r"(?=\s*(?:(?:a|con|de|um|bei|mit|von|с|в|по|до|при|к) ?)?[\d$€£])"
)
"""Words that correct only where a figure follows: “mejor 60”, but “mejor minero”."""
_OPENING: Final = re.compile(
    rf"(?:(?:{'|'.join(_MARKS[:4])})(?!\w)|{_MARKS[4]}|{_REFUSALS}(?=\s*[,.!，。！-])|{_BEFORE_FIGURES})"
    r"[\s,.!:;，。！：…-]*"
)
_NO_MARK: Final = re.compile(rf"{_REFUSALS}[\s,.!，。！-]+(?=(?:{'|'.join(_MARKS[:4])})(?!\w)|{_MARKS[4]})")
"""A no before one of the marks: “no make that 8”."""
_WORD: Final = r"(?:[^\s,，、]|(?<=\d),(?=\d))+"
_PART: Final = rf"(?:{_WORD}(?: (?!but|sondern|sino|statt|а ){_WORD}){{0,2}}?)"
_CONTRASTS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"not (?P<denied>{_PART})(?:,? but |, ?)(?P<meant>{_PART})",
        rf"nicht (?P<denied>{_PART})(?:,? sondern |, ?)(?P<meant>{_PART})",
        rf"no (?P<denied>{_PART})(?:,? sino |, ?)(?P<meant>{_PART})",
        rf"не (?P<denied>{_PART})(?:,? а |, ?)(?P<meant>{_PART})",
        r"不是(?P<denied>[^,，\s是而]+)[,，\s]*(?:而是|是)(?P<meant>[^,，\s]+)",
        rf"(?P<meant>{_PART}),? (?:not|nicht|statt|instead of|en vez de|no|а не|вместо) (?P<denied>{_PART})",
        rf"(?:instead of|(?:an)?statt|en vez de|en lugar de|вместо) (?P<denied>{_PART}),? "
        rf"(?:take |use |lieber |nimm |usa |pon |возьми )?(?P<meant>{_PART})",
        r"是?(?P<meant>[^,，\s不]+)[,，\s]*不是(?P<denied>[^,，\s]+)",
    )
)
"""What is not meant beside what is: “not 7, 8”, “nicht 7 sondern 8”, “8, no 7”."""
_NUMBER: Final = re.compile(r"(\d+(?:[.,]\d+)?)(k?)")
_WITH_UNIT: Final = re.compile(r"\d+(?:[.,]\d+)?(?P<unit>\s?(?:%|[^\d\s.,][^\d]*))")
_SHARE: Final = re.compile(
    r"(\d+(?:[.,]\d+)?) ?(?:%|per ?cent|pct|prozent|por ciento|процент(?:а|ов)?(?!\w))"
)
_AGREED: Final = r"(?:(?:ok|okay|gut|vale|bueno|ок|хорошо|好|好的)[ ,，]*)?"
_GOING_ON: Final = (
    r"(?:(?:and|und|y|а|и|那么?|or|oder|o|или) ?)?"
    r"(?:(?:(?:what|how) about|what if|was ist mit|wie (?:ist|wär(?:e|'s)?|sieht) es (?:bei|mit)|wenn es"
    r"|qué tal(?: con| a)?|qué (?:pasa|hay) con|si fueran?|(?:что|как) насч[её]т|(?:что )?если"
    r"|换成?|如果) ?)?"
)
_ALONE: Final = re.compile(rf"{_AGREED}{_GOING_ON}(?P<number>\d+[.,]\d+)(?: ?呢)?")
"""A number with a fraction, which is none of machines, and nothing that says what of it."""
_WHOLE_ALONE: Final = re.compile(rf"{_AGREED}(?P<opening>{_GOING_ON})(?P<number>\d{{1,3}})(?P<behind> ?呢)?")
"""The same of a whole number, which may be one of machines."""
_FALLING: Final = re.compile(
    r"(?:it )?(?:falls?|drops?|down|minus|fällt|sinkt|runter|baja|bajan|cae|caen|упад[её]т|падает|снизится"
    r"|跌|降|下跌|下降)"
    r"\s*(?:by |um |by |un |на )?(?P<share>\d+(?:[.,]\d+)? ?%)"
)
_RISING: Final = re.compile(
    r"(?:it )?(?:rises?|up|plus|steigt|rauf|sube|suben|вырастет|раст[её]т|涨|升|上涨|上升)"
    r"\s*(?:by |um |un |на )?(?P<share>\d+(?:[.,]\d+)? ?%)"
)
"""A share with the way it goes, behind a supposition."""
_ENDS: Final = " .!?,。！？，"
_FACTOR: Final = 3.0
"""How many times more or less a corrected figure may be than the one it stands for."""
_FACTOR_OF_WHOLE: Final = 2.0
"""The same of a whole number behind an “and” that may only be another price of a kWh."""
_MOST_FEE, _LEAST_UPTIME = 15.0, 30.0
"""Per cent that a pool may take, and that a machine runs."""
_MOST_WORDS: Final = 6
"""A longer text asks something of its own."""
_CENTLESS: Final = frozenset({Currency.BTC, Currency.CNY})


class Correction(NamedTuple):
    """What is meant instead, and what is said not to be meant, "" where only the former is said.

    `is_whole` is True for a whole number that corrects nothing but goes on: “and 7?”.
    """

    meant: str
    denied: str = ""
    is_whole: bool = False


def correction_of(text: str) -> Correction | None:
    """What a text says instead of what was said before; None for a text that corrects nothing."""
    plain = normalize(text).strip(_ENDS)
    rest = _without_opening(plain)
    for pattern in _CONTRASTS:
        for said in dict.fromkeys((plain, rest)):
            match = pattern.fullmatch(said)
            if match and _are_alike(match["meant"], match["denied"]):
                return Correction(_without_opening(match["meant"].strip()), match["denied"].strip())
    is_short = len(rest.split()) <= _MOST_WORDS
    return Correction(rest) if rest and rest != plain and is_short else None


def _are_alike(meant: str, denied: str) -> bool:
    """True for two figures or two machines: “s19, but not at 7c” says of no machine that it isn't meant."""
    has_figures = any(map(str.isdigit, meant)) and any(map(str.isdigit, denied))
    return has_figures and (_MODEL.search(meant) is None) == (_MODEL.search(denied) is None)


_MODEL: Final = re.compile(r"(?<![a-z0-9])[a-z]{1,3}\d")
"""Letters with a number, as a machine's name begins."""


def number_alone(text: str) -> Correction | None:
    """“and 7.5?”, “0.5呢” as another value of the figure it comes near; None for any other text.

    “and 7?”, “7?” may be another price of a kWh; a bare “7” says too little.
    """
    normalized = normalize(text)
    plain = normalized.strip(_ENDS + "¿¡")
    if (match := _ALONE.fullmatch(plain)) is not None:
        return Correction(match["number"])
    match = _WHOLE_ALONE.fullmatch(plain)
    if match is None or not (match["opening"] or match["behind"] or normalized.endswith("?")):
        return None
    return Correction(match["number"], is_whole=True)


def is_number(meant: str) -> bool:
    """True for a number without a unit, and for a share, which say only beside another what they are of."""
    return (_NUMBER.fullmatch(meant) or _SHARE.fullmatch(meant)) is not None


def _without_opening(plain: str) -> str:
    """A text without the words at its beginning that only say that it corrects something."""
    while (match := _NO_MARK.match(plain) or _OPENING.match(plain)) and match.end() < len(plain):
        plain = plain[match.end() :]
    return plain


def corrected_text(correction: Correction, before: AskedQuestion) -> str | None:
    """What a correction asks of the question before: a bare number with the name of the one it stands for.

    None where it is not clear which that is, or where what is denied was not said.
    """
    meant, denied, is_whole = correction
    if isinstance(before, WhatIf) and (turned := _turned(meant, before.scenario)):
        return turned
    if denied and _NUMBER.fullmatch(meant) and (unit := _WITH_UNIT.fullmatch(denied)):
        meant = f"{meant}{unit['unit']}"  # “not 7c, 8”
    number = _NUMBER.fullmatch(denied) if denied else None
    share, bare = _SHARE.fullmatch(meant), _NUMBER.fullmatch(meant)
    if bare is None and share is None:
        return meant if not denied or number is None or _figures_like(before, _value(number), 1.001) else None
    value = _value(bare) if bare else float(share[1].replace(",", ".")) if share else 0.0
    if denied and number is not None:
        like = _figures_like(before, _value(number), 1.001)
    else:
        like = _figures_like(before, value, _FACTOR)
    if share:
        like = _shares(like) or [each for each in _only_share(before) if _may_be(each, value)]
    if len(like) != 1:
        return meant if share else None
    if is_whole and not (like[0].endswith("/kWh") and like == _figures_like(before, value, _FACTOR_OF_WHOLE)):
        return None
    return like[0].format(f"{value:.10g}")


def _shares(figures: list[str]) -> list[str]:
    return [each for each in figures if "%" in each]


def _only_share(before: AskedQuestion) -> list[str]:
    """The one percentage of a question, however much it is; nothing where it has several, or none."""
    shares = _shares(_figures_like(before, 1.0, math.inf))
    return shares if len(shares) == 1 else []


def _may_be(figure: str, percent: float) -> bool:
    """True for so many per cent as a pool may take, a machine may run, or a market may move."""
    if figure.startswith("fee"):
        return percent <= _MOST_FEE
    return not figure.startswith("uptime") or _LEAST_UPTIME <= percent <= 100.0


def _turned(meant: str, scenario: Scenario) -> str | None:
    """“no, falls 10%” of the one figure that is supposed to change."""
    falls = _FALLING.fullmatch(meant)
    match = falls or _RISING.fullmatch(meant)
    changes = {key: getattr(scenario, key) for key in KEYS}
    relative = [key for key, each in changes.items() if isinstance(each, ScenarioChange) and each.to is None]
    if match is None or len(relative) != 1:
        return None
    share = match["share"].replace(",", ".").replace(" ", "")
    return f"what if {relative[0]} {'-' if falls else '+'}{share}"


def _value(match: re.Match[str]) -> float:
    return float(match[1].replace(",", ".")) * (1000.0 if match[2] else 1.0)


def _figures_like(before: AskedQuestion, value: float, factor: float) -> list[str]:
    """How each figure of a question is said that may be meant by a number, with a gap for the number."""
    if isinstance(before, MachineComparison):
        questions, scenario = before.questions, before.scenario
    elif isinstance(before, WhatIf):
        questions, scenario = (before.question,), before.scenario
    else:
        questions, scenario = (before,), Scenario()
    shared = [set(_figures(question)) for question in questions]
    figures = [*set.intersection(*shared), *_supposed(scenario)]
    if any(_has_more(question) for question in questions):
        return []  # a figure that isn't said as it was typed may be meant
    return [said for figure, said in figures if figure and 1 / factor <= value / figure <= factor]


def _has_more(question: Question) -> bool:
    costs = (question.fixed_cost, question.shared_cost, question.surcharge, question.heat_credit)
    return bool(question.peaks) or any(cost is not None for cost in costs)


def _figures(question: Question) -> Iterator[tuple[float, str]]:
    """The figures a question gives, as numbers that may have been typed, and how another one is said."""
    if question.power_price is not None:
        yield from _of_money(question.power_price, "{} {}/kWh", in_cents=True)
    if question.btc_price is not None:
        yield from _of_money(question.btc_price, "price={} {}", in_cents=False)
    if question.hashprice is not None:
        yield from _of_money(question.hashprice, "hashprice={} {}", in_cents=False)
    if question.machine_price is not None:
        yield from _of_money(question.machine_price, "cost={} {}", in_cents=False)
    if question.count != 1:
        yield float(question.count), "{} machines"
    if question.pool_fee:
        yield 100.0 * question.pool_fee, "fee {}%"
    if question.uptime != 1.0:
        yield 100.0 * question.uptime, "uptime {}%"
    if question.power_tax:
        yield 100.0 * question.power_tax, "tax {}%"
    if question.overhead != 1.0:
        yield question.overhead, "pue {}"
    if question.rig.name is None:
        yield question.rig.hashrate_ths, "{}TH"
        yield question.rig.power_w, "{}W"


def _of_money(money: Money, said: str, *, in_cents: bool) -> Iterator[tuple[float, str]]:
    code = str(money.currency)
    yield money.amount, said.format("{}", code)
    if in_cents and money.currency not in _CENTLESS:
        cents = {"USD": "c", "EUR": " eurocent"}.get(code)
        if cents is not None:
            yield 100.0 * money.amount, f"{{}}{cents}/kWh"


def _supposed(scenario: Scenario) -> Iterator[tuple[float, str]]:
    for key in KEYS:
        change = getattr(scenario, key)
        if not isinstance(change, ScenarioChange):
            continue
        if change.to is None:
            yield 100.0 * abs(change.by), f"what if {key} {'-' if change.by < 0 else '+'}{{}}%"
        elif key == "price":
            yield change.to, f"what if price {{}} {change.currency}"
