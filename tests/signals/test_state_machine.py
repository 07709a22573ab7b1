"""The state machine of one rule."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.i18n.message import message
from bot.signals.indicators import Measured, Missing, NoDataReason
from bot.signals.rules import Rule
from bot.signals.state_machine import RuleState, State, Transition, TransitionKind, step
from tests.signals.builders import BELOW_HALF, T0, held_rule, seen

STALE = Missing(NoDataReason.STALE, message("too old"))
WARMING = Missing(NoDataReason.WARMING_UP, message("too little"))

levels = st.sampled_from([-0.9, -0.6, -0.5, -0.45, -0.4, -0.3, 0.0])
looks = st.lists(
    st.tuples(st.integers(1, 60), st.one_of(levels, st.sampled_from([STALE, WARMING]))), max_size=60
)
rules = st.builds(held_rule, st.sampled_from([0, 1, 3]), st.sampled_from([0, 1, 4]), critical=st.booleans())

Look = tuple[int, float | Missing]


def run(rule: Rule, looks: Sequence[Look]) -> tuple[list[RuleState], list[Transition]]:
    """Feed a rule with looks, each some hours after the one before."""
    state, hours = RuleState(), 0.0
    states, transitions = [], []
    for wait, what in looks:
        hours += wait
        at = T0 + timedelta(hours=hours)
        measured = seen(what, hours) if isinstance(what, float) else what
        state, transition = step(rule, state, measured, at)
        states.append(state)
        if transition is not None:
            transitions.append(transition)
    return states, transitions


@settings(max_examples=80, deadline=None)
@given(rules, looks)
def test_it_never_fires_twice_without_clearing_between(rule: Rule, looks: list[Look]) -> None:
    _, transitions = run(rule, looks)
    messages = [
        each.kind for each in transitions if each.kind in (TransitionKind.FIRED, TransitionKind.CLEARED)
    ]
    assert messages[:1] in ([], [TransitionKind.FIRED])
    assert all(before is not after for before, after in pairwise(messages))


@settings(max_examples=80, deadline=None)
@given(rules, looks)
def test_lack_of_data_never_fires_nor_resolves_and_is_shown(rule: Rule, looks: list[Look]) -> None:
    states, transitions = run(rule, looks)
    before = RuleState()
    for (_, what), after in zip(looks, states, strict=True):
        if isinstance(what, Missing):
            assert (after.level, after.active, after.worst) == (before.level, before.active, before.worst)
            assert after.state is State(what.no_data.value)
        before = after
    assert all(each.value is None for each in transitions if each.after in (State.STALE, State.WARMING_UP))


@settings(max_examples=80, deadline=None)
@given(rules, looks, st.data())
def test_looking_again_at_the_same_data_or_at_older_data_changes_nothing(
    rule: Rule, looks: list[Look], data: st.DataObject
) -> None:
    state, hours = RuleState(), 0.0
    past: list[Measured] = []
    for wait, what in looks:
        hours += wait
        at = T0 + timedelta(hours=hours)
        measured = seen(what, hours) if isinstance(what, float) else what
        state, _ = step(rule, state, measured, at)
        assert step(rule, state, measured, at + timedelta(minutes=5)) == (state, None)
        if isinstance(measured, Measured):
            if past:
                old = data.draw(st.sampled_from(past))
                assert step(rule, state, old, at) == (state, None)
            past.append(measured)


@settings(max_examples=80, deadline=None)
@given(rules, looks)
def test_a_stricter_level_is_never_fired_while_a_laxer_one_is_not(rule: Rule, looks: list[Look]) -> None:
    strict = replace(rule, fire=rule.fire - 0.1, clear=rule.clear - 0.1)
    for lax_state, strict_state in zip(run(rule, looks)[0], run(strict, looks)[0], strict=True):
        assert lax_state.active or not strict_state.active


@settings(max_examples=80, deadline=None)
@given(rules, looks, st.data())
def test_worse_figures_never_make_a_rule_quieter(rule: Rule, looks: list[Look], data: st.DataObject) -> None:
    worse: list[Look] = [
        (wait, what - data.draw(st.sampled_from([0.0, 0.2])) if isinstance(what, float) else what)
        for wait, what in looks
    ]
    for state, worse_state in zip(run(rule, looks)[0], run(rule, worse)[0], strict=True):
        assert worse_state.active or not state.active


@settings(max_examples=80, deadline=None)
@given(rules, looks)
def test_an_upward_rule_is_the_mirror_of_a_downward_one(rule: Rule, looks: list[Look]) -> None:
    upward = replace(rule, downward=False, fire=-rule.fire, clear=-rule.clear)
    mirrored: list[Look] = [(wait, -what if isinstance(what, float) else what) for wait, what in looks]
    plain, mirror = run(rule, looks)[0], run(upward, mirrored)[0]
    assert [(each.level, each.since) for each in plain] == [(each.level, each.since) for each in mirror]


def test_it_fires_at_the_level_and_clears_only_past_the_other() -> None:
    states, transitions = run(BELOW_HALF, [(1, -0.49), (1, -0.5), (1, -0.41), (1, -0.4), (1, -0.39)])
    assert [each.level for each in states] == [State.OK, State.FIRING, State.FIRING, State.FIRING, State.OK]
    assert [each.kind for each in transitions if each.kind is not TransitionKind.INTERNAL] == [
        TransitionKind.FIRED,
        TransitionKind.CLEARED,
    ]


def test_a_hold_is_counted_in_the_datas_time_not_in_the_number_of_looks() -> None:
    rule = held_rule(fire_days=2)
    state, _ = step(rule, RuleState(), seen(-0.6, 0), T0)
    for hour in range(1, 48):
        state, _ = step(rule, state, seen(-0.6, 0), T0 + timedelta(hours=hour))
    assert state.level is State.PENDING
    state, transition = step(rule, state, seen(-0.6, 48), T0 + timedelta(hours=48))
    assert transition is not None
    assert (transition.kind, transition.began) == (TransitionKind.FIRED, T0)


def test_what_a_clock_that_was_ahead_has_dated_keeps_nothing_from_being_told() -> None:
    state, fired = step(BELOW_HALF, RuleState(), seen(-0.6, 2), T0 + timedelta(hours=2))
    assert fired is not None
    state, cleared = step(BELOW_HALF, state, seen(-0.3, 0.1), T0 + timedelta(hours=0.1))
    assert cleared is not None
    assert (cleared.kind, cleared.lasted) == (TransitionKind.CLEARED, timedelta(0))
    _, again = step(BELOW_HALF, state, seen(-0.6, 0.2), T0 + timedelta(hours=0.2))
    assert again is not None
    assert again.kind is TransitionKind.FIRED


def test_a_hold_that_a_clock_ahead_began_counts_from_the_next_look() -> None:
    rule, ahead, set_back = held_rule(fire_days=1), timedelta(days=365), timedelta(minutes=5)
    state, _ = step(rule, RuleState(), seen(-0.6, ahead / timedelta(hours=1)), T0 + ahead)
    state, _ = step(rule, state, seen(-0.6, set_back / timedelta(hours=1)), T0 + set_back)
    assert (state.level, state.since) == (State.PENDING, T0 + set_back)


def test_a_return_within_the_hold_starts_it_again() -> None:
    states, transitions = run(
        held_rule(fire_days=2), [(24, -0.6), (24, -0.3), (24, -0.6), (24, -0.6), (24, -0.6)]
    )
    assert [each.level for each in states] == [
        *(State.PENDING, State.OK, State.PENDING, State.PENDING, State.FIRING),
    ]
    assert transitions[-1].began == T0 + timedelta(hours=72)


def test_a_silence_of_the_data_breaks_a_hold() -> None:
    states, _ = run(held_rule(fire_days=2), [(24, -0.6), (24 * 5, -0.6), (24, -0.6), (24, -0.6)])
    assert [each.level for each in states] == [State.PENDING, State.PENDING, State.PENDING, State.FIRING]
    assert states[1].since == T0 + timedelta(days=6)


def test_a_broken_hold_that_does_not_stand_again_is_ok_since_then() -> None:
    states, _ = run(held_rule(fire_days=2), [(24, -0.6), (24 * 5, -0.3)])
    assert (states[1].level, states[1].since) == (State.OK, T0 + timedelta(days=6))


def test_a_recovery_says_how_long_it_lasted_and_the_worst_value() -> None:
    rule = held_rule(fire_days=1, clear_days=2)
    looks: list[Look] = [(24, value) for value in (-0.5, -0.6, -0.8, -0.3, -0.45, -0.3, -0.3, -0.2)]
    _, transitions = run(rule, looks)
    cleared = transitions[-1]
    assert cleared.kind is TransitionKind.CLEARED
    assert cleared.began == T0 + timedelta(days=1)
    assert cleared.lasted == timedelta(days=7)
    assert cleared.worst == -0.8
    assert cleared.value == -0.2


def test_a_critical_rule_is_repeated_ever_less_often_and_a_warning_never() -> None:
    states, transitions = run(held_rule(critical=True), [(24, -0.6)] * 400)
    reminded = [each.at for each in transitions if each.kind is TransitionKind.REMINDER]
    fired = T0 + timedelta(days=1)
    assert reminded == [fired + timedelta(days=day) for day in (30, 90, 210)]
    assert all(each.level is State.FIRING for each in states)
    _, transitions = run(held_rule(), [(24, -0.6)] * 400)
    assert [each.kind for each in transitions] == [TransitionKind.FIRED]


def test_a_hold_counts_from_the_pending_level_and_fires_at_the_firing_level() -> None:
    """The hash ribbon: inverted for five days, and by more than its noise."""
    rule = replace(held_rule(fire_days=5), pend=-0.3)
    states, transitions = run(rule, [(24, -0.4)] * 7 + [(24, -0.55), (24, -0.45)])
    assert [state.level for state in states[:7]] == [State.PENDING] * 7
    fired = next(each for each in transitions if each.kind is TransitionKind.FIRED)
    assert (fired.at, fired.began) == (T0 + timedelta(days=8), T0 + timedelta(days=1))
    assert states[-1].level is State.FIRING, "it clears at its clearing level only"
    early, _ = run(rule, [(24, -0.6)] * 3)
    assert early[-1].level is State.PENDING, "deep, but not for long enough"


def test_it_goes_on_where_it_stood_when_data_comes_back() -> None:
    states, transitions = run(BELOW_HALF, [(1, -0.6), (1, STALE), (1, STALE), (1, -0.6)])
    assert [each.state for each in states] == [State.FIRING, State.STALE, State.STALE, State.FIRING]
    assert states[2].no_data_since == T0 + timedelta(hours=2)
    assert [each.kind for each in transitions] == [
        TransitionKind.FIRED,
        TransitionKind.INTERNAL,
        TransitionKind.INTERNAL,
    ]


def silences(transitions: list[Transition]) -> list[TransitionKind]:
    return [
        each.kind for each in transitions if each.kind in (TransitionKind.NO_DATA, TransitionKind.DATA_BACK)
    ]


def test_a_long_silence_of_a_fired_rule_is_told_once_and_so_is_its_end() -> None:
    states, transitions = run(BELOW_HALF, [(1, -0.6), *[(2, STALE)] * 8, (1, -0.6), (1, -0.6)])
    assert silences(transitions) == [TransitionKind.NO_DATA, TransitionKind.DATA_BACK]
    silenced = next(each for each in transitions if each.kind is TransitionKind.NO_DATA)
    assert silenced.at == T0 + timedelta(hours=3 + 6)
    assert (silenced.active, silenced.detail, silenced.value) == (True, message("too old"), None)
    assert states[-1].level is State.FIRING


def test_a_silence_is_told_of_a_rule_that_was_about_to_fire_but_of_no_quiet_one() -> None:
    quiet, pending = [(1, -0.1)], [(1, -0.6)]
    gone: list[Look] = [(7, STALE), (7, STALE)]
    assert silences(run(BELOW_HALF, [*quiet, *gone])[1]) == []
    _, transitions = run(held_rule(fire_days=2), [*pending, *gone])
    assert silences(transitions) == [TransitionKind.NO_DATA]
    assert not transitions[-1].active


def test_a_short_silence_and_a_young_history_are_not_told() -> None:
    assert silences(run(BELOW_HALF, [(1, -0.6), (1, STALE), (4, STALE), (1, -0.6)])[1]) == []
    assert silences(run(BELOW_HALF, [(1, -0.6), (1, WARMING), (40, WARMING), (1, -0.6)])[1]) == []


def test_data_that_comes_back_with_news_tells_the_news_only() -> None:
    _, transitions = run(BELOW_HALF, [(1, -0.6), (1, STALE), (9, STALE), (1, -0.1)])
    assert [each.kind for each in transitions if each.kind is not TransitionKind.INTERNAL] == [
        *(TransitionKind.FIRED, TransitionKind.NO_DATA, TransitionKind.CLEARED)
    ]


def test_missing_data_counts_from_its_first_look_whatever_the_reason_reads() -> None:
    older = replace(STALE, reason=message("older still"))
    states, _ = run(held_rule(0, 0), [(1, STALE), (1, STALE), (1, older), (1, WARMING)])
    since = [state.no_data_since for state in states]
    assert since == [T0 + timedelta(hours=hours) for hours in (1, 1, 1, 4)]
    assert [state.reason for state in states] == [STALE.reason, STALE.reason, older.reason, WARMING.reason]


def test_a_figure_revised_for_the_same_moment_counts() -> None:
    rule = held_rule(0, 0)
    state, _ = step(rule, RuleState(), seen(-0.3, 1.0), T0)
    state, transition = step(rule, state, seen(-0.9, 1.0), T0)
    assert state.state is State.FIRING
    assert transition is not None
    assert transition.kind is TransitionKind.FIRED


def test_a_firing_begins_when_the_hold_is_over_and_is_told_anew() -> None:
    rule, day = held_rule(fire_days=1), timedelta(days=1)
    pending = RuleState(level=State.PENDING, since=T0, as_of=T0, no_data=None, inhibited=True)
    after, transition = step(rule, pending, seen(-0.6, 24), T0 + day)
    assert transition is not None
    assert (after.since, after.began, after.fired) == (T0 + day, T0, T0 + day)
    assert after.inhibited is False


def test_the_worst_of_a_rule_that_looks_upward_is_the_highest() -> None:
    rule = replace(BELOW_HALF, downward=False, fire=0.5, clear=0.4)
    states, transitions = run(rule, [(1, 0.6), (1, 0.9), (1, 0.7), (1, 0.1)])
    assert [state.worst for state in states[:3]] == [0.6, 0.9, 0.9]
    assert (transitions[-1].kind, transitions[-1].worst) == (TransitionKind.CLEARED, 0.9)


@pytest.mark.parametrize("missing", ["fired", "notified"])
def test_a_firing_whose_moments_are_not_known_is_not_reminded_of(missing: str) -> None:
    rule = held_rule(critical=True)
    later = rule.reminders[0] / timedelta(hours=1)
    known = RuleState(level=State.FIRING, since=T0, began=T0, fired=T0, notified=T0, as_of=T0, no_data=None)
    _, transition = step(rule, known, seen(-0.6, later), T0)
    assert transition is not None
    assert transition.kind is TransitionKind.REMINDER
    _, transition = step(rule, replace(known, **{missing: None}), seen(-0.6, later), T0)  # type: ignore[arg-type]
    assert transition is None


def test_every_level_says_since_when_it_stands_and_who_changed_it() -> None:
    rule = held_rule(fire_days=1, clear_days=1)
    looks: list[Look] = [(1, -0.6), (24, -0.6), (1, -0.1), (1, -0.6), (1, -0.1), (24, -0.1)]
    states, transitions = run(rule, looks)
    hours = [1, 25, 26, 27, 28, 52]
    levels_seen = [state.level for state in states]
    assert levels_seen == [
        State.PENDING,
        State.FIRING,
        State.RECOVERING,
        State.FIRING,
        State.RECOVERING,
        State.OK,
    ]
    assert [state.since for state in states] == [T0 + timedelta(hours=hour) for hour in hours]
    assert [each.at for each in transitions] == [T0 + timedelta(hours=hour) for hour in hours]
    assert [(each.before, each.after) for each in transitions] == [
        *zip([State.WARMING_UP, *levels_seen[:-1]], levels_seen, strict=True)
    ]
    _, gone = step(rule, states[1], STALE, T0 + timedelta(hours=99))
    assert gone is not None
    assert (gone.rule, gone.at, gone.after) == (rule, T0 + timedelta(hours=99), State.STALE)


def test_a_historical_rule_stands_no_longer_than_its_data() -> None:
    """Its data does not come back, so that nothing could ever clear it."""
    rule = replace(BELOW_HALF, historical=True)
    fired, _ = step(rule, RuleState(), seen(-0.6, 1), T0)
    firing, _ = step(rule, fired, seen(-0.6, 5), T0)
    assert firing.active
    after, _ = step(rule, firing, STALE, T0 + timedelta(days=9))
    assert (after.level, after.since, after.state) == (State.OK, firing.as_of, State.STALE)
    assert after.value == firing.value
