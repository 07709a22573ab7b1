"""What followed alerts, in words: with a range and the share of any days, never an adjective."""

from datetime import date

from bot.backtest.episodes import RuleHistory, RuleRecord
from bot.backtest.evidence import AnyDay, EvidenceCard
from bot.backtest.statistics import share
from bot.i18n.translator import translator_for
from bot.signals.rules import default_rules
from handlers.views.evidence import all_since_frozen, scores, since_frozen
from storage.signals.alert_scores import ScoreSummary

T = translator_for("en")
RULES = {rule.id: rule for rule in default_rules(("DE-LU",))}
CARD = EvidenceCard(share(3, 4), 0.13, None, None, ())
PAST = RuleHistory(
    date(2027, 1, 1),
    {"price_drawdown.warning": RuleRecord(RULES["price_drawdown.warning"], None, (), 0, 0, 0, ())},
    (),
    cards_since={"capitulation": CARD},
    any_day={30: AnyDay(30, 0.13, 0.56)},
)


def test_what_began_since_the_rules_were_frozen_is_told_apart() -> None:
    (line,) = since_frozen("capitulation", PAST, T)
    assert line.startswith("Since the rules were frozen on 3 Jul 2026: After 3 of 4 such beginnings ")
    assert "on any day 13 %" in line
    assert since_frozen("stress", PAST, T) == []
    title, capitulation = all_since_frozen(PAST, T)
    assert title == "<b>What began since the rules were frozen on 3 Jul 2026</b>"
    assert capitulation.startswith("• capitulation: After 3 of 4 such beginnings difficulty fell")
    assert all_since_frozen(RuleHistory(date(2026, 7, 3), {}, ()), T) == []


def test_scores_name_the_rule_its_counts_their_range_and_any_day() -> None:
    record = [
        ScoreSummary("capitulation", 30, n=2, difficulty_fell=1, price_rose=0),
        ScoreSummary("price_drawdown.warning", 90, n=1, difficulty_fell=0, price_rose=1),
    ]
    title, phase, rule = scores(record, PAST, T)
    assert title == "<b>What came of my alerts</b>"
    assert phase == (
        "• capitulation, 30 days later: difficulty at least 5 % lower in "
        "1 of 2 (likely share 12–88 %; after any day 13 %); "
        "price higher in 0 of 2 (likely share 0–57 %; after any day 56 %)"
    )
    assert rule.startswith(
        "• price 50 % below its record, 90 days later: difficulty at least 5 % lower in 0 of 1 (likely share "
    )
    assert scores([], PAST, T) == []
