"""Money, currencies and numbers as people write them: `0,07`, `60.000`, `¢`, `£`, `zł`, `sats`."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Final

from bot.mining.errors import QUESTION_EXAMPLE, InvalidQuestion


class Currency(StrEnum):
    """The currencies a price may be given in: those of the ECB's reference rates, and bitcoin."""

    USD = "USD"
    EUR = "EUR"
    BTC = "BTC"
    AUD = "AUD"
    BRL = "BRL"
    CAD = "CAD"
    CHF = "CHF"
    CNY = "CNY"
    CZK = "CZK"
    DKK = "DKK"
    GBP = "GBP"
    HKD = "HKD"
    HUF = "HUF"
    IDR = "IDR"
    ILS = "ILS"
    INR = "INR"
    ISK = "ISK"
    JPY = "JPY"
    KRW = "KRW"
    MXN = "MXN"
    MYR = "MYR"
    NOK = "NOK"
    NZD = "NZD"
    PHP = "PHP"
    PLN = "PLN"
    RON = "RON"
    SEK = "SEK"
    SGD = "SGD"
    THB = "THB"
    TRY = "TRY"
    ZAR = "ZAR"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency; for power prices, of one kWh."""

    amount: float
    currency: Currency = Currency.USD


SATS_PER_BTC: Final = 1e8

_TABLE: Final[dict[str, dict[str, str]]] = tomllib.loads(
    files(__package__).joinpath("words", "currencies.toml").read_text(encoding="utf-8")
)


def _names(section: str) -> Iterator[tuple[str, str]]:
    """The names in a section of the table, each with the currency or currencies it stands for."""
    for code, names in _TABLE[section].items():
        for name in names.replace("\n", " ").split(", "):
            yield name.strip(), code


WITHOUT_RATE: Final = dict(_names("without_rate"))
"""Currencies known by name of which the European Central Bank publishes no rate."""
AMBIGUOUS_CURRENCIES: Final = {name: tuple(codes.split("-")) for name, codes in _names("ambiguous")}
"""Names that several currencies share, with the codes of these."""
CURRENCY_BY_PLACE: Final = dict(_names("places"))
"""Countries whose currency has a name that others share."""
CURRENCIES: Final = {
    **{code.lower(): code for code in Currency},
    **{name: Currency(code) for name, code in _names("names")},
}
"""Signs, codes and words that stand for one currency."""
SUBUNITS: Final = {name: None if code == "any" else Currency(code) for name, code in _names("subunits")}
"""A hundredth of a currency; None where the language and the chat's currency decide whose cents are meant."""
_CODES_BY_PHRASE: Final = {name: code.lower() for name, code in _names("phrases")}
_PHRASES: Final = re.compile(
    rf"(?<!\w)(?:{'|'.join(sorted(map(re.escape, _CODES_BY_PHRASE), key=len, reverse=True))})(?!\w)"
)
TENTHS: Final = {"毛": Currency.CNY, "毛钱": Currency.CNY, "角": Currency.CNY}
SATS: Final = frozenset({"sat", "sats", "satoshi", "satoshis", "сат", "сатоши", "сатс", "聪"})


def with_codes(plain: str) -> str:
    """The text, in lower case, with currencies named in several words as codes: “mexican pesos” as mxn."""
    return _PHRASES.sub(lambda match: _CODES_BY_PHRASE[match[0]], plain)


_GROUPED: Final = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{0,2}(?:'\d{3})+|[1-9]\d{0,2}(?:\.\d{3}){2,}")
_GROUPED_BY_DOT: Final = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")


def read_number(text: str, *, dot_groups: bool = False, decimal_comma: bool = False) -> float:
    """The value of a number as written; infinite when it is too large for arithmetic.

    “45.000” is forty-five, with `dot_groups` forty-five thousand; “3,125” is above three thousand, with
    `decimal_comma` above three. Raises InvalidQuestion for no number.
    """
    plain = text.strip().lower().replace("−", "-")
    sign = -1.0 if plain.startswith("-") else 1.0
    plain = plain[1:] if plain.startswith(("+", "-")) else plain
    mantissa, raised, exponent = plain.partition("e")
    if not mantissa[:1].isdigit() and not mantissa.startswith("."):
        raise _no_number(text)
    if "," in mantissa and "." in mantissa:
        decimal = max(mantissa.rfind(","), mantissa.rfind("."))
        group = "." if mantissa[decimal] == "," else ","
        mantissa = mantissa.replace(group, "").replace(",", ".")
    elif decimal_comma and mantissa.count(",") == 1:
        mantissa = mantissa.replace(",", ".")
    elif not raised and (
        _GROUPED.fullmatch(mantissa) or (dot_groups and _GROUPED_BY_DOT.fullmatch(mantissa))
    ):
        mantissa = re.sub(r"[.,']", "", mantissa)
    else:
        mantissa = mantissa.replace(",", ".")
    try:
        return sign * float(mantissa + raised + exponent)
    except ValueError:
        raise _no_number(text) from None


def _no_number(text: str) -> InvalidQuestion:
    return InvalidQuestion(
        lambda t: t("“{text}” is no number I can read.", text=text.strip()[:40]), QUESTION_EXAMPLE
    )


def read_percent(text: str, *, decimal_comma: bool = False) -> float:
    """A fraction written as `2%` or `0.02`. Raises InvalidQuestion for no number."""
    text = text.strip()
    number = read_number(text.removesuffix("%"), decimal_comma=decimal_comma)
    return number / 100.0 if text.endswith("%") else number
