"""What people call currencies: `¢`, `£`, `zł`, `sats`, and which of them share a name."""

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Final

from bot.mining.parsing.units import Currency

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


def with_codes(plain: str) -> str:
    """The text, in lower case, with currencies named in several words as codes: “mexican pesos” as mxn."""
    return _PHRASES.sub(lambda match: _CODES_BY_PHRASE[match[0]], plain)
