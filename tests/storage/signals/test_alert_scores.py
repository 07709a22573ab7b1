"""Alerts are scored when their time has come, once, and counted good or bad."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from bot.i18n.message import message
from bot.signals.aftermath import outcome
from bot.signals.alert import Alert, AlertKind
from bot.signals.history import History
from bot.signals.phase import Phase
from bot.signals.rules import Severity
from storage.database import Store
from storage.signals import alert_scores, alerts
from storage.signals.alert_scores import ScoreSummary
from tests.signals.builders import daily

AT = datetime(2020, 2, 1, tzinfo=UTC)


def alert(rule: str, kind: AlertKind, after: Phase | None = None) -> Alert:
    return Alert(rule, "hashrate_decline", Severity.WARNING, kind, AT, message("title"), after=after)


def test_an_alert_is_scored_once_its_days_are_over_and_known(tmp_path: Path) -> None:
    prices = [100.0] * 31 + [110.0] * 60
    levels = [1e13] * 40 + [0.94e13] * 10 + [1e13] * 40
    history = History([*daily("btc.price", prices), *daily("btc.difficulty", levels)])
    score_due = partial(alert_scores.score_due, outcome=partial(outcome, history))
    messages = [
        alert("hashrate_decline.warning", AlertKind.FIRED),
        alert("hashrate_decline.critical", AlertKind.REMINDER),
        alert("capitulation", AlertKind.PHASE, Phase.CAPITULATION),
    ]
    with Store(tmp_path / "test.db") as store:
        store.write_now(lambda db: alerts.add(db, messages))
        early, due = AT + timedelta(days=29), AT + timedelta(days=31)
        assert store.write_now(lambda db: score_due(db, now=early)) == 0
        assert store.write_now(lambda db: score_due(db, now=due)) == 2
        assert store.write_now(lambda db: score_due(db, now=due)) == 0
        late = AT + timedelta(days=400)
        assert store.write_now(lambda db: score_due(db, now=late)) == 0, "what followed is not known"
        record = store.read_now(alert_scores.summaries)
    assert record == [
        ScoreSummary("capitulation", 30, n=1, difficulty_fell=1, price_rose=1),
        ScoreSummary("hashrate_decline.warning", 30, n=1, difficulty_fell=1, price_rose=1),
    ]
