"""The button that offers a watch of a figure."""

from telegram import InlineKeyboardButton

from bot.i18n.translator import LocaleTranslator

OFFER = "mk1:w:"
"""Callback data of a button that offers a watch: this, then the line as it is typed behind /watch."""


def watch_offer_button(line: str, t: LocaleTranslator) -> InlineKeyboardButton:
    """A button that offers a watch: `line` as it is typed behind /watch."""
    # Translators: a button: be told when a figure crosses a level.
    return InlineKeyboardButton(f"👁 {t('Watch')}", callback_data=f"{OFFER}{line}")
