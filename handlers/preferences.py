"""A chat's preferences: how commands and buttons read and change them, and what they were before."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from telegram import Update

from bot.i18n.translator import LocaleTranslator
from bot.mining.machines import OwnMachine
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.units import Currency
from handlers.context import HandlerContext
from handlers.language import telegram_language
from handlers.permissions import addresses_of
from handlers.routing import Request
from storage.chats import chats, digests, own_machines, preferences
from storage.chats.chats import Address
from storage.chats.preferences import ChatSettings
from storage.database import Database
from storage.outbox import silences

_MOVES_BY_ITSELF: Final = frozenset({"telegram_language", "digest_next", "digest_last", "digest_alert"})
"""What no command sets."""


def remember_chat(db: Database, request: Request) -> None:
    """Store the chat, its kind and the asker's language before something is set in it."""
    chat = request.update.effective_chat
    kind = chat.type if chat is not None else "private"
    chats.remember(db, request.address, kind, request.context.clock())
    preferences.note_language(db, request.address, telegram_language(request.update))


async def load_preferences(request: Request) -> ChatSettings:
    """The preferences of the chat and topic a request comes from."""
    return await request.context.store.read(lambda db: preferences.load(db, request.address))


async def update_preferences(
    request: Request, change: Callable[[ChatSettings], ChatSettings]
) -> ChatSettings:
    """Change them, for a group's other topics too as `save_change` says; give them as they are then.

    The next digest is scheduled anew unless it is due, and held messages that need not wait any more go out.
    What was set before is remembered, for whoever takes the change back.
    """
    now = request.context.clock()

    def work(db: Database) -> tuple[ChatSettings, ChatSettings]:
        remember_chat(db, request)
        if request.address.topic_id:
            chats.remember(db, Address(request.address.chat_id), "supergroup", now)
        before = preferences.load(db, request.address)
        after = digests.rescheduled(db, before, change(before), now)
        if after != before:
            for address in preferences.save_change(db, request.address, before, after):
                silences.release(db, address, now)
        return before, after

    before, after = await request.context.store.write(work)
    request.context.wake_relay()
    if former := former_settings(before, after):
        await request.context.note_former(request.address, former)
    return after


async def asker_of(context: HandlerContext, update: Update, t: LocaleTranslator) -> Asker:
    """The language and the currency for an update: the chat's own choice, else the person's in private."""
    addresses = addresses_of(update)

    def load(db: Database) -> tuple[str | None, tuple[OwnMachine, ...]]:
        code = next((code for each in addresses if (code := preferences.load(db, each).currency)), None)
        named = {
            machine.name: machine for each in reversed(addresses) for machine in own_machines.load(db, each)
        }
        return code, tuple(named.values())

    code, machines = await context.store.read(load)
    return Asker(t.code, None if code is None else Currency(code), machines)


@dataclass(frozen=True, slots=True)
class FormerSettings:
    """What was changed, with its values before: of the settings, and the severity by signal."""

    settings: Mapping[str, Any]
    subscriptions: Mapping[str, int] | None = None

    def restored(self, now: ChatSettings) -> ChatSettings:
        """The settings with what was changed as it was before. Raises ValidationError for no settings."""
        values = _settings().dump_python(now, mode="json")
        return _settings().validate_python({**values, **self.settings})


def former_settings(before: ChatSettings, after: ChatSettings) -> str:
    """What a change of settings took the place of, as text; "" where it changed nothing."""
    values = _settings().dump_python(before, mode="json")
    changed = {
        field.name: values[field.name]
        for field in fields(ChatSettings)
        if field.name not in _MOVES_BY_ITSELF and getattr(before, field.name) != getattr(after, field.name)
    }
    return _former().dump_json(FormerSettings(changed)).decode() if changed else ""


def former_subscriptions(before: Mapping[str, int]) -> str:
    """The subscriptions before a change, as text."""
    return _former().dump_json(FormerSettings({}, before)).decode()


def read_former(text: str) -> FormerSettings | None:
    """What the text says; None where it is of another version."""
    try:
        return _former().validate_json(text)
    except ValidationError:
        return None


@cache
def _settings() -> TypeAdapter[ChatSettings]:
    return TypeAdapter(ChatSettings)


@cache
def _former() -> TypeAdapter[FormerSettings]:
    return TypeAdapter(FormerSettings)
