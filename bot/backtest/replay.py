"""The rules over history, day by day, with the knowledge of that day only."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import itemgetter

from bot.signals.evaluation import Evaluation, RuleStates, evaluate
from bot.signals.history import History
from bot.signals.phase import LIMITS, PhaseLimits
from bot.signals.rules import Rule
from bot.signals.series import SERIES, Reading, end_of_day


@dataclass(frozen=True, slots=True)
class ReplayDay:
    """One replayed day: `evaluation` is what the live poller would have found at its end."""

    day: date
    evaluation: Evaluation


def known_at(reading: Reading) -> datetime:
    """When a reading was, or normally would have been, known; history filled in later counts as published."""
    lag = SERIES[reading.series].lag
    return reading.read_at if lag is None else min(reading.read_at, reading.as_of + lag)


_moment = itemgetter(0)


class ReplayHistory:
    """Everything known: what was known at `after` at once in `history`, the rest waiting for its day."""

    def __init__(self, after: datetime | None = None) -> None:
        """Nothing is known yet; `after` (UTC) is where an earlier replay ended."""
        self.history = History()
        self._after = after
        self._waiting: list[Reading] = []

    def learn(self, readings: Iterable[Reading]) -> Iterator[Reading]:
        """Take readings in, in any order, as they are passed on."""
        for reading in readings:
            if self._after is not None and known_at(reading) <= self._after:
                self.history.add(reading)
            else:
                self._waiting.append(reading)
            yield reading

    def learn_all(self, readings: Iterable[Reading]) -> None:
        """Take readings in, in any order."""
        for _ in self.learn(readings):
            pass

    def days(
        self,
        rules: Sequence[Rule],
        last: date,
        standing: RuleStates | None = None,
        first: date | None = None,
        limits: PhaseLimits = LIMITS,
    ) -> Iterator[ReplayDay]:
        """Evaluate every day from `first`, the first reading of a rule's input, or the day after `after`.

        Each reading is seen from the moment it was known; in the end `history` holds all. `standing` is where
        the rules stood at `after`.
        """
        standing = standing or RuleStates()
        upcoming = deque(sorted(((known_at(reading), reading) for reading in self._waiting), key=_moment))
        self._waiting.clear()
        day = first
        if day is None:
            day = (
                _first_day((reading for _, reading in upcoming), rules)
                if self._after is None
                else _day_after(self._after)
            )
        while day is not None and day <= last:
            at = end_of_day(day)
            while upcoming and upcoming[0][0] <= at:
                self.history.add(upcoming.popleft()[1])
            evaluation = evaluate(rules, standing, self.history, at, limits)
            standing = evaluation.states
            yield ReplayDay(day, evaluation)
            day += timedelta(days=1)
        for _, reading in upcoming:
            self.history.add(reading)


def replay(
    readings: Iterable[Reading],
    rules: Sequence[Rule],
    last: date,
    *,
    standing: RuleStates | None = None,
    after: datetime | None = None,
    limits: PhaseLimits = LIMITS,
) -> Iterator[ReplayDay]:
    """The days of a `ReplayHistory` made of those readings, in any order, that the rules look at."""
    past = ReplayHistory(after)
    needed = series_needed(rules)
    past.learn_all(reading for reading in readings if reading.series in needed)
    return past.days(rules, last, standing, limits=limits)


def series_needed(rules: Sequence[Rule]) -> frozenset[str]:
    """The series that the rules and the phase look at."""
    return frozenset(series for rule in rules for series in rule.inputs) | {"btc.price", "btc.hashrate"}


def _first_day(readings: Iterable[Reading], rules: Sequence[Rule]) -> date | None:
    """The day of the first reading of a rule's input."""
    inputs = {series for rule in rules for series in rule.inputs}
    return next((r.as_of.date() - timedelta(days=1) for r in readings if r.series in inputs), None)


def _day_after(moment: datetime) -> date:
    """The first day that ends after a moment."""
    day = moment.date() - timedelta(days=1)
    return day if end_of_day(day) > moment else day + timedelta(days=1)
