"""The menus of commands and the descriptions that Telegram shows before anyone asks."""

import logging
from collections.abc import Iterable, Sequence
from typing import Final

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeDefault,
    MenuButton,
    MenuButtonDefault,
    MenuButtonWebApp,
    WebAppInfo,
)
from telegram.error import TelegramError

from bot.i18n.message import N_
from bot.i18n.translator import LANGUAGES, LocaleTranslator
from handlers.routing import Command, Permission

log = logging.getLogger(__name__)

_EPHEMERAL: Final = {"is_ephemeral": True}
"""A command that only who sends it and the bot see (Bot API 10.2)."""

DESCRIPTION = N_(
    "I watch Bitcoin miners for capitulation: their income, outflows and hashrate, the price and the power "
    "price. "
    "I write only when something changes, and I answer breakeven questions: /breakeven s19 0.07"
)
SHORT_DESCRIPTION = N_("Watches Bitcoin miners for capitulation; answers breakeven questions.")


async def introduce(
    bot: Bot, commands: Sequence[Command], admins: Iterable[int], web_url: str | None = None
) -> None:
    """Set the menus of every scope and language, the menu button and both descriptions.

    The menu button opens the page at `web_url`, or the commands without one. A refusal is logged, no more.
    """
    try:
        for code in LANGUAGES:
            t = LocaleTranslator(code)  # not for ever: nobody here may speak it
            language = None if code == "en" else code
            await _menus(bot, commands, admins, t, language)
            await bot.set_my_description(t(DESCRIPTION), language)
            await bot.set_my_short_description(t(SHORT_DESCRIPTION), language)
        await bot.set_chat_menu_button(menu_button=_menu_button(web_url))
    except TelegramError as error:
        log.warning(f"the menus and descriptions could not all be set: {error}")


def _menu_button(web_url: str | None) -> MenuButton:
    if web_url is None:
        return MenuButtonDefault()
    return MenuButtonWebApp("minerwatch", WebAppInfo(f"{web_url.rstrip('/')}/app"))


async def _menus(
    bot: Bot, commands: Sequence[Command], admins: Iterable[int], t: LocaleTranslator, language: str | None
) -> None:
    def menu_of(commands: Iterable[Command]) -> list[BotCommand]:
        return [BotCommand(command.name, t(command.description)) for command in commands]

    def group_menu_of(commands: Iterable[Command]) -> list[BotCommand]:
        return [
            BotCommand(
                command.name,
                t(command.description),
                api_kwargs=_EPHEMERAL if command.is_for_asker_alone else None,
            )
            for command in commands
        ]

    theirs = [command for command in commands if command.permission is not Permission.OPERATOR]
    everyone = menu_of(theirs)
    asking = group_menu_of(command for command in commands if command.in_group_menu)
    scopes: list[tuple[BotCommandScope, list[BotCommand]]] = [
        (BotCommandScopeDefault(), everyone),
        (BotCommandScopeAllPrivateChats(), everyone),
        (BotCommandScopeAllGroupChats(), asking),
        (BotCommandScopeAllChatAdministrators(), group_menu_of(theirs)),
        *((BotCommandScopeChat(admin), menu_of(commands)) for admin in admins),
    ]
    for scope, menu in scopes:
        try:
            await bot.set_my_commands(menu, scope=scope, language_code=language)
        except TelegramError as error:  # an admin who never wrote to the bot is a chat not found
            log.warning(f"the menu of scope {scope.type} could not be set: {error}")
