"""How often a watch would have told its owner in the past: the watch's own code over the history held."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from bot.backtest.replay import known_at
from bot.signals.derived import derived
from bot.signals.history import History
from bot.signals.series import Reading, end_of_day
from bot.watches.metrics import metric
from bot.watches.watch import Watch, WatchFigure, begin, figures_of, step
from storage.database import Database
from storage.signals import readings

YEARS = 5
NOISY = 60
"""More than this in the time looked at is more than once a month."""

_HASHPRICE = "btc.hashprice"
_INPUTS_OF_HASHPRICE = ("btc.price", "btc.difficulty", "btc.fees")
_HOLDS = tuple(timedelta(days=days) for days in (1, 2, 5, 10, 20))


@dataclass(frozen=True, slots=True)
class WatchBacktest:
    """The past of a watch's metrics: `days` holds what was known at each day's end, oldest first."""

    metrics: tuple[str, ...]
    days: tuple[tuple[date, dict[str, WatchFigure]], ...]

    @property
    def is_known(self) -> bool:
        """Whether every metric of the watch was known on at least half of the days."""
        return all(
            2 * sum(key in figures for _, figures in self.days) >= len(self.days) for key in self.metrics
        )

    def count(self, watch: Watch) -> int:
        """How often the watch would have told; its last day and “once” are left aside."""
        return len(self.fire_days(watch))

    def fire_days(self, watch: Watch) -> list[date]:
        """The days on which it would have told, oldest first; its last day and “once” are left aside."""
        watch = replace(watch, until=None, once=False)
        days, state = [], None
        for day, figures in self.days:
            if state is None:
                state = begin(watch, figures) if figures else None
                continue
            state, tells = step(watch, state, figures, end_of_day(day))
            if tells:
                days.append(day)
        return days

    def quieter_hold(self, watch: Watch) -> tuple[Watch, int] | None:
        """The watch with the shortest longer hold that at least halves the noise; None when none does."""
        noise = self.count(watch)
        for hold in _HOLDS:
            if hold > watch.hold:
                calm = replace(watch, hold=hold)
                fires = self.count(calm)
                if fires <= min(NOISY, noise / 2):
                    return calm, fires
        return None


def load_readings(db: Database, watch: Watch, last: date) -> list[Reading]:
    """The stored readings that the backtest of this watch needs."""
    series: set[str] = set()
    for key in watch.metrics:
        definition = metric(key)
        for name in definition.series if definition is not None else ():
            series.update(_INPUTS_OF_HASHPRICE if name == _HASHPRICE else (name,))
    return [reading for name in sorted(series) for reading in readings.of_series(db, name, date.min, last)]


def watch_backtest(readings_held: Iterable[Reading], watch: Watch, last: date) -> WatchBacktest:
    """The last five years' figures of the watch's metrics from its readings; a fraction of a second."""
    upcoming = iter(sorted(readings_held, key=known_at))
    reading = next(upcoming, None)
    history, days = History(), []
    newest = dict[str, WatchFigure]()
    definitions = [metric(key) for key in watch.metrics]
    with_hashprice = any(each is not None and _HASHPRICE in each.series for each in definitions)
    day = last - timedelta(days=365 * YEARS + 1)
    while day <= last:
        at = end_of_day(day)
        while reading is not None and known_at(reading) <= at:
            history.add(reading)
            reading = next(upcoming, None)
        if with_hashprice:
            for derived_reading in derived(history, at):
                history.add(derived_reading)
        before = {key: figure.as_of for key, figure in newest.items()}
        figures = figures_of(history, watch.metrics, at, before)
        newest |= figures
        days.append((day, figures))
        day += timedelta(days=1)
    return WatchBacktest(watch.metrics, tuple(days))
