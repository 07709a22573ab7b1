"""The composite phase: what the four signals say together, with a memory so that it does not flap."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.i18n.message import NOTHING, Message, message
from bot.signals.rules import SIGNALS, Rule, Severity
from bot.signals.state_machine import RuleState


class Phase(StrEnum):
    """The state of the mining market, in the contract's words."""

    CALM = "calm"
    STRESS = "stress"
    CAPITULATION = "capitulation"
    RECOVERY = "recovery"
    UNKNOWN = "unknown"


HOLD = timedelta(days=3)
"""How long the evidence for, or against, capitulation must stand."""

QUIET = timedelta(days=30)
"""How long recovery lasts when nothing happens."""


@dataclass(frozen=True, slots=True)
class SignalEvidence:
    """One signal as the composite sees it: the loudest of its rules, and whether any has trusted data.

    `since` is when that rule's episode began, `as_of` the moment the newest figure describes.
    """

    signal: str
    firing: bool
    known: bool
    severity: Severity | None
    since: datetime | None
    as_of: datetime | None
    title: Message
    detail: Message


@dataclass(frozen=True, slots=True)
class PhaseState:
    """The composite's memory. Moments are the data's own (UTC)."""

    phase: Phase = Phase.UNKNOWN
    since: datetime | None = None
    for_since: datetime | None = None  # evidence for capitulation stands since
    against_since: datetime | None = None  # while in it, the evidence is gone since
    last_crisis: datetime | None = None  # the last moment that looked like capitulation, until recovered
    as_of: datetime | None = None
    known: Phase | None = None  # the last one but UNKNOWN; None before the first


@dataclass(frozen=True, slots=True)
class PhaseChange:
    """The phase changed at `at` (the data's moment); `evidence` are the evidence.

    `known` is the last phase before it that was not UNKNOWN; None before the first.
    """

    before: Phase
    after: Phase
    at: datetime
    since: datetime | None
    lasted: timedelta | None
    evidence: tuple[SignalEvidence, ...]
    known: Phase | None = None


def evidence(rules: Iterable[Rule], states: Mapping[str, RuleState]) -> tuple[SignalEvidence, ...]:
    """The four signals, each from its rules' states."""
    by_signal: dict[str, list[tuple[Rule, RuleState]]] = {signal: [] for signal in SIGNALS}
    for rule in rules:
        by_signal[rule.signal].append((rule, states.get(rule.id, RuleState())))
    return tuple(_leg(signal, pairs) for signal, pairs in by_signal.items())


def _leg(signal: str, pairs: list[tuple[Rule, RuleState]]) -> SignalEvidence:
    if not pairs:
        return SignalEvidence(
            signal, False, False, None, None, None, NOTHING, message("nothing is watched for it")
        )
    active = [pair for pair in pairs if pair[1].active]
    trusted = [pair for pair in pairs if pair[1].no_data is None]
    # what has fired speaks by its gravest rule, what has not by its mildest
    rule, state = (max if active else min)(active or trusted or pairs, key=lambda pair: pair[0].severity)
    return SignalEvidence(
        signal,
        firing=bool(active),
        known=bool(trusted),
        severity=rule.severity if active else None,
        since=state.began if active else None,
        as_of=state.as_of,
        title=rule.title,
        detail=state.detail if state.no_data is None or active else state.reason,
    )


def advance(
    state: PhaseState, evidence: tuple[SignalEvidence, ...], *, recovered: bool
) -> tuple[PhaseState, PhaseChange | None]:
    """The phase after one more look, and the change if there is one.

    `recovered`: the hash ribbon has crossed back and the 10-day mean of price is above the 20-day mean.
    Time is that of the newest figure among the legs, so the same data seen twice changes nothing.
    """
    now = max((leg.as_of for leg in evidence if leg.as_of is not None), default=None)
    if now is None or (state.as_of is not None and now < state.as_of):
        return state, None
    after = _advance(replace(state, as_of=now), evidence, now, recovered)
    if after.phase is state.phase:
        return after, None
    known = state.known if state.phase is Phase.UNKNOWN else state.phase
    after = replace(after, since=now, known=known)
    lasted = now - state.since if state.since else None
    return after, PhaseChange(state.phase, after.phase, now, state.since, lasted, evidence, known)


def _advance(
    state: PhaseState, evidence: tuple[SignalEvidence, ...], now: datetime, recovered: bool
) -> PhaseState:
    by_signal = {leg.signal: leg for leg in evidence}
    firing = sum(leg.firing for leg in evidence)
    core = by_signal["price_drawdown"].firing and by_signal["hashrate_decline"].firing
    blind = any(not leg.known and not leg.firing for leg in evidence)
    crisis = by_signal["hashrate_decline"].firing and (firing >= 3 or (core and blind))
    if state.phase is Phase.CAPITULATION:
        if crisis or core:
            return replace(state, against_since=None, last_crisis=now)
        state = replace(state, against_since=state.against_since or now)
        if now - (state.against_since or now) < HOLD:
            return state
        return _afterwards(
            replace(state, for_since=None, against_since=None), evidence, firing, now, recovered
        )
    if crisis:
        state = replace(state, for_since=state.for_since or now)
        if now - (state.for_since or now) >= HOLD:
            return replace(state, phase=Phase.CAPITULATION, against_since=None, last_crisis=now)
    else:
        state = replace(state, for_since=None)
    return _afterwards(state, evidence, firing, now, recovered)


def _afterwards(
    state: PhaseState, evidence: tuple[SignalEvidence, ...], firing: int, now: datetime, recovered: bool
) -> PhaseState:
    """The phase when it is not capitulation."""
    if state.phase is Phase.RECOVERY:
        if state.since is not None and now - state.since < QUIET:
            return state
        state = replace(state, last_crisis=None)
    elif state.last_crisis is not None and recovered:
        return replace(state, phase=Phase.RECOVERY)
    if sum(leg.known for leg in evidence) < 2 and firing < 2:
        return replace(state, phase=Phase.UNKNOWN)
    return replace(state, phase=Phase.STRESS if firing >= 2 else Phase.CALM)
