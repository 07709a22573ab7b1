"""/fleet: a chat's own machines."""

from bot.i18n.message import N_
from bot.i18n.translator import LocaleTranslator
from bot.mining.errors import InvalidQuestion
from bot.mining.fleet import Fleet, day_ahead, fleet_report
from bot.mining.market import Market
from bot.mining.parsing.fleet_parser import FleetCommand, parse_fleet
from bot.signals.series import ZONES
from handlers.commands.breakeven import refuse
from handlers.language import telegram_language
from handlers.permissions import address, may_change
from handlers.replies import reply
from handlers.routing import Permission, Request, command
from handlers.views import fleet as fleet_view
from storage.chats import chats, fleets, preferences
from storage.database import Database

_ONLY_ADMINS = N_("Only this group's admins can change its fleet.")


@command("fleet", N_("your machines together: /fleet add 10 s19j pro power 6.5c"), Permission.ANYONE)
async def fleet_command(request: Request) -> None:
    """Show the chat's machines, or change them."""
    desk, update, t = request.context, request.update, request.t
    place, chat = address(update), update.effective_chat
    if place is None or chat is None:
        return
    try:
        asked = " ".join(request.arguments)
        wish = parse_fleet(asked, desk.catalogue, ZONES, decimal_comma=t.decimal_comma)
        if wish.changes and not await may_change(update):
            await reply(update, t(_ONLY_ADMINS))
            return
        fleet = await desk.store.read(lambda db: fleets.load(db, place))
        if wish.changes:
            now = desk.clock()

            def change(db: Database) -> Fleet:
                changed = wish.applied(fleets.load(db, place))
                chats.remember(db, place, chat.type, now)
                preferences.note_language(db, place, telegram_language(update))
                fleets.save(db, place, changed)
                return changed

            fleet = await desk.store.write(change)
        await reply(update, _shown(wish, fleet, desk.market(), t))
    except InvalidQuestion as failure:
        await refuse(desk, update, failure, t)


def _shown(wish: FleetCommand, fleet: Fleet, market: Market, t: LocaleTranslator) -> str:
    if not fleet.kinds:
        return fleet_view.empty(t)
    if not wish.hours:
        return fleet_view.report(fleet_report(fleet, market), fleet, t)
    zone = fleet.tariff.zone if fleet.tariff else None
    if zone is None:
        raise InvalidQuestion(
            lambda t: t("Your fleet's power price is fixed; hours need a day-ahead zone."),
            "/fleet power DE-LU + 2c",
        )
    slots = sorted(market.day_ahead.get(zone, ()), key=lambda slot: slot.start)
    told = day_ahead(fleet, market, slots[0].start, slots[-1].end) if slots else None
    if told is None:
        raise InvalidQuestion(
            lambda t: t("I have no day-ahead prices for {zone} yet; they appear after 13:00 CET.", zone=zone),
            "/fleet",
        )
    return fleet_view.hours(told, t)


HANDLERS = (fleet_command,)
