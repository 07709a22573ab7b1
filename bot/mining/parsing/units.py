"""Money and currencies, and numbers as people write them: `0,07`, `60.000`, `2%`."""

import re
from dataclasses import dataclass
from enum import StrEnum
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
SATS: Final = frozenset({"sat", "sats", "satoshi", "satoshis", "сат", "сатоши", "сатс", "聪"})

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
