"""The wordings a breakeven question is recognised by: patterns for English and the usual German."""

import re
from typing import Final

from bot.mining.parsing.units import CURRENCY, DIGITS, NUMBER, PER
from bot.mining.question import Focus

_I: Final = re.IGNORECASE
_OF: Final = (
    r"\s*(?:of|is|at|was|hits|reaches|falls\s+to|drops\s+to|goes\s+to|von|bei|auf|ist|kostet|=|:|@|,)?\s*"
)
_FEES: Final = r"(?:pool\s*|mining\s*)?(?:fees?|geb(?:ü|ue)hr(?:en)?)"
_MONEY: Final = (
    rf"(?:(?P<before>{CURRENCY})\s*)?(?P<number>{DIGITS})\s?(?P<times>k|m|mio|tsd)?(?=(?:{CURRENCY})?(?!\w))"
    rf"(?:\s*(?P<after>{CURRENCY})(?!\w))?"
)

PAIR: Final = re.compile(
    r"(?<!\S)(?P<key>[a-z][a-z_-]*)\s?=\s?(?P<value>[^\s=]+(?:\s(?:%|kwh|th|w|kw|ct|c|eur|usd)(?!\S))?)", _I
)
MONEY: Final = re.compile(rf"(?<![\w.,]){_MONEY}", _I)
PERCENT: Final = re.compile(rf"(?P<number>{NUMBER})\s*%", _I)
FEE: Final = re.compile(rf"{_FEES}{_OF}(?P<a>{NUMBER})\s*%|(?P<b>{NUMBER})\s*%\s*(?:pool)?{_FEES}(?!\w)", _I)
UPTIME: Final = re.compile(
    rf"(?:uptime|verf(?:ü|ue)gbarkeit|laufzeit){_OF}(?P<a>{NUMBER})\s*%"
    rf"|(?P<b>{NUMBER})\s*%\s*(?:uptime|online|verf(?:ü|ue)gbarkeit|laufzeit)(?!\w)",
    _I,
)
OVERHEAD: Final = re.compile(rf"\b(?:pue|overhead){_OF}(?P<number>{NUMBER})", _I)
DIFFICULTY: Final = re.compile(
    rf"\b(?:difficulty|schwierigkeit){_OF}(?P<number>{NUMBER})\s?(?P<times>[tp])?(?!\w)", _I
)
PER_DAY: Final = re.compile(rf"(?<![\w.,]){_MONEY}{PER}(?:day|tag|d)(?!\w)", _I)
MACHINE_PRICE: Final = re.compile(
    r"\b(?:machine\s+price|hardware|bought|paid|paying|buy(?:ing)?|costs?|costing|kaufpreis|gekauft|kostete?)"
    rf"(?:\s+(?:it|one|me|mich|an?|the|my|ein(?:en)?|\x1f))*\s*(?:of|for|at|is|f(?:ü|ue)r|:|=)?\s*{_MONEY}",
    _I,
)
BTC_THEN_PRICE: Final = re.compile(rf"\b(?:btc|bitcoin)(?:[\s-]*(?:price|preis|kurs))?{_OF}{_MONEY}", _I)
PRICE_THEN_BTC: Final = re.compile(
    rf"(?<![\w.,]){_MONEY}\s*(?:(?:per|a|pro|je)\s+|/\s*)?(?:btc|bitcoin)(?!\w)", _I
)
COUNT: Final = re.compile(
    r"(?<![\w.,])(?P<count>\d{1,6})\s*(?:x|×|\*|pcs|units?|st(?:ü|ue)ck)?(?:\s+of)?\s*$", _I
)
BIN: Final = re.compile(
    r"[\s(,-]{0,3}(?P<number>\d+(?:[.,]\d+)?)\s?(?P<unit>ths|th/s|th|t)?(?![\w.,=])"
    r"(?!\s*(?:[%€$¢]|/|(?:c|ct|cts|cents?|usd|eur|euros?|dollars?|w|kw|watts?|j|ph|eh|k|per)(?!\w)))",
    _I,
)
TYPED_MACHINE: Final = re.compile(
    r"(?<![\w'’])(?:(?:antminer|whatsminer|avalon(?:miner)?|bitmain|microbt|canaan)\b(?:\s+[a-z]*\d\w*\+*)?"
    r"|(?!pue|q\d|h\d)[a-z]{1,3}-?\d{1,4}[a-z]{0,4}\+*)(?!\w)",
    _I,
)
WORD: Final = re.compile(r"[^\W\d_][\w'’]*|[^\w\s\x00-\x7f]", _I)

