"""The rules over history, day by day, with the knowledge of that day only."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.signals.evaluation import Evaluation, Standing, evaluate
from bot.signals.history import History
from bot.signals.rules import Rule
from bot.signals.series import SERIES, Reading, end_of_day


@dataclass(frozen=True, slots=True)
class Day:
    """One replayed day: `evaluation` is what the live poller would have found at its end."""

    day: date
    evaluation: Evaluation


def known_at(reading: Reading) -> datetime:
    """When a reading was, or normally would have been, known; history filled in later counts as published."""
    return min(reading.read_at, reading.as_of + SERIES[reading.series].lag)


def replay(
    readings: Iterable[Reading],
    rules: Sequence[Rule],
    last: date,
    *,
    standing: Standing | None = None,
    after: datetime | None = None,
) -> Iterator[Day]:
    """Evaluate every day from the first reading of a rule's input, or the day after `after`, to `last`.

    `readings` are in the order of `known_at`, or with `after` in any; each is seen from that moment on.
    `standing` is where the rules stood at `after`.
    """
    history, standing = History(), standing or Standing()
    wanted = {series for rule in rules for series in rule.inputs}
    ours = (reading for reading in readings if reading.series in wanted)
    upcoming = ours if after is None else iter(_later(ours, after, history))
    reading = next(upcoming, None)
    if after is not None:
        day = after.date() - timedelta(days=1)
        if end_of_day(day) <= after:
            day += timedelta(days=1)
    elif reading is not None:
        day = reading.as_of.date() - timedelta(days=1)
    else:
        return
    while day <= last:
        at = end_of_day(day)
        while reading is not None and known_at(reading) <= at:
            history.add(reading)
            reading = next(upcoming, None)
        evaluation = evaluate(rules, standing, history, at)
        standing = evaluation.standing
        yield Day(day, evaluation)
        day += timedelta(days=1)


def _later(readings: Iterable[Reading], after: datetime, history: History) -> list[Reading]:
    """Put what was known at `after` into the history; give the rest, in the order of `known_at`."""
    later = []
    for reading in readings:
        if known_at(reading) <= after:
            history.add(reading)
        else:
            later.append(reading)
    return sorted(later, key=known_at)
