"""An alert in words, for feeds and webhooks."""

from dataclasses import replace

import pytest

from bot.delivery.alert_text import lines, title
from bot.i18n.message import NOTHING, message
from bot.i18n.translator import translator_for
from bot.signals.alert import AlertKind
from bot.signals.phase import Phase
from tests.delivery.destinations.stories import ALERTS

ENGLISH, GERMAN = translator_for("en"), translator_for("de")
BY_KIND = {alert.kind: alert for alert in ALERTS}


@pytest.mark.parametrize(
    ("kind", "english", "german"),
    [
        (
            AlertKind.FIRED,
            "Bitcoin is 70 % below its record (critical)",
            "Bitcoin steht 70\xa0% unter seinem Rekord (kritisch)",
        ),
        (AlertKind.NO_DATA, "No fresh data: Price drawdown", "Keine frischen Daten: Kursrückgang"),
        (AlertKind.PHASE, "phase stress → capitulation", "Phase Stress → Kapitulation"),
    ],
)
def test_what_happened_in_a_line(kind: AlertKind, english: str, german: str) -> None:
    assert (title(BY_KIND[kind], ENGLISH), title(BY_KIND[kind], GERMAN)) == (english, german)


def test_the_figures_of_an_alert_with_threshold_moments_and_source() -> None:
    alert = BY_KIND[AlertKind.FIRED]
    assert lines(alert, ENGLISH) == [
        "−70.4 % (threshold −70.0 %)",
        "Since 12 Jun 2022",
        "Price 70 % below its record",
        "Source: kraken, as of 17 Jun 2022",
    ]
    assert lines(alert, GERMAN) == [
        "−70,4\xa0% (Schwelle −70,0\xa0%)",
        "Seit 12. Juni 2022",
        "Kurs 70\xa0% unter seinem Rekord",
        "Quelle: kraken, Stand 17. Juni 2022",
    ]


def test_what_is_not_known_is_left_out() -> None:
    alert = replace(BY_KIND[AlertKind.FIRED], value=None, began=None, as_of=None)
    assert lines(alert, ENGLISH) == ["Price 70 % below its record"]
    assert lines(replace(alert, detail=NOTHING), ENGLISH) == []
    at_zero = replace(alert, value=0.0)
    assert lines(at_zero, ENGLISH)[0] == "0.00 % (threshold −70.0 %)"


def test_a_change_of_phase_is_explained_by_the_signals_that_fire() -> None:
    change = BY_KIND[AlertKind.PHASE]
    (leg,) = change.evidence
    calm = replace(leg, firing=False, signal="energy_price", title=message("dear power"))
    meaning = (
        "For three days or more the price has been at least 50 % below its record while hashrate fell by "
        "more than its usual noise."
    )
    firing = "Price drawdown: price 70 % below its record; 70 % down"
    assert lines(replace(change, evidence=(calm, leg)), ENGLISH) == [meaning, firing]
    assert lines(replace(change, evidence=(calm,)), ENGLISH) == [meaning]
    assert lines(change, GERMAN)[1] == "Kursrückgang: Kurs 70\xa0% unter seinem Rekord; 70\xa0% down"
    unknown = lines(replace(change, after=None, evidence=()), ENGLISH)
    assert unknown == lines(replace(change, after=Phase.UNKNOWN, evidence=()), ENGLISH)
    assert unknown != [meaning]


def test_chinese_has_marks_of_its_own() -> None:
    (_, line) = lines(BY_KIND[AlertKind.PHASE], translator_for("zh"))
    assert "：" in line
    assert "；" in line
    assert not {":", ";"} & set(line)
