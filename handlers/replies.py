"""Send an answer to the chat and topic a question came from, or edit one in place."""

import json

from telegram import (
    CallbackQuery,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    Update,
)
from telegram.constants import ChatType, ParseMode
from telegram.error import BadRequest, TelegramError

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


Keyboard = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove | None
"""Buttons under a message, or below the text field."""


async def reply(update: Update, text: str, keyboard: Keyboard = None, *, silent: bool = False) -> None:
    """Answer in the same chat and topic, as HTML, perhaps without a sound.

    Does nothing when the update has nowhere to answer to.
    """
    message = update.effective_message
    if message is not None:
        await message.reply_text(
            text,
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard,
            link_preview_options=_NO_PREVIEW,
            disable_notification=silent or None,
        )


async def reply_privately(update: Update, text: str) -> None:
    """Answer so that in a group only the asker sees it, where Telegram offers that; else as `reply` does.

    A server that knows no such messages ignores the parameter; one that refuses it gets the message again.
    """
    message, user = update.effective_message, update.effective_user
    if message is None or user is None or message.chat.type not in (ChatType.GROUP, ChatType.SUPERGROUP):
        await reply(update, text)
        return
    to_asker = {"ephemeral_message_parameters": json.dumps({"receiver_user_id": user.id})}
    try:
        await message.reply_text(text, parse_mode=ParseMode.HTML, api_kwargs=to_asker)
    except BadRequest:
        await reply(update, text)


async def edit_keyboard(query: CallbackQuery, keyboard: InlineKeyboardMarkup) -> None:
    """Change the buttons under the pressed one's message; the same again is no error."""
    try:
        await query.edit_message_reply_markup(keyboard)
    except BadRequest as error:
        if "not modified" not in str(error).lower():
            raise


async def take_button_away(query: CallbackQuery) -> None:
    """Take away the pressed button, which does nothing any more; a message that is gone is no error."""
    markup = query.message.reply_markup if isinstance(query.message, Message) else None
    rows = markup.inline_keyboard if markup is not None else ()
    other_buttons = [[button for button in row if button.callback_data != query.data] for row in rows]
    if sum(map(len, other_buttons)) == sum(map(len, rows)):
        return
    try:
        await query.edit_message_reply_markup(InlineKeyboardMarkup([row for row in other_buttons if row]))
    except TelegramError:
        return


async def edit(query: CallbackQuery, text: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
    """Change the pressed button's message; what two quick taps ask for twice is no error."""
    try:
        await query.edit_message_text(
            text, parse_mode=ParseMode.HTML, reply_markup=keyboard, link_preview_options=_NO_PREVIEW
        )
    except BadRequest as error:
        if "not modified" not in str(error).lower():
            raise
