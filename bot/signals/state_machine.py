"""The state machine of one rule: what one more measurement does to it. Nothing here knows the clock."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.i18n.message import NOTHING, Message
from bot.signals.indicators import Measured, Missing, NoDataReason
from bot.signals.rules import Rule

_GAP = timedelta(days=3)
"""A silence in the data longer than this breaks a hold."""

NO_DATA_NOTICE_AFTER = timedelta(hours=6)
"""Data that lacks for so long is told, once, while the rule has fired or is about to."""


class State(StrEnum):
    """Where a rule stands, in the contract's words."""

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


@dataclass(frozen=True, slots=True)
class RuleState:
    """A rule's memory.

    `level` is where it stands by the last trusted measurement and never changes for lack of data; `lack`
    is set while there is none. All moments are the data's own (UTC): `since` when `level` was reached,
    `began` when the figure went beyond the firing level, `notified` what was last told.
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
    lack: NoDataReason | None = NoDataReason.WARMING_UP
    lack_since: datetime | None = None
    lack_told: bool = False
    reason: Message = NOTHING

    @property
    def state(self) -> State:
        """What people are shown: the level, unless data lacks."""
        return self.level if self.lack is None else State(self.lack.value)

    @property
    def active(self) -> bool:
        """Whether the rule counts as fired, which lack of data does not end."""
        return self.level in (State.FIRING, State.RECOVERING)

    def seeing(self, measured: Measured) -> "RuleState":
        """The same level over a new measurement. Written out, since a replay spends its time here."""
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
            lack=None,
        )


@dataclass(frozen=True, slots=True)
class Transition:
    """One change of one rule. `began`, `lasted` and `worst` tell the episode when it fires or clears.

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
    """What the rule is after one more look at the data, and the change if there is one.

    Holds are counted in the data's own time, so looking twice at the same data changes nothing, and an
    older measurement than the last one is ignored. `at` (UTC) is only what the transition is dated with.
    """
    if isinstance(measured, Missing):
        after = state
        if state.lack is not measured.lack or state.reason != measured.reason:
            since = state.lack_since if state.lack is measured.lack else at
            after = replace(state, lack=measured.lack, lack_since=since, reason=measured.reason)
        if _worth_telling(after, at):
            after = replace(after, lack_told=True)
            return after, _change(rule, TransitionKind.NO_DATA, state, after, at)
        return after, _change(rule, TransitionKind.INTERNAL, state, after, at)
    if state.as_of is not None and measured.as_of < state.as_of:
        return state, None
    seen = state.seeing(measured)
    if state.as_of is not None and measured.as_of - state.as_of > _GAP:
        seen = _restart_hold(seen)
    after, kind = _advance(rule, seen, measured)
    if kind is TransitionKind.INTERNAL and state.lack_told:
        kind = TransitionKind.DATA_BACK
    return after, _change(rule, kind, state, after, at)


def _advance(rule: Rule, state: RuleState, measured: Measured) -> tuple[RuleState, TransitionKind]:
    """The next level by a trusted measurement; holds of no length pass at once."""
    now, value = measured.as_of, measured.value
    if state.level in (State.OK, State.PENDING):
        if not rule.fires(value):
            return _enter(state, State.OK, now), TransitionKind.INTERNAL
        pending = _enter(state, State.PENDING, now)
        began = pending.since or now
        if now - began < rule.fire_hold:
            return pending, TransitionKind.INTERNAL
        fired = _enter(pending, State.FIRING, now)
        return replace(fired, began=began, fired=now, notified=now, worst=value), TransitionKind.FIRED
    worse = min if rule.downward else max
    state = replace(state, worst=value if state.worst is None else worse(state.worst, value))
    if rule.clears(value):
        recovering = _enter(state, State.RECOVERING, now)
        if now - (recovering.since or now) < rule.clear_hold:
            return recovering, TransitionKind.INTERNAL
        return replace(_enter(recovering, State.OK, now), notified=now), TransitionKind.CLEARED
    firing = _enter(state, State.FIRING, now)
    if now - (firing.notified or now) >= rule.remind_after:
        return replace(firing, notified=now), TransitionKind.REMINDER
    return firing, TransitionKind.INTERNAL


def _worth_telling(state: RuleState, at: datetime) -> bool:
    """Whether people must hear that a rule they may wait for has been without data for long."""
    if state.lack is not NoDataReason.STALE or state.lack_told or state.level is State.OK:
        return False
    return state.lack_since is not None and at - state.lack_since >= NO_DATA_NOTICE_AFTER


def _restart_hold(state: RuleState) -> RuleState:
    """After days without data a hold begins again: nobody saw that it lasted."""
    back = {State.PENDING: State.OK, State.RECOVERING: State.FIRING}.get(state.level)
    return state if back is None else replace(state, level=back, since=None)


def _enter(state: RuleState, level: State, now: datetime) -> RuleState:
    if state.level is level and state.since is not None:
        return state
    return replace(state, level=level, since=now)


def _change(
    rule: Rule, kind: TransitionKind, before: RuleState, after: RuleState, at: datetime
) -> Transition | None:
    if kind is TransitionKind.INTERNAL and before.state is after.state:
        return None
    cleared = kind is TransitionKind.CLEARED
    began = after.began if kind is not TransitionKind.INTERNAL or after.active else None
    return Transition(
        rule=rule,
        kind=kind,
        before=before.state,
        after=after.state,
        at=at,
        value=after.value if after.lack is None else None,
        as_of=after.as_of,
        source=after.source,
        detail=after.detail if after.lack is None else after.reason,
        began=began,
        lasted=after.as_of - began if cleared and began and after.as_of else None,
        worst=after.worst if cleared or after.active else None,
        active=after.active,
    )
