"""The data of one chart, copied out of the history so that another process can draw it."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from math import isnan, nan
from typing import Annotated

from pydantic import PlainSerializer, PlainValidator

from bot.backtest.episodes import RuleHistory
from bot.charts.spec import WARM_UP_DAYS, ChartKind, ChartSpec
from bot.i18n.message import DayValue, Message, message
from bot.mining.economics import Economics
from bot.mining.market import Market
from bot.signals.columns import SeriesColumn
from bot.signals.history import History
from bot.signals.indicators import history_so_far
from bot.signals.outflow_stats import NEEDED, YEAR
from bot.signals.phase import Phase
from bot.signals.rules import Rule, Severity
from bot.signals.series import SERIES, Cadence, end_of_day, end_of_month
from bot.signals.state_machine import RuleState


class NoDataError(Exception):
    """There is nothing to draw; `reason` says why, a sentence."""

    def __init__(self, reason: Message) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Level:
    """Something to compare with: what a machine costs to run, USD a day per PH/s."""

    value: float
    name: str


@dataclass(frozen=True, slots=True)
class ChartEpisode:
    """From when up to and without when a rule fired, or a phase lasted; `last` is None while it still does.

    `rule` is empty for a phase.
    """

    first: date
    last: date | None
    severity: Severity
    rule: str = ""


@dataclass(frozen=True, slots=True)
class RetargetEstimate:
    """The expected change of difficulty, a fraction, and the day it is expected on."""

    change: float
    day: date


@dataclass(frozen=True, slots=True)
class ChartSource:
    """What charts are taken from, at the moment `at` (UTC).

    `states` are the rules' states by their ids. `past` is None until it has been worked out: then only what
    fires now is marked. `costs` are those of well-known machines.
    """

    at: datetime
    history: History
    rules: Sequence[Rule] = ()
    states: Mapping[str, RuleState] = field(default_factory=dict)
    past: RuleHistory | None = None
    market: Market | None = None
    costs: Sequence[Level] = ()


def _to_json(column: SeriesColumn) -> tuple[int, list[float | None]]:
    return column.first, [None if isnan(value) else value for value in column.values]


def _from_json(value: object) -> SeriesColumn:
    if isinstance(value, SeriesColumn):
        return value
    column = SeriesColumn()
    if isinstance(value, Sequence):
        column.first, values = value
        column.values = array("d", [nan if each is None else each for each in values])
    return column


Column = Annotated[SeriesColumn, PlainValidator(_from_json), PlainSerializer(_to_json)]
"""A column that pydantic writes as JSON: its first day and its values, null for NaN."""


@dataclass(frozen=True, slots=True)
class ChartData:
    """The data of one chart; plain values only.

    `columns` are copies of complete days; `live` holds the newest value of a series where that is of today
    (`today`, an ordinal). `first` and `last` are the days drawn. `levels` are the levels at which the
    signal's rules fire, by their ids; `episodes` when they did. `newest` is the moment the newest figure
    describes.
    """

    spec: ChartSpec
    columns: Mapping[str, Column]
    live: Mapping[str, float]
    first: int
    last: int
    newest: datetime
    source: str
    levels: Mapping[str, float] = field(default_factory=dict)
    episodes: tuple[ChartEpisode, ...] = ()
    costs: tuple[Level, ...] = ()
    retarget: RetargetEstimate | None = None
    machine: Economics | None = None

    @property
    def today(self) -> int:
        """Ordinal of the day that live values are of."""
        return self.newest.date().toordinal()

    @property
    def key(self) -> tuple[object, ...]:
        """Equal keys: the same picture."""
        lives = tuple(sorted(self.live.items()))
        return self.spec, self.first, self.last, self.newest, lives, self.episodes, self.costs, self.retarget


def take_chart(
    spec: ChartSpec, source: ChartSource, machine: Economics | None = None, since: date | None = None
) -> ChartData:
    """Copy what a chart needs. Raises NoDataError when there are not two points to draw.

    `machine` is the economics, now, of the machine of a `PROFIT` chart, which begins no earlier than `since`.
    """
    columns = {series: _copy(source.history.column(series)) for series in spec.series}
    _check_enough(spec, columns)
    live, today = _live(spec, source), source.at.date().toordinal()
    begins = min(column.first for column in columns.values() if column.values)
    if (needed := WARM_UP_DAYS.get(spec.kind)) is not None:
        begins = columns[spec.series[0]].first + needed - 2
    if since is not None:
        begins = max(begins, since.toordinal())
    main, (first, last) = spec.series[0], spec.span.bounds(begins, today)
    if spec.kind is ChartKind.OUTFLOW:  # two independent series, either of which will do
        main = max(columns, key=lambda series: _known_days(columns[series], first, last))
    known = _last_day(main, columns[main])
    if not live and last == today and known < today <= known + _GAP_DAYS:
        first, last = spec.span.bounds(begins, known)
    if last < today:
        live = {}
    if spec.kind is ChartKind.MPI and (days := _known_days(columns[main], last - YEAR + 1, last)) < NEEDED:
        raise NoDataError(history_so_far(days, NEEDED))
    if _known_days(columns[main], first, last) + bool(live) < (1 if spec.kind is ChartKind.OUTFLOW else 2):
        raise NoDataError(_none_in_span(main, columns[main]))
    newest, origin = _newest(spec, main, source.history, last, live=bool(live))
    return ChartData(
        spec,
        columns,
        live,
        first,
        last,
        newest,
        origin,
        {rule.id: rule.fire for rule in _rules(spec, source.rules)},
        _within(_episodes(spec, source), first, last),
        tuple(source.costs) if spec.kind is ChartKind.HASHPRICE else (),
        _retarget(source.market) if spec.kind is ChartKind.DIFFICULTY else None,
        machine,
    )


def _copy(column: SeriesColumn) -> SeriesColumn:
    copied = SeriesColumn()
    copied.first, copied.values = column.first, column.values[:]
    return copied


def _check_enough(spec: ChartSpec, columns: Mapping[str, SeriesColumn]) -> None:
    """Raise NoDataError for series that are not known, or not long enough for what is computed of them."""
    if not any(column.values for column in columns.values()):
        raise NoDataError(message("no {series} is known", series=SERIES[spec.series[0]].title))
    if spec.kind is ChartKind.OUTFLOW:
        return
    for series in spec.series:
        length = len(columns[series].values)
        if length < 2 and (series not in _OPTIONAL or series == spec.series[0]):
            raise NoDataError(message("no {series} is known", series=SERIES[series].title))
    length, needed = len(columns[spec.series[0]].values), WARM_UP_DAYS.get(spec.kind, 2)
    if length < needed:
        raise NoDataError(history_so_far(length, needed))


_OPTIONAL = ("btc.fees", "btc.price_high")


def _known_days(column: SeriesColumn, first: int, last: int) -> int:
    values = column.values[max(0, first - column.first) : max(0, last + 1 - column.first)]
    return sum(value == value for value in values)  # noqa: PLR0124 - not NaN


def _last_day(series: str, column: SeriesColumn) -> int:
    """Ordinal of the newest day: of a month its last."""
    return column.last + (30 if SERIES[series].cadence is Cadence.MONTHLY else 0)


def _none_in_span(main: str, column: SeriesColumn) -> Message:
    if not column.values:
        return message("no {series} is known", series=SERIES[main].title)
    return message(
        "in this span no {series} is known, only from {first} to {last}",
        series=SERIES[main].title,
        first=DayValue(date.fromordinal(column.first)),
        last=DayValue(date.fromordinal(column.last)),
    )


_GAP_DAYS = 3
"""A chart that goes on to today shows a gap when its newest day is older than this."""

_LIVE = frozenset(
    {
        *(ChartKind.PRICE, ChartKind.DRAWDOWN, ChartKind.DIFFICULTY, ChartKind.ENERGY),
        *(ChartKind.HASHPRICE, ChartKind.PROFIT),
    }
)
"""The charts whose newest figure is more than a day's close."""


