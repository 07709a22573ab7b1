"""What one evaluation gives to tell."""

from dataclasses import replace
from datetime import timedelta

from bot.i18n.message import message
from bot.signals.alert import AlertKind, alerts
from bot.signals.evaluation import Evaluation, RuleStates, evaluate
from bot.signals.history import History
from bot.signals.indicators import Measured, Missing, NoDataReason
from bot.signals.phase import Phase, PhaseChange
from bot.signals.rules import Rule, Severity
from tests.signals.builders import BELOW_HALF, T0, held_rule, seen


def rule(name: str, what: Measured | Missing, severity: Severity = Severity.WARNING, days: float = 0) -> Rule:
    return replace(held_rule(days), id=name, severity=severity, indicator=lambda _history, _at: what)


def look(standing: RuleStates, hours: float, *rules: Rule) -> Evaluation:
    return evaluate(rules, standing, History(), T0 + timedelta(hours=hours))


def test_the_loudest_comes_first_and_carries_everything_its_message_says() -> None:
    result = look(RuleStates(), 1, rule("one", seen(-0.6, 1)), rule("two", seen(-0.6, 1), Severity.CRITICAL))
    told = result.alerts
    assert [(each.rule, each.kind) for each in told] == [("two", AlertKind.FIRED), ("one", AlertKind.FIRED)]
    alert = told[0]
    assert (alert.value, alert.threshold, alert.source) == (-0.6, -0.5, "test")
    assert alert.as_of == alert.at == alert.began == T0 + timedelta(hours=1)


def test_an_end_names_the_clearing_level_the_length_and_the_worst() -> None:
    standing = look(RuleStates(), 1, rule("one", seen(-0.6, 1))).states
    standing = look(standing, 2, rule("one", seen(-0.9, 2))).states
    (alert,) = look(standing, 30, rule("one", seen(-0.1, 30))).alerts
    assert (alert.kind, alert.threshold, alert.worst) == (AlertKind.CLEARED, BELOW_HALF.clear, -0.9)
    assert alert.lasted == timedelta(hours=29)


def test_a_feed_that_falls_silent_is_told_once_though_it_serves_several_rules() -> None:
    gone = Missing(NoDataReason.STALE, message("the newest bitcoin price is from yesterday"))
    fired = (rule("one", seen(-0.6, 1)), rule("two", seen(-0.6, 1), Severity.CRITICAL))
    silent = (rule("one", gone), rule("two", gone, Severity.CRITICAL))
    standing = look(look(RuleStates(), 1, *fired).states, 2, *silent).states
    later = look(standing, 8, *silent)
    (alert,) = later.alerts
    assert (alert.rule, alert.kind, alert.severity) == ("two", AlertKind.NO_DATA, Severity.WARNING)
    assert alert.detail == gone.reason
    back = look(later.states, 9, rule("one", seen(-0.6, 9)), rule("two", seen(-0.7, 9), Severity.CRITICAL))
    assert [(each.rule, each.kind) for each in back.alerts] == [("two", AlertKind.DATA_BACK)]


def test_two_feeds_that_fall_silent_are_two_pieces_of_news() -> None:
    rules = [rule("one", seen(-0.6, 1)), rule("two", seen(-0.6, 1))]
    silent = [rule(name, Missing(NoDataReason.STALE, message(f"{name} is gone"))) for name in ("one", "two")]
    standing = look(look(RuleStates(), 1, *rules).states, 2, *silent).states
    assert len(look(standing, 8, *silent).alerts) == 2


def test_a_rule_that_was_only_about_to_fire_falls_silent_without_noise() -> None:
    gone = Missing(NoDataReason.STALE, message("gone"))
    standing = look(RuleStates(), 1, rule("one", seen(-0.6, 1), days=2)).states
    standing = look(standing, 2, rule("one", gone, days=2)).states
    (alert,) = look(standing, 8, rule("one", gone, days=2)).alerts
    assert alert.severity is Severity.INFO


def test_nothing_new_is_nothing_to_tell() -> None:
    standing = look(RuleStates(), 1, rule("one", seen(-0.6, 1))).states
    assert look(standing, 1.5, rule("one", seen(-0.6, 1))).alerts == ()


def told(evaluation: Evaluation) -> list[tuple[str, AlertKind]]:
    return [(alert.rule, alert.kind) for alert in evaluation.alerts]


