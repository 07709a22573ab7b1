"""The answer given last, wanted once more in another currency: “convert it to euro”, “换算成人民币”."""

import re
from dataclasses import replace
from typing import Final

from bot.mining.parsing.currency_names import CURRENCIES, with_codes
from bot.mining.parsing.follow_up import AskedQuestion
from bot.mining.parsing.tokens import normalize
from bot.mining.parsing.units import Currency
from bot.mining.question import MachineComparison
from bot.mining.whatif import WhatIf

_IT: Final = r"(?:it|that|this|them|those|the (?:result|answer|profit|numbers?|amounts?))"
_DAS: Final = r"(?:das|es|dies|die zahlen?|das ergebnis|den betrag|den gewinn)"
_LO: Final = r"(?: (?:eso|esto|todo eso|el resultado|la ganancia|el beneficio|la respuesta))?"
_ETO: Final = r"(?:это|его|её|ее|их|результат|ответ|сумму|прибыль|цифры)"
_DRESSING_EN: Final = r"(?:(?:please|pls|plz|ok|okay|now|and|can you|could you|cool|nice) )*"
_DRESSING_DE: Final = r"(?:(?:bitte|ok|jetzt|und|kannst du|mal|nun|rechne|rechnest du) )*"
_DRESSING_ES: Final = r"(?:(?:por favor|porfa|ok|ahora|y|puedes|podrías|a ver|me lo|ya) )*"
_DRESSING_RU: Final = r"(?:(?:пожалуйста|плиз|ок|теперь|а|и|можешь|можно|ну|тогда|давай) )*"
_CONVERTING: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_DRESSING_EN}(?:convert|translate|calculate|turn|put|show)"
        rf" (?:me )?{_IT}(?: (?:in)?to| in| as) (?P<unit>.+)",
        rf"{_DRESSING_EN}(?:convert(?:ed)?|conversion|translated) (?:in)?to (?P<unit>.+)",
        rf"{_DRESSING_DE}(?:umgerechnet(?: in)?|umrechnen in|{_DAS} in|um in) (?P<unit>.+?)"
        r"(?: umrechnen| um| umgerechnet| angeben| sagen)?",
        rf"{_DRESSING_DE}(?:{_DAS} )?(?:mal )?in (?P<unit>.+?) (?:umgerechnet|umrechnen|um)",
        rf"{_DRESSING_ES}(?:(?:con[vb]i[eé]rte|p[aá]sa|traduce|trad[uú]ce|calc[uú]la|pon)(?:me)?lo"
        rf"|(?:con[vb]ertir|pasar|traducir|calcular)(?:me)?lo|con[vb]i[eé]rte(?:me)?|con[vb]ertir|convertido)"
        rf"{_LO} (?:a|en) (?P<unit>.+)",
        rf"{_DRESSING_RU}(?:переведи|перевести|переведите|пересчитай|пересчитать|пересчитайте|конвертируй"
        rf"|конвертни|сконвертируй|конвертировать|переводи) (?:(?:мне )?{_ETO} )?(?:во?|на) (?P<unit>.+)",
        rf"{_DRESSING_RU}{_ETO} (?:переведи|пересчитай|конвертируй) во? (?P<unit>.+)",
        rf"{_DRESSING_RU}(?:в (?:пересч[её]те|переводе) (?:на|в)|(?:а )?{_ETO} во?) (?P<unit>.+)",
        r"(?:(?:а|и|ну|пожалуйста) )*во? (?P<unit>[а-яё]+)",
        r"(?:请|帮我|再|那|麻烦|能不能|能|可以|把(?:它|这个|结果|利润|收益))*"
        r"(?:换算成|换算为|换算到|换算|换成|折合成|折合|折算成|折算|折成|转换成|转换为|转成|转为|算成|兑换成|兑成)"
        r"(?:一下)? ?(?P<unit>.+?)"
        r"(?:呢|吧|吗|嘛|看看|一下|给我|是多少钱?|多少钱?|有多少)*",
        r"(?:请|帮我|再|那|麻烦)*(?:用|按|以) ?(?P<unit>.+?) ?(?:来)?(?:算|计算|表示|显示|说|计)"
        r"(?:呢|吧|吗|看看|一下|是多少|多少)*",
    )
)  # fmt: skip
"""What asks for the same once more; the currency is set for good by “everything in” or “prices in”."""
_ENDS: Final = re.compile(
    r"[\s.!?,;:¿¡]+|(?:please|pls|bitte|por favor|porfa|пожалуйста|плиз|then|dann|ahora|mal)$"
)


def in_another_currency(text: str, before: AskedQuestion) -> AskedQuestion | None:
    """The question before, to be answered in the currency a text converts to; None for other texts."""
    plain = with_codes(normalize(text).strip(" .!?,;:¿¡。！？"))
    if len(plain) > _LONGEST:
        return None
    for pattern in _CONVERTING:
        if (match := pattern.fullmatch(plain)) is None:
            continue
        currency = CURRENCIES.get(_ENDS.sub("", match["unit"].strip()))
        if currency is not None and currency is not Currency.BTC:
            return _shown_in(before, currency)
    return None


_LONGEST: Final = 60


def _shown_in(before: AskedQuestion, currency: Currency) -> AskedQuestion:
    if isinstance(before, MachineComparison):
        return replace(before, questions=tuple(replace(each, currency=currency) for each in before.questions))
    if isinstance(before, WhatIf):
        return replace(before, question=replace(before.question, currency=currency))
    return replace(before, currency=currency)