def _live(spec: ChartSpec, source: ChartSource) -> dict[str, float]:
    """Today's values of the series, and of the hashprice as the chat tells it."""
    live: dict[str, float] = {}
    if spec.kind not in _LIVE:
        return live
    for series in spec.series:
        newest = source.history.newest(series)
        if newest is not None and newest.day is None and source.at.date() == newest.as_of.date():
            live[series] = newest.value
    if "btc.price" in live and "btc.difficulty" in spec.series and source.market is not None:
        hashprice = source.market.hashprice_usd_per_ph_day
        if hashprice is not None:
            live["btc.hashprice"] = hashprice
    return live


def _newest(spec: ChartSpec, main: str, history: History, last: int, *, live: bool) -> tuple[datetime, str]:
    """The moment of the newest figure drawn, and its source."""
    if live:
        spots = [
            reading for series in spec.series if (reading := history.newest(series)) and reading.day is None
        ]
        newest = max(spots, key=lambda reading: reading.as_of)
        return newest.as_of, newest.source
    day = min(last, history.column(main).last)
    while not (source := history.source(main, day)) and day > history.column(main).first:
        day -= 1
    of_month = SERIES[main].cadence is Cadence.MONTHLY
    newest_day = date.fromordinal(day)
    return end_of_month(newest_day) if of_month else end_of_day(newest_day), source


