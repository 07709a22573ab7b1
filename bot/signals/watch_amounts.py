"""The amounts in a watch's line: numbers with scale and unit, lengths of time, and their error."""

import re
from datetime import timedelta

from bot.signals.metrics import LONGEST_WINDOW, Unit, metric

EXAMPLES = (
    "price below 60000",
    "hashprice < 40",
    "drawdown > 55%",
    "hashrate drops 10% in 30d",
    "power DE-LU above 150 for 2d",
    "price crosses ma200",
    "difficulty record high",
    "price leaves 55000-65000",
    "ribbon below 0% and price below 60k",
)
"""One of each kind, as people type them."""


class WatchError(ValueError):
    """The line can't be read: one sentence says why, `nearest` is a right line that may have been meant."""

    def __init__(self, sentence: str, nearest: str = EXAMPLES[0]) -> None:
        super().__init__(f"{sentence} For example: {nearest}")
        self.sentence = sentence
        self.nearest = nearest


_UNITS = {"m": 1, "min": 1, "h": 60, "d": 1440, "w": 10_080}


def duration(text: str) -> timedelta:
    """A length of time such as 12h, 2d or “1 week”. Raises WatchError."""
    found = re.fullmatch(r"(\d{1,5}) ?(m|min|minutes?|h|hours?|d|days?|w|weeks?)", text)
    if found is None:
        raise WatchError(f"“{text[:20]}” is no length of time; write for example 12h, 2d or 1w.")
    unit = found[2] if found[2] in _UNITS else found[2][0]
    length = timedelta(minutes=int(found[1]) * _UNITS[unit])
    if not timedelta(0) < length <= timedelta(days=LONGEST_WINDOW):
        raise WatchError(f"“{text[:20]}” is out of range; write for example 12h, 2d or 1w.")
    return length


_NUMBER = re.compile(
    r"(?P<sign>[-+]?) ?(?P<pre>[$€]?) ?(?P<digits>\d[\d.,' ]*?) ?"
    r"(?P<scale>[kmbt](?![a-z]))? ?(?P<unit>[a-z%$€/¢]*)"
)


def amount(text: str, key: str) -> float:
    """A number in the metric's own unit, whatever it was written in. Raises WatchError."""
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        raise WatchError(f"“{text[:30]}” is no number; write for example 60000, 60k or 55%.")
    digits = found["digits"].replace(" ", "").replace("'", "")
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", digits):
        digits = digits.replace(",", "")
    elif re.fullmatch(r"\d+,\d+", digits):
        digits = digits.replace(",", ".")
    try:
        value = float(digits)
    except ValueError:
        raise WatchError(f"“{text[:30]}” is no number; write for example 60000, 60k or 55%.") from None
    value *= {"k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}.get(found["scale"] or "", 1.0)
    value = -value if found["sign"] == "-" else value
    return _in_unit(value, found["pre"] + found["unit"], key, text)


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
    Unit.PLAIN: {},
}  # fmt: skip


def _in_unit(value: float, unit: str, key: str, text: str) -> float:
    found = metric(key)
    expected = found.unit if found is not None else Unit.PLAIN
    if expected is Unit.FRACTION and not unit:
        unit = "%"  # nobody means 55 times
    factor = 1.0 if not unit else _SPELLINGS[expected].get(unit)
    if factor is None:
        raise WatchError(
            f"“{text.strip()[:30]}” is not in {expected or 'a plain number'}, which {key} is counted in."
        )
    value = value * factor
    if not abs(value) < 1e17:
        raise WatchError(f"“{text.strip()[:30]}” is out of any range I know.")
    return value
