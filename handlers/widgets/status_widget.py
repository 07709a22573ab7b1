"""The status widget: one document a language, shared by all messages, whose data the bot renews."""

import json
from datetime import datetime, timedelta
from typing import Final

from bot.i18n.translator import LocaleTranslator
from bot.signals.status import signal_statuses
from bot.snapshot import StatusView
from handlers.html import html, visible
from handlers.views.status import outage_lines, phase_lines, signal_line
from handlers.widgets.widget_document import MAX_DATA_BYTES, checked_data, document

LINES: Final = 10
"""As many as there can be: an outage, the phase, what it means, and the signals."""
OLD_AFTER: Final = timedelta(hours=2)
"""Without new data for so long the widget says so, by the reader's clock."""


def status_document(t: LocaleTranslator) -> str:
    """The document; until it has read its data it only names /status. Raises WidgetTooLargeError."""
    values = {
        "lines": LINES,
        "oldAfterS": OLD_AFTER.total_seconds(),
        "words": {
            "asOf": t("As of {moment}", moment="{}"),
            "old": f"⚠ {t('Not renewed since {moment}; /status tells how things stand.', moment='{}')}",
        },
    }
    first = html(t("This app can't show the status here; /status tells it."))
    body = "".join(
        (
            f'<div><b id="line0">{first}</b></div>',
            *(f'<div id="line{index}"></div>' for index in range(1, LINES)),
            '<div id="age"></div>',
        )
    )
    return document(body, "status_widget.js", values, t.code)


def status_data(view: StatusView, at: datetime, t: LocaleTranslator) -> str:
    """What the widget shows at a moment, as its data: the lines of a pinned status as plain text.

    Lines that would not fit any more are left out, the last ones first.
    """
    statuses, phase = signal_statuses(view.rules, view.standing), view.standing.phase
    lines = [
        visible(line)
        for line in (
            *outage_lines(view, t),
            *phase_lines(phase.phase, phase.since, statuses, t),
            *(signal_line(status, t) for status in statuses),
        )
    ]
    while True:
        data = json.dumps(
            [int(at.timestamp()), t.utc(at), *lines[:LINES]], ensure_ascii=False, separators=(",", ":")
        )
        if len(data.encode()) <= MAX_DATA_BYTES or not lines:
            return checked_data(data)
        lines.pop()
