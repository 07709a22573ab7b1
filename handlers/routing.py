"""Commands and buttons by decorator: what they are called, who may use them, and what they are given.

A module of `handlers.commands` or `handlers.events` lists its commands and buttons in `HANDLERS`;
the registry adds them to the application. A permission is checked before the work is called, and a refusal is
said here.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from typing import Any, Final

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import CallbackQueryHandler, CommandHandler, ContextTypes, filters

from bot.i18n.message import N_
from bot.i18n.translator import LocaleTranslator
from bot.mining.parsing.command_request import INSTEAD, KEEP, UNDO, CommandRequest
from handlers import replies
from handlers.context import HandlerContext
from handlers.language import translator_for_update
from handlers.permissions import address_of, is_operator, may_change
from storage.chats.chats import Address

ONLY_ADMINS: Final = N_("Only this chat's admins can change what I write here.")
ONLY_OPERATORS: Final = N_("This command is for the bot's operators.")
OLD_BUTTON: Final = N_("This button is from an older version; {command} has new ones.")


_GOES_ON: Final = {"watch": frozenset({UNDO, INSTEAD, KEEP}), "settings": frozenset({UNDO})}
"""What behind a command's name goes on from what was done before it."""
_QUESTIONS: Final = frozenset({"breakeven", "whatif"})
"""Commands that note by themselves what may be gone on from."""


class Permission(Enum):
    """Who may use a command or a button."""

    ANYONE = "anyone"
    """Everybody; but a press that posts into a channel is its admins'."""
    ANYONE_TO_READ = "anyone to read"
    """Everybody without arguments; with arguments, which change something, as ADMIN."""
    ADMIN = "admin"
    """Anyone in private; in groups and channels their admins."""
    OPERATOR = "operator"
    """Whoever may change a chat named by ADMIN_CHAT_IDS."""


