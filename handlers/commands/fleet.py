"""/fleet: a chat's own machines."""

import io
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import ContextTypes, MessageHandler, filters

from bot.i18n.message import N_
from bot.i18n.translator import LocaleTranslator
from bot.mining.answer import Input, display_in
from bot.mining.errors import InvalidQuestion
from bot.mining.fleet import Fleet
from bot.mining.fleet_command import FleetCommand
from bot.mining.fleet_hours import day_ahead
from bot.mining.fleet_report import fleet_report
from bot.mining.market import Market, PowerSlot
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.fleet_csv import LONGEST as LONGEST_CSV
from bot.mining.parsing.fleet_csv import fleet_csv, parse_fleet_csv
from bot.mining.parsing.reader import parse_fleet, parse_whatif, understand
from bot.mining.parsing.units import Currency
from bot.mining.power_market import ZONES
from bot.mining.whatif import WhatIf
from handlers.commands.breakeven import refuse, tell
from handlers.context import App, HandlerContext
from handlers.language import telegram_language, translator_for_update
from handlers.permissions import address_of, may_change
from handlers.preferences import asker_of
from handlers.replies import reply, reply_document
from handlers.routing import Permission, Request, button, command
from handlers.views import fleet as fleet_view
from handlers.views.breakeven import readings
from storage.chats import chats, fleets, preferences
from storage.chats.fleets import MARKET_TIME
from storage.database import Database

UNDO = "fl1:u:"
"""Callback data of the button that takes back what was done: this, then the line behind /fleet."""
_LONGEST_DATA = 64
_FIXED = N_("Your fleet's power price is fixed; hours need a day-ahead zone.")
_USUAL_ZONE = "DE-LU"
"""Whose prices are missing when none are known and no zone is named."""
_WHAT_IF = re.compile(r"\s*what[ -]?if\b(?P<rest>.*)", re.DOTALL | re.IGNORECASE)
_ONLY_ADMINS = N_("Only this group's admins can change its fleet.")


def register(application: App, context: HandlerContext) -> None:
    """Add the handler of tables sent to the chat."""
    tables = filters.Document.FileExtension("csv") & filters.UpdateType.MESSAGE
    application.add_handler(MessageHandler(tables, partial(_file, context)))


@command("fleet", N_("your machines together: /fleet add 10 s19j pro power 6.5c"), Permission.ANYONE)
async def fleet_command(request: Request) -> None:
    """Show the chat's machines, or change them."""
    context, update, t = request.context, request.update, request.t
    address, chat = request.address, update.effective_chat
    if chat is None:
        return
    try:
        asker = await asker_of(context, update, t)
        if match := _WHAT_IF.match(request.text):
            supposed = _supposition(match["rest"], context, asker)
            await tell(context, update, supposed, asker, t)
            return
        order = parse_fleet(
            request.text, context.catalogue, ZONES, language=asker.language, currency=asker.currency
        )
        if order.changes and not await may_change(update):
            await reply(update, t(_ONLY_ADMINS))
            return
        fleet, undo = await context.store.read(lambda db: fleets.load(db, address)), None
        if order.changes:
            now = context.clock()

            def change(db: Database) -> tuple[Fleet, Fleet]:
                before = fleets.load(db, address)
                changed = order.applied(before)
                chats.remember(db, address, chat.type, now)
                preferences.note_language(db, address, telegram_language(update))
                fleets.save(db, address, changed)
                return before, changed

            before, fleet = await context.store.write(change)
            undo = _undo(order, before, fleet, t)
        if order.csv:
            await _send_csv(update, fleet)
            return
        await reply(update, _view(order, fleet, context.market(), asker.currency, t), undo)
    except InvalidQuestion as failure:
        await refuse(context, update, failure, t)


def _supposition(text: str, context: HandlerContext, asker: Asker) -> WhatIf:
    """What follows `/fleet whatif`: as behind /whatif, or in plain words. Raises InvalidQuestion."""
    try:
        return parse_whatif(text, context.catalogue, asker)
    except InvalidQuestion as failure:
        asked = understand(f"what if {text}", context.catalogue, asker)
        if isinstance(asked, WhatIf):
            return asked
        raise failure from None


def _undo(
    order: FleetCommand, before: Fleet, after: Fleet, t: LocaleTranslator
) -> InlineKeyboardMarkup | None:
    """A button that takes back what was added or taken away, where nothing else was changed."""
    if bool(order.add) == bool(order.remove) or order.changes_site or order.clear:
        return None
    verb = "remove" if order.add else "add"
    edits = order.add or order.remove
    counts = [
        abs(_count(after, edit.label, order.site) - _count(before, edit.label, order.site)) for edit in edits
    ]
    site = f"at {order.site} " if order.site else ""
    machines = ", ".join(f"{count} {edit.label}" for count, edit in zip(counts, edits, strict=True))
    data = f"{UNDO}{site}{verb} {machines}"
    if len(data.encode()) > _LONGEST_DATA:
        return None
    # Translators: a button that takes back what was just done.
    return InlineKeyboardMarkup([[InlineKeyboardButton(f"↩ {t('Undo')}", callback_data=data)]])


def _count(fleet: Fleet, label: str, site: str) -> int:
    return sum(batch.count for batch in fleet.kinds if (batch.label, batch.site) == (label, site))


