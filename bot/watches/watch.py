"""A personal watch, and its next state after one more look at the data. Pure.

`storage/chats/watches.py` does the same to a million watches at once in SQL; a test holds the two together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.signals.history import History
from bot.signals.indicators import Measured
from bot.signals.series import end_of_day
from bot.watches.metrics import metric

MIN_HOLD = timedelta(hours=6)
"""Between two firings of a watch, however its figure jumps about."""

GAP = timedelta(days=3)
"""A silence in the data longer than this starts a hold again."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A metric at or beyond a level. It is met from there until the figure is back past `clear`."""

    metric: str
    above: bool
    level: float

    @property
    def clear(self) -> float:
        """The level on the other side at which it is no longer met."""
        definition = metric(self.metric)
        margin = definition.margin(self.level) if definition is not None else abs(self.level) * 0.01
        return self.level - margin if self.above else self.level + margin

    def meets(self, value: float) -> bool:
        """Whether the figure is at or beyond the level."""
        return value >= self.level if self.above else value <= self.level

    def clears(self, value: float) -> bool:
        """Whether the figure is back at or past the clearing level."""
        return value <= self.clear if self.above else value >= self.clear


@dataclass(frozen=True, slots=True)
class Watch:
    """One or two comparisons: both must be met, or with `any_of` each tells by itself.

    It tells when that has lasted for `hold`, in the data's own time; then again only after it was over, or
    `every` so often while it lasts. `once` ends it after the first time, `until` after that day.
    """

    comparisons: tuple[Comparison, ...]
    any_of: bool = False
    hold: timedelta = timedelta(0)
    once: bool = False
    every: timedelta | None = None
    until: date | None = None

    @property
    def metrics(self) -> tuple[str, ...]:
        """The keys of what it looks at, each once."""
        return tuple(dict.fromkeys(comparison.metric for comparison in self.comparisons))

    @property
    def ends_at(self) -> datetime | None:
        """The moment (UTC) from which it no longer tells anything."""
        return None if self.until is None else end_of_day(self.until)


@dataclass(frozen=True, slots=True)
class WatchFigure:
    """A metric's value as of a moment (UTC), fresh enough to be trusted.

    `after_gap`: the one before it was older by more than GAP.
    """

    metric: str
    value: float
    as_of: datetime
    source: str
    after_gap: bool = False


@dataclass(frozen=True, slots=True)
class WatchState:
    """A watch's memory: which comparisons are met, when it is to tell and when it last told (data's time)."""

    met: tuple[bool, ...]
    due: datetime | None = None
    fired: datetime | None = None
    done: bool = False


def begin(watch: Watch, figures: Mapping[str, WatchFigure]) -> WatchState:
    """A new watch's state: what is met already is not told, only the next time it comes about."""
    return WatchState(
        tuple(
            (figure := figures.get(comparison.metric)) is not None and comparison.meets(figure.value)
            for comparison in watch.comparisons
        )
    )


def step(
    watch: Watch, state: WatchState, figures: Mapping[str, WatchFigure], now: datetime
) -> tuple[WatchState, bool]:
    """The state after one more look, and whether the watch tells. What has no figure changes nothing."""
    due = state.due
    for figure in (figures[key] for key in watch.metrics if key in figures):
        if due is not None and figure.after_gap:
            due = max(due, figure.as_of + watch.hold)
    met = list(state.met)
    for index, comparison in enumerate(watch.comparisons):
        newest = figures.get(comparison.metric)
        if newest is None:
            continue
        other_flags = [flag for other, flag in enumerate(met) if other != index]
        if met[index] and comparison.clears(newest.value):
            met[index] = False
            due = due if watch.any_of and any(other_flags) else None
        elif not met[index] and comparison.meets(newest.value):
            met[index] = True
            if not state.done and (watch.any_of or all(other_flags)):
                due = newest.as_of + watch.hold
                if state.fired is not None:
                    due = max(due, state.fired + MIN_HOLD)
    state = replace(state, met=tuple(met), due=due)
    if due is None or state.done or any(key not in figures for key in watch.metrics):
        return state, False
    clock = max(figures[key].as_of for key in watch.metrics)
    if due > clock or (watch.ends_at is not None and watch.ends_at <= now):
        return state, False
    again = clock + watch.every if watch.every is not None and not watch.once else None
    return replace(state, fired=clock, due=again, done=watch.once), True


def figures_of(
    history: History, keys: Sequence[str], at: datetime, before: Mapping[str, datetime]
) -> dict[str, WatchFigure]:
    """The figures of these metrics that can be trusted at `at`; `before` is what each was last as of.

    A metric without trustworthy data, or with none newer than the last, has no entry. One that was last as of
    the future was dated by a clock that was ahead, and begins anew.
    """
    figures: dict[str, WatchFigure] = {}
    for key in keys:
        spec = metric(key)
        if spec is None:
            continue
        measured = spec.measure(history, at)
        if not isinstance(measured, Measured):
            continue
        as_of, last = measured.as_of.replace(microsecond=0), before.get(key)
        if last is not None and as_of < last <= at:
            continue
        gap = last is not None and as_of - last > GAP
        figures[key] = WatchFigure(key, measured.value, as_of, measured.source, gap)
    return figures
