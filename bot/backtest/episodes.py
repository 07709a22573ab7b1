"""What the rules have been through: every episode of every rule and of the phase, from replay."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median

from bot.backtest.replay import replay
from bot.signals.alert import Alert, AlertKind, alerts
from bot.signals.inhibition import WINDOW, inhibits
from bot.signals.phase import Phase, SignalEvidence
from bot.signals.rules import Rule
from bot.signals.series import Reading
from bot.signals.state_machine import RuleState, Transition, TransitionKind

RECENT_DAYS = 30


@dataclass(frozen=True, slots=True)
class Episode:
    """One firing of a rule: `fired` and `cleared` are days, `cleared` None while it lasts.

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
    `absorbed` counts the firings and reminders that a change of phase had said already.
    """

    rule: Rule
    first: date | None
    episodes: tuple[Episode, ...]
    reminders: int
    absorbed: int
    crossings: int
    recent: tuple[tuple[date, float | None], ...]

    def median_days(self, until: date) -> float | None:
        """The median length of its episodes in days; None when there were none."""
        return median(one.days(until) for one in self.episodes) if self.episodes else None


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
    """The past of every rule (by id) and of the phase, up to and with the day `last`."""

    last: date
    rules: Mapping[str, RuleRecord]
    phases: tuple[PhaseSpan, ...]


@dataclass(slots=True)
class _RuleLog:
    """What is being gathered of one rule."""

    first: date | None = None
    episodes: list[Episode] = field(default_factory=list)
    reminders: int = 0
    absorbed: int = 0
    crossings: int = 0
    beyond: bool = False
    recent: list[tuple[date, float | None]] = field(default_factory=list)

    def look(self, day: date, rule: Rule, state: RuleState, keep: bool) -> None:
        value = state.value if state.no_data is None else None
        if value is not None:
            self.first = self.first or day
            beyond = rule.fires(value)
            self.crossings += beyond is not self.beyond
            self.beyond = beyond
        if keep:
            self.recent.append((day, value))

    def turn(self, day: date, transition: Transition) -> None:
        if transition.kind is TransitionKind.FIRED:
            self.episodes.append(Episode(day, None, transition.began, transition.value))
        elif transition.kind is TransitionKind.REMINDER:
            self.reminders += 1
        elif transition.kind is TransitionKind.CLEARED:
            last = self.episodes[-1]
            self.episodes[-1] = Episode(last.fired, day, last.began, transition.worst)


@dataclass(slots=True)
class _PhaseInhibition:
    """The newest change of phase that was told, and the signals of which an end was told since."""

    phase: Alert | None = None
    day: date = date.min
    ended: set[str] = field(default_factory=set)

    def absorbed(self, day: date, told: Sequence[Alert]) -> list[str]:
        """The rules whose news the change of phase has said already."""
        found = []
        for alert in told:  # the phase comes first
            if alert.kind is AlertKind.PHASE:
                self.phase, self.day, self.ended = alert, day, set()
            elif alert.kind is AlertKind.CLEARED:
                self.ended.add(alert.signal)
            elif self.phase is not None and day - self.day <= WINDOW:
                ended = alert.signal in self.ended
                if inhibits(self.phase, alert, together=day == self.day, ended=ended):
                    found.append(alert.rule)
        return found


def rule_history(readings: Iterable[Reading], rules: Sequence[Rule], last: date) -> RuleHistory:
    """Replay `readings` to `last` and write down what happened.

    About a second for sixteen years of history.
    """
    diaries = {rule.id: _RuleLog() for rule in rules}
    spans: list[PhaseSpan] = []
    states: Mapping[str, RuleState] = {}
    spoken = _PhaseInhibition()
    for one in replay(readings, rules, last):
        evaluation = one.evaluation
        states = evaluation.states.rules
        keep = one.day > last - timedelta(days=RECENT_DAYS)
        for rule in rules:
            diaries[rule.id].look(one.day, rule, states[rule.id], keep)
        for transition in evaluation.transitions:
            diaries[transition.rule.id].turn(one.day, transition)
        for rule_id in spoken.absorbed(one.day, alerts(evaluation)):
            diaries[rule_id].absorbed += 1
        change = evaluation.phase_change
        if change is not None:
            if spans:
                spans[-1] = _ended(spans[-1], one.day)
            spans.append(PhaseSpan(change.after, one.day, None, change.evidence, frozenset()))
        if spans:
            firing = {rule.signal for rule in rules if states[rule.id].active}
            if not firing <= spans[-1].firing:
                spans[-1] = _joined(spans[-1], firing)
    return RuleHistory(
        last, {rule.id: _record(rule, diaries[rule.id], states.get(rule.id)) for rule in rules}, tuple(spans)
    )


def _record(rule: Rule, diary: _RuleLog, state: RuleState | None) -> RuleRecord:
    episodes = diary.episodes
    if episodes and episodes[-1].cleared is None and state is not None:
        open_one = episodes[-1]
        episodes[-1] = Episode(open_one.fired, None, open_one.began, state.worst)
    return RuleRecord(
        rule,
        diary.first,
        tuple(episodes),
        diary.reminders,
        diary.absorbed,
        diary.crossings,
        tuple(diary.recent),
    )


def _ended(span: PhaseSpan, day: date) -> PhaseSpan:
    return PhaseSpan(span.phase, span.first, day, span.evidence, span.firing)


def _joined(span: PhaseSpan, firing: set[str]) -> PhaseSpan:
    return PhaseSpan(span.phase, span.first, span.end, span.evidence, span.firing | firing)
