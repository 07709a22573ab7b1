"""Text made safe for Telegram's HTML."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from bot.i18n.translator import LocaleTranslator, closed_day


def moment(at: datetime | None, t: LocaleTranslator) -> str:
    """A moment as HTML: in the reader's own clock where Telegram knows it, else in UTC; a day by its name."""
    if at is None or closed_day(at) is not None:
        return html(t.day_or_moment(at))
    return f'<tg-time unix="{at.timestamp():.0f}" format="Dt">{html(t.utc(at))}</tg-time>'


def fold(lines: Sequence[str]) -> str:
    """Lines of HTML that Telegram shows when they are tapped."""
    return f"<blockquote expandable>{chr(10).join(lines)}</blockquote>"


def html(text: object) -> str:
    """Anything as text that HTML can't mistake for markup."""
    return escape(str(text), quote=True)
