"""The status widget: what it shows, and what it says when it can't."""

import json
import zlib
from datetime import UTC, datetime, timedelta

import pytest

from bot.i18n.translator import LANGUAGES, translator_for
from bot.signals.evaluation import RuleStates
from bot.signals.rules import default_rules
from bot.snapshot import StatusView
from handlers.widgets import status_widget
from handlers.widgets.status_widget import LINES, OLD_AFTER, status_data, status_document
from handlers.widgets.widget_document import (
    MAX_BYTES,
    MAX_COMPRESSED_BYTES,
    MAX_DATA_BYTES,
    WidgetTooLargeError,
    checked_data,
    document,
)
from tests.handlers.widgets.widget_player import WidgetPlayer

NOW = datetime(2026, 11, 28, 12, 34, tzinfo=UTC)
EMPTY = StatusView(default_rules(["DE-LU"]), RuleStates(), None)


def app(data: str, now: datetime = NOW) -> str:
    """An app that gives the widget its data, and can be told new ones, at a moment of its own clock."""
    return (
        "var tell; var Telegram = {Widget: {onEvent: function (kind, act) { tell = act; }}};"
        f"Telegram.Widget.publicData = {json.dumps(data)};"
        f"Date.now = function () {{ return {now.timestamp() * 1000:.0f}; }};"
    )


def test_it_shows_its_data_line_by_line_and_follows_them() -> None:
    t = translator_for("en")
    data = status_data(EMPTY, NOW, t)
    widget = WidgetPlayer(status_document(t), app(data))
    shown = [widget.text(f"line{index}") for index in range(LINES)]
    assert shown[0].startswith("Phase: ")
    assert shown == [*json.loads(data)[2:], *[""] * LINES][:LINES]
    assert widget.text("age") == "As of 28 Nov 2026, 12:34 UTC"
    widget.run(
        f"Telegram.Widget.publicData = {json.dumps(json.dumps([0, 'long ago', 'Phase: none']))}; tell()"
    )
    assert widget.text("line0") == "Phase: none"
    assert widget.text("line1") == ""


def test_data_that_are_not_renewed_say_so() -> None:
    t = translator_for("en")
    data = status_data(EMPTY, NOW, t)
    later = NOW + OLD_AFTER + timedelta(seconds=1)
    widget = WidgetPlayer(status_document(t), app(data, later))
    assert widget.text("age").startswith("⚠ Not renewed since 28 Nov 2026, 12:34 UTC")
    assert "⚠" not in WidgetPlayer(status_document(t), app(data, NOW + OLD_AFTER)).text("age")


@pytest.mark.parametrize(
    "script",
    ["", "var Telegram = {};", "var Telegram = {Widget: {}};", "var Telegram = {Widget: {publicData: '<'}};"],
)
def test_an_app_that_gives_no_data_shows_where_they_are_to_be_had(script: str) -> None:
    widget = WidgetPlayer(status_document(translator_for("en")), script)
    assert widget.texts() == widget.first
    assert "/status" in widget.text("line0")


@pytest.mark.parametrize("language", LANGUAGES)
def test_document_and_data_are_within_the_limits_in_every_language(language: str) -> None:
    t = translator_for(language)
    html = status_document(t)
    assert len(html.encode()) <= MAX_BYTES
    assert len(zlib.compress(html.encode(), 9)) <= MAX_COMPRESSED_BYTES
    assert len(status_data(EMPTY, NOW, t).encode()) <= MAX_DATA_BYTES


def test_what_is_too_large_is_refused_with_its_size() -> None:
    with pytest.raises(WidgetTooLargeError, match="widget data of 1025 bytes; Telegram takes at most 1024"):
        checked_data("x" * (MAX_DATA_BYTES + 1))
    assert checked_data("x" * MAX_DATA_BYTES)
    with pytest.raises(WidgetTooLargeError, match="at most 32768 and 4096"):
        document("x" * MAX_BYTES, "status_widget.js", {}, "en")
    noise = "".join(chr(0x4E00 + index * 7919 % 20_000) for index in range(3_000))
    with pytest.raises(WidgetTooLargeError):
        document(noise, "status_widget.js", {}, "zh")


def test_values_can_end_neither_the_script_nor_a_line_of_it() -> None:
    hostile = "</script><script>alert(1)</script><!-- \u2028\u2029 & \"'"
    html = document('<b id="it"></b>', "status_widget.js", {"words": hostile, "lines": 0}, "en")
    assert html.count("</script>") == 1
    assert not {"\u2028", "\u2029"} & set(html)
    assert WidgetPlayer(html).tags == {"html", "head", "meta", "style", "body", "b", "script"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_that_do_not_fit_are_left_out_from_the_end(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    t = translator_for(language)
    whole = json.loads(status_data(EMPTY, NOW, t))
    monkeypatch.setattr(status_widget, "MAX_DATA_BYTES", len(status_data(EMPTY, NOW, t).encode()) - 1)
    assert json.loads(status_data(EMPTY, NOW, t)) == whole[:-1]
