"""Send an answer to the chat and topic a question came from, or edit one in place.

In a group an answer may be one that only the asker sees (an ephemeral message, Bot API 10.3). The library
does not know such messages yet: what they are sent with goes beside its own parameters, their ids come in
`api_kwargs`, and they are edited by methods of their own.
"""

import json
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Any, Final, Self

from telegram import (
    CallbackQuery,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    LinkPreviewOptions,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    Update,
    User,
)
from telegram.constants import ChatType, ParseMode
from telegram.error import BadRequest, EndPointNotFound, TelegramError

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_REFUSED_FOR_S: Final = 3600.0
_MOST_REFUSALS: Final = 1_000


Keyboard = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove | None
"""Buttons under a message, or below the text field."""

_Send = Callable[..., Awaitable[Message]]
"""Sends an answer; takes `do_quote` and `api_kwargs` as the library's methods do."""


def ephemeral_id(message: object) -> int | None:
    """The id of a message that only one person and the bot see; None for one that everybody sees."""
    number = message.api_kwargs.get("ephemeral_message_id") if isinstance(message, Message) else None
    return number if isinstance(number, int) else None


async def reply(update: Update, text: str, keyboard: Keyboard = None, *, silent: bool = False) -> None:
    """Answer in the same chat and topic, as HTML, perhaps without a sound.

    Does nothing when the update has nowhere to answer to.
    """
    question = _Question.of_update(update)
    if question is not None:
        await question.answer(_text(question.message, text, keyboard, silent=silent))


async def reply_document(update: Update, file: BytesIO, filename: str, caption: str | None = None) -> None:
    """Answer with a file, its caption as plain text."""
    question = _Question.of_update(update)
    if question is not None:
        send = partial(question.message.reply_document, file, caption=caption, filename=filename)
        await question.answer(send)


def quoting(message: Message) -> bool | None:
    """Whether an answer that everybody sees quotes the message: as usual, but never what one person sees."""
    return None if ephemeral_id(message) is None else False


@dataclass(frozen=True, slots=True)
class _Question:
    """A message to be answered, or one under which somebody pressed a button. `press` is the query's id."""

    message: Message
    asker: User | None
    press: str | None

    @classmethod
    def of_update(cls, update: Update) -> Self | None:
        message, query = update.effective_message, update.callback_query
        if message is None:
            return None
        return cls(message, update.effective_user, None if query is None else query.id)

    @classmethod
    def of_press(cls, query: CallbackQuery) -> Self | None:
        return cls(query.message, query.from_user, query.id) if isinstance(query.message, Message) else None

    @property
    def is_a_persons_in_a_group(self) -> bool:
        """Whether there is a person to send such a message to, and others who would not see it."""
        is_group = self.message.chat.type in (ChatType.GROUP, ChatType.SUPERGROUP)
        return is_group and self.asker is not None and self.message.sender_chat is None

    @property
    def gives_a_right(self) -> bool:
        """Whether any bot may answer it so, for 15 seconds; anything else an admin of the group only."""
        return self.press is not None or ephemeral_id(self.message) is not None

    async def answer(self, send: _Send) -> None:
        """Answer it so that whoever saw the question sees the answer; what is refused, everybody sees."""
        if ephemeral_id(self.message) is None or await self.answer_asker(send) is None:
            await send(do_quote=quoting(self.message))

    async def answer_asker(self, send: _Send) -> Message | None:
        """Answer it for the asker's eyes only; None when that is refused."""
        if self.asker is None:
            return None
        parameters: dict[str, Any] = {"receiver_user_id": self.asker.id}
        beside = {}
        number = ephemeral_id(self.message)
        if self.press is not None:
            parameters["callback_query_id"] = self.press
        elif number is not None:
            beside["reply_parameters"] = json.dumps({"ephemeral_message_id": number})
        beside["ephemeral_message_parameters"] = json.dumps(parameters)
        try:
            return await send(do_quote=quoting(self.message), api_kwargs=beside)
        except BadRequest:
            return None


