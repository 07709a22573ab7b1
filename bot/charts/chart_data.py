"""What one picture is drawn from, taken out of the living history so that a thread may use it."""

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import isnan, nan

from bot.backtest.replay import known_at
from bot.charts.spec import ChartSpec
from bot.i18n.message import Message
from bot.mining.network import hashprice_usd_per_ph_day, subsidy_on
from bot.signals.columns import SeriesColumn
from bot.signals.history import History
from bot.signals.rules import Rule, Severity
from bot.signals.series import SERIES, Cadence, Reading, end_of_day
from bot.signals.state_machine import RuleState, step
from bot.signals.state_machine import TransitionKind as Change


class NoDataError(Exception):
    """There is nothing to draw of `series`."""

    def __init__(self, series: Message) -> None:
        super().__init__(str(series))
        self.series = series


@dataclass(frozen=True, slots=True)
class Level:
    """Something to compare with: a threshold, or what a machine costs to run."""

    value: float
    name: str


@dataclass(frozen=True, slots=True)
class ChartEpisode:
    """From when to when a rule fired; `last` is None while it still does."""

    first: date
    last: date | None
    severity: Severity


@dataclass(frozen=True, slots=True)
class ChartData:
    """The data of one picture. `columns` are copies; `newest` is the moment the newest value describes."""

    subject: ChartSpec
    columns: dict[str, SeriesColumn]
    rules: tuple[Rule, ...]
    newest: datetime
    source: str
    levels: tuple[Level, ...] = ()

    @property
    def last(self) -> int:
        """Ordinal of the newest day drawn: of a month its last."""
        return max(
            column.last + (30 if SERIES[series].cadence is Cadence.MONTHLY else 0)
            for series, column in self.columns.items()
            if column.values
        )

    @property
    def first(self) -> int:
        """Ordinal of the first day drawn: not before the main series begins."""
        main = self.columns[self.subject.series[0]]
        return max(main.first, self.last - self.subject.days + 1) if main.values else self.last


def take(
    subject: ChartSpec, history: History, rules: Sequence[Rule], levels: Sequence[Level] = ()
) -> ChartData:
    """Copy what a picture needs. Raises NoDataError when its main series holds fewer than two days."""
    columns: dict[str, SeriesColumn] = {}
    for series in subject.series:
        held, copied = history.column(series), SeriesColumn()
        copied.first, copied.values = held.first, held.values[:]
        _add_live(copied, history.newest(series))
        columns[series] = copied
    main = max((columns[series] for series in subject.series), key=lambda column: len(column.values))
    if len(main.values) < 2:
        raise NoDataError(
            SERIES[subject.series[0]].title if subject.series[0] in SERIES else Message(subject.zone)
        )
    newest = max(
        (reading for series in subject.series if (reading := history.newest(series))),
        key=lambda reading: reading.as_of,
    )
    ours = tuple(
        rule
        for rule in rules
        if rule.signal == subject.signal and (not subject.zone or rule.id.endswith(f".{subject.zone}"))
    )
    at = end_of_day(date.fromordinal(main.last))
    return ChartData(
        subject,
        columns,
        ours,
        newest.as_of if newest.day is None else max(at, newest.as_of),
        newest.source,
        tuple(levels),
    )


def _add_live(column: SeriesColumn, newest: Reading | None) -> None:
    """Put the newest spot value behind the closed days, so that today is in the picture."""
    if newest is None or newest.day is not None or not column.values:
        return
    today = newest.as_of.date().toordinal()
    if 0 < today - column.last <= 3:
        column.put(today, newest.value)


def within(frame: ChartData, column: SeriesColumn, values: Sequence[float]) -> tuple[list[int], list[float]]:
    """The days and values of a list aligned with `column` that fall into the picture; NaN for gaps."""
    start = max(0, frame.first - column.first)
    return list(range(column.first + start, column.first + len(values))), list(values[start:])


def hashprice_on(frame: ChartData, ordinal: int) -> float:
    """The hashprice by difficulty of one day with seven days' mean fees, USD/PH/day; NaN where unknown."""
    price = frame.columns["btc.price"].at(ordinal)
    difficulty = frame.columns["btc.difficulty"].at(ordinal)
    column = frame.columns["btc.fees"]
    mean = column.mean(ordinal, 7)
    fees = column.at(ordinal) if isnan(mean) else mean
    if isnan(price) or isnan(difficulty):
        return nan
    reward = subsidy_on(date.fromordinal(ordinal)) + (0.0 if isnan(fees) else fees)
    return hashprice_usd_per_ph_day(difficulty, reward, price)


def episodes(frame: ChartData) -> list[ChartEpisode]:
    """Every episode of the frame's rules: they go over all its data again, before the picture too."""
    history = History()
    states = {rule.id: RuleState() for rule in frame.rules}
    open_since: dict[str, date] = {}
    found: list[ChartEpisode] = []
    readings = sorted(_readings(frame), key=known_at)
    given = 0
    for ordinal in range(
        min(column.first for column in frame.columns.values() if column.values), frame.last + 1
    ):
        day = date.fromordinal(ordinal)
        at = end_of_day(day)
        while given < len(readings) and known_at(readings[given]) <= at:
            history.add(readings[given])
            given += 1
        for rule in frame.rules:
            states[rule.id], change = step(rule, states[rule.id], rule.indicator(history, at), at)
            if change is not None and change.kind is Change.FIRED:
                open_since[rule.id] = day
            elif change is not None and change.kind is Change.CLEARED and rule.id in open_since:
                found.append(ChartEpisode(open_since.pop(rule.id), day, rule.severity))
    severities = {rule.id: rule.severity for rule in frame.rules}
    found += [ChartEpisode(since, None, severities[rule]) for rule, since in open_since.items()]
    return sorted(found, key=lambda one: (one.severity, one.first))


def _readings(frame: ChartData) -> Iterator[Reading]:
    for series, column in frame.columns.items():
        lag = SERIES[series].lag or timedelta(0)
        for index, value in enumerate(column.values):
            if not isnan(value):
                day = date.fromordinal(column.first + index)
                end = end_of_day(day)
                yield Reading(series, value, end, frame.source, end + lag, day)


def trailing_band(values: Sequence[float], among: int, shares: Sequence[float]) -> tuple[list[float], ...]:
    """For each value the quantiles of the `among` values before it; NaN until three fifths are known."""
    bands: tuple[list[float], ...] = tuple([] for _ in shares)
    before: list[float] = []
    for index, value in enumerate(values):
        enough = len(before) >= 0.6 * among
        for band, share in zip(bands, shares, strict=True):
            band.append(before[min(len(before) - 1, int(share * len(before)))] if enough else nan)
        if not isnan(value):
            insort(before, value)
        if index >= among and not isnan(gone := values[index - among]):
            del before[bisect_left(before, gone)]
    return bands
