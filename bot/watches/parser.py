"""From a line such as `price below 60k for 2d once` to a watch; what is wrong gets the nearest right line."""

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from difflib import get_close_matches
from functools import partial

from bot.i18n.durations import LENGTH_LIKE
from bot.i18n.message import LazyText
from bot.mining.errors import Choice, InvalidQuestion
from bot.mining.power_market import ENDED_ZONES, ZONES
from bot.watches.amounts import EXAMPLES, amount, duration, invalid
from bot.watches.formatter import format_watch
from bot.watches.metrics import AVERAGED, LONGEST_WINDOW, PLAIN_KEYS
from bot.watches.watch import Comparison, Watch

LONGEST_LINE = 200
Amount = Callable[[str, str], float]
"""Reads a number in the unit of the metric with this key."""

_DAYS = "halving"
_LEAST_PRICE_USD = 100.0  # what is lower is 60.000 written for sixty thousand
_SHORTEST_REPEAT = timedelta(hours=1)
_LONGEST_HOLD = timedelta(days=90)


def parse_watch(text: str, today: date, *, decimal_comma: bool = False) -> Watch:
    """The watch a line asks for. Raises InvalidQuestion.

    `today` bounds `until`; `decimal_comma` says how the asker's language writes numbers.
    """
    if len(text) > LONGEST_LINE:
        raise invalid(
            lambda t: t("That is too long; a watch has at most {count} characters.", count=LONGEST_LINE)
        )
    line = _tidy(text)
    read = partial(amount, decimal_comma=decimal_comma)
    try:
        return _watch(line, today, read)
    except InvalidQuestion as error:
        near = _nearest(line, today, read)
        if near is None:
            raise invalid(error.says, _like(line)) from None
        typed, watch = near
        # Translators: a button that offers a watch; {line} is such as “price below 60,000 USD”.
        choice = Choice(lambda t: t("Watch {line}", line=format_watch(watch, t)), typed)
        raise InvalidQuestion(error.says, lambda t: f"/watch {format_watch(watch, t)}", (choice,)) from None


def _tidy(text: str) -> str:
    line = re.sub(r"\s+", " ", text.replace("−", "-").replace("–", "-").replace("—", "-"))
    return line.strip().rstrip(".!").lower()


def _watch(line: str, today: date, amount: Amount) -> Watch:
    if not line:
        raise invalid(lambda t: t("Tell me what to watch."))
    rest, options = _options(line, today)
    rest = re.sub(r"(between \S+) and ", r"\1..", rest)
    parts = re.split(r"\s+and\s+|\s*&+\s*", rest)
    either = re.split(r"\s+or\s+|\s*\|+\s*", rest)
    if len(parts) > 2 or len(either) > 2 or (len(parts) > 1 and len(either) > 1):
        raise invalid(lambda t: t("I can join two conditions with “and” or “or”, not more."))
    if len(either) == 2:
        return _either(either, amount, options)
    read = [_condition(part.strip(), amount) for part in _with_subject(parts)]
    if len(read) == 2:
        if any(len(comparisons) > 1 for comparisons, _ in read):
            raise invalid(
                lambda t: t("“and” joins two plain comparisons; leave ranges and crossings by themselves.")
            )
        both = (*read[0][0], *read[1][0])
        if both[0].metric == both[1].metric and both[0].above == both[1].above:
            raise invalid(lambda t: t("Both sides of “and” say the same; one of them is enough."))
        low = max((comparison.level for comparison in both if comparison.above), default=None)
        high = min((comparison.level for comparison in both if not comparison.above), default=None)
        same = both[0].metric == both[1].metric
        if same and low is not None and high is not None and low >= high:
            raise invalid(lambda t: t("Both sides of “and” can never be true together."))
        if same and not both[0].above:
            both = (both[1], both[0])
        return Watch(both, False, *options)
    comparisons, any_of = read[0]
    return Watch(comparisons, any_of, *options)


def _with_subject(parts: Sequence[str]) -> list[str]:
    """The parts, of which a later one that only compares is about the first one's subject."""
    side = re.compile(rf" ?(?:is |goes )?(?:{_ABOVE}|{_BELOW}) ?\S")
    first = next((parts[0][: match.start()] for match in [side.search(parts[0])] if match), "")
    return [parts[0], *(f"{first} {part}" if side.match(part) else part for part in parts[1:])]


def _either(
    parts: Sequence[str], amount: Amount, options: tuple[timedelta, bool, timedelta | None, date | None]
) -> Watch:
    """Two conditions of which each fires by itself."""
    read = [_condition(part.strip(), amount) for part in _with_subject(parts)]
    if any(len(comparisons) > 1 for comparisons, _ in read):
        raise invalid(
            lambda t: t("“or” joins two plain comparisons; leave ranges and crossings by themselves.")
        )
    both = (*read[0][0], *read[1][0])
    if both[0].metric == both[1].metric:
        if both[0].above == both[1].above:
            raise invalid(lambda t: t("Both sides of “or” say the same; one of them is enough."))
        both = tuple(sorted(both, key=lambda comparison: comparison.above))
    return Watch(both, True, *options)


