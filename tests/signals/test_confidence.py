"""What rests on one source: a warning of closes says so; critical rules and touches have no figure."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.signals.derived import derived
from bot.signals.evaluation import RuleStates, evaluate
from bot.signals.history import History, supersedes
from bot.signals.rules import default_rules
from bot.signals.series import Confidence, Reading, end_of_day
from bot.signals.state_machine import State, TransitionKind

AT = datetime(2026, 11, 18, 12, tzinfo=UTC)
RECORD = Reading("btc.price_high", 120_000.0, AT - timedelta(days=400), "kraken", AT - timedelta(days=400))
RULES = tuple(
    rule
    for rule in default_rules(())
    if rule.id.startswith("price_drawdown") and rule.id.endswith("intraday")
)


def price(value: float, confidence: Confidence, at: datetime = AT) -> Reading:
    return Reading("btc.price", value, at, "mempool", at, confidence=confidence)


def states(reading: Reading, before: RuleStates, at: datetime = AT) -> tuple[RuleStates, list[str]]:
    history = History([RECORD, reading])
    evaluation = evaluate(RULES, before, history, at)
    return evaluation.states, [
        t.rule.id for t in evaluation.transitions if t.kind in (TransitionKind.FIRED, TransitionKind.CLEARED)
    ]


def test_a_touch_that_one_source_gives_is_not_told() -> None:
    after, fired = states(price(30_000, Confidence.ALONE), RuleStates())
    assert fired == []
    for rule in RULES:
        assert after.rules[rule.id].state is State.STALE
        assert "only one source, mempool" in str(after.rules[rule.id].reason)


def test_a_touch_rests_on_the_newest_price_and_not_on_the_closes_before() -> None:
    day = AT.date() - timedelta(days=1)
    close = replace(price(61_000, Confidence.ALONE, end_of_day(day)), day=day)
    history = History([RECORD, close, price(55_000, Confidence.CONFIRMED)])
    after = evaluate(RULES, RuleStates(), history, AT).states
    assert after.rules["price_drawdown.warning.intraday"].active


def test_a_close_that_one_source_gives_warns_and_says_so_but_is_not_critical() -> None:
    rules = tuple(rule for rule in default_rules(()) if rule.id.startswith("price_drawdown"))
    history, before = History([RECORD]), RuleStates()
    for age in (2, 1):
        day = AT.date() - timedelta(days=age)
        at = end_of_day(day)
        history.add(replace(price(30_000, Confidence.ALONE, at), day=day))
        before = evaluate(rules, before, history, at).states
    assert before.rules["price_drawdown.warning"].active
    assert "one source, mempool" in str(before.rules["price_drawdown.warning"].detail)
    assert not before.rules["price_drawdown.critical"].active
    assert "only one source, mempool" in str(before.rules["price_drawdown.critical"].reason)


def test_a_second_word_makes_it_critical() -> None:
    for confidence in (Confidence.SUPPORTED, Confidence.CONFIRMED):
        after, fired = states(price(30_000, confidence), RuleStates())
        assert fired == ["price_drawdown.warning.intraday", "price_drawdown.critical.intraday"]
        assert "one source" not in str(after.rules["price_drawdown.warning.intraday"].detail)


def test_one_source_ends_no_critical_alert_either() -> None:
    firing, _ = states(price(30_000, Confidence.CONFIRMED), RuleStates())
    for day in range(1, 6):
        at = AT + timedelta(days=day)
        firing, moved = states(price(110_000, Confidence.ALONE, at), firing, at)
        assert "price_drawdown.critical.intraday" not in moved
    assert firing.rules["price_drawdown.critical.intraday"].active


def test_a_better_borne_out_day_replaces_a_poorer_one_and_never_the_other_way_round() -> None:
    day = date(2026, 11, 17)
    first = Reading("btc.hashrate", 900.0, end_of_day(day), "mempool", AT, day)
    later = AT + timedelta(hours=1)
    for poorer in Confidence:
        for better in Confidence:
            old = replace(first, confidence=poorer)
            new = replace(first, value=850.0, source="bitview", read_at=later, confidence=better)
            assert supersedes(new, old) is (better > poorer)


def test_history_knows_what_is_confirmed_and_what_rests_on_whom() -> None:
    day = date(2026, 11, 17)
    history = History()
    for age, confidence in enumerate((Confidence.CONFIRMED, Confidence.ALONE, Confidence.SUPPORTED)):
        on = day - timedelta(days=age)
        history.add(Reading("btc.hashrate", 900.0, end_of_day(on), "mempool", AT, on, confidence=confidence))
    assert history.newest_confirmed()["btc.hashrate"].day == day
    assert history.sole_source("btc.hashrate", day - timedelta(days=5)) == "mempool"
    assert history.sole_source("btc.hashrate", day) is None
    assert list(history.confirmed_days("btc.hashrate", day - timedelta(days=5))) == [
        day - timedelta(days=2),
        day,
    ]
    newer = replace(price(80_000, Confidence.ALONE), as_of=AT + timedelta(minutes=5))
    history.add(price(81_000, Confidence.CONFIRMED))
    history.add(newer)
    assert history.newest("btc.price") == newer
    assert history.newest_confirmed()["btc.price"].value == 81_000


def test_only_a_price_that_two_have_seen_is_a_record() -> None:
    for confidence in Confidence:
        history = History([RECORD, price(130_000, confidence)])
        records = [r for r in derived(history, AT) if r.series == "btc.price_high"]
        assert [r.value for r in records] == ([] if confidence is Confidence.ALONE else [130_000])
    (first,) = derived(History([price(130_000, Confidence.ALONE)]), AT)
    assert (first.value, first.confidence) == (130_000, Confidence.ALONE), "better than none"
