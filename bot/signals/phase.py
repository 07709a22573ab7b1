"""The composite phase: what price and hashrate say together, with a memory so that it does not flap.

`capitulation` rests on two core signals alone, price drawdown and hashrate decline. The other signals are
evidence: shown, whether they fire, are quiet or have no data, but no condition of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final

from bot.i18n.message import NOTHING, Message, message
from bot.signals.rules import SIGNALS, Rule, Severity
from bot.signals.state_machine import NEW, RuleState


class Phase(StrEnum):
    """The state of the mining market, in the contract's words."""

    CALM = "calm"
    STRESS = "stress"
    CAPITULATION = "capitulation"
    RECOVERY = "recovery"
    UNKNOWN = "unknown"


PRICE: Final = "price_drawdown"
HASHRATE: Final = "hashrate_decline"
CORE: Final = (PRICE, HASHRATE)
"""The signals without whose data there is no phase."""

STRESSING: Final = (PRICE, "miner_income", "miner_outflow")
"""With a decline of hashrate, any of these makes `stress`."""

ALARMING: Final = (HASHRATE, *STRESSING)
"""While a critical rule of one of these fires, the phase is not `calm`. The power price of a place informs
only: it moves no phase."""


@dataclass(frozen=True, slots=True)
class PhaseLimits:
    """The levels and holds of the phase.

    `declining`: 14-day ÷ 60-day mean of hashrate − 1 at or below which a fall goes on (its noise is 1.95 %).
    `hold`: how long the evidence for, or against, capitulation must last. `quiet`: how long recovery lasts
    when nothing happens.
    """

    declining: float = -0.02
    hold: timedelta = timedelta(days=3)
    quiet: timedelta = timedelta(days=30)


LIMITS: Final = PhaseLimits()
"""The limits in use; others are for measuring how much depends on them."""

_GAP = timedelta(days=3)
"""A gap in the data longer than this restarts a hold."""