_Options = tuple[timedelta, bool, timedelta | None, date | None]
_OPTION = re.compile(
    rf"(?:^|[\s,]+)(?:(?P<once>once)|every (?P<every>{LENGTH_LIKE}|day|hour|week)|"
    rf"until (?P<until>\S+)|for (?P<hold>{LENGTH_LIKE}))$"
)


def _options(line: str, today: date) -> tuple[str, _Options]:
    hold, once, every, until = timedelta(0), False, None, None
    while match := _OPTION.search(line):
        line = line[: match.start()].rstrip(" ,")
        if match["once"]:
            once = True
        elif match["every"]:
            words = match["every"]
            every = duration(f"1 {words}" if words in ("day", "hour", "week") else words)
            if every < _SHORTEST_REPEAT:
                raise invalid(lambda t: t("I can repeat at most once an hour, for example every 1d."))
        elif match["until"]:
            until = _until(match["until"], today)
        else:
            hold = duration(match["hold"])
            if hold > _LONGEST_HOLD:
                raise invalid(
                    lambda t: t("A condition can be waited for at most 90 days, for example for 2d.")
                )
    if once and every is not None:
        raise invalid(lambda t: t("“once” and “every” can't go together; leave one of them out."))
    return line, (hold, once, every, until)


def _until(text: str, today: date) -> date:
    to_come = min(today, date.max - timedelta(days=60)) + timedelta(days=60)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise invalid(
            lambda t: t("“{text}” is no day; write it as {day}.", text=text[:20], day=to_come)
        ) from None
    if day < today:
        raise invalid(
            lambda t: t("{day} is over; give a day to come, for example {example}.", day=day, example=to_come)
        )
    return day


_METRIC_WORDS = {
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
_ZONE_OF = {zone.lower(): zone for zone in ZONES if zone not in ENDED_ZONES}
_COUNTRIES = {
    "germany": "DE-LU", "deutschland": "DE-LU", "de": "DE-LU", "austria": "AT", "belgium": "BE",
    "switzerland": "CH", "czechia": "CZ", "france": "FR", "hungary": "HU", "netherlands": "NL",
    "poland": "PL", "slovenia": "SI",
}  # fmt: skip
_EXAMPLE_ZONE = "de-lu"
_RECORDS = ("price", "hashrate", "difficulty")
_ABOVE = r"above|over|at least|exceeds|higher than|greater than|more than|rises above|goes above|>=|=>|>|≥"
_BELOW = r"below|under|at most|lower than|less than|falls below|drops below|goes below|<=|=<|<|≤"
_Read = tuple[tuple[Comparison, ...], bool]  # the comparisons, and whether each tells by itself
_WAYS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Amount], _Read]], ...]


def _condition(text: str, amount: Amount) -> _Read:
    for pattern, read in _WAYS:
        if match := pattern.fullmatch(text):
            return read(match, amount)
    raise invalid(lambda t: t("I can't read “{text}”.", text=text[:60]))