class AskerReplies:
    """Answers that in a group only the asker sees, where Telegram offers that; elsewhere usual ones.

    Where Telegram refuses one, the chat gets usual answers of that kind for an hour; a server that knows no
    such messages takes them for usual ones and is not asked for others. Telegram doesn't promise that they
    arrive, so nothing that has to arrive is sent so.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._is_offered = True
        self._refused_until: OrderedDict[tuple[int, bool], float] = OrderedDict()

    async def reply(self, update: Update, text: str, keyboard: Keyboard = None) -> None:
        """Answer as HTML."""
        question = _Question.of_update(update)
        if question is not None:
            await self._answer(question, _text(question.message, text, keyboard))

    async def reply_photo(
        self,
        update: Update,
        picture: bytes,
        caption: str,
        keyboard: InlineKeyboardMarkup | None = None,
        *,
        filename: str,
    ) -> None:
        """Answer a press with a picture, its caption as HTML. What a command asks for, everybody sees."""
        question = _Question.of_update(update)
        if question is None:
            return
        send = _photo(question.message, picture, caption, keyboard, filename)
        await (question.answer(send) if question.press is None else self._answer(question, send))

    async def step(self, query: CallbackQuery, text: str, keyboard: InlineKeyboardMarkup) -> None:
        """Show what a press under an answer brings.

        Under one that everybody sees, who pressed gets a message of their own, which the next press edits;
        where that can't be, the answer itself is edited.
        """
        question = _Question.of_press(query)
        is_shown = question is not None and await self._answered_alone(
            question, _text(question.message, text, keyboard)
        )
        if not is_shown:
            await edit(query, text, keyboard)

    async def step_photo(
        self,
        query: CallbackQuery,
        picture: bytes,
        caption: str,
        keyboard: InlineKeyboardMarkup,
        *,
        filename: str,
    ) -> None:
        """Show the picture that a press under one brings, as `step` does."""
        question = _Question.of_press(query)
        is_shown = question is not None and await self._answered_alone(
            question, _photo(question.message, picture, caption, keyboard, filename)
        )
        if not is_shown:
            await _edit_photo(query, picture, caption, keyboard, filename)

    async def _answered_alone(self, question: _Question, send: _Send) -> bool:
        """Answer a press under a message that everybody sees for who pressed; False when it was not sent."""
        return ephemeral_id(question.message) is None and await self._tried(question, send)

    async def _answer(self, question: _Question, send: _Send) -> None:
        if not await self._tried(question, send):
            await send(do_quote=quoting(question.message))

    async def _tried(self, question: _Question, send: _Send) -> bool:
        """Whether it was sent for the asker's eyes: not where that can't be or is refused."""
        place = (question.message.chat.id, question.gives_a_right)
        is_refused = self._refused_until.get(place, 0.0) > self._monotonic()
        if not self._is_offered or is_refused or not question.is_a_persons_in_a_group:
            return False
        sent = await question.answer_asker(send)
        if sent is None:
            self._note_refusal(place)
            return False
        self._is_offered = ephemeral_id(sent) is not None
        return True

    def _note_refusal(self, place: tuple[int, bool]) -> None:
        self._refused_until[place] = self._monotonic() + _REFUSED_FOR_S
        self._refused_until.move_to_end(place)
        if len(self._refused_until) > _MOST_REFUSALS:
            self._refused_until.popitem(last=False)


async def edit(query: CallbackQuery, text: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
    """Change the pressed button's message; what two quick taps ask for twice is no error.

    One that only the asker saw may be gone: then it is sent anew.
    """
    content: dict[str, Any] = {
        "parse_mode": ParseMode.HTML,
        "reply_markup": keyboard,
        "link_preview_options": _NO_PREVIEW,
    }
    question = _Question.of_press(query)
    if question is None or ephemeral_id(question.message) is None:
        await _unless_the_same(query.edit_message_text(text, **content))
    elif not await _edit_ephemeral(question, "Text", {"text": text, **content}):
        await question.answer(_text(question.message, text, keyboard))


async def _edit_photo(
    query: CallbackQuery, picture: bytes, caption: str, keyboard: InlineKeyboardMarkup, filename: str
) -> None:
    media = InputMediaPhoto(picture, caption, ParseMode.HTML, filename=filename)
    question = _Question.of_press(query)
    if question is None or ephemeral_id(question.message) is None:
        await _unless_the_same(query.edit_message_media(media, reply_markup=keyboard))
    elif not await _edit_ephemeral(question, "Media", {"media": media, "reply_markup": keyboard}):
        await question.answer(_photo(question.message, picture, caption, keyboard, filename))


async def edit_keyboard(query: CallbackQuery, keyboard: InlineKeyboardMarkup | None) -> None:
    """Change the buttons under the pressed one's message, or take them away; the same again is no error.

    Nor is a message that only the asker saw and that is gone.
    """
    question = _Question.of_press(query)
    if question is None or ephemeral_id(question.message) is None:
        await _unless_the_same(query.edit_message_reply_markup(keyboard))
    else:
        await _edit_ephemeral(question, "ReplyMarkup", {"reply_markup": keyboard})


async def take_button_away(query: CallbackQuery) -> None:
    """Take away the pressed button, which does nothing any more; a message that is gone is no error."""
    markup = query.message.reply_markup if isinstance(query.message, Message) else None
    rows = markup.inline_keyboard if markup is not None else ()
    other_buttons = [[button for button in row if button.callback_data != query.data] for row in rows]
    if sum(map(len, other_buttons)) == sum(map(len, rows)):
        return
    try:
        await edit_keyboard(query, InlineKeyboardMarkup([row for row in other_buttons if row]))
    except TelegramError:
        return


async def _edit_ephemeral(question: _Question, part: str, content: dict[str, Any]) -> bool:
    """Edit a part of a message that only the asker sees; False when Telegram does not."""
    ids = {
        "chat_id": question.message.chat.id,
        "receiver_user_id": question.asker.id if question.asker is not None else None,
        "ephemeral_message_id": ephemeral_id(question.message),
    }
    call = question.message.get_bot().do_api_request(f"editEphemeralMessage{part}", {**ids, **content})
    try:
        await _unless_the_same(call)
    except (BadRequest, EndPointNotFound):
        return False
    return True


async def _unless_the_same(edit: Awaitable[object]) -> None:
    """Edit; two quick taps may ask for what already stands there."""
    try:
        await edit
    except BadRequest as error:
        if "not modified" not in str(error).lower():
            raise


def _text(message: Message, text: str, keyboard: Keyboard, *, silent: bool = False) -> _Send:
    return partial(
        message.reply_text,
        text,
        parse_mode=ParseMode.HTML,
        reply_markup=keyboard,
        link_preview_options=_NO_PREVIEW,
        disable_notification=silent or None,
    )


def _photo(
    message: Message, picture: bytes, caption: str, keyboard: InlineKeyboardMarkup | None, filename: str
) -> _Send:
    return partial(
        message.reply_photo,
        picture,
        caption=caption,
        parse_mode=ParseMode.HTML,
        reply_markup=keyboard,
        filename=filename,
    )
