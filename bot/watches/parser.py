"""From a line such as `price below 60k for 2d once` to a watch; what is wrong gets the nearest right line."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

from bot.i18n.durations import LENGTH_LIKE
from bot.mining.errors import Choice, InvalidQuestion
from bot.watches.amounts import amount, duration, invalid
from bot.watches.conditions import ABOVE, BELOW, Amount, read_condition
from bot.watches.formatter import format_watch
from bot.watches.near_lines import example_like, near_lines
from bot.watches.watch import Watch

LONGEST_LINE = 200
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
            raise invalid(error.says, example_like(line)) from None
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
    read = [read_condition(part.strip(), amount) for part in _with_subject(parts)]
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
    side = re.compile(rf" ?(?:is |goes )?(?:{ABOVE}|{BELOW}) ?\S")
    first = next((parts[0][: match.start()] for match in [side.search(parts[0])] if match), "")
    return [parts[0], *(f"{first} {part}" if side.match(part) else part for part in parts[1:])]


def _either(
    parts: Sequence[str], amount: Amount, options: tuple[timedelta, bool, timedelta | None, date | None]
) -> Watch:
    """Two conditions of which each fires by itself."""
    read = [read_condition(part.strip(), amount) for part in _with_subject(parts)]
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


def _nearest(line: str, today: date, amount: Amount) -> tuple[str, Watch] | None:
    """The first right line near a wrong one, and its watch; None when none is near."""
    for attempt in near_lines(line):
        try:
            return attempt, _watch(attempt, today, amount)
        except InvalidQuestion:
            continue
    return None
