"""One condition of a watch, such as `price below 60k` or `hashrate drops 10% in 30d`, as comparisons."""

import re
from collections.abc import Callable

from bot.i18n.durations import LENGTH_LIKE
from bot.mining.power_market import ENDED_ZONES, ZONES
from bot.watches.amounts import duration, invalid
from bot.watches.metrics import AVERAGED, LONGEST_WINDOW, PLAIN_KEYS
from bot.watches.watch import Comparison

Amount = Callable[[str, str], float]
"""Reads a number in the unit of the metric with this key."""

_LEAST_PRICE_USD = 100.0  # what is lower is 60.000 written for sixty thousand
METRIC_WORDS = {
    "btc": "price", "bitcoin": "price", "btc price": "price", "bitcoin price": "price", "the price": "price",
    "hash price": "hashprice", "hash rate": "hashrate", "hashribbon": "ribbon", "hash ribbon": "ribbon",
    "price drawdown": "drawdown", "miner outflow": "outflow", "outflows": "outflow", "henry hub": "gas",
    "fee": "fees", "eur": "euro", "eurusd": "euro", "miner sales": "sales", "puell multiple": "puell",
    "ribbon compression": "compression", "stress index": "stress", "retarget estimate": "retarget",
    "the retarget": "retarget", "next retarget": "retarget", "adjustment": "retarget",
    "the halving": "halving", "next halving": "halving", "days to halving": "halving",
    "days to the halving": "halving",
    "difficulty adjustment": "retarget", "difficulty change": "retarget",
}  # fmt: skip
"""Other words for a figure, with the key of its metric."""
ZONE_OF = {zone.lower(): zone for zone in ZONES if zone not in ENDED_ZONES}
"""Power zones by their names in lower case."""
_COUNTRIES = {
    "germany": "DE-LU", "deutschland": "DE-LU", "de": "DE-LU", "austria": "AT", "belgium": "BE",
    "switzerland": "CH", "czechia": "CZ", "france": "FR", "hungary": "HU", "netherlands": "NL",
    "poland": "PL", "slovenia": "SI",
}  # fmt: skip
_RECORDS = ("price", "hashrate", "difficulty")
ABOVE = r"above|over|at least|exceeds|higher than|greater than|more than|rises above|goes above|>=|=>|>|≥"
BELOW = r"below|under|at most|lower than|less than|falls below|drops below|goes below|<=|=<|<|≤"
Read = tuple[tuple[Comparison, ...], bool]
"""The comparisons of a condition, and whether each tells by itself."""
_WAYS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Amount], Read]], ...]


def read_condition(text: str, amount: Amount) -> Read:
    """The comparisons that a condition asks for, and whether each tells by itself. Raises InvalidQuestion."""
    for pattern, read in _WAYS:
        if match := pattern.fullmatch(text):
            return read(match, amount)
    raise invalid(lambda t: t("I can't read “{text}”.", text=text[:60]))


def _key(words: str) -> str:
    words = METRIC_WORDS.get(words.strip(), words.strip())
    if words in PLAIN_KEYS:
        return words
    place = words.removeprefix("power").removesuffix("power").strip()
    zone = ZONE_OF.get(place) or _COUNTRIES.get(place)
    if zone is not None:
        return f"power.{zone}"
    if words == "power":
        raise invalid(
            lambda t: t("Power where? There are {zones}.", zones=", ".join(ZONE_OF.values())),
        )
    if words.startswith("power"):
        raise invalid(
            lambda t: t(
                "I know no power zone “{name}”; there are {zones}.",
                name=words[5:25].strip(),
                zones=", ".join(ZONE_OF.values()),
            )
        )
    raise invalid(
        # Translators: {figures} are words that are typed, such as price.
        lambda t: t(
            "I know no figure “{name}”; there are {figures}, and power with a zone.",
            name=words[:30],
            figures=", ".join(PLAIN_KEYS),
        )
    )


def _compared(match: re.Match[str], amount: Amount) -> Read:
    key = _key(match["metric"])
    above = re.fullmatch(ABOVE, match["way"]) is not None
    level = amount(match["level"], key)
    if key == "drawdown":  # people speak of its depth: above 55 % is deeper than −55 %
        if level >= 0:
            above, level = not above, -level
        if not -1 < level < 0:
            raise invalid(lambda t: t("A drawdown is between 0 and 100 %."))
    _believable(key, level)
    return (Comparison(key, above, level),), False


def _believable(key: str, level: float) -> None:
    if (
        key in ("price", "hashprice", "difficulty", "hashrate", "gas", "euro", "fees", "halving")
        and level <= 0
    ):
        # Translators: {figure} is a word that was typed, such as price.
        raise invalid(lambda t: t("“{figure}” is always above 0.", figure=key))
    if key == "price" and level < _LEAST_PRICE_USD:
        raise invalid(
            # Translators: {price} is such as 60 USD, {example} a line that is right.
            lambda t: t("A bitcoin for {price} USD? Write 60,000 as 60000 or 60k.", price=t.number(level, 2))
        )


def _averaged(words: str) -> str | None:
    """The key of a figure whose change and mean are known, such as `price` or `power.DE-LU`."""
    words = words.strip()
    if (base := METRIC_WORDS.get(words, words)) in AVERAGED:
        return base
    zone = ZONE_OF.get(words.removeprefix("power").removesuffix("power").strip())
    return None if zone is None else f"power.{zone}"


