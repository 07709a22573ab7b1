"""The rules over history, day by day, with the knowledge of that day only."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.signals.evaluation import Evaluation, Standing, evaluate
from bot.signals.history import History
from bot.signals.rules import Rule
from bot.signals.series import Reading, end_of_day


@dataclass(frozen=True, slots=True)
class Day:
    """One replayed day: `evaluation` is what the live poller would have found at its end."""

    day: date
    evaluation: Evaluation


def replay(readings: Iterable[Reading], rules: Sequence[Rule], last: date) -> Iterator[Day]:
    """Evaluate every day from the first reading to `last`.

    `readings` are in the order in which they became known (`read_at`); each is seen from that moment on.
    """
    history, standing = History(), Standing()
    upcoming = iter(readings)
    reading = next(upcoming, None)
    if reading is None:
        return
    day = reading.as_of.date() - timedelta(days=1)
    while day <= last:
        at = end_of_day(day)
        while reading is not None and reading.read_at <= at:
            history.add(reading)
            reading = next(upcoming, None)
        evaluation = evaluate(rules, standing, history, at)
        standing = evaluation.standing
        yield Day(day, evaluation)
        day += timedelta(days=1)
