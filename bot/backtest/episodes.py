"""The past of the rules: every episode of every rule and of the phase, from a replay, and what followed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from statistics import median
from typing import Final

from bot.backtest.evidence import (
    RETURN_DAYS,
    WITHIN,
    AnyDay,
    EvidenceCard,
    any_day,
    evidence_card,
)
from bot.backtest.index_record import IndexBand, index_bands
from bot.backtest.messages import Inbox
from bot.backtest.replay import ReplayHistory
from bot.signals.history import History
from bot.signals.phase import Phase, SignalEvidence
from bot.signals.rules import FROZEN, SUBSCRIPTIONS, Rule, Severity
from bot.signals.series import Reading
from bot.signals.state_machine import RuleState, Transition, TransitionKind

COUNTED_FROM: Final = date(2011, 1, 1)
"""The first day whose beginnings are evidence."""

RECENT_DAYS = 30


@dataclass(frozen=True, slots=True)
class Episode:
    """One firing of a rule: `fired` and `cleared` are days, `cleared` None while it lasts.

    A historical rule's episode ends at the latest with its data.

    `began` is the moment (UTC) from which the figure stood beyond the firing level, `worst` its extreme.
    """

    fired: date
    cleared: date | None
    began: datetime | None
    worst: float | None

    def days(self, until: date) -> int:
        """How many days it was on, counted to `until` while it lasts."""
        return ((self.cleared or until) - self.fired).days


@dataclass(frozen=True, slots=True)
class RuleRecord:
    """The past of one rule. `first` is the first day with a figure, `crossings` how often the bare firing
    level was passed either way, `recent` the figure of each of the last days, None where there was none.
    `inhibited` counts the firings and reminders that a change of phase had said already.
    """

    rule: Rule
    first: date | None
    episodes: tuple[Episode, ...]
    reminders: int
    inhibited: int
    crossings: int
    recent: tuple[tuple[date, float | None], ...]

    def median_days(self, until: date) -> float | None:
        """The median length of its episodes in days; None when there were none."""
        return median(episode.days(until) for episode in self.episodes) if self.episodes else None


@dataclass(frozen=True, slots=True)
class PhaseSpan:
    """One stay in a phase: from `first` up to and without `end`, None while it lasts.

    `evidence` is the evidence when it began, `firing` every signal that fired at any time in it.
    """

    phase: Phase
    first: date
    end: date | None
    evidence: tuple[SignalEvidence, ...]
    firing: frozenset[str]


@dataclass(frozen=True, slots=True)
class RuleHistory:
    """The past of every rule (by id) and of the phase, up to and with the day `last`.

    `cards` says what followed the beginnings of each rule (by id) and phase (by name) to the day FROZEN, on
    which levels and holds were chosen; `cards_since` those after it, where there are any. `any_day` has the
    base rates by days ahead, `index` the record of the stress index.
    """

    last: date
    rules: Mapping[str, RuleRecord]
    phases: tuple[PhaseSpan, ...]
    cards: Mapping[str, EvidenceCard] = field(default_factory=dict)
    cards_since: Mapping[str, EvidenceCard] = field(default_factory=dict)
    any_day: Mapping[int, AnyDay] = field(default_factory=dict)
    index: tuple[IndexBand, ...] = ()


@dataclass(slots=True)
class _RuleLog:
    """What is being gathered of one rule."""

    first: date | None = None
    episodes: list[Episode] = field(default_factory=list)
    reminders: int = 0
    inhibited: int = 0
    crossings: int = 0
    beyond: bool = False
    recent: list[tuple[date, float | None]] = field(default_factory=list)

    def add_figure(self, day: date, rule: Rule, state: RuleState, is_recent: bool) -> None:
        if not state.active and self.episodes and self.episodes[-1].cleared is None:
            self.episodes[-1] = replace(self.episodes[-1], cleared=day)
        value = state.value if state.no_data is None else None
        if value is not None:
            self.first = self.first or day
            beyond = rule.fires(value)
            self.crossings += beyond is not self.beyond
            self.beyond = beyond
        if is_recent:
            self.recent.append((day, value))

    def add_transition(self, day: date, transition: Transition) -> None:
        if transition.kind is TransitionKind.FIRED:
            self.episodes.append(Episode(day, None, transition.began, transition.value))
        elif transition.kind is TransitionKind.REMINDER:
            self.reminders += 1
        elif transition.kind is TransitionKind.CLEARED:
            last = self.episodes[-1]
            self.episodes[-1] = Episode(last.fired, day, last.began, transition.worst)


def rule_history(readings: Iterable[Reading], rules: Sequence[Rule], last: date) -> RuleHistory:
    """Replay `readings` to `last` and gather what happened; about a second for sixteen years."""
    logs = {rule.id: _RuleLog() for rule in rules}
    spans: list[PhaseSpan] = []
    states: Mapping[str, RuleState] = {}
    past, inbox = ReplayHistory(), Inbox(dict.fromkeys(SUBSCRIPTIONS, Severity.INFO))
    past.learn_all(readings)
    for day in past.days(rules, last):
        evaluation = day.evaluation
        states = evaluation.states.rules
        is_recent = day.day > last - timedelta(days=RECENT_DAYS)
        for rule in rules:
            logs[rule.id].add_figure(day.day, rule, states[rule.id], is_recent)
        for transition in evaluation.transitions:
            logs[transition.rule.id].add_transition(day.day, transition)
        for alert in inbox.receive(day):
            if alert.rule in logs:
                logs[alert.rule].inhibited += 1
        change = evaluation.phase_change
        if change is not None:
            if spans:
                spans[-1] = replace(spans[-1], end=day.day)
            spans.append(PhaseSpan(change.after, day.day, None, change.evidence, frozenset()))
        if spans:
            firing = frozenset(rule.signal for rule in rules if states[rule.id].active)
            if not firing <= spans[-1].firing:
                spans[-1] = replace(spans[-1], firing=spans[-1].firing | firing)
    records = {rule.id: _record(rule, logs[rule.id], states.get(rule.id)) for rule in rules}
    starts = _beginnings(records, spans)
    rates = {days: any_day(past.history, COUNTED_FROM, days) for days in RETURN_DAYS}
    return RuleHistory(
        last,
        records,
        tuple(spans),
        _cards(starts, past.history, rates[WITHIN].fell, (COUNTED_FROM, FROZEN)),
        _cards(starts, past.history, rates[WITHIN].fell, (FROZEN + timedelta(days=1), last)),
        rates,
        index_bands(past.history),
    )


def _record(rule: Rule, log: _RuleLog, state: RuleState | None) -> RuleRecord:
    episodes = log.episodes
    if episodes and episodes[-1].cleared is None and state is not None:
        episodes[-1] = replace(episodes[-1], worst=state.worst)
    return RuleRecord(
        rule, log.first, tuple(episodes), log.reminders, log.inhibited, log.crossings, tuple(log.recent)
    )


def _beginnings(records: Mapping[str, RuleRecord], spans: Sequence[PhaseSpan]) -> dict[str, list[date]]:
    """The days on which each rule (by id) and phase (by name) began."""
    starts = {name: [episode.fired for episode in record.episodes] for name, record in records.items()}
    for phase in (Phase.STRESS, Phase.CAPITULATION, Phase.RECOVERY):
        starts[phase.value] = [span.first for span in spans if span.phase is phase]
    return starts


def _cards(
    starts: Mapping[str, Sequence[date]], history: History, rate: float, span: tuple[date, date]
) -> dict[str, EvidenceCard]:
    """The evidence card of each rule and phase that began within the span."""
    difficulty, closes = dict(history.days("btc.difficulty")), dict(history.days("btc.price"))
    inside = {name: [day for day in days if span[0] <= day <= span[1]] for name, days in starts.items()}
    return {name: evidence_card(days, difficulty, closes, rate) for name, days in inside.items() if days}