@dataclass(frozen=True, slots=True)
class Request:
    """One command or press to be answered. `arguments` are the words after a command.

    `data` is what a button carries after its prefix, "" for a command.
    """

    context: HandlerContext
    update: Update
    t: LocaleTranslator
    address: Address
    arguments: tuple[str, ...] = ()
    data: str = ""

    @property
    def text(self) -> str:
        """The arguments as one line."""
        return " ".join(self.arguments)

    @property
    def query(self) -> CallbackQuery:
        """The press. Raises ValueError for a command."""
        if self.update.callback_query is None:
            raise ValueError("a command has no callback query")
        return self.update.callback_query

    async def reply(self, text: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
        """Answer in the same chat and topic, as HTML; a press, as `reply_to_asker` does."""
        if self.update.callback_query is not None:
            await self.reply_to_asker(text, keyboard)
        else:
            await replies.reply(self.update, text, keyboard)

    async def reply_to_asker(self, text: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
        """Answer what is of use to the asker alone, in a group for their eyes only where that can be."""
        await self.context.asker_replies.reply(self.update, text, keyboard)

    async def step(self, text: str, keyboard: InlineKeyboardMarkup) -> None:
        """Show an answer changed by a press: in a group the answer that all see stays, where that can be."""
        await self.context.asker_replies.step(self.query, text, keyboard)

    async def edit(self, text: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
        """Change the message of the pressed button."""
        await replies.edit(self.query, text, keyboard)

    async def edit_keyboard(self, rows: Sequence[Sequence[InlineKeyboardButton]]) -> None:
        """Change the buttons under the message of the pressed one; the same again is no error."""
        await replies.edit_keyboard(self.query, InlineKeyboardMarkup(rows))

    async def answer(self, notice: str = "", *, alert: bool = False) -> None:
        """Answer a press with a notice of at most 200 characters."""
        await self.query.answer(notice, show_alert=alert)

    async def answer_old_button(self, command: str) -> None:
        """Say that a button is of an older version, and which command has new ones; it goes away."""
        await self.answer(self.t(OLD_BUTTON, command=command))
        await replies.take_button_away(self.query)

    async def refuse(self, text: str) -> None:
        """Say that something may not be done: as an alert to a press, as a reply to a command.

        In a group only the asker sees it where that can be.
        """
        if self.update.callback_query is not None:
            await self.answer(text, alert=True)
        else:
            await self.reply_to_asker(text)


Work = Callable[[Request], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Command:
    """A command with what it does. `aliases` are other names for it, which no menu shows.

    One for the asker alone nobody else in a group sees, where Telegram offers that: it only asks. A slow one
    holds no place among the updates that are processed at once; what the chat asks next may be answered
    before it.
    """

    name: str
    description: str
    permission: Permission
    work: Work
    aliases: tuple[str, ...] = ()
    in_group_menu: bool = False
    is_slow: bool = False
    is_for_asker_alone: bool = False

    def handler(self, context: HandlerContext) -> CommandHandler[Any, Any]:
        """In private chats, groups and channels; an edited message is not a new command."""
        new = filters.UpdateType.MESSAGE | filters.UpdateType.CHANNEL_POST
        return CommandHandler(
            [self.name, *self.aliases], partial(self._answer, context), filters=new, block=not self.is_slow
        )

    async def _answer(
        self, context: HandlerContext, update: Update, telegram: ContextTypes.DEFAULT_TYPE
    ) -> None:
        await self.run(context, update, tuple(telegram.args or ()))

    async def run(self, context: HandlerContext, update: Update, arguments: tuple[str, ...]) -> None:
        """Do it with these arguments if the sender may; else say who may."""
        request = await _request(context, update)
        if request is None:
            return
        permission = self.permission
        if permission is Permission.ANYONE_TO_READ:
            permission = Permission.ADMIN if arguments else Permission.ANYONE
        if await _is_allowed(request, permission):
            goes_on = _GOES_ON.get(self.name, frozenset())
            if goes_on.isdisjoint(arguments[:1]) and self.name not in _QUESTIONS:
                await context.note_command(request.address, CommandRequest(self.name, " ".join(arguments)))
            await self.work(replace(request, arguments=arguments))


@dataclass(frozen=True, slots=True)
class Button:
    """Buttons whose callback data begin with one of the prefixes, with what a press does."""

    prefixes: tuple[str, ...]
    permission: Permission
    work: Work
    is_slow: bool = False

    def handler(self, context: HandlerContext) -> CallbackQueryHandler[Any, Any]:
        """For presses in any chat."""
        return CallbackQueryHandler(
            partial(self._answer, context), pattern=self._pattern, block=not self.is_slow
        )

    @property
    def _pattern(self) -> str:
        return f"^({'|'.join(map(re.escape, self.prefixes))})"

    async def _answer(
        self, context: HandlerContext, update: Update, _telegram: ContextTypes.DEFAULT_TYPE
    ) -> None:
        request = await _request(context, update)
        if request is not None and await _is_allowed(request, self.permission):
            data = re.sub(self._pattern, "", request.query.data or "")
            if self.permission is Permission.ADMIN:  # what it changes isn't to be taken for what was before
                await context.note_command(request.address, CommandRequest("button"))
            await self.work(replace(request, data=data))


Handler = Command | Button


def command(
    name: str,
    description: str,
    permission: Permission,
    *,
    aliases: Sequence[str] = (),
    in_group_menu: bool = False,
    is_slow: bool = False,
    is_for_asker_alone: bool = False,
) -> Callable[[Work], Command]:
    """Make a function the work of a command. `description` stands in the menus and in /help."""
    return lambda work: Command(
        name, description, permission, work, tuple(aliases), in_group_menu, is_slow, is_for_asker_alone
    )


def button(*prefixes: str, permission: Permission, is_slow: bool = False) -> Callable[[Work], Button]:
    """Make a function the work of all buttons whose data begin with one of the prefixes."""
    return lambda work: Button(prefixes, permission, work, is_slow)


async def _request(context: HandlerContext, update: Update) -> Request | None:
    address = address_of(update)
    if address is None:
        return None
    return Request(context, update, await translator_for_update(context, update), address)


async def _is_allowed(request: Request, permission: Permission) -> bool:
    """Whether the sender may; who may not is told so."""
    update = request.update
    if permission is Permission.OPERATOR:
        if await is_operator(update, request.context.admins):
            return True
        await request.refuse(request.t(ONLY_OPERATORS))
        return False
    message = update.effective_message
    posts_in_channel = (
        update.callback_query is not None and message is not None and message.sender_chat is not None
    )
    if permission is Permission.ANYONE and not posts_in_channel:
        return True
    if await may_change(update):
        return True
    await request.refuse(request.t(ONLY_ADMINS))
    return False