@dataclass(frozen=True, slots=True)
class SignalEvidence:
    """One signal as the phase sees it: the most severe of its rules, and whether any has data.

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
class MarketTrend:
    """What the phase needs beside the signals. `declining`: the fall of hashrate goes on (see PhaseLimits).

    `recovered`: the hash ribbon has crossed back and the 10-day mean of price is above the 20-day mean.
    """

    declining: bool = False
    recovered: bool = False


@dataclass(frozen=True, slots=True)
class PhaseState:
    """The phase's memory. Moments are the data's own (UTC).

    `stale`: a core signal has no data, so the phase is the last one known and changes only with data.
    """

    phase: Phase = Phase.UNKNOWN
    since: datetime | None = None
    for_since: datetime | None = None  # evidence for capitulation stands since
    against_since: datetime | None = None  # while in it, the evidence is gone since
    last_crisis: datetime | None = None  # the last moment of capitulation, until recovered
    as_of: datetime | None = None
    known: Phase | None = None  # the last one but UNKNOWN; None before the first
    stale: bool = False


@dataclass(frozen=True, slots=True)
class PhaseChange:
    """The phase changed at `at` (the data's moment) by `evidence`.

    `known` is the last phase before it that was not UNKNOWN; None before the first.
    """

    before: Phase
    after: Phase
    at: datetime
    since: datetime | None
    lasted: timedelta | None
    evidence: tuple[SignalEvidence, ...]
    known: Phase | None = None


def evidence(rules: Sequence[Rule], states: Mapping[str, RuleState]) -> tuple[SignalEvidence, ...]:
    """Every signal, each from its rules' states. Rules over intraday prices are no evidence."""
    by_signal = _mildest_first(tuple(rules))
    return tuple([_evidence(signal, mildest_first, states) for signal, mildest_first in by_signal])


@lru_cache(maxsize=8)
def _mildest_first(rules: tuple[Rule, ...]) -> tuple[tuple[str, tuple[Rule, ...]], ...]:
    """The rules of each signal that are evidence, by severity."""
    by_severity = sorted((rule for rule in rules if not rule.intraday), key=lambda rule: rule.severity)
    return tuple((signal, tuple(rule for rule in by_severity if rule.signal == signal)) for signal in SIGNALS)


def _evidence(signal: str, mildest_first: Sequence[Rule], states: Mapping[str, RuleState]) -> SignalEvidence:
    """A firing signal is represented by its most severe rule, any other by its mildest with data."""
    if not mildest_first:
        return SignalEvidence(
            signal, False, False, None, None, None, NOTHING, message("nothing is watched for it")
        )
    gravest, mildest = None, None
    for rule in mildest_first:
        state = states.get(rule.id, NEW)
        if state.active and (gravest is None or rule.severity > gravest.severity):
            gravest = rule
        if mildest is None and state.no_data is None:
            mildest = rule
    rule = gravest or mildest or mildest_first[0]
    state = states.get(rule.id, NEW)
    firing = gravest is not None
    return SignalEvidence(
        signal,
        firing,
        known=mildest is not None,
        severity=rule.severity if firing else None,
        since=state.began if firing else None,
        as_of=state.as_of,
        title=rule.title,
        detail=state.detail if firing or state.no_data is None else state.reason,
    )


def advance(
    state: PhaseState,
    evidence: tuple[SignalEvidence, ...],
    market: MarketTrend,
    limits: PhaseLimits = LIMITS,
) -> tuple[PhaseState, PhaseChange | None]:
    """The phase after one more evaluation, and the change if there is one.

    Time is that of the core signals' figures. A day is looked at once both describe it, and miners' income
    where it has data, so that the order in which a day's figures arrive changes nothing.
    """
    by_signal = {signal.signal: signal for signal in evidence}
    price, hashrate, income = by_signal[PRICE], by_signal[HASHRATE], by_signal["miner_income"]
    if not price.known or not hashrate.known:
        return (state if state.stale else replace(state, stale=True)), None
    now = price.as_of
    one_day = now == hashrate.as_of and (not income.known or now == income.as_of)
    if now is None or not one_day or (state.as_of is not None and now < state.as_of):
        return (replace(state, stale=False) if state.stale else state), None
    if state.as_of is not None and now - state.as_of > _GAP:
        state = replace(state, for_since=None, against_since=None)
    after = replace(_advance(state, by_signal, now, market, limits), as_of=now, stale=False)
    if after.phase is state.phase:
        return after, None
    known = state.known if state.phase is Phase.UNKNOWN else state.phase
    after = replace(after, since=now, known=known)
    lasted = now - state.since if state.since else None
    return after, PhaseChange(state.phase, after.phase, now, state.since, lasted, evidence, known)


def _advance(
    state: PhaseState,
    by_signal: Mapping[str, SignalEvidence],
    now: datetime,
    market: MarketTrend,
    limits: PhaseLimits,
) -> PhaseState:
    core = by_signal[PRICE].firing and by_signal[HASHRATE].firing
    if state.phase is Phase.CAPITULATION:
        if core:
            return replace(state, against_since=None, last_crisis=now)
        state = replace(state, against_since=state.against_since or now)
        if now - (state.against_since or now) < limits.hold:
            return state
        state = replace(state, for_since=None, against_since=None)
        return _otherwise(state, by_signal, now, market, limits)
    if core and market.declining:
        state = replace(state, for_since=state.for_since or now)
        if now - (state.for_since or now) >= limits.hold:
            return replace(state, phase=Phase.CAPITULATION, against_since=None, last_crisis=now)
    elif state.for_since is not None:
        state = replace(state, for_since=None)
    return _otherwise(state, by_signal, now, market, limits)


def _otherwise(
    state: PhaseState,
    by_signal: Mapping[str, SignalEvidence],
    now: datetime,
    market: MarketTrend,
    limits: PhaseLimits,
) -> PhaseState:
    """The phase when it is not capitulation. After one it is `stress` until `recovery`, never `calm`."""
    together = by_signal[HASHRATE].firing and any(by_signal[name].firing for name in STRESSING)
    alarming = any(by_signal[name].severity is Severity.CRITICAL for name in ALARMING)
    if state.phase is Phase.RECOVERY:
        if together or by_signal[HASHRATE].severity is Severity.CRITICAL:
            return replace(state, phase=Phase.STRESS)
        if state.since is not None and now - state.since < limits.quiet:
            return state
        state = replace(state, last_crisis=None)
    elif state.last_crisis is not None:
        recovering = market.recovered and not together
        return _in(Phase.RECOVERY if recovering else Phase.STRESS, state)
    return _in(Phase.STRESS if together or alarming else Phase.CALM, state)


def _in(phase: Phase, state: PhaseState) -> PhaseState:
    return state if state.phase is phase else replace(state, phase=phase)
