"""The state machine of one rule: the state after one more measurement. No clock is read here."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.i18n.message import NOTHING, Message
from bot.signals.indicators import Measured, Missing, NoDataReason
from bot.signals.rules import Rule

_GAP = timedelta(days=3)
"""A gap in the data longer than this restarts a hold."""

NO_DATA_NOTICE_AFTER = timedelta(hours=6)
"""Missing data is reported once it has lasted so long, while the rule has fired or is about to."""


class State(StrEnum):
    """The state of a rule, in the contract's words."""

    OK = "ok"
    PENDING = "pending"
    FIRING = "firing"
    RECOVERING = "recovering"
    STALE = "stale"
    WARMING_UP = "warming_up"


class TransitionKind(StrEnum):
    """What a transition means for people; `INTERNAL` ones are only recorded.

    `NO_DATA`: its data is too old, so that it neither fires nor clears; `DATA_BACK`: it has data again.
    """

    FIRED = "fired"
    CLEARED = "cleared"
    REMINDER = "reminder"
    NO_DATA = "no_data"
    DATA_BACK = "data_back"
    INTERNAL = "internal"


@dataclass(slots=True)
class RuleState:
    """A rule's memory.

    `level` is the state by the last measurement and does not change while data is missing; `no_data` is set
    while it is. All moments are the data's own (UTC): `since` when `level` was reached, `began` when the
    figure went beyond the pending level, `notified` when the last alert was made. `inhibited`: its firing was
    not reported, since another rule reports it.

    Nothing changes one once it is made. It is not frozen, since replay makes one a rule and day, and a frozen
    one takes three times as long to make.
    """

    level: State = State.OK
    since: datetime | None = None
    began: datetime | None = None
    fired: datetime | None = None
    notified: datetime | None = None
    as_of: datetime | None = None
    value: float | None = None
    worst: float | None = None
    source: str = ""
    detail: Message = NOTHING
    no_data: NoDataReason | None = NoDataReason.WARMING_UP
    no_data_since: datetime | None = None
    no_data_told: bool = False
    reason: Message = NOTHING
    inhibited: bool = False

    @property
    def state(self) -> State:
        """What people are shown: the level, unless data is missing."""
        return self.level if self.no_data is None else State(self.no_data.value)

    @property
    def active(self) -> bool:
        """Whether the rule has fired and not cleared; missing data does not end that."""
        return self.level in (State.FIRING, State.RECOVERING)

    def with_measurement(self, measured: Measured) -> "RuleState":
        """A copy with a new measurement.

        Spelled out instead of `dataclasses.replace`: replay spends most of its time here.
        """
        return RuleState(
            level=self.level,
            since=self.since,
            began=self.began,
            fired=self.fired,
            notified=self.notified,
            as_of=measured.as_of,
            value=measured.value,
            worst=self.worst,
            source=measured.source,
            detail=measured.detail,
            no_data=None,
            inhibited=self.inhibited,
        )


NEW: Final = RuleState()
"""The state of a rule that was never evaluated."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One change of one rule. `began`, `lasted` and `worst` describe the episode when it fires or clears.

    `active`: the rule has fired and not cleared, whatever its data.
    """

    rule: Rule
    kind: TransitionKind
    before: State
    after: State
    at: datetime
    value: float | None
    as_of: datetime | None
    source: str
    detail: Message
    began: datetime | None
    lasted: timedelta | None
    worst: float | None
    active: bool


def step(
    rule: Rule, state: RuleState, measured: Measured | Missing, at: datetime
) -> tuple[RuleState, Transition | None]:
    """The state after one more measurement, and the transition if there is one.

    Holds are counted in the data's own time: the same measurement twice changes nothing, and an older one
    than the last is ignored, unless the last one is of the future: a clock that was ahead has dated it. `at`
    (UTC) only dates the transition. Missing data neither fires nor clears
    anything, but a historical rule, whose data does not come back, stands no longer than its data.
    """
    if isinstance(measured, Missing):
        after = state
        if state.no_data is not measured.no_data or state.reason != measured.reason:
            since = state.no_data_since if state.no_data is measured.no_data else at
            after = replace(state, no_data=measured.no_data, no_data_since=since, reason=measured.reason)
        if rule.historical and after.active:
            after = replace(after, level=State.OK, since=after.as_of)
        if _reports_no_data(after, at):
            after = replace(after, no_data_told=True)
            return after, _change(rule, TransitionKind.NO_DATA, state, after, at)
        return after, None if after is state else _change(rule, TransitionKind.INTERNAL, state, after, at)
    if state.as_of is not None and measured.as_of < state.as_of:
        if state.as_of <= at:
            return state, None
        state = _without_the_future(state, measured.as_of)
    current = state.with_measurement(measured)
    if state.as_of is not None and measured.as_of - state.as_of > _GAP:
        current = _restart_hold(current)
    after, kind = _advance(rule, current, measured)
    if kind is TransitionKind.INTERNAL and state.no_data_told:
        kind = TransitionKind.DATA_BACK
    if kind is TransitionKind.INTERNAL and after.level is state.level and state.no_data is None:
        return after, None
    return after, _change(rule, kind, state, after, at)