def _key(words: str) -> str:
    words = _METRIC_WORDS.get(words.strip(), words.strip())
    if words in PLAIN_KEYS:
        return words
    place = words.removeprefix("power").removesuffix("power").strip()
    zone = _ZONE_OF.get(place) or _COUNTRIES.get(place)
    if zone is not None:
        return f"power.{zone}"
    if words == "power":
        raise invalid(
            lambda t: t("Power where? There are {zones}.", zones=", ".join(_ZONE_OF.values())),
        )
    if words.startswith("power"):
        raise invalid(
            lambda t: t(
                "I know no power zone “{name}”; there are {zones}.",
                name=words[5:25].strip(),
                zones=", ".join(_ZONE_OF.values()),
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


def _compared(match: re.Match[str], amount: Amount) -> _Read:
    key = _key(match["metric"])
    above = re.fullmatch(_ABOVE, match["way"]) is not None
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
    if (base := _METRIC_WORDS.get(words, words)) in AVERAGED:
        return base
    zone = _ZONE_OF.get(words.removeprefix("power").removesuffix("power").strip())
    return None if zone is None else f"power.{zone}"


def _changed(match: re.Match[str], amount: Amount) -> _Read:
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


def _against_mean(match: re.Match[str], _amount: Amount) -> _Read:
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
    return (Comparison(key, re.fullmatch(_ABOVE, match["way"]) is not None, 0.0),), False


def _crossed(match: re.Match[str], amount: Amount) -> _Read:
    key = _key(match["metric"])
    level = amount(match["level"], key)
    level = -abs(level) if key == "drawdown" else level
    _believable(key, level)
    return (Comparison(key, False, level), Comparison(key, True, level)), True


def _record(match: re.Match[str], _amount: Amount) -> _Read:
    base = _METRIC_WORDS.get(match["metric"].strip(), match["metric"].strip())
    if base not in _RECORDS:
        raise invalid(
            lambda t: t(
                "I know records of {figures}, not of “{name}”.", figures=", ".join(_RECORDS), name=base[:30]
            )
        )
    return (Comparison(f"record.{base}", True, 0.0 if base == "price" else 1e-9),), False


def _range(match: re.Match[str], amount: Amount) -> _Read:
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


def _ribbon(match: re.Match[str], _amount: Amount) -> _Read:
    return (Comparison("ribbon", not match["turn"].startswith("invert"), 0.0),), False


_WAYS = (
    (re.compile(r"(?:hash ?)?ribbon (?P<turn>inverts|inverted|recovers|crosses back)"), _ribbon),
    (
        re.compile(
            rf"(?P<metric>.+?) (?P<way>cross(?:es)?|{_ABOVE}|{_BELOW}) "
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
    (re.compile(rf"(?P<metric>.+?) ?(?:is |goes )?(?P<way>{_ABOVE}|{_BELOW}) ?(?P<level>.+)"), _compared),
)

_WORDS = (
    *PLAIN_KEYS, "power", "above", "below", "drops", "rises", "crosses", "leaves", "enters", "record", "high",
    "and", "once", "every", "until", "for", "in",
)  # fmt: skip


def _nearest(line: str, today: date, amount: Amount) -> tuple[str, Watch] | None:
    """A right line near a wrong one, which never says the opposite, and its watch; None when none is near."""
    words, mended = _mended_line(line)
    tries = [mended, re.sub(r"[^\w\s%.<>/$€,-]", "", mended)]
    if (subject := _subject(words)) and not _is_range(mended):
        tries += _completed(subject, mended)
    for attempt in tries:
        try:
            return attempt, _watch(attempt, today, amount)
        except InvalidQuestion:
            continue
    return None


def _like(line: str) -> LazyText:
    """The example that is most like a line."""
    words, mended = _mended_line(line)
    subject, is_range = _subject(words), _is_range(mended)
    same = [
        text for text in EXAMPLES if subject and text.startswith(subject) and is_range is (" leaves " in text)
    ]
    example = (same or get_close_matches(line, EXAMPLES, 1, 0.6) or [EXAMPLES[0]])[0]
    return lambda _: example


def _mended_line(line: str) -> tuple[list[str], str]:
    words = [_mended(word, is_first=index == 0) for index, word in enumerate(line.split())]
    return words, " ".join(words)


def _subject(words: Sequence[str]) -> str | None:
    return next((_METRIC_WORDS.get(word, word) for word in words if _is_subject(word)), None)


def _is_range(mended: str) -> bool:
    return re.search(r"leaves|enters|between|outside|inside|within", mended) is not None


def _is_subject(word: str) -> bool:
    return word in PLAIN_KEYS or word in _METRIC_WORDS or word == "power"


def _completed(subject: str, line: str) -> list[str]:
    """Lines with the number of a line that lacks something: a side, or the days of a change."""
    number = re.search(r"(?<![\w.,])\d[\d.,]*[kmbt%]?(?!\w)", line)
    if number is None:
        return []
    named = f"power {_EXAMPLE_ZONE}" if subject == "power" else subject
    rest = re.sub(r"\S*(?:drawdown|outflow)\S*", "", line)
    rises = re.search(r"above|over|ris|up|>|high|gain|grow|climb", rest) is not None
    falls = re.search(r"below|under|fall|drop|down|<|low|declin|los", rest) is not None
    if number[0].endswith("%") and subject in AVERAGED:
        days = 7 if subject == "price" else 30
        return [f"{subject} {'rises' if rises else 'drops'} {number[0]} in {days}d"]
    if rises or falls:
        return [f"{named} {'above' if rises else 'below'} {number[0]}"]
    if subject == "drawdown":  # people speak of its depth
        return [f"drawdown above {number[0]}"]
    return [f"{named} crosses {number[0]}"]


def _mended(word: str, *, is_first: bool) -> str:
    vocabulary = (*PLAIN_KEYS, "power", *_ZONE_OF) if is_first else (*_WORDS, *_ZONE_OF)
    if word in vocabulary or not word.isascii() or not word[:1].isalpha() or re.match(r"ma\d", word):
        return word
    return next(iter(get_close_matches(word, vocabulary, 1, 0.7)), word)
