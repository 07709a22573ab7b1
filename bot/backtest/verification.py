"""Verification of alerts and odds as forecasters do it, against simple baselines.

An alert is a hit when difficulty, at that moment, is yet to fall: by 5 % in the following 60 days. What the
alert itself looked at (hashrate so far) does not count, so nothing here is circular.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from statistics import median
from typing import Final

from bot.backtest.episodes import RuleHistory, rule_history
from bot.backtest.evidence import Days, fall_after
from bot.backtest.index_record import FORECASTS_FROM, IndexBand, index_bands
from bot.backtest.messages import Inbox, by_year, quiet_windows
from bot.backtest.replay import ReplayHistory, replay, series_needed
from bot.backtest.statistics import Share, Spans, joined, share
from bot.signals.columns import SeriesColumn
from bot.signals.evaluation import Figures, RuleStates, evaluate
from bot.signals.forecast import FALLS, HORIZON, Model, forecasts_on
from bot.signals.history import History
from bot.signals.phase import LIMITS, Phase, PhaseLimits
from bot.signals.rules import Rule, default_rules
from bot.signals.series import Reading, end_of_day
from bot.signals.valuation_indicators import compression_column, puell_column

FIRST: Final = date(2011, 1, 1)
ZONES: Final = ("DE-LU",)
AHEAD: Final = 60
PRICE_AHEAD: Final = 180
SLACK: Final = timedelta(days=30)
MOVED: Final = 0.2
"""By which share levels and holds are moved to see how much depends on them."""

PUBLIC_EVENTS: Final = (
    *(date(2011, 10, 15), date(2015, 1, 15), date(2018, 11, 25), date(2020, 3, 15)),
    *(date(2022, 6, 20), date(2022, 11, 15), date(2024, 5, 15), date(2026, 2, 5), date(2026, 6, 15)),
)
"""Times that the press called a capitulation of miners."""


@dataclass(frozen=True, slots=True)
class DetectorScore:
    """One way to see miners leave.

    `detected_5` are the falls of difficulty by 5 % (`detected_10`: 10 %) that an episode of it overlaps or
    precedes by at most 30 days, `events` the public events; `false_alarms` its episodes after whose beginning
    difficulty did not fall by 5 % in 60 days. Leads are medians in days from its beginning: to the lowest
    difficulty of 60 days, for hits, and to the lowest close of 180 days.
    """

    name: str
    episodes: int
    detected_5: Share
    detected_10: Share
    events: Share
    false_alarms: Share
    lead_to_fall_days: float | None
    lead_to_price_low_days: float | None


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """The forecasts between two probabilities: how many days, what was said, what happened."""

    low: float
    high: float
    days: int
    predicted: float
    happened: float


@dataclass(frozen=True, slots=True)
class ForecastScore:
    """The odds of one event, walk-forward, against climatology (the base rate known on each day)."""

    name: str
    days: int
    base_rate: float
    brier: float
    brier_climatology: float
    skill: float
    skill_low: float
    skill_high: float
    bins: tuple[CalibrationBin, ...]


@dataclass(frozen=True, slots=True)
class Regime:
    """A state of the other data; are the capitulations those with everything known, on how many days is the
    phase another one?
    """

    name: str
    capitulations: tuple[tuple[date, date | None], ...]
    same: bool
    other_days: int


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """One level or hold moved by a share: the capitulations then, and after how many difficulty fell.

    `change` is 0 for the rules as they are.
    """

    threshold: str
    change: float
    episodes: int
    days: int
    hits: int


@dataclass(frozen=True, slots=True)
class Messages:
    """The messages of the default subscriber by year, and of 365-day windows without a capitulation."""

    by_year: Mapping[int, int]
    windows: int
    within_twelve: float
    median: float
    most: int


@dataclass(frozen=True, slots=True)
class Verification:
    """Everything that was verified, over the days `first` to `last`."""

    first: date
    last: date
    detectors: tuple[DetectorScore, ...]
    forecasts: tuple[ForecastScore, ...]
    regimes: tuple[Regime, ...]
    sensitivity: tuple[Sensitivity, ...]
    messages: Messages
    index: tuple[IndexBand, ...]
    past: RuleHistory


def verify(readings: Sequence[Reading], model: Model) -> Verification:
    """Verify rules, phase and odds over these readings; some ten seconds."""
    history = History(readings)
    last = date.fromordinal(history.column("btc.price").last)
    rules = default_rules(ZONES)
    past = rule_history(readings, rules, last)
    told, phases = messages(readings, rules, last)
    return Verification(
        FIRST,
        last,
        tuple(_detectors(past, history)),
        tuple(forecast_scores(readings, model, last)),
        tuple(_regimes(readings, rules, last, phases)),
        tuple(_sensitivity(readings, rules, last)),
        told,
        index_bands(history),
        past,
    )


def spans_of(past: RuleHistory, *phases: Phase) -> Spans:
    """The times in any of these phases, from FIRST on; neighbours are joined."""
    spans: list[tuple[date, date]] = []
    for span in past.phases:
        end = span.end or past.last
        if span.phase not in phases or end < FIRST:
            continue
        if spans and spans[-1][1] == span.first:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((span.first, end))
    return spans


def _detectors(past: RuleHistory, history: History) -> Iterator[DetectorScore]:
    difficulty, closes = dict(history.days("btc.difficulty")), dict(history.days("btc.price"))
    truths = {fall: _falls(difficulty, fall) for fall in (0.05, 0.10)}
    yield _score("phase: capitulation", spans_of(past, Phase.CAPITULATION), truths, difficulty, closes)
    worse = spans_of(past, Phase.STRESS, Phase.CAPITULATION)
    yield _score("phase: stress or capitulation", worse, truths, difficulty, closes)
    for record in past.rules.values():
        spans = [
            (episode.fired, episode.cleared or past.last)
            for episode in record.episodes
            if episode.fired >= FIRST
        ]
        if spans and not record.rule.intraday:
            yield _score(f"rule: {record.rule.id}", spans, truths, difficulty, closes)
    plain: tuple[tuple[str, SeriesColumn, Callable[[float], bool]], ...] = (
        ("baseline: Puell multiple ≤ 0.5", puell_column(history), lambda value: value <= 0.5),
        (
            "baseline: difficulty ribbon compression < 0.05",
            compression_column(history),
            lambda value: value < 0.05,
        ),
    )
    for name, column, fires in plain:
        yield _score(name, _stretches(column, fires, past.last), truths, difficulty, closes)


def _score(
    name: str, spans: Spans, truths: Mapping[float, Spans], difficulty: Days, closes: Days
) -> DetectorScore:
    judged = [
        (first, fall) for first, _ in spans if (fall := fall_after(difficulty, first, AHEAD)) is not None
    ]
    hits = [first for first, fall in judged if fall <= -0.05]
    detected = {
        fall: share(sum(_overlaps(truth, spans) for truth in truths[fall]), len(truths[fall]))
        for fall in (0.05, 0.10)
    }
    complete = [first for first, _ in spans if first + timedelta(days=PRICE_AHEAD) in closes]
    return DetectorScore(
        name,
        len(spans),
        detected[0.05],
        detected[0.10],
        share(sum(_overlaps((event, event), spans) for event in PUBLIC_EVENTS), len(PUBLIC_EVENTS)),
        share(len(judged) - len(hits), len(judged)),
        _median(_lowest(difficulty, first, AHEAD) for first in hits),
        _median(_lowest(closes, first, PRICE_AHEAD) for first in complete),
    )


def _overlaps(truth: tuple[date, date], spans: Spans) -> bool:
    return any(first - SLACK <= truth[1] and truth[0] <= last + SLACK for first, last in spans)


def _falls(difficulty: Days, fall: float) -> Spans:
    """The times in which a fall of difficulty was ahead, joined when less than 30 days lie between."""
    days = [
        day
        for day in difficulty
        if day >= FIRST and (after := fall_after(difficulty, day, AHEAD)) is not None and after <= -fall
    ]
    return joined(days)


def _stretches(column: SeriesColumn, fires: Callable[[float], bool], last: date) -> Spans:
    days = (date.fromordinal(column.first + n) for n, value in enumerate(column.values) if fires(value))
    return joined(day for day in days if FIRST <= day <= last)


def _lowest(values: Days, first: date, days: int) -> int:
    prices = {
        n: values[first + timedelta(days=n)] for n in range(days + 1) if first + timedelta(days=n) in values
    }
    return min(prices, key=lambda n: prices[n])


def _median(values: Iterable[int]) -> float | None:
    numbers = list(values)
    return median(numbers) if numbers else None


def forecast_scores(readings: Sequence[Reading], model: Model, last: date) -> Iterator[ForecastScore]:
    """The odds of every day from FORECASTS_FROM on whose outcome is known."""
    difficulty = dict(History(readings).days("btc.difficulty"))
    past = ReplayHistory()
    past.learn_all(readings)
    predicted: dict[str, list[tuple[float, float, float]]] = {name: [] for name in FALLS}
    for day in past.days((), last, first=FIRST):
        for forecast in forecasts_on(past.history, model, day.day) if day.day >= FORECASTS_FROM else ():
            after = fall_after(difficulty, day.day, HORIZON)
            if after is not None:
                outcome = float(after <= -FALLS[forecast.name])
                predicted[forecast.name].append((forecast.probability, forecast.base_rate, outcome))
    for name, days in predicted.items():
        yield _forecast_score(name, days)


def _forecast_score(name: str, days: Sequence[tuple[float, float, float]]) -> ForecastScore:
    errors = [((predicted - outcome) ** 2, (rate - outcome) ** 2) for predicted, rate, outcome in days]
    brier, reference = (sum(column) / len(errors) for column in zip(*errors, strict=True))
    blocks = [errors[n : n + 90] for n in range(0, len(errors), 90)]
    random = Random(16)  # noqa: S311 - resampling, nothing secret
    skills = sorted(_skill(random.choices(blocks, k=len(blocks))) for _ in range(400))
    bins = []
    for tenth in range(10):
        inside = [
            (predicted, outcome) for predicted, _, outcome in days if min(int(predicted * 10), 9) == tenth
        ]
        if inside:
            means = [sum(column) / len(inside) for column in zip(*inside, strict=True)]
            bins.append(CalibrationBin(tenth / 10, (tenth + 1) / 10, len(inside), *means))
    rate = sum(outcome for _, _, outcome in days) / len(days)
    skill = 1 - brier / reference
    return ForecastScore(name, len(days), rate, brier, reference, skill, skills[20], skills[-21], tuple(bins))


def _skill(blocks: Iterable[Sequence[tuple[float, float]]]) -> float:
    pairs = [pair for block in blocks for pair in block]
    return 1 - sum(error for error, _ in pairs) / sum(base_error for _, base_error in pairs)


def phases_by_day(
    readings: Iterable[Reading], rules: Sequence[Rule], last: date, limits: PhaseLimits = LIMITS
) -> dict[date, Phase]:
    """The phase at the end of each day of a replay."""
    days = replay(readings, rules, last, limits=limits)
    return {day.day: day.evaluation.states.phase.phase for day in days}


def capitulations(phases: Mapping[date, Phase]) -> tuple[tuple[date, date | None], ...]:
    """The capitulations among these days: first day, and first day after (None while it lasts)."""
    spans: list[tuple[date, date | None]] = []
    before = Phase.UNKNOWN
    for day, phase in phases.items():
        if phase is not before and phase is Phase.CAPITULATION:
            spans.append((day, None))
        elif phase is not before and before is Phase.CAPITULATION:
            spans[-1] = (spans[-1][0], day)
        before = phase
    return tuple(spans)


def _regimes(
    readings: Sequence[Reading], rules: Sequence[Rule], last: date, expected: Mapping[date, Phase]
) -> Iterator[Regime]:
    """The capitulations as they are, `expected`, and in other circumstances."""
    without_sales = [r for r in readings if r.series != "btc.public_miner_sales"]
    regimes = {
        "the bundle: sales of 2022 and 2023, DE-LU, no ledger": None,
        "ledger warm and quiet": [*readings, *_ledger(last, noisy=False)],
        "ledger warm and noisy": [*readings, *_ledger(last, noisy=True)],
        "ledger warming up, no sales known": without_sales,
        "DE-LU missing": [r for r in readings if not r.series.startswith("power.")],
    }
    for name, regime in regimes.items():
        phases = expected if regime is None else phases_by_day(regime, rules, last)
        spans = capitulations(phases)
        other_days = sum(phase is not expected.get(day) for day, phase in phases.items())
        yield Regime(name, spans, spans == capitulations(expected), other_days)


def _ledger(last: date, *, noisy: bool) -> Iterator[Reading]:
    """A made-up ledger from 2016 on: always the same, or noise that keeps its level for some days."""
    random, level = Random(16), 0.0  # noqa: S311 - made-up figures
    day = date(2016, 1, 1)
    while day <= last:
        level = 0.9 * level + random.gauss(0, 300)
        end = end_of_day(day)
        yield Reading("btc.miner_outflow", 100.0 + (level if noisy else 0.0), end, "made up", end, day)
        day += timedelta(days=1)


_Move = tuple[str, float, Sequence[Rule], PhaseLimits]
_CORE = ("price_drawdown.warning", "hashrate_decline.warning", "hashrate_decline.critical")


def _sensitivity(readings: Sequence[Reading], rules: Sequence[Rule], last: date) -> Iterator[Sensitivity]:
    core = [rule for rule in rules if rule.id in _CORE]
    difficulty = dict(History(readings).days("btc.difficulty"))
    moves = list(_moves(core))
    for (name, change, _, _), phases in zip(
        moves, _phases_of_moves(readings, core, moves, last), strict=True
    ):
        spans = [(first, end or last) for first, end in capitulations(phases) if first >= FIRST]
        falls = [fall_after(difficulty, first, HORIZON) for first, _ in spans]
        hits = sum(fall is not None and fall <= -0.05 for fall in falls)
        yield Sensitivity(name, change, len(spans), sum((end - first).days for first, end in spans), hits)


def _phases_of_moves(
    readings: Sequence[Reading], core: Sequence[Rule], moves: Sequence[_Move], last: date
) -> Sequence[Mapping[date, Phase]]:
    """The phase of each day for each of the moves, in one replay: the figures are the same for all."""
    past, needed = ReplayHistory(), series_needed(core)
    past.learn_all(reading for reading in readings if reading.series in needed)
    standing = [RuleStates() for _ in moves]
    phases: list[dict[date, Phase]] = [{} for _ in moves]
    for day in past.days(core, last):
        figures: Figures = {}
        for index, (_, _, rules, limits) in enumerate(moves):
            at = end_of_day(day.day)
            standing[index] = evaluate(rules, standing[index], past.history, at, limits, figures).states
            phases[index][day.day] = standing[index].phase.phase
    return phases


def _moves(core: Sequence[Rule]) -> Iterator[_Move]:
    """The rules and the phase's limits as they are, then with one level or hold moved by a fifth."""
    yield "as they are", 0.0, core, LIMITS
    for rule in core:
        for field in ("fire", "clear", "fire_hold", "clear_hold"):
            value = getattr(rule, field)
            for change in (-MOVED, MOVED) if value else ():
                moved = replace(rule, **{field: value * (1 + change)})
                rules = [moved if other is rule else other for other in core]
                yield f"{rule.id}: {field.replace('_', ' ')}", change, rules, LIMITS
    for field in ("declining", "hold"):
        for change in (-MOVED, MOVED):
            limits = replace(LIMITS, **{field: getattr(LIMITS, field) * (1 + change)})
            yield f"phase: {field}", change, core, limits


def messages(
    readings: Sequence[Reading], rules: Sequence[Rule], last: date
) -> tuple[Messages, Mapping[date, Phase]]:
    """What the default subscriber would have got, and the phase of each day."""
    inbox, phases = Inbox(), dict[date, Phase]()
    for day in replay(readings, rules, last):
        if day.day >= FIRST:
            inbox.receive(day)
        phases[day.day] = day.evaluation.states.phase.phase
    capitulation = [day for day, phase in phases.items() if phase is Phase.CAPITULATION]
    counts = quiet_windows(inbox.days, FIRST, last, capitulation)
    within = sum(count <= 12 for count in counts) / len(counts) if counts else 1.0
    told = Messages(by_year(inbox.days), len(counts), within, median(counts or [0]), max(counts, default=0))
    return told, phases
