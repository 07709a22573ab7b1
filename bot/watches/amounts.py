"""The amounts in a watch's line: numbers with scale and unit, lengths of time, and their error."""

import re
from datetime import timedelta

from bot.i18n.durations import parse_duration
from bot.i18n.message import LazyText
from bot.mining.errors import InvalidQuestion
from bot.watches.metrics import LONGEST_WINDOW, Unit, metric

EXAMPLES = (
    "price below 60000",
    "hashprice < 40",
    "drawdown > 55%",
    "hashrate drops 10% in 30d",
    "power DE-LU above 150 for 2d",
    "price crosses ma200",
    "difficulty record high",
    "retarget below -5%",
    "hashprice crosses ma30",
    "price leaves 55000-65000",
    "ribbon below 0% and price below 60k",
)
"""One of each kind, as people type them."""


def invalid(says: LazyText, line: LazyText = lambda _: EXAMPLES[0]) -> InvalidQuestion:
    """The error for a line that is no watch; `line` is a watch that works, without its command."""
    return InvalidQuestion(says, lambda t: f"/watch {line(t)}")


def duration(text: str) -> timedelta:
    """A length of time such as 12h, 2d or “1 week”. Raises InvalidQuestion."""
    length = parse_duration(text)
    if length is None:
        raise invalid(
            lambda t: t("“{text}” is no length of time; write for example 12h, 2d or 1w.", text=text[:20])
        )
    if length > timedelta(days=LONGEST_WINDOW):
        raise invalid(
            lambda t: t("“{text}” is out of range; write for example 12h, 2d or 1w.", text=text[:20])
        )
    return length


_SCALES = {"k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}
_NUMBER = re.compile(
    r"(?P<sign>[-+]?) ?(?P<pre>[$€]?) ?(?P<digits>\d[\d.,' ]*?) ?"
    r"(?P<scale>[kmbt](?![a-z]))? ?(?P<unit>[a-z%$€/¢]*)"
)


def amount(text: str, key: str, *, decimal_comma: bool = False) -> float:
    """A number in the metric's own unit, whatever it was written in. Raises InvalidQuestion.

    Where people write a decimal comma “60.000” USD are sixty thousand, elsewhere sixty; “60,000” USD are
    sixty thousand everywhere.
    """
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        raise _no_number(text)
    spec = metric(key)
    unit = spec.unit if spec is not None else Unit.PLAIN
    digits = match["digits"].replace(" ", "").replace("'", "")
    try:
        value = float(_point(digits, unit, decimal_comma))
    except ValueError:
        raise _no_number(text) from None
    if match["scale"]:
        value = float(f"{value * _SCALES[match['scale']]:.15g}")  # 130.12 T is 130,120,000,000,000
    value = -value if match["sign"] == "-" else value
    return _in_unit(value, match["pre"] + match["unit"], key, text)


_ALWAYS_LARGE = (Unit.USD, Unit.PLAIN)
SOMETIMES_LARGE = (*_ALWAYS_LARGE, Unit.HASHRATE, Unit.HASHPRICE, Unit.OUTFLOW, Unit.POWER)
"""Units whose values reach thousands, so that “60.000” may be sixty thousand."""


def _point(digits: str, unit: Unit, decimal_comma: bool) -> str:
    """Digits with a decimal point and no other separator.

    One separator before three digits is decimal or not by the language, where the unit leaves it open.
    """
    if "," in digits and "." in digits:
        decimal = max(",.", key=digits.rfind)
    elif re.fullmatch(r"[1-9]\d{0,2}(,\d{3})+", digits):
        decimal = "," if decimal_comma and unit not in _ALWAYS_LARGE and digits.count(",") == 1 else "."
    elif re.fullmatch(r"[1-9]\d{0,2}(\.\d{3})+", digits):
        decimal = "," if (decimal_comma and unit in SOMETIMES_LARGE) or digits.count(".") > 1 else "."
    else:
        decimal = "," if "," in digits else "."
    return digits.replace("," if decimal == "." else ".", "").replace(decimal, ".")


def _no_number(text: str) -> InvalidQuestion:
    return invalid(lambda t: t("“{text}” is no number; write for example 60000, 60k or 55%.", text=text[:30]))


_SPELLINGS: dict[Unit, dict[str, float]] = {
    Unit.USD: {"$": 1, "usd": 1, "$usd": 1, "dollars": 1},
    Unit.HASHPRICE: {"$": 1, "usd": 1, "usd/ph/day": 1, "$/ph/day": 1, "usd/ph/d": 1, "usd/th/day": 1e3},
    Unit.HASHRATE: {"eh": 1, "eh/s": 1, "zh/s": 1e3, "zh": 1e3, "ph/s": 1e-3},
    Unit.POWER: {
        "€": 1, "eur": 1, "eur/mwh": 1, "€/mwh": 1, "eur/kwh": 1e3,
        "c": 10, "ct": 10, "c/kwh": 10, "ct/kwh": 10,
    },
    Unit.GAS: {"$": 1, "usd": 1, "usd/mmbtu": 1, "$/mmbtu": 1},
    Unit.OUTFLOW: {"btc": 1, "btc/day": 1},
    Unit.FEES: {"btc": 1, "btc/block": 1},
    Unit.EURO: {"$": 1, "usd": 1, "usd/eur": 1},
    Unit.FRACTION: {"%": 0.01, "percent": 0.01, "pct": 0.01},
    Unit.DAYS: {"d": 1, "day": 1, "days": 1, "w": 7, "week": 7, "weeks": 7},
    Unit.RATIO: {},
    Unit.PLAIN: {},
}  # fmt: skip


def _in_unit(value: float, unit: str, key: str, text: str) -> float:
    definition = metric(key)
    expected = definition.unit if definition is not None else Unit.PLAIN
    if expected is Unit.FRACTION and not unit:
        unit = "%"  # nobody means 55 times
    factor = 1.0 if not unit else _SPELLINGS[expected].get(unit)
    if factor is None:
        raise _in_another_unit(text.strip()[:30], expected, key)
    value = value * factor
    if not abs(value) < 1e17:
        raise invalid(lambda t: t("“{text}” is out of any range I know.", text=text.strip()[:30]))
    return value


def _in_another_unit(text: str, expected: Unit, key: str) -> InvalidQuestion:
    if not expected.label:
        return invalid(
            lambda t: t("“{text}” has a unit, but “{figure}” is a plain number.", text=text, figure=key)
        )
    return invalid(
        lambda t: t(
            "“{text}” is not in {unit}, which “{figure}” is counted in.", text=text, unit=expected, figure=key
        )
    )