def pair(warning: float, critical: float, hours: float) -> tuple[Rule, Rule]:
    """A signal's warning, which its critical rule inhibits, and that one."""
    mild = replace(rule("mild", seen(warning, hours)), inhibited_by=("grave",))
    return mild, rule("grave", seen(critical, hours), Severity.CRITICAL)


def test_a_critical_firing_inhibits_its_own_warning_from_beginning_to_end() -> None:
    both = look(RuleStates(), 1, *pair(-0.6, -0.6, 1))
    assert told(both) == [("grave", AlertKind.FIRED)]
    over = look(both.states, 2, *pair(0, 0, 2))
    assert told(over) == [("grave", AlertKind.CLEARED)]


def test_a_warning_that_outlasts_its_critical_rule_is_told_when_it_ends() -> None:
    both = look(RuleStates(), 1, *pair(-0.6, -0.6, 1))
    easing = look(both.states, 2, *pair(-0.6, 0, 2))
    assert told(easing) == [("grave", AlertKind.CLEARED)]
    assert told(look(easing.states, 3, *pair(0, 0, 3))) == [("mild", AlertKind.CLEARED)]


def test_a_warning_told_before_its_critical_rule_fired_is_told_when_it_ends() -> None:
    first = look(RuleStates(), 1, *pair(-0.6, 0, 1))
    assert told(first) == [("mild", AlertKind.FIRED)]
    both = look(first.states, 2, *pair(-0.6, -0.6, 2))
    assert told(both) == [("grave", AlertKind.FIRED)]
    over = look(both.states, 3, *pair(0, 0, 3))
    assert told(over) == [("grave", AlertKind.CLEARED), ("mild", AlertKind.CLEARED)]


def test_a_touch_that_the_close_confirmed_ends_with_the_close() -> None:
    def rules(touch: float, close: float, hours: float) -> tuple[Rule, Rule]:
        intraday = replace(rule("touch", seen(touch, hours)), inhibited_by=("close",), intraday=True)
        return intraday, rule("close", seen(close, hours))

    first = look(RuleStates(), 1, *rules(-0.6, 0, 1))
    assert told(first) == [("touch", AlertKind.FIRED)]
    closed = look(first.states, 24, *rules(-0.6, -0.6, 24))
    assert told(closed) == [("close", AlertKind.FIRED)]
    over = look(closed.states, 48, *rules(-0.6, 0, 48))
    assert told(over) == [("close", AlertKind.CLEARED)]
    assert told(look(over.states, 72, *rules(0, 0, 72))) == []
    back = look(first.states, 2, *rules(0, 0, 2))
    assert told(back) == [("touch", AlertKind.CLEARED)], "nothing confirmed it"


def test_whoever_heard_of_a_phase_hears_of_its_end() -> None:
    for before, after, severity in (
        (Phase.CALM, Phase.STRESS, Severity.WARNING),
        (Phase.STRESS, Phase.CALM, Severity.WARNING),
        (Phase.RECOVERY, Phase.CALM, Severity.WARNING),
        (Phase.STRESS, Phase.CAPITULATION, Severity.CRITICAL),
        (Phase.CAPITULATION, Phase.STRESS, Severity.CRITICAL),
    ):
        assert [each[2] for each in told_of(change(before, after, before))] == [severity]


def change(before: Phase, after: Phase, known: Phase | None) -> PhaseChange:
    return PhaseChange(before, after, T0, T0, timedelta(days=1), (), known)


def told_of(phase: PhaseChange) -> list[tuple[Phase | None, Phase | None, Severity, timedelta | None]]:
    return [(each.before, each.after, each.severity, each.lasted) for each in alerts((), (), {}, phase)]


def test_a_phase_known_again_is_told_only_when_it_is_another() -> None:
    assert told_of(change(Phase.UNKNOWN, Phase.CALM, None)) == []  # the first there is
    assert told_of(change(Phase.CALM, Phase.UNKNOWN, Phase.CALM)) == []
    assert told_of(change(Phase.UNKNOWN, Phase.CALM, Phase.CALM)) == []
    assert told_of(change(Phase.UNKNOWN, Phase.STRESS, Phase.CALM)) == [
        (Phase.CALM, Phase.STRESS, Severity.WARNING, None)
    ]
    assert told_of(change(Phase.UNKNOWN, Phase.CALM, Phase.CAPITULATION)) == [
        (Phase.CAPITULATION, Phase.CALM, Severity.CRITICAL, None)
    ]
