"""Whatever is sent unasked fits a phone: six lines and 600 characters are seen before it is unfolded."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise

import pytest

from bot.backtest.episodes import RuleHistory, rule_history
from bot.data.bundle import bundled_readings
from bot.data.catalogue import load_machines
from bot.i18n.translator import LANGUAGES, translator_for
from bot.mining.fleet import Fleet
from bot.mining.fleet_alerts import ProfitabilityChange
from bot.mining.fleet_hours import DayAhead, Loss
from bot.mining.parsing.fleet_parser import parse_fleet
from bot.signals.alert import Alert, AlertKind
from bot.signals.history import History
from bot.signals.indicators import Measured
from bot.signals.phase import Phase, SignalEvidence
from bot.signals.rules import COMPOSITE, Rule, Severity, default_rules
from bot.watches.watch import WatchFigure
from handlers.html import visible_units
from handlers.views import alerts as alerts_view
from handlers.views import fleet as fleet_view
from handlers.views import watches as watches_view
from handlers.views.situation import Situation
from storage.chats.watches import FiredWatch
from tests.mining.market import NOVEMBER_2026

NOW = datetime(2022, 7, 5, 0, 5, tzinfo=UTC)
RULES = default_rules(("DE-LU",))
CATALOGUE = load_machines()
_FOLD = re.compile(r"<blockquote expandable>.*?</blockquote>", re.DOTALL)
KINDS = [kind for kind in AlertKind if kind is not AlertKind.PHASE]


@cache
def history() -> History:
    return History(reading for reading in bundled_readings() if reading.day and reading.day < NOW.date())


@cache
def past() -> RuleHistory:
    readings = [reading for reading in bundled_readings() if reading.day and reading.day.year >= 2020]
    return rule_history(readings, RULES, NOW.date() - timedelta(days=1))


def situations() -> Iterator[Situation]:
    """Of a chat without machines, of one with a single one, and of some with many, in other currencies."""
    known = Situation(CATALOGUE, NOVEMBER_2026, history(), past())
    yield known
    for words, currency in (
        ("1 s19j pro", "EUR"),
        ("40 s19j pro, 1000 m30s++, 3 s21 xp", "JPY"),
        ("99999 s19 pro+ hyd, 99999 s19 xp hyd 3u, 99999 s19 xp+ hyd", "IDR"),
        ("1 s19 pro+ hyd", "BTC"),
    ):
        yield known.of_chat(currency, parse_fleet(words, CATALOGUE, ()).applied(Fleet()))


def of_rule(rule: Rule, kind: AlertKind) -> Alert:
    result = rule.indicator(history(), NOW)
    detail = result.detail if isinstance(result, Measured) else result.reason
    level = rule.clear if kind is AlertKind.CLEARED else rule.fire
    return Alert(
        rule.id, rule.signal, rule.severity, kind, NOW, rule.title,
        value=level, threshold=level, clears=rule.clear, quantity=rule.quantity,
        began=NOW - timedelta(days=95), lasted=timedelta(days=95), worst=1.1 * rule.fire,
        source="coinmetrics (bundled)", as_of=NOW - timedelta(hours=30), detail=detail,
        stands=Severity.WARNING if kind is AlertKind.CLEARED and rule.severity is Severity.CRITICAL else None,
    )  # fmt: skip


def of_phase(before: Phase, after: Phase) -> Alert:
    evidence = tuple(
        SignalEvidence(
            rule.signal, True, True, rule.severity, NOW - timedelta(days=30), NOW, rule.title, rule.title
        )
        for rule in RULES
    )
    return Alert(
        COMPOSITE, COMPOSITE, Severity.CRITICAL, AlertKind.PHASE, NOW, RULES[0].title,
        began=NOW - timedelta(days=95), lasted=timedelta(days=95), as_of=NOW, before=before, after=after,
        evidence=evidence,
    )  # fmt: skip


def assert_fits(text: str) -> None:
    seen = _FOLD.sub("", text).strip()
    assert len([line for line in seen.split("\n") if line]) <= 6, seen
    assert visible_units(seen) <= 600, seen
    assert visible_units(text) <= 4096


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_kind_of_alert_of_every_rule_fits(rule: Rule, language: str) -> None:
    t = translator_for(language)
    for situation in situations():
        for kind in KINDS:
            for flags in ({}, {"delayed": True, "repeat": True}):
                alert = of_rule(rule, kind)
                assert_fits(alerts_view.alert_group([alert], NOW, t, situation, **flags))
                caption = alerts_view.alert_group([alert], NOW, t, situation, most=1024, **flags)
                assert_fits(caption)
                assert visible_units(caption) <= 1024


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_change_of_phase_fits(language: str) -> None:
    t = translator_for(language)
    for situation in situations():
        for before, after in pairwise([*Phase, *reversed(Phase), *Phase, Phase.CALM]):
            assert_fits(alerts_view.alert_group([of_phase(before, after)], NOW, t, situation))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_signal_at_once_is_one_message_that_fits(language: str) -> None:
    t = translator_for(language)
    every_alert = [
        of_phase(Phase.CALM, Phase.CAPITULATION),
        *(of_rule(rule, AlertKind.FIRED) for rule in RULES),
    ]
    for situation in situations():
        for count in range(1, len(every_alert) + 1):
            assert_fits(alerts_view.alert_group(every_alert[:count], NOW, t, situation))


def a_watch(number: int, *metrics: str) -> FiredWatch:
    figures = tuple(WatchFigure(metric, 61_838.25, NOW, "coinmetrics (bundled)") for metric in metrics)
    return FiredWatch(number, "price below 60000 and hashprice below 45 for 2d every 1d", True, figures)


@pytest.mark.parametrize("language", LANGUAGES)
def test_watches_fit_however_many_tell_at_once(language: str) -> None:
    t = translator_for(language)
    for metrics in (("price",), ("price", "hashprice")):
        for count in (1, 2, 5, 6, 7, 30):
            watch_list = [a_watch(number, *metrics) for number in range(count)]
            assert_fits(watches_view.fired(watch_list, NOW, t))
            beside = watches_view.fired(watch_list, NOW, t, most_lines=2)
            assert len(_FOLD.sub("", beside).strip().split("\n")) <= 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_notices_to_a_fleets_owner_fit(language: str) -> None:
    t = translator_for(language)
    for below in (True, False):
        change = ProfitabilityChange(below, -1_234_567.8, 9_876_543.2, 61_838, 126_200, 0.0712, NOW)
        assert_fits(fleet_view.notice(change, NOW, t))
    start = datetime(2022, 7, 5, 22, tzinfo=UTC)
    spans = tuple(
        (start + timedelta(hours=hour), start + timedelta(hours=hour + 1)) for hour in range(0, 24, 2)
    )
    for kinds in (0, 1, 3, 20):
        losses = tuple(Loss(f"Antminer S19j Pro {number}T", spans[:3], 3.0) for number in range(kinds))
        hours = DayAhead("DE-LU", start, start + timedelta(days=1), losses, 0.1, 0.02, 0.4, 1234.5, 0.02)
        assert_fits(fleet_view.notice(hours, NOW, t))


def test_what_has_no_room_is_folded_and_not_lost() -> None:
    t = translator_for("en")
    text = watches_view.fired([a_watch(number, "price") for number in range(9)], NOW, t)
    assert "and 4 more" in _FOLD.sub("", text)
    assert text.count("Source: ") == 9
