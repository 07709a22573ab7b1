"""Text made safe for Telegram's HTML."""

from html import escape


def html(text: object) -> str:
    """Anything as text that HTML can't mistake for markup."""
    return escape(str(text), quote=True)
