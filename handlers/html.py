"""Text made safe for Telegram's HTML."""

import re
from collections.abc import Sequence
from datetime import datetime
from html import escape, unescape

from bot.i18n.translator import LocaleTranslator, closed_day

_TAG = re.compile(r"<[^>]*>")


def moment(at: datetime | None, t: LocaleTranslator) -> str:
    """A moment as HTML: in the reader's own clock where Telegram knows it, else in UTC; a day by its name."""
    if at is None or closed_day(at) is not None:
        return html(t.day_or_moment(at))
    return f'<tg-time unix="{at.timestamp():.0f}" format="Dt">{html(t.utc(at))}</tg-time>'


MAX_LINES = 6
"""Lines of a message sent unasked that are seen before it is unfolded."""

MAX_SEEN_UNITS = 600
"""The UTF-16 units of those lines together, so that a phone shows them on one screen."""


def fold(lines: Sequence[str]) -> str:
    """Lines of HTML that Telegram shows when they are tapped."""
    return f"<blockquote expandable>{chr(10).join(lines)}</blockquote>"


def visible_units(text: str) -> int:
    """The length of HTML as Telegram counts it: UTF-16 units of what is seen."""
    return len(visible(text).encode("utf-16-le")) // 2


def visible(text: str) -> str:
    """What is seen of HTML, as plain text."""
    return unescape(_TAG.sub("", text))


def html(text: object) -> str:
    """Anything as text that HTML can't mistake for markup."""
    return escape(str(text), quote=True)
