"""/hook: webhooks, and services through Apprise, that alerts go to beside Telegram; for operators."""

from collections.abc import Awaitable, Callable
from typing import Final

from bot.delivery.destinations import addresses, services, signature
from bot.delivery.destinations.addresses import AddressRefusedError
from bot.i18n.message import N_
from bot.signals.rules import SUBSCRIPTIONS, Severity
from handlers.commands.subscriptions import parse, refuse_unknown
from handlers.html import html
from handlers.permissions import in_private
from handlers.routing import Permission, Request, command
from handlers.views import destinations as view
from storage.chats import chats, destinations, preferences
from storage.chats.chats import Address
from storage.chats.destinations import (
    MAX_DESTINATIONS,
    Destination,
    DestinationKind,
    TooManyDestinationsError,
)
from storage.database import Database
from storage.outbox import Priority, add_notice, enqueue_notice
from storage.outbox.notices import NoticeKind

_EXAMPLE: Final = "/hook https://example.org/minerwatch"


@command("hook", N_("operators: webhooks and other services that get the alerts too"), Permission.OPERATOR)
async def hook(request: Request) -> None:
    """List destinations, add one, or do something with one."""
    words = list(request.arguments)
    if words and words[0].lower() == "add":
        del words[0]
    if not words or words[0].lower() == "list":
        await _show_all(request)
    elif words[0].lower() in _ACTIONS:
        await _act(request, words[0].lower(), " ".join(words[1:]))
    else:
        await _add(request, words[0], words[1:])


async def _show_all(request: Request) -> None:
    def work(db: Database) -> list[view.Listed]:
        return [
            view.Listed(
                each,
                chats.subscriptions(db, Address(each.chat_id)),
                destinations.delivery_record(db, each),
            )
            for each in destinations.every(db)
        ]

    listed = await request.context.store.read(work)
    names = tuple(request.context.destinations.services)
    await request.reply(view.listing(listed, names, request.t))


async def _add(request: Request, target: str, words: list[str]) -> None:
    """Add a destination, or change its subscription; `words` are signals and a severity."""
    t, context = request.t, request.context
    signals, severity = parse(words)
    if await refuse_unknown(request, signals, _EXAMPLE):
        return
    kind = DestinationKind.SERVICE if target in context.destinations.services else DestinationKind.WEBHOOK
    refusal = await _refusal(request, kind, target)
    if refusal is not None:
        await request.reply(refusal)
        return
    chosen = tuple(SUBSCRIPTIONS) if not signals or "all" in signals else tuple(signals)
    language = t.code

    def work(db: Database) -> Destination:
        owner, now = request.address.chat_id, context.clock()
        added = destinations.add(db, kind, target, signature.new_salt(), owner, now)
        address = Address(added.chat_id)
        chats.unsubscribe(db, address, SUBSCRIPTIONS)
        chats.subscribe(db, address, chosen, Severity.INFO if severity is None else severity)
        preferences.note_language(db, address, language)
        return added

    try:
        added = await context.store.write(work)
    except TooManyDestinationsError:
        most = t.number(MAX_DESTINATIONS)
        await request.reply(
            t("There may be {most} at most; <code>/hook remove 1</code> takes one away.", most=most)
        )
        return
    await request.reply(view.added(added, _secret(request, added), t))


async def _refusal(request: Request, kind: DestinationKind, target: str) -> str | None:
    """Why a destination can't be added, as HTML; None when it can."""
    t, config = request.t, request.context.destinations
    if kind is DestinationKind.SERVICE:
        if services.is_installed():
            return None
        return t(
            "Apprise is not installed here: {command}",
            command="<code>pip install 'minerwatch[notify]'</code>",
        )
    try:
        await addresses.check(target, config.private_hosts)
    except AddressRefusedError as error:
        return t(
            "I can't use that address: {why}. For example <code>{example}</code>.",
            why=html(error.reason(t)),
            example=_EXAMPLE,
        )
    return None


def _secret(request: Request, destination: Destination) -> str | None:
    """The secret of a webhook, in private only: everybody in a group would read it."""
    if destination.kind is not DestinationKind.WEBHOOK or not in_private(request.update):
        return None
    return signature.secret(request.context.destinations.key, destination.salt)


async def _act(request: Request, action: str, number: str) -> None:
    """Do something with the destination of a number."""
    t = request.t
    destination = None
    if number.isascii() and number.isdigit():
        position = int(number[:9])
        destination = await request.context.store.read(lambda db: destinations.of_number(db, position))
    if destination is None:
        text = t(
            "I know no destination of that number; /hook lists them. For example <code>{example}</code>."
        )
        await request.reply(text.format(example=f"/hook {action} 1"))
        return
    await _ACTIONS[action](request, destination)


async def _test(request: Request, destination: Destination) -> None:
    """Queue a test, which goes the way of an alert."""
    now = request.context.clock()

    def work(db: Database) -> None:
        notice = add_notice(db, NoticeKind.DESTINATION_TEST, Severity.WARNING, "{}", now)
        enqueue_notice(db, notice, now, to=[(destination.chat_id, 0)], priority=Priority.WARNING)

    await request.context.store.write(work)
    request.context.wake_relay()
    await request.reply(request.t("A test is on its way; /hook shows what becomes of it."))


async def _rotate(request: Request, destination: Destination) -> None:
    if destination.kind is DestinationKind.SERVICE:
        await request.reply(request.t("A service has no secret of mine."))
        return

    def work(db: Database) -> Destination | None:
        destinations.rotate(db, destination, signature.new_salt(), request.context.clock())
        return destinations.of_chat_id(db, destination.chat_id)

    rotated = await request.context.store.write(work)
    secret = None if rotated is None else _secret(request, rotated)
    await request.reply(view.rotated(destination, secret, request.t))


async def _show_secret(request: Request, destination: Destination) -> None:
    t = request.t
    if destination.kind is DestinationKind.SERVICE:
        await request.reply(t("A service has no secret of mine."))
        return
    await request.reply(view.secret_of(destination, _secret(request, destination), t))


async def _remove(request: Request, destination: Destination) -> None:
    now = request.context.clock()
    waiting = await request.context.store.write(lambda db: destinations.remove(db, destination, now))
    await request.reply(view.removed(destination, waiting, request.t))


_ACTIONS: Final[dict[str, Callable[[Request, Destination], Awaitable[None]]]] = {
    "test": _test,
    "rotate": _rotate,
    "secret": _show_secret,
    "remove": _remove,
}

HANDLERS = (hook,)
