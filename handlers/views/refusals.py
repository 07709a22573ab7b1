"""A question that can't be answered, as text and buttons (Telegram's HTML): the one renderer of refusals."""

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.i18n.translator import LocaleTranslator
from bot.mining.errors import InvalidQuestion
from handlers.html import html

ASK_AGAIN = "b4:"
"""Callback data of a choice: this, then the text to read as if it had been sent."""

_LONGEST_DATA = 64
_MOST_CHOICES = 6


def refusal(failure: InvalidQuestion, t: LocaleTranslator) -> str:
    """What was wrong, a hint where there is one, and a line that works."""
    example = f"<code>{html(failure.example(t))}</code>"
    hint = "" if failure.hint is None else f" {html(failure.hint(t))}"
    # Translators: {example} is what to type.
    return f"{html(failure.says(t))}{hint}\n{t('For example: {example}', example=example)}"


def choices(failure: InvalidQuestion, t: LocaleTranslator) -> InlineKeyboardMarkup | None:
    """A button for each reading that may have been meant; None when there is none that fits into a button."""
    buttons = [
        InlineKeyboardButton(choice.label(t), callback_data=f"{ASK_AGAIN}{choice.text}")
        for choice in failure.choices[:_MOST_CHOICES]
        if len(f"{ASK_AGAIN}{choice.text}".encode()) <= _LONGEST_DATA
    ]
    return InlineKeyboardMarkup([[button] for button in buttons]) if buttons else None
