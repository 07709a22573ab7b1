"""The rules' document, and the record of what they have been through."""

import re
from datetime import date
from pathlib import Path

import pytest

from bot.backtest.episodes import RuleHistory, rule_history
from bot.backtest.replay import known_at, replay
from bot.backtest.report import rules_document
from bot.data.bundle import bundled_readings
from bot.signals.phase import Phase
from bot.signals.rules import default_rules
from bot.signals.state_machine import TransitionKind

ROOT = Path(__file__).resolve().parents[2]
RULES = default_rules(("DE-LU",))
LAST = date(2022, 8, 15)


@pytest.fixture(scope="module")
def past() -> RuleHistory:
    return rule_history(sorted(bundled_readings(), key=known_at), RULES, LAST)


def test_the_committed_document_is_the_generated_one() -> None:
    committed = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
    assert rules_document() == committed, "run `make docs`"
    bare, ours, reminders = re.findall(r"^\| all \| (\d+) \| (\d+) \| (\d+) \|", committed, re.MULTILINE)[0]
    assert int(ours) + int(reminders) < int(bare)
    for link in re.findall(r"\]\(([^)]+)\)", committed):
        assert (ROOT / "docs" / link).is_file()


def test_the_record_holds_every_firing_and_its_end(past: RuleHistory) -> None:
    fired = cleared = 0
    for day in replay(sorted(bundled_readings(), key=known_at), RULES, LAST):
        for each in day.evaluation.transitions:
            fired += each.kind is TransitionKind.FIRED
            cleared += each.kind is TransitionKind.CLEARED
    episodes = [each for record in past.rules.values() for each in record.episodes]
    assert len(episodes) == fired
    assert sum(each.cleared is not None for each in episodes) == cleared


def test_an_episode_that_lasts_has_no_end_yet_and_its_worst_so_far(past: RuleHistory) -> None:
    drawdown = past.rules["price_drawdown.critical"].episodes[-1]
    assert (drawdown.fired, drawdown.cleared) == (date(2022, 6, 16), None)
    assert drawdown.worst is not None
    assert -0.75 < drawdown.worst < -0.70
    assert drawdown.days(LAST) == 60


def test_the_last_thirty_days_are_kept_for_a_picture(past: RuleHistory) -> None:
    recent = past.rules["hashrate_decline.warning"].recent
    assert [recent[0][0], recent[-1][0], len(recent)] == [date(2022, 7, 17), LAST, 30]
    assert all(value is not None for _, value in recent)


def test_the_phases_follow_one_another_without_a_gap(past: RuleHistory) -> None:
    for before, after in zip(past.phases, past.phases[1:], strict=False):
        assert before.end == after.first
        assert before.phase is not after.phase
    assert past.phases[-1].end is None
    last = past.phases[-1]
    assert last.phase is Phase.CAPITULATION
    assert {leg.signal for leg in last.evidence if leg.firing} <= last.firing
    assert "energy_price" in last.firing


def test_no_history_is_an_empty_record() -> None:
    past = rule_history([], RULES, LAST)
    assert past.phases == ()
    assert all(record.first is None and record.episodes == () for record in past.rules.values())
    assert past.rules["hashrate_decline.warning"].median_days(LAST) is None
