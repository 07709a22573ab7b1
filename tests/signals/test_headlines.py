"""What alerts say first: every rule in words of its own."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.i18n.message import ENGLISH, message
from bot.signals.alert import Alert, AlertKind
from bot.signals.headlines import headline, headlines_of
from bot.signals.rules import Rule, Severity, default_rules

RULES = default_rules(("DE-LU", "FR"))
ALERT = Alert(
    "price_drawdown.critical", "price_drawdown", Severity.CRITICAL, AlertKind.FIRED,
    datetime(2022, 6, 18, tzinfo=UTC), message("price 70 % below its record"), value=-0.704,
)  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_three_sentences_of_its_own(rule: Rule) -> None:
    sentences = headlines_of(rule.id)
    assert sentences is not None
    assert len({sentences.fired, sentences.lasting, sentences.over}) == 3


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (AlertKind.FIRED, -0.704, "Bitcoin is 70 % below its record"),
        (AlertKind.REMINDER, -0.651, "Bitcoin is still 65 % below its record"),
        (AlertKind.CLEARED, -0.62, "Bitcoin is recovering: now 62 % below its record"),
    ],
)
def test_a_headline_says_the_figure_of_now(kind: AlertKind, value: float, text: str) -> None:
    assert headline(replace(ALERT, kind=kind, value=value), ENGLISH) == text


def test_a_zone_is_named() -> None:
    alert = replace(ALERT, rule="energy_price.warning.FR", value=0.97)
    assert headline(alert, ENGLISH) == "Power in FR is unusually expensive"


def test_a_rule_of_the_past_keeps_its_title() -> None:
    assert headline(replace(ALERT, rule="gone.warning"), ENGLISH) == "price 70 % below its record"
