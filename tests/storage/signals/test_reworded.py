"""Messages stored by older versions read as today's do, in every language."""

import json
from datetime import UTC, date, datetime
from string import Formatter

import pytest

from bot.i18n.message import DayValue, Message, NumberValue, message
from bot.i18n.translator import LANGUAGES, translator_for
from bot.signals.alert import Alert, AlertKind
from bot.signals.rules import Severity
from handlers.views import alerts as alerts_view
from storage.engine import Database
from storage.migrations import m400_reworded_sentences
from storage.signals import alerts
from storage.signals.reworded import REWORDED, reworded
from tests.fakes.engines import transaction
from tests.tools import catalogues

AT = datetime(2026, 2, 1, tzinfo=UTC)
CLOSE = message(
    "close of {day} {price} USD against the record of {record} USD on {record_day}",
    day=DayValue(date(2026, 1, 31)),
    price=NumberValue(61_838),
    record=NumberValue(126_200),
    record_day=DayValue(date(2025, 10, 6)),
)
ON_ONE_SOURCE = message("{detail} (resting on one source, {source})", detail=CLOSE, source="kraken")


def stored_alert(detail: Message) -> Alert:
    title = message("price half below its record")
    rule, severity = "price_drawdown.warning", Severity.WARNING
    return Alert(rule, "price_drawdown", severity, AlertKind.FIRED, AT, title, value=-0.51, detail=detail)


def test_an_alert_stored_in_old_words_is_said_in_todays(db: Database) -> None:
    with transaction(db):
        alerts.add(db, [stored_alert(ON_ONE_SOURCE)])
        m400_reworded_sentences(db)
    ((_, alert),) = alerts.recent(db, 9)
    assert str(alert.title) == "price 50 % below its record"
    assert str(alert.detail) == (
        "61,838 USD at the close of 2026-01-31; record 126,200 USD (2025-10-06) (only one source, kraken)"
    )


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_what_was_stored_in_old_words_is_translated(db: Database, language: str) -> None:
    with transaction(db):
        alerts.add(db, [stored_alert(ON_ONE_SOURCE)])
        m400_reworded_sentences(db)
    ((_, alert),) = alerts.recent(db, 9)
    text = alerts_view.alert_group([alert], AT, translator_for(language))
    for english in ("close of", "record", "below", "source"):
        assert english not in text


def test_the_first_releases_drawdown_is_said_in_todays_words() -> None:
    first = {
        "text": "{price} USD against the record of {record} USD on {day}",
        "values": [
            ["price", {"figure": 61838.0}],
            ["record", {"figure": 126200.0}],
            ["day", {"day": "2025-10-06"}],
        ],
    }
    assert reworded([{"detail": first}]) == [
        {
            "detail": {
                "text": "{price} USD; record {record} USD ({record_day})",
                "values": [*first["values"][:2], ["record_day", {"day": "2025-10-06"}]],
            }
        }
    ]


def test_what_is_said_today_stays_as_it_is() -> None:
    now = json.loads('{"detail": {"text": "reserve {amount} BTC", "values": []}, "text": "close of {day}"}')
    assert reworded(now) == now


@pytest.mark.parametrize(("old", "new"), REWORDED.items())
def test_a_new_sentence_is_in_the_catalogues_and_takes_the_old_ones_values(old: str, new: str) -> None:
    assert new in catalogues.texts()
    assert old not in catalogues.texts()
    assert _values(new) == _values(old)


def _values(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text)} - {None}