def _changed(match: re.Match[str], amount: Amount) -> Read:
    base = _averaged(match["metric"])
    if base is None:
        raise invalid(
            lambda t: t(
                "I can watch the change of {figures}, not of “{name}”.",
                figures=", ".join((*AVERAGED, "power DE-LU")),
                name=match["metric"][:30],
            )
        )
    days = duration(match["window"]).days
    if days < 1:
        raise invalid(lambda t: t("A change is watched over days, for example in 7d."))
    above = match["turn"].startswith(("ris", "grow", "gain", "up", "climb"))
    fraction = abs(amount(match["level"], "drawdown"))
    if not 0 < fraction < (100 if above else 1):
        raise invalid(lambda t: t("A fall is between 0 and 100 %, for example drops 10% in 30d."))
    return (Comparison(f"change.{base}.{days}", above, fraction if above else -fraction),), False


def _against_mean(match: re.Match[str], _amount: Amount) -> Read:
    base = _averaged(match["metric"])
    if base is None:
        raise invalid(
            lambda t: t(
                "I compare {figures} with their mean, not “{name}”.",
                figures=", ".join((*AVERAGED, "power DE-LU")),
                name=match["metric"][:30],
            )
        )
    days = int(match["days"] or match["long"])
    if not 2 <= days <= LONGEST_WINDOW:
        raise invalid(lambda t: t("A mean is over 2 to {most} days.", most=LONGEST_WINDOW))
    key = f"mean.{base}.{days}"
    if match["way"].startswith("cross"):
        return (Comparison(key, False, 0.0), Comparison(key, True, 0.0)), True
    return (Comparison(key, re.fullmatch(ABOVE, match["way"]) is not None, 0.0),), False


def _crossed(match: re.Match[str], amount: Amount) -> Read:
    key = _key(match["metric"])
    level = amount(match["level"], key)
    level = -abs(level) if key == "drawdown" else level
    _believable(key, level)
    return (Comparison(key, False, level), Comparison(key, True, level)), True


def _record(match: re.Match[str], _amount: Amount) -> Read:
    base = METRIC_WORDS.get(match["metric"].strip(), match["metric"].strip())
    if base not in _RECORDS:
        raise invalid(
            lambda t: t(
                "I know records of {figures}, not of “{name}”.", figures=", ".join(_RECORDS), name=base[:30]
            )
        )
    return (Comparison(f"record.{base}", True, 0.0 if base == "price" else 1e-9),), False


def _range(match: re.Match[str], amount: Amount) -> Read:
    key = _key(match["metric"])
    low, high = _ends(match["low"], match["high"], key, amount)
    if key == "drawdown":
        low, high = -max(abs(low), abs(high)), -min(abs(low), abs(high))
    _believable(key, low)
    if low >= high:
        raise invalid(
            lambda t: t("A range goes from the lower figure to the higher, for example 55000-65000.")
        )
    if match["turn"].startswith(("leave", "exit", "outside")):
        return (Comparison(key, False, low), Comparison(key, True, high)), True
    return (Comparison(key, True, low), Comparison(key, False, high)), False


def _ends(low: str, high: str, key: str, amount: Amount) -> tuple[float, float]:
    """Both ends of a range; a scale or unit written once counts for both (55-65k)."""
    scale = re.search(r"\d ?([kmbt])(?![a-z])", high)
    if scale and not re.search(r"[a-z]", low):
        low = f"{low.strip()}{scale[1]}"
    return amount(low, key), amount(high, key)


def _ribbon(match: re.Match[str], _amount: Amount) -> Read:
    return (Comparison("ribbon", not match["turn"].startswith("invert"), 0.0),), False


_WAYS = (
    (re.compile(r"(?:hash ?)?ribbon (?P<turn>inverts|inverted|recovers|crosses back)"), _ribbon),
    (
        re.compile(
            rf"(?P<metric>.+?) (?P<way>cross(?:es)?|{ABOVE}|{BELOW}) "
            r"(?:its |the )?(?:(?:ma|sma|mean|average) ?(?P<days>\d{1,4})d?|"
            r"(?P<long>\d{1,4})[- ]?(?:d|days?)[- ](?:ma|sma|moving average|mean|average))"
        ),
        _against_mean,
    ),
    (
        re.compile(
            r"(?P<metric>.+?) (?P<turn>drops|falls|declines|down|loses|rises|grows|gains|up|climbs)(?: by)? "
            rf"(?P<level>[\d.,]+ ?(?:%|percent|pct)?) (?:in|over|within) (?P<window>{LENGTH_LIKE})"
        ),
        _changed,
    ),
    (
        re.compile(r"(?P<metric>.+?) (?:at |sets |a )*(?:new )?(?:record(?: high)?|all-time high|ath)"),
        _record,
    ),
    (
        re.compile(
            r"(?P<metric>.+?) (?P<turn>leaves|exits|outside|enters|inside|within|between) "
            r"(?P<low>[^-–]+?) ?(?:\.\.|-|to|and) ?(?P<high>\S.*)"
        ),
        _range,
    ),
    (re.compile(r"(?P<metric>.+?) cross(?:es)? (?P<level>.+)"), _crossed),
    (re.compile(rf"(?P<metric>.+?) ?(?:is |goes )?(?P<way>{ABOVE}|{BELOW}) ?(?P<level>.+)"), _compared),
)