GERMAN: Final = re.compile(
    r"\b(?:lohnt|rentab\w*|rentier\w*|verdien\w*|strom\w*|stirbt|gewinn\w*|welche[rmn]?|abschalten|poolgeb\w+)\b"
    r"|\b(?:ein|eine|einen|mein|meine)\b.*\b(?:bei|für|mit|noch|ab)\b|\b(?:bei|für|mit|noch|ab)\b.*\b(?:ein|eine|einen|mein|meine)\b"
    r"|\b(?:break-?even|gewinnschwelle)\s+(?:für|bei)\b",
    _I,
)
TRIGGER: Final = re.compile(
    r"break[\s-]?even|gewinnschwelle|profit|worth\s+(?:it|running|mining|keeping)|viable|under\s?water"
    r"|in\s+the\s+(?:red|black)|\bdies?\b|shut(?:s|ting)?[\s-]?(?:down|off)|\b(?:switch|turn)(?:\s+\w+){0,3}\s+off"
    r"|stops?\s+(?:paying|earning)|\bpays?\b|pay\s?(?:back|off)|\broi\b|\bearn|(?:mak|los)(?:e|es|ing)\s+(?:\w+\s+)?money"
    r"|cost\s+(?:to\s+mine|of\s+mining|(?:per|of\s+(?:a|one))\s+(?:btc|bitcoin|coin))"
    r"|\bkeep(?:ing)?\s+(?:\w+\s+){0,3}(?:on|running)\b"
    r"|lohnt|rentab|rentier|rechnet\s+sich|verdien|gewinn|verlust|wirtschaftlich|stirbt|abschalt|amorti",
    _I,
)
_WHICH: Final = (
    r"(?:what(?:'s|’s|\s+is|\s+are)?(?:\s+the)?(?:\s+max(?:imum)?)?|which|welche[rmn]?|max(?:imum|imaler)?)"
)
FOCUS: Final = (
    (Focus.PAYBACK, re.compile(r"payback|\broi\b|pay(?:s|ing)?\s+(?:itself\s+)?(?:back|off)|amorti", _I)),
    (Focus.DIFFICULTY, re.compile(rf"(?:{_WHICH}|break-?even)\s+(?:difficulty|schwierigkeit)", _I)),
    (
        Focus.POWER_PRICE,
        re.compile(
            rf"{_WHICH}\s+(?:electricity|power|energy|strom)|break-?even\s+(?:power|electricity|energy)"
            r"|how\s+(?:cheap|expensive).*(?:power|electricity)",
            _I,
        ),
    ),
    (
        Focus.BTC_PRICE,
        re.compile(
            rf"{_WHICH}\s+(?:btc|bitcoin|coin)?[\s-]*(?:price|preis|kurs)|\bdies?\b|stirbt"
            r"|(?:shut-?\s?(?:down|off)|break-?even)\s+(?:btc\s+|bitcoin\s+)?price",
            _I,
        ),
    ),
)
FILLER: Final = frozenset(
    {"a", "an", "and", "at", "break", "breakeven", "even", "for", "from", "i", "in", "is", "it", "my", "of"}
    | {"on", "per", "please", "the", "to", "what", "whats", "with", "machine", "miner", "power", "price"}
    | {"electricity", "btc", "bitcoin", "ein", "eine", "mein", "bei", "für", "und", "mit"}
)  # fmt: skip
KEYS: Final = {
    "fee": "pool_fee", "pool-fee": "pool_fee", "pool": "pool_fee", "uptime": "uptime",
    "pue": "overhead", "overhead": "overhead",
    "fixed": "fixed_cost", "fixed-cost": "fixed_cost", "hosting": "fixed_cost",
    "price": "btc_price", "btc": "btc_price", "btc-price": "btc_price",
    "power-price": "power_price", "electricity": "power_price", "tariff": "power_price",
    "power": "power", "hashrate": "hashrate_ths",
    "difficulty": "difficulty", "network": "network_hashrate_ehs", "network-hashrate": "network_hashrate_ehs",
    "fees": "fees_btc_per_block", "block-fees": "fees_btc_per_block",
    "subsidy": "block_subsidy_btc", "block-subsidy": "block_subsidy_btc",
    "machine-price": "machine_price", "cost": "machine_price",
}  # fmt: skip
"""What a `key=value` may be called, and the part of the question it sets."""
