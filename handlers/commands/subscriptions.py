"""Who hears of what, from which severity on: /subscribe and /unsubscribe, by words or buttons."""

from collections.abc import Mapping
from functools import partial

from telegram import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import CallbackQueryHandler, ContextTypes

from bot.i18n.message import N_
from bot.i18n.translator import LocaleTranslator
from bot.signals.rules import SUBSCRIPTIONS, Severity
from handlers.context import App, HandlerContext
from handlers.html import html
from handlers.language import telegram_language, translator_for_update
from handlers.menus import command
from handlers.permissions import address, may_change
from handlers.replies import edit, reply
from handlers.views import alerts
from storage.chats import chats, preferences
from storage.chats.chats import Address
from storage.database import Database

COMMANDS = (
    BotCommand("subscribe", "hear of a signal, or of all: /subscribe price_drawdown"),
    BotCommand("unsubscribe", "hear no more of a signal, or of any"),
)

EVERYTHING = tuple(SUBSCRIPTIONS)
ONLY_ADMINS = N_("Only this chat's admins can change what I write here.")
OLD_BUTTON = N_("This button is from an older version; {command} has new ones.")
_SEVERITIES = {severity.word: severity for severity in Severity}


def register(application: App, desk: HandlerContext) -> None:
    """Add the commands and their buttons."""
    application.add_handler(command("subscribe", partial(_command, desk, True)))
    application.add_handler(command("unsubscribe", partial(_command, desk, False)))
    application.add_handler(CallbackQueryHandler(partial(_button, desk), pattern=r"^s1:"))
    application.add_handler(CallbackQueryHandler(partial(_severity, desk), pattern=r"^s2:"))


def keyboard(held: Mapping[str, int], t: LocaleTranslator) -> InlineKeyboardMarkup:
    """A button a signal that takes or gives it up, beside it its minimum severity, and one for all."""
    rows = []
    for signal in EVERYTHING:
        name = SUBSCRIPTIONS[signal].title(t)
        if signal in held:
            severity = Severity(held[signal])
            rows.append(
                [
                    InlineKeyboardButton(f"✓ {name}", callback_data=f"s1:{signal}"),
                    InlineKeyboardButton(t(alerts.FROM[severity]), callback_data=f"s2:{signal}"),
                ]
            )
        else:
            rows.append([InlineKeyboardButton(name, callback_data=f"s1:{signal}")])
    all_held = all(signal in held for signal in EVERYTHING)
    last = InlineKeyboardButton(t("Stop everything") if all_held else t("Everything"), callback_data="s1:all")
    return InlineKeyboardMarkup([*rows, [last]])


async def _command(
    desk: HandlerContext, wanted: bool, update: Update, context: ContextTypes.DEFAULT_TYPE
) -> None:
    place = address(update)
    if place is None or update.effective_chat is None:
        return
    t = await translator_for_update(desk, update)
    if not await may_change(update):
        await reply(update, t(ONLY_ADMINS))
        return
    words = [word.strip(",").lower().replace("-", "_") for word in context.args or ()]
    severity = next((_SEVERITIES[word] for word in words if word in _SEVERITIES), None)
    named = [word for word in words if word not in _SEVERITIES]
    unknown = [word for word in named if word not in (*EVERYTHING, "all")]
    if unknown:
        verb = "subscribe" if wanted else "unsubscribe"
        await reply(
            update,
            t(
                "I know no signal “{name}”. There are {names}; for example <code>{example}</code>.",
                name=html(unknown[0][:40]),
                names=", ".join(EVERYTHING),
                example=f"/{verb} price_drawdown",
            ),
        )
        return
    signals = EVERYTHING if not named or "all" in named else tuple(named)
    taken, dropped = (signals, ()) if wanted else ((), signals)
    held = await _change(desk, update, place, taken=taken, dropped=dropped, severity=severity)
    await reply(update, alerts.subscriptions(held, t), keyboard(held, t))


async def _button(desk: HandlerContext, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    query, place = update.callback_query, address(update)
    if query is None or query.data is None or place is None or update.effective_chat is None:
        return
    t = await translator_for_update(desk, update)
    if not await may_change(update):
        await query.answer(t(ONLY_ADMINS), show_alert=True)
        return
    name = query.data.removeprefix("s1:")
    if name != "all" and name not in EVERYTHING:
        await query.answer(t(OLD_BUTTON, command="/subscribe"))
        return
    held = await desk.store.read(lambda db: chats.subscriptions(db, place))
    signals = EVERYTHING if name == "all" else (name,)
    given_up = all(signal in held for signal in signals)
    taken, dropped = ((), signals) if given_up else (signals, ())
    held = await _change(desk, update, place, taken=taken, dropped=dropped)
    await query.answer(t("Unsubscribed") if given_up else t("Subscribed"))
    await edit(query, alerts.subscriptions(held, t), keyboard(held, t))


async def _severity(desk: HandlerContext, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    """From warning → critical only → all → from warning."""
    query, place = update.callback_query, address(update)
    if query is None or query.data is None or place is None or update.effective_chat is None:
        return
    t = await translator_for_update(desk, update)
    if not await may_change(update):
        await query.answer(t(ONLY_ADMINS), show_alert=True)
        return
    signal = query.data.removeprefix("s2:")
    held = await desk.store.read(lambda db: chats.subscriptions(db, place))
    if signal not in held:
        await query.answer(t(OLD_BUTTON, command="/subscribe"))
        return
    severity = Severity((held[signal] + 1) % len(Severity))
    held = await _change(desk, update, place, taken=(signal,), severity=severity)
    await query.answer(t(alerts.FROM[severity]))
    await edit(query, alerts.subscriptions(held, t), keyboard(held, t))


async def _change(
    desk: HandlerContext,
    update: Update,
    place: Address,
    *,
    taken: tuple[str, ...] = (),
    dropped: tuple[str, ...] = (),
    severity: Severity | None = None,
) -> dict[str, int]:
    """Without a severity, what is held already keeps its own."""

    def work(db: Database) -> dict[str, int]:
        chats.remember(db, place, kind, now)
        preferences.note_language(db, place, telegram_language(update))
        held = chats.subscriptions(db, place)
        fresh = taken if severity is not None else tuple(signal for signal in taken if signal not in held)
        chats.subscribe(db, place, fresh, Severity.WARNING if severity is None else severity)
        chats.unsubscribe(db, place, dropped)
        return chats.subscriptions(db, place)

    now, kind = desk.clock(), update.effective_chat.type if update.effective_chat else "private"
    return await desk.store.write(work)
