"""The composite phase."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.i18n.message import NOTHING, message
from bot.signals.indicators import NoDataReason
from bot.signals.phase import (
    LIMITS,
    MarketTrend,
    Phase,
    PhaseChange,
    PhaseState,
    SignalEvidence,
    advance,
    evidence,
)
from bot.signals.rules import SIGNALS, Rule, Severity, default_rules
from bot.signals.state_machine import RuleState, State
from tests.signals.builders import BELOW_HALF, T0

PRICE, HASHRATE, INCOME = "price_drawdown", "hashrate_decline", "miner_income"
OUTFLOW, ENERGY = "miner_outflow", "energy_price"
OTHERS = (INCOME, OUTFLOW, ENERGY)
FALLING, TURNED = MarketTrend(declining=True), MarketTrend(recovered=True)

Evidence = tuple[SignalEvidence, ...]


def signals(
    day: float, *firing: str, critical: tuple[str, ...] = (), unknown: tuple[str, ...] = ()
) -> Evidence:
    """Every signal on a day: these fire (with a warning, or critically), those have no data."""
    at = T0 + timedelta(days=day)
    severity = dict.fromkeys(firing, Severity.WARNING) | dict.fromkeys(critical, Severity.CRITICAL)
    return tuple(
        SignalEvidence(
            signal,
            firing=signal in severity,
            known=signal not in unknown,
            severity=severity.get(signal),
            since=T0 if signal in severity else None,
            as_of=at,
            title=message(signal),
            detail=NOTHING,
        )
        for signal in SIGNALS
    )


def run(*days: Evidence, market: MarketTrend = FALLING) -> tuple[PhaseState, list[PhaseChange]]:
    """Advance a fresh phase by these days."""
    state, changes = PhaseState(), []
    for day in days:
        state, change = advance(state, day, market)
        if change is not None:
            changes.append(change)
    return state, changes


def phases(changes: list[PhaseChange]) -> list[Phase]:
    return [change.after for change in changes]


def test_one_warning_alone_is_never_more_than_calm() -> None:
    for signal in SIGNALS:
        state, _ = run(*(signals(day, signal) for day in range(30)))
        assert state.phase is Phase.CALM


def test_nothing_is_calm_while_miners_or_the_price_are_critical() -> None:
    for signal in (PRICE, HASHRATE, INCOME, OUTFLOW):
        state, _ = run(*(signals(day, critical=(signal,)) for day in range(30)))
        assert state.phase is Phase.STRESS


def test_the_power_price_of_a_place_moves_no_phase() -> None:
    state, _ = run(*(signals(day, critical=(ENERGY,)) for day in range(30)))
    assert state.phase is Phase.CALM
    state, _ = run(*(signals(day, HASHRATE, critical=(ENERGY,)) for day in range(2)))
    assert state.phase is Phase.CALM


def test_a_decline_of_hashrate_with_price_income_or_outflow_is_stress() -> None:
    for signal in (PRICE, INCOME, OUTFLOW):
        state, _ = run(signals(0, HASHRATE, signal))
        assert state.phase is Phase.STRESS
    state, _ = run(signals(0, HASHRATE, ENERGY))
    assert state.phase is Phase.CALM, "dear power informs only"
    state, _ = run(signals(0, PRICE, INCOME, OUTFLOW, ENERGY))
    assert state.phase is Phase.CALM, "not one machine has been switched off"


def test_what_comes_to_be_known_of_a_day_later_counts_on_that_day() -> None:
    state, changes = run(signals(1, HASHRATE), signals(1, HASHRATE, OUTFLOW))
    assert (state.phase, phases(changes)) == (Phase.STRESS, [Phase.CALM, Phase.STRESS])
    assert changes[-1].at == T0 + timedelta(days=1)


def test_a_change_names_the_last_phase_that_was_known() -> None:
    _, changes = run(signals(1), signals(2, HASHRATE, OUTFLOW), signals(3))
    assert [(change.before, change.known) for change in changes] == [
        (Phase.UNKNOWN, None),
        (Phase.CALM, Phase.CALM),
        (Phase.STRESS, Phase.STRESS),
    ]
    _, change = advance(PhaseState(known=Phase.STRESS), signals(1), FALLING)
    assert change is not None
    assert (change.before, change.known) == (Phase.UNKNOWN, Phase.STRESS)


def test_price_and_hashrate_are_capitulation_once_they_have_stood_for_the_hold() -> None:
    _, changes = run(*(signals(day / 2, PRICE, HASHRATE) for day in range(9)))
    assert phases(changes) == [Phase.STRESS, Phase.CAPITULATION]
    assert changes[1].at == T0 + LIMITS.hold
    assert [each.signal for each in changes[1].evidence if each.firing] == [HASHRATE, PRICE]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(*[st.sampled_from(["quiet", "fires", "critical", "unknown", "late"])] * 3),
        min_size=20,
        max_size=20,
    )
)
def test_whatever_the_other_signals_say_capitulation_is_the_same(others: list[tuple[str, ...]]) -> None:
    """The core fires from day 5 to day 12; the others fire, are quiet or have no data as they like."""
    in_it = []
    state = PhaseState()
    for day, words in enumerate(others):
        values = dict(zip(OTHERS, words, strict=True))
        now = signals(
            day,
            *((PRICE, HASHRATE) if 5 <= day < 12 else ()),
            *(name for name, word in values.items() if word == "fires"),
            critical=tuple(name for name, word in values.items() if word == "critical"),
            unknown=tuple(name for name, word in values.items() if word in ("unknown", "late")),
        )
        state, _ = advance(state, now, FALLING)
        in_it.append(state.phase is Phase.CAPITULATION)
    assert [day for day, inside in enumerate(in_it) if inside] == list(range(8, 15))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sets(st.sampled_from([PRICE, HASHRATE, INCOME, OUTFLOW])),
            st.sets(st.sampled_from([PRICE, HASHRATE, INCOME, OUTFLOW])),
            st.sampled_from(["quiet", "fires", "critical", "unknown"]),
        ),
        min_size=20,
        max_size=20,
    )
)
def test_whatever_power_costs_the_phase_is_the_same(days: list[tuple[set[str], set[str], str]]) -> None:
    dear = quiet = PhaseState()
    for day, (firing, critical, power) in enumerate(days):
        with_power = signals(
            day,
            *firing,
            *((ENERGY,) if power == "fires" else ()),
            critical=(*critical, *((ENERGY,) if power == "critical" else ())),
            unknown=(ENERGY,) if power == "unknown" else (),
        )
        dear, _ = advance(dear, with_power, FALLING)
        quiet, _ = advance(quiet, signals(day, *firing, critical=tuple(critical)), FALLING)
        assert dear == quiet


def test_a_fall_that_is_over_makes_no_capitulation() -> None:
    state, _ = run(*(signals(day, PRICE, HASHRATE) for day in range(30)), market=MarketTrend())
    assert state.phase is Phase.STRESS


def test_evidence_names_the_most_severe_rule_and_since_when_that_one_has_stood() -> None:
    later = T0 + timedelta(days=38)
    rules = {rule.id: rule for rule in default_rules(["DE-LU"])}
    states = {
        "price_drawdown.warning": RuleState(State.FIRING, began=T0, as_of=later, no_data=None),
        "price_drawdown.critical": RuleState(State.FIRING, began=later, as_of=later, no_data=None),
    }
    price = next(each for each in evidence(tuple(rules.values()), states) if each.signal == PRICE)
    assert (price.severity, price.since) == (Severity.CRITICAL, later)
    assert price.title == rules["price_drawdown.critical"].title


def test_a_touch_during_the_day_is_no_evidence() -> None:
    rules = default_rules(["DE-LU"])
    states = {"price_drawdown.critical.intraday": RuleState(State.FIRING, as_of=T0, no_data=None)}
    price = next(each for each in evidence(rules, states) if each.signal == PRICE)
    assert not price.firing
    assert not price.known


def test_evidence_interrupted_before_the_hold_starts_again() -> None:
    both = (PRICE, HASHRATE)
    state, _ = run(
        signals(0, *both), signals(2, *both), signals(2.5, PRICE), signals(3, *both), signals(5.5, *both)
    )
    assert state.phase is Phase.STRESS


def test_capitulation_stays_while_price_and_hashrate_fire_whether_or_not_the_fall_goes_on() -> None:
    state, _ = run(*(signals(day, PRICE, HASHRATE) for day in range(4)))
    for day in range(4, 90):
        state, _ = advance(state, signals(day, PRICE, HASHRATE), MarketTrend())
    assert state.phase is Phase.CAPITULATION


def test_it_ends_after_the_hold_says_how_long_it_was_and_is_stress_until_it_has_recovered() -> None:
    _, changes = run(
        *(signals(day, PRICE, HASHRATE) for day in range(11)), *(signals(day, PRICE) for day in range(11, 40))
    )
    ended = changes[-1]
    assert (ended.before, ended.after) == (Phase.CAPITULATION, Phase.STRESS)
    assert ended.at == T0 + timedelta(days=11) + LIMITS.hold
    assert ended.lasted == timedelta(days=11)


def test_recovery_follows_when_price_and_ribbon_turn_and_lasts_thirty_quiet_days() -> None:
    state, _ = run(
        *(signals(day, PRICE, HASHRATE) for day in range(11)), *(signals(day, PRICE) for day in range(11, 16))
    )
    state, change = advance(state, signals(16, PRICE), TURNED)
    assert change is not None
    assert change.after is Phase.RECOVERY
    began = change.at
    for day in range(17, 60):
        state, change = advance(state, signals(day, PRICE), TURNED)
        if change is not None:
            assert (change.after, change.at) == (Phase.CALM, began + LIMITS.quiet)
    assert state.phase is Phase.CALM


@pytest.mark.parametrize(
    "decline",
    [signals(16, critical=(HASHRATE,)), signals(16, HASHRATE, OUTFLOW)],
    ids=["critical by itself", "with another signal"],
)
def test_a_new_decline_ends_recovery(decline: Evidence) -> None:
    state, _ = run(*(signals(day, PRICE, HASHRATE) for day in range(11)))
    for day in range(11, 16):
        state, _ = advance(state, signals(day, PRICE), TURNED)
    assert state.phase is Phase.RECOVERY
    unchanged, _ = advance(state, signals(16, HASHRATE), TURNED)
    assert unchanged.phase is Phase.RECOVERY, "a warning by itself"
    state, _ = advance(state, decline, TURNED)
    assert state.phase is Phase.STRESS


def test_recovery_without_a_capitulation_before_it_is_not_said() -> None:
    state, _ = run(*(signals(day, PRICE) for day in range(10)), market=TURNED)
    assert state.phase is Phase.CALM


def test_without_data_of_a_core_signal_the_phase_is_kept_and_called_stale() -> None:
    fresh, _ = run(*(signals(day, PRICE, HASHRATE) for day in range(5)))
    for missing in (PRICE, HASHRATE):
        state = fresh
        for day in range(5, 60):
            state, change = advance(state, signals(day, unknown=(missing,)), TURNED)
            assert change is None
        assert (state.phase, state.stale) == (Phase.CAPITULATION, True)
        assert state.as_of == fresh.as_of
        state, _ = advance(state, signals(60, PRICE, HASHRATE), FALLING)
        assert (state.phase, state.stale) == (Phase.CAPITULATION, False)
    state, _ = run(signals(0, unknown=(PRICE,)))
    assert state.phase is Phase.UNKNOWN


def test_a_gap_in_the_data_starts_a_hold_again() -> None:
    state, _ = run(signals(0, PRICE, HASHRATE), signals(1, PRICE, HASHRATE), signals(9, PRICE, HASHRATE))
    assert state.phase is Phase.STRESS


def test_a_day_is_looked_at_once_every_figure_describes_it() -> None:
    """The close is there at once, the hashrate minutes later: what comes between changes nothing."""
    state, _ = run(*(signals(day, PRICE, HASHRATE) for day in range(3)))
    today, yesterday = {each.signal: each for each in signals(3)}, signals(2, PRICE, HASHRATE)
    mixed = tuple(today[each.signal] if each.signal == PRICE else each for each in yesterday)
    assert advance(state, mixed, FALLING) == (state, None)
    state, change = advance(state, signals(3, PRICE, HASHRATE), FALLING)
    assert change is not None
    assert change.after is Phase.CAPITULATION


@pytest.mark.parametrize(("known", "looked_at"), [(True, False), (False, True)])
def test_miners_income_is_waited_for_only_where_it_has_data(known: bool, looked_at: bool) -> None:
    """Its figure of the day before holds the day up; one that is too old to count does not."""
    state, _ = run(signals(1))
    today = signals(2, HASHRATE, OUTFLOW)
    late = tuple(
        replace(each, known=known, as_of=T0 + timedelta(days=1)) if each.signal == INCOME else each
        for each in today
    )
    after, change = advance(state, late, FALLING)
    assert (change is not None, after.as_of == T0 + timedelta(days=2)) == (looked_at, looked_at)


scenes = st.lists(
    st.tuples(
        st.sampled_from([0.25, 1, 4]),
        st.sets(st.sampled_from(list(SIGNALS))),
        st.sets(st.sampled_from(list(SIGNALS))),
        st.sets(st.sampled_from(list(SIGNALS))),
        st.booleans(),
        st.booleans(),
    ),
    max_size=40,
)
Scene = tuple[float, set[str], set[str], set[str], bool, bool]


@settings(max_examples=150, deadline=None)
@given(scenes)
def test_whatever_comes_the_rules_of_the_phase_hold(scenes: list[Scene]) -> None:
    state, day = PhaseState(), 0.0
    changes: list[PhaseChange] = []
    for wait, firing, critical, unknown, declining, recovered in scenes:
        day += wait
        market = MarketTrend(declining, recovered)
        now = signals(day, *firing, critical=tuple(critical), unknown=tuple(unknown))
        state, change = advance(state, now, market)
        assert advance(state, now, market) == (state, None)
        assert state.stale == bool(unknown & {PRICE, HASHRATE})
        if change is not None:
            changes.append(change)
            if change.after is Phase.CAPITULATION:
                assert {PRICE, HASHRATE} <= firing | critical
                assert declining
        if state.phase is Phase.CALM and not state.stale:
            assert critical <= {ENERGY}
    for before, after in pairwise(changes):
        assert before.after is after.before
        assert after.lasted == after.at - before.at
        if after.after is Phase.RECOVERY:
            assert after.before in (Phase.CAPITULATION, Phase.STRESS)
            assert Phase.CAPITULATION in phases(changes)
        if before.before is Phase.CAPITULATION:
            assert before.after is not Phase.CALM


@settings(max_examples=100, deadline=None)
@given(scenes)
def test_older_evidence_changes_nothing(scenes: list[Scene]) -> None:
    state, day = PhaseState(), 10.0
    for wait, firing, critical, unknown, declining, recovered in scenes:
        day += wait
        now = signals(day, *firing, critical=tuple(critical), unknown=tuple(unknown))
        state, _ = advance(state, now, MarketTrend(declining, recovered))
        if not state.stale and state.as_of is not None and state.as_of == T0 + timedelta(days=day):
            assert advance(state, signals(day - 1, *SIGNALS), FALLING) == (state, None)


WARNING = replace(BELOW_HALF, id="price.warning", title=message("half"))
CRITICAL = replace(BELOW_HALF, id="price.critical", severity=Severity.CRITICAL, title=message("worse"))
DATA = RuleState(as_of=T0, no_data=None, detail=message("by so much"), began=T0 - timedelta(days=9))
FIRING = replace(DATA, level=State.FIRING, began=T0 - timedelta(days=2))


def price_evidence(*rules: Rule, **states: RuleState) -> SignalEvidence:
    """What the phase sees of the price, from the states of its rules."""
    by_id = {f"price.{name}": state for name, state in states.items()}
    return next(each for each in evidence(rules, by_id) if each.signal == PRICE)


def test_a_signal_that_nothing_watches_is_unknown_and_says_so() -> None:
    assert evidence((), {}) == tuple(
        SignalEvidence(signal, False, False, None, None, None, NOTHING, message("nothing is watched for it"))
        for signal in SIGNALS
    )


def test_a_firing_signal_is_its_gravest_rule_and_a_quiet_one_its_mildest_with_data() -> None:
    both = price_evidence(WARNING, CRITICAL, warning=FIRING, critical=replace(FIRING, began=T0))
    assert both == SignalEvidence(PRICE, True, True, Severity.CRITICAL, T0, T0, CRITICAL.title, FIRING.detail)
    one = price_evidence(WARNING, CRITICAL, warning=FIRING, critical=DATA)
    assert (one.severity, one.since, one.title) == (Severity.WARNING, FIRING.began, WARNING.title)
    quiet = price_evidence(WARNING, CRITICAL, warning=DATA, critical=DATA)
    assert quiet == SignalEvidence(PRICE, False, True, None, None, T0, WARNING.title, DATA.detail)


def test_of_two_that_fire_alike_the_first_represents_the_signal() -> None:
    other = replace(WARNING, id="price.other", title=message("another"))
    assert price_evidence(WARNING, other, warning=FIRING, other=FIRING).title == WARNING.title


def test_a_quiet_signal_is_represented_by_the_rule_that_has_data() -> None:
    missing = RuleState(reason=message("too little"))
    half = price_evidence(WARNING, CRITICAL, warning=missing, critical=DATA)
    assert (half.known, half.title, half.detail) == (True, CRITICAL.title, DATA.detail)
    none = price_evidence(WARNING, CRITICAL, warning=missing, critical=missing)
    assert (none.known, none.firing, none.title) == (False, False, WARNING.title)
    assert none.detail == missing.reason


def test_what_fires_goes_on_firing_by_its_last_figure_while_data_is_missing() -> None:
    stale = replace(FIRING, no_data=NoDataReason.STALE, reason=message("too old"))
    seen = price_evidence(WARNING, warning=stale)
    assert seen == SignalEvidence(
        PRICE, True, False, Severity.WARNING, FIRING.began, T0, WARNING.title, FIRING.detail
    )


def test_rules_over_intraday_prices_are_no_evidence() -> None:
    touched = replace(CRITICAL, intraday=True)
    assert not price_evidence(WARNING, touched, warning=DATA, critical=FIRING).firing