def _rules(spec: ChartSpec, rules: Sequence[Rule]) -> list[Rule]:
    """The rules of a chart's signal that look at complete days, of its zone where it has one."""
    return [
        rule
        for rule in rules
        if rule.signal == spec.signal
        and not rule.intraday
        and (not spec.zone or rule.id.endswith(f".{spec.zone}"))
    ]


def _episodes(spec: ChartSpec, source: ChartSource) -> tuple[ChartEpisode, ...]:
    """When the chart's rules fired, oldest first; in the price's when the phase was no calm one."""
    if spec.kind in (ChartKind.PRICE, ChartKind.STRESS):
        return _phases(source.past)
    episodes = []
    for rule in _rules(spec, source.rules):
        record = source.past.rules.get(rule.id) if source.past is not None else None
        past = () if record is None else record.episodes
        state = source.states.get(rule.id)
        fires = state is not None and state.active
        ended_by = _ended_by(rule, source, fires=fires)
        for episode in past:
            episodes.append(ChartEpisode(episode.fired, episode.cleared or ended_by, rule.severity, rule.id))
        if fires and state is not None and not (past and past[-1].cleared is None):
            since = source.at.date() if state.fired is None else state.fired.date()
            episodes.append(ChartEpisode(since, None, rule.severity, rule.id))
    return tuple(sorted(episodes, key=lambda episode: (episode.first, episode.severity)))


def _ended_by(rule: Rule, source: ChartSource, *, fires: bool) -> date | None:
    """When an episode ended that was still open the day before; None while the rule still fires.

    What no live source publishes any more ended with its last figure.
    """
    if rule.historical:
        column = source.history.column(rule.inputs[0])
        return date.fromordinal(_last_day(rule.inputs[0], column) + 1) if column.values else source.at.date()
    known = rule.id in source.states
    return None if fires or not known else source.at.date()


def _within(episodes: Sequence[ChartEpisode], first: int, last: int) -> tuple[ChartEpisode, ...]:
    return tuple(
        episode
        for episode in episodes
        if episode.first.toordinal() <= last and (episode.last is None or episode.last.toordinal() > first)
    )


_PHASES = {Phase.STRESS: Severity.WARNING, Phase.CAPITULATION: Severity.CRITICAL}


def _phases(past: RuleHistory | None) -> tuple[ChartEpisode, ...]:
    return tuple(
        ChartEpisode(span.first, span.end, _PHASES[span.phase])
        for span in (past.phases if past is not None else ())
        if span.phase in _PHASES
    )


def _retarget(market: Market | None) -> RetargetEstimate | None:
    if market is None or market.expected_retarget is None or market.retarget_at is None:
        return None
    return RetargetEstimate(market.expected_retarget, market.retarget_at.date())