@button(UNDO, permission=Permission.ADMIN)
async def undo_button(request: Request) -> None:
    """Take away the machines that were just added, or add those that were taken away."""
    context, t = request.context, request.t
    try:
        order = parse_fleet(request.data, context.catalogue, ZONES)

        def change(db: Database) -> Fleet:
            changed = order.applied(fleets.load(db, request.address))
            fleets.save(db, request.address, changed)
            return changed

        fleet = await context.store.write(change)
    except InvalidQuestion as failure:
        await request.answer(failure.says(t), alert=True)
        return
    asker = await asker_of(context, request.update, t)
    await request.answer()
    await request.edit(_view(order, fleet, context.market(), asker.currency, t))


async def _file(context: HandlerContext, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    """A table of machines sent to the chat: they take the place of the fleet's; its sites stay."""
    address, chat, message = address_of(update), update.effective_chat, update.effective_message
    if address is None or chat is None or message is None or message.document is None:
        return
    t = await translator_for_update(context, update)
    asker = await asker_of(context, update, t)
    try:
        if (message.document.file_size or 0) > LONGEST_CSV:
            raise InvalidQuestion(lambda t: t("That file is too long."), "/fleet csv")
        if not await may_change(update):
            await reply(update, t(_ONLY_ADMINS))
            return
        file = await message.document.get_file()
        text = bytes(await file.download_as_bytearray()).decode("utf-8", "replace")
        machines = parse_fleet_csv(text, context.catalogue)
        now = context.clock()

        def change(db: Database) -> Fleet:
            changed = replace(fleets.load(db, address), kinds=machines.kinds)
            chats.remember(db, address, chat.type, now)
            fleets.save(db, address, changed)
            return changed

        fleet = await context.store.write(change)
        await reply(
            update, fleet_view.report(fleet_report(fleet, context.market(), asker.currency), fleet, t)
        )
    except InvalidQuestion as failure:
        await refuse(context, update, failure, t)


async def _send_csv(update: Update, fleet: Fleet) -> None:
    """The machines as a file that can be changed and sent back."""
    await reply_document(update, io.BytesIO(fleet_csv(fleet).encode()), "fleet.csv")


def _view(
    order: FleetCommand, fleet: Fleet, market: Market, currency: Currency | None, t: LocaleTranslator
) -> str:
    if order.hours and (order.zone or not fleet.zones):
        return _power_ahead(order.zone, fleet, market, t)
    if not fleet.kinds:
        return fleet_view.empty(t, order.tariff)
    if not order.hours:
        return fleet_view.report(fleet_report(fleet, market, currency), fleet, t)
    days = [
        day
        for zone in fleet.zones
        for start, end in _delivery_days(market, zone)
        if (day := day_ahead(fleet, market, start, end, zone)) is not None
    ]
    if not days:
        raise _no_prices(", ".join(fleet.zones))
    inputs: list[Input] = []
    display = display_in(currency, market, inputs)
    text = "\n\n".join(fleet_view.hours(day, display, t) for day in days)
    return f"{text}\n{readings(inputs, market.at, t)}" if inputs else text


def _power_ahead(zone: str, fleet: Fleet, market: Market, t: LocaleTranslator) -> str:
    """The prices of the days to come in a zone, or in all that are known, and what a fleet lacks for more."""
    zones = [zone] if zone else sorted(market.day_ahead)
    days = [
        fleet_view.power_ahead(each, _between(market.day_ahead[each], start, end), t)
        for each in zones
        if each in market.day_ahead
        for start, end in _delivery_days(market, each)
        if end > market.at
    ]
    if not days and fleet.kinds and not zone:
        raise InvalidQuestion(lambda t: t(_FIXED), "/fleet power DE-LU + 2c")
    if not days:
        raise _no_prices(zone or _USUAL_ZONE)
    machines = t("Name me your machines and their zone, and I say in which hours they lose money.")
    hint = t(_FIXED) if fleet.kinds and not fleet.zones else "" if fleet.kinds else machines
    example = "/fleet power DE-LU + 2c" if fleet.kinds else "/fleet add 10 s19j pro power DE-LU"
    return "\n\n".join((*days, *([f"{hint} <code>{example}</code>"] if hint else [])))


def _between(slots: Sequence[PowerSlot], start: datetime, end: datetime) -> list[PowerSlot]:
    return [slot for slot in slots if start <= slot.start < end]


def _no_prices(zone: str) -> InvalidQuestion:
    return InvalidQuestion(
        lambda t: t("I have no day-ahead prices for {zone} yet; they appear after 13:00 CET.", zone=zone),
        "/chart energy",
    )


def _delivery_days(market: Market, zone: str) -> list[tuple[datetime, datetime]]:
    """The days whose prices are known, from now on, each from its first to its last slot (UTC)."""
    days: dict[date, tuple[datetime, datetime]] = {}
    for slot in sorted(market.day_ahead.get(zone, ()), key=lambda slot: slot.start):
        day = slot.start.astimezone(MARKET_TIME).date()
        start, _ = days.get(day, (slot.start, slot.end))
        days[day] = (start, slot.end)
    return list(days.values())


HANDLERS = (fleet_command, undo_button)
