"""Alerts are scored when their time has come, once, and counted good or bad."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.i18n.message import message
from bot.signals.aftermath import outcome
from bot.signals.alert import Alert, AlertKind
from bot.signals.history import History
from bot.signals.phase import Phase
from bot.signals.rules import Severity
from storage.database import Store
from storage.signals import alert_scores, alerts
from storage.signals.alert_scores import ScoreSummary
from tests.fakes.connections import read_now, write_now
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
        write_now(store, lambda db: alerts.add(db, messages))
        early, due = AT + timedelta(days=29), AT + timedelta(days=31)
        assert write_now(store, lambda db: score_due(db, now=early)) == 0
        assert write_now(store, lambda db: score_due(db, now=due)) == 2
        assert write_now(store, lambda db: score_due(db, now=due)) == 0
        late = AT + timedelta(days=400)
        assert write_now(store, lambda db: score_due(db, now=late)) == 0, "what followed is not known"
        record = read_now(store, alert_scores.summaries)
    assert record == [
        ScoreSummary("capitulation", 30, n=1, difficulty_fell=1, price_rose=1),
        ScoreSummary("hashrate_decline.warning", 30, n=1, difficulty_fell=1, price_rose=1),
    ]


def test_an_alert_is_scored_after_30_90_180_and_365_days(tmp_path: Path) -> None:
    """The price climbs by a dollar a day; difficulty falls by 6 % a hundred days later and stays there."""
    days = range(450)
    levels = [1e13 if day < 131 else 0.94e13 for day in days]
    history = History([*daily("btc.price", [100.0 + day for day in days]), *daily("btc.difficulty", levels)])
    messages = [alert("hashrate_decline.warning", AlertKind.FIRED)]
    with Store(tmp_path / "test.db") as store:
        write_now(store, lambda db: alerts.add(db, messages))
        made = []
        for day in range(0, 401, 5):
            now = AT + timedelta(days=day, hours=1)
            score = partial(alert_scores.score_due, outcome=partial(outcome, history), now=now)
            made += [day] * write_now(store, score)
        rows = read_now(
            store,
            lambda db: list(
                db.execute(
                    "SELECT days, price_change, difficulty_change FROM alert_scores ORDER BY days"
                ).fetchall()
            ),
        )
    assert made == [30, 90, 180, 365], "each once, on the poll after its time has come"
    first = 100.0 + 30  # the close of the day before the alert
    assert [days for days, _, _ in rows] == [30, 90, 180, 365]
    for after, price, difficulty in rows:
        assert price == pytest.approx(after / first)
        assert difficulty == pytest.approx(0.0 if after < 101 else -0.06)