def _advance(rule: Rule, state: RuleState, measured: Measured) -> tuple[RuleState, TransitionKind]:
    """The next level by a measurement; a hold of length zero passes at once."""
    now, value = measured.as_of, measured.value
    if state.level in (State.OK, State.PENDING):
        if not rule.pends(value):
            return _enter(state, State.OK, now), TransitionKind.INTERNAL
        pending = _enter(state, State.PENDING, now)
        began = pending.since or now
        if now - began < rule.fire_hold or not rule.fires(value):
            return pending, TransitionKind.INTERNAL
        fired = replace(
            pending,
            level=State.FIRING,
            since=now,
            began=began,
            fired=now,
            notified=now,
            worst=value,
            inhibited=False,
        )
        return fired, TransitionKind.FIRED
    worse = min if rule.downward else max
    if state.worst is None or worse(state.worst, value) != state.worst:
        state = replace(state, worst=value)
    if rule.clears(value):
        recovering = _enter(state, State.RECOVERING, now)
        if now - (recovering.since or now) < rule.clear_hold:
            return recovering, TransitionKind.INTERNAL
        return replace(_enter(recovering, State.OK, now), notified=now), TransitionKind.CLEARED
    firing = _enter(state, State.FIRING, now)
    if _reminder_due(rule, firing, now):
        return replace(firing, notified=now), TransitionKind.REMINDER
    return firing, TransitionKind.INTERNAL


def _reminder_due(rule: Rule, state: RuleState, now: datetime) -> bool:
    """Whether a reminder's time has passed since the last alert of this firing."""
    if state.fired is None or state.notified is None or not rule.reminders:
        return False
    return any(state.notified < state.fired + after <= now for after in rule.reminders)


def _reports_no_data(state: RuleState, at: datetime) -> bool:
    """Whether to report now that a rule that has fired, or is about to, has had no data for long."""
    if state.no_data is not NoDataReason.STALE or state.no_data_told or state.level is State.OK:
        return False
    return state.no_data_since is not None and at - state.no_data_since >= NO_DATA_NOTICE_AFTER


def _without_the_future(state: RuleState, now: datetime) -> RuleState:
    """A state whose level began when a clock that was ahead says counts from now."""
    return replace(state, since=now) if state.since is not None and state.since > now else state


def _restart_hold(state: RuleState) -> RuleState:
    """Restart a hold after days without data."""
    back = {State.PENDING: State.OK, State.RECOVERING: State.FIRING}.get(state.level)
    return state if back is None else replace(state, level=back, since=None)


def _enter(state: RuleState, level: State, now: datetime) -> RuleState:
    if state.level is level and state.since is not None:
        return state
    return replace(state, level=level, since=now)


def _change(
    rule: Rule, kind: TransitionKind, before: RuleState, after: RuleState, at: datetime
) -> Transition | None:
    if kind is TransitionKind.INTERNAL:
        if before.level is after.level and before.no_data is after.no_data:
            return None
        if before.state is after.state:
            return None
    cleared = kind is TransitionKind.CLEARED
    began = after.began if kind is not TransitionKind.INTERNAL or after.active else None
    return Transition(
        rule=rule,
        kind=kind,
        before=before.state,
        after=after.state,
        at=at,
        value=after.value if after.no_data is None else None,
        as_of=after.as_of,
        source=after.source,
        detail=after.detail if after.no_data is None else after.reason,
        began=began,
        lasted=max(timedelta(0), after.as_of - began) if cleared and began and after.as_of else None,
        worst=after.worst if cleared or after.active else None,
        active=after.active,
    )
