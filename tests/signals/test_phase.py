"""The composite phase."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.i18n.message import NOTHING, message
from bot.signals.phase import HOLD, QUIET, Phase, PhaseChange, PhaseState, SignalEvidence, advance, evidence
from bot.signals.rules import SIGNALS, Severity, default_rules
from bot.signals.state_machine import RuleState, State
from tests.signals.builders import T0

D, H, E, O = "price_drawdown", "hashrate_decline", "energy_price", "miner_outflow"  # noqa: E741 - initials


def legs(day: float, *firing: str, unknown: tuple[str, ...] = ()) -> tuple[SignalEvidence, ...]:
    """The four signals as they stand on a day."""
    at = T0 + timedelta(days=day)
    return tuple(
        SignalEvidence(
            signal,
            firing=signal in firing,
            known=signal not in unknown,
            severity=Severity.WARNING if signal in firing else None,
            since=T0 if signal in firing else None,
            as_of=at,
            title=message(signal),
            detail=NOTHING,
        )
        for signal in SIGNALS
    )


def run(*days: tuple[SignalEvidence, ...], recovered: bool = False) -> tuple[PhaseState, list[PhaseChange]]:
    """Advance a fresh phase by these looks."""
    state, changes = PhaseState(), []
    for one in days:
        state, change = advance(state, one, recovered=recovered)
        if change is not None:
            changes.append(change)
    return state, changes


def phases(changes: list[PhaseChange]) -> list[Phase]:
    return [change.after for change in changes]


def test_one_signal_alone_is_never_more_than_calm() -> None:
    for signal in SIGNALS:
        state, _ = run(*(legs(day, signal) for day in range(30)))
        assert state.phase is Phase.CALM


def test_two_signals_are_stress() -> None:
    state, _ = run(legs(0, D, E))
    assert state.phase is Phase.STRESS


def test_three_with_the_hashrate_are_capitulation_once_they_have_stood_for_the_hold() -> None:
    _, changes = run(*(legs(day / 2, D, H, E) for day in range(9)))
    assert phases(changes) == [Phase.STRESS, Phase.CAPITULATION]
    assert changes[1].at == T0 + HOLD
    assert [leg.signal for leg in changes[1].evidence if leg.firing] == [H, D, E]


def test_three_without_the_hashrate_are_stress() -> None:
    state, _ = run(*(legs(day, D, E, O) for day in range(30)))
    assert state.phase is Phase.STRESS


def test_price_and_hashrate_are_enough_only_while_another_signal_has_no_data() -> None:
    known, _ = run(*(legs(day, D, H) for day in range(30)))
    blind, _ = run(*(legs(day, D, H, unknown=(O,)) for day in range(30)))
    assert (known.phase, blind.phase) == (Phase.STRESS, Phase.CAPITULATION)


def test_a_signal_that_fired_and_lost_its_data_still_counts() -> None:
    state, _ = run(*(legs(day, D, H, E, unknown=(E,)) for day in range(5)))
    assert state.phase is Phase.CAPITULATION


def test_evidence_names_the_gravest_rule_and_since_when_that_one_has_stood() -> None:
    later = T0 + timedelta(days=38)
    rules = {rule.id: rule for rule in default_rules(["DE-LU"])}
    states = {
        "price_drawdown.warning": RuleState(State.FIRING, began=T0, as_of=later, no_data=None),
        "price_drawdown.critical": RuleState(State.FIRING, began=later, as_of=later, no_data=None),
    }
    leg = next(leg for leg in evidence(rules.values(), states) if leg.signal == D)
    assert (leg.severity, leg.since, leg.title) == (
        Severity.CRITICAL,
        later,
        rules["price_drawdown.critical"].title,
    )


def test_evidence_interrupted_before_the_hold_starts_again() -> None:
    state, _ = run(legs(0, D, H, E), legs(2, D, H, E), legs(2.5, D), legs(3, D, H, E), legs(5.5, D, H, E))
    assert state.phase is Phase.STRESS


def test_capitulation_stays_while_price_and_hashrate_both_stand() -> None:
    state, _ = run(*(legs(day, D, H, E) for day in range(4)), *(legs(day, D, H) for day in range(4, 90)))
    assert state.phase is Phase.CAPITULATION


def test_it_ends_after_the_hold_and_says_how_long_it_was() -> None:
    _, changes = run(*(legs(day, D, H, E) for day in range(11)), *(legs(day, D) for day in range(11, 20)))
    ended = changes[-1]
    assert (ended.before, ended.after) == (Phase.CAPITULATION, Phase.CALM)
    assert ended.at == T0 + timedelta(days=11) + HOLD
    assert ended.lasted == timedelta(days=11)


def test_recovery_follows_capitulation_when_price_and_ribbon_turn_and_lasts_thirty_quiet_days() -> None:
    crisis = [legs(day, D, H, E) for day in range(11)]
    state, _ = run(*crisis, *(legs(day, D) for day in range(11, 15)))
    state, change = advance(state, legs(16, D), recovered=True)
    assert change is not None
    assert change.after is Phase.RECOVERY
    began = change.at
    for day in range(17, 60):
        state, change = advance(state, legs(day, D), recovered=True)
        if change is not None:
            assert (change.after, change.at) == (Phase.CALM, began + QUIET)
    assert state.phase is Phase.CALM


def test_recovery_without_a_capitulation_before_it_is_not_said() -> None:
    state, _ = run(*(legs(day, D) for day in range(10)), recovered=True)
    assert state.phase is Phase.CALM


def test_too_little_data_is_unknown() -> None:
    state, _ = run(legs(0, unknown=(D, H, E)))
    assert state.phase is Phase.UNKNOWN


scenes = st.lists(
    st.tuples(
        st.sampled_from([0.25, 1, 4]),
        st.sets(st.sampled_from(list(SIGNALS))),
        st.sets(st.sampled_from(list(SIGNALS))),
        st.booleans(),
    ),
    max_size=40,
)
Scene = tuple[float, set[str], set[str], bool]


@settings(max_examples=100, deadline=None)
@given(scenes)
def test_whatever_comes_the_rules_of_the_phase_hold(scenes: list[Scene]) -> None:
    state, day = PhaseState(), 0.0
    changes: list[PhaseChange] = []
    for wait, firing, unknown, recovered in scenes:
        day += wait
        now = legs(day, *firing, unknown=tuple(unknown))
        state, change = advance(state, now, recovered=recovered)
        assert advance(state, now, recovered=recovered) == (state, None)
        if change is not None:
            changes.append(change)
            if change.after is Phase.CAPITULATION:
                assert H in firing
                assert len(firing) >= 2
            if change.after is Phase.RECOVERY:
                assert Phase.CAPITULATION in phases(changes)
        if state.phase is Phase.STRESS:
            assert len(firing) >= 2
    for before, after in pairwise(changes):
        assert before.after is after.before
        assert after.lasted == after.at - before.at


@settings(max_examples=100, deadline=None)
@given(scenes)
def test_older_evidence_changes_nothing(scenes: list[Scene]) -> None:
    state, day = PhaseState(), 10.0
    for wait, firing, unknown, recovered in scenes:
        day += wait
        state, _ = advance(state, legs(day, *firing, unknown=tuple(unknown)), recovered=recovered)
        assert advance(state, legs(day - 1, D, H, E, O), recovered=True) == (state, None)


def test_a_gap_in_the_data_hides_no_change_of_phase() -> None:
    """Calm, then unknown, then stress: known again, the phase is another than was last known."""
    everything = (D, H, E, O)
    _, changes = run(legs(0, D), legs(1, D, unknown=everything[1:]), legs(2, D, H))
    assert [(one.before, one.after, one.known) for one in changes] == [
        (Phase.UNKNOWN, Phase.CALM, None),
        (Phase.CALM, Phase.UNKNOWN, Phase.CALM),
        (Phase.UNKNOWN, Phase.STRESS, Phase.CALM),
    ]
    _, changes = run(legs(0, D), legs(1, D, unknown=everything[1:]), legs(2, D))
    assert (changes[-1].after, changes[-1].known) == (Phase.CALM, Phase.CALM)
