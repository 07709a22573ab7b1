"""Send an answer to the chat and topic a question came from, or edit one in place."""

import json
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

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
_REFUSED_FOR_S: Final = 3600.0
_MOST_REFUSALS: Final = 1_000


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


class AskerReplies:
    """Answers that in a group only the asker sees, where Telegram offers that; elsewhere usual ones.

    They have no buttons: what a press edits is the chat's. A server that knows no such messages ignores the
    parameter; where one refuses it, the chat gets usual answers for an hour. Telegram doesn't promise that
    they arrive, so nothing that has to arrive is sent so.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._refused_until: OrderedDict[int, float] = OrderedDict()

    async def reply(
        self, update: Update, text: str, keyboard: Keyboard = None, *, without_buttons: str = ""
    ) -> None:
        """Answer as HTML for the asker's eyes.

        `without_buttons` is the text where the asker alone sees it, if the usual one has a keyboard.
        """
        message, user = update.effective_message, update.effective_user
        if message is None or user is None or not self._can_hide(message):
            await reply(update, text, keyboard)
            return
        to_asker = {"ephemeral_message_parameters": json.dumps({"receiver_user_id": user.id})}
        try:
            await message.reply_text(
                without_buttons or text,
                parse_mode=ParseMode.HTML,
                link_preview_options=_NO_PREVIEW,
                api_kwargs=to_asker,
            )
        except BadRequest:
            self._note_refusal(message.chat.id)
            await reply(update, text, keyboard)

    def _can_hide(self, message: Message) -> bool:
        """Whether the chat is a group that takes such messages, and the sender is a person to send one to."""
        if message.chat.type not in (ChatType.GROUP, ChatType.SUPERGROUP) or message.sender_chat is not None:
            return False
        return self._refused_until.get(message.chat.id, 0.0) <= self._monotonic()

    def _note_refusal(self, chat_id: int) -> None:
        self._refused_until[chat_id] = self._monotonic() + _REFUSED_FOR_S
        self._refused_until.move_to_end(chat_id)
        if len(self._refused_until) > _MOST_REFUSALS:
            self._refused_until.popitem(last=False)


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
