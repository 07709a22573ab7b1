"""Numbers and units as people write them: `0,07 €/kWh`, `6.5c`, `70 EUR/MWh`, `110TH`, `3.25 kW`, `$45k`."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.mining.errors import QUESTION_EXAMPLE, InvalidQuestion

DIGITS: Final = r"[-−+]?(?:\d+(?:[.,']\d+)*|\.\d+)(?:e[+-]?\d{1,4})?"
"""A number as written: sign, either decimal N_, thousands marks, exponent."""

NUMBER: Final = rf"(?<![\w.,]){DIGITS}"
"""The same, not torn from the middle of a word or number."""

CURRENCY: Final = r"(?:us\$|\$|usd|dollars?|€|eur|euros?)"
PER: Final = r"\s*(?:/|per\s+an?\s+|per\s+|pro\s+|je\s+|an?\s+)\s*"

_GROUPED: Final = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{0,2}(?:'\d{3})+|[1-9]\d{0,2}(?:\.\d{3}){2,}")
_GROUPED_BY_DOT: Final = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
_GROUPED_BY_SPACE: Final = re.compile(r"(?<![\d.,])\d{1,3}(?:[\u00a0\u202f]\d{3})+(?!\d)")
_GROUPED_MONEY: Final = r"[1-9]\d{0,2}(?: \d{3})+(?=(?:,\d+)? ?" + CURRENCY + ")"
_MONEY_OF_KEY: Final = re.compile(rf"(?<==){_GROUPED_MONEY}", re.IGNORECASE)
_MONEY_IN_TEXT: Final = re.compile(rf"(?<![\w.,]){_GROUPED_MONEY}", re.IGNORECASE)
_TIMES: Final = {"": 1.0, "k": 1e3, "tsd": 1e3, "m": 1e6, "mio": 1e6, "t": 1e12, "p": 1e15}
_TH: Final = {
    "gh": 1e-3,
    "th": 1.0,
    "t": 1.0,
    "ph": 1e3,
    "eh": 1e6,
    "zh": 1e9,
    "terahash": 1.0,
    "petahash": 1e3,
}


class Currency(StrEnum):
    """The two currencies people quote power in."""

    USD = "USD"
    EUR = "EUR"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency; for power prices, of one kWh."""

    amount: float
    currency: Currency = Currency.USD


def tidy(text: str) -> str:
    """A text in plain characters, without the spaces that some languages group thousands by.

    An ordinary space is taken for one only where it can be nothing else, as in `price=60 000 USD`.
    """
    joined = _GROUPED_BY_SPACE.sub(lambda found: re.sub(r"\s", "", found[0]), text)
    plain = unicodedata.normalize("NFKC", joined).strip()
    return _MONEY_OF_KEY.sub(lambda found: found[0].replace(" ", ""), plain)


def join_money(text: str) -> str:
    """A text without machines, and without the spaces that group thousands of money: `60 000 USD`."""
    return _MONEY_IN_TEXT.sub(lambda found: found[0].replace(" ", ""), text)


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


def currency_of(text: str | None, usual: Currency = Currency.USD) -> Currency:
    """The currency a sign or word stands for; `usual` where there is none."""
    if not text:
        return usual
    return Currency.EUR if text.lower().startswith(("€", "eur")) else Currency.USD


def times(suffix: str | None) -> float:
    """What k, M, T behind a number multiply it by."""
    return _TIMES[(suffix or "").lower()]


POWER_PRICE: Final = re.compile(
    rf"(?<![\w.,])(?:(?P<before>{CURRENCY})\s*)?(?P<number>{DIGITS})\s*(?P<after>{CURRENCY})?"
    rf"(?:{PER}|\s*)(?P<energy>kwh|mwh)(?!\w)",
    re.IGNORECASE,
)
CENTS: Final = re.compile(
    rf"(?P<number>{NUMBER})\s*(?P<coin>€\s?-?ct|(?:us|euro?|€)?[\s-]*(?:cents?|cts?|c|¢))(?![\w=])"
    rf"(?:(?:{PER}|\s*)kwh(?!\w))?",
    re.IGNORECASE,
)
HASHRATE: Final = re.compile(
    rf"(?P<number>{NUMBER})\s*(?P<unit>[gtpez]h|terahash(?:es)?|petahash(?:es)?|t)(?:\s?/\s?s(?:ec)?|ps|s)?(?![\w/])",
    re.IGNORECASE,
)
WATTS: Final = re.compile(
    rf"(?P<number>{NUMBER})\s*(?P<unit>w|kw|mw|watts?|kilowatts?)(?![\w/])", re.IGNORECASE
)
EFFICIENCY: Final = re.compile(
    rf"(?P<number>{NUMBER})\s*(?:j|w|joules?|watts?)\s*(?:/|per|pro)\s*t(?:h|erahash)?(?:/s)?(?!\w)",
    re.IGNORECASE,
)


def read_power_price(found: re.Match[str], *, decimal_comma: bool = False) -> Money:
    """The price of a kWh from a match of POWER_PRICE."""
    per_kwh = 1000.0 if found["energy"].lower() == "mwh" else 1.0
    number = read_number(found["number"], decimal_comma=decimal_comma)
    return Money(number / per_kwh, currency_of(found["before"] or found["after"]))


def read_cents(found: re.Match[str], usual: Currency, *, decimal_comma: bool = False) -> Money:
    """The price of a kWh from a match of CENTS; bare cents are of the `usual` currency."""
    coin = found["coin"].lower().strip()
    currency = (
        Currency.USD if coin.startswith("us") else currency_of(coin if coin[0] in "€e" else None, usual)
    )
    return Money(read_number(found["number"], decimal_comma=decimal_comma) / 100.0, currency)


def read_hashrate(found: re.Match[str], *, decimal_comma: bool = False) -> float:
    """TH/s from a match of HASHRATE."""
    unit = found["unit"].lower().removesuffix("es")
    return _read(found["number"], decimal_comma, thousands=unit in ("t", "th", "eh")) * _TH[unit]


def read_watts(found: re.Match[str], *, decimal_comma: bool = False) -> float:
    """W from a match of WATTS."""
    unit = found["unit"].lower()
    times = 1e3 if unit.startswith("k") else 1e6 if unit == "mw" else 1.0
    return _read(found["number"], decimal_comma, thousands=times == 1.0) * times


def _read(text: str, decimal_comma: bool, *, thousands: bool) -> float:
    """A number in a unit of which there usually are thousands, or of which there are not."""
    if thousands:
        return read_number(text, dot_groups=decimal_comma)
    return read_number(text, decimal_comma=decimal_comma)
