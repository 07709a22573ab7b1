"""The Mini App's own part: a person's fleet and watches, through the same storage as the chat."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from aiohttp import web

from bot.i18n.translator import LocaleTranslator, translator_for
from bot.mining import answer_lines, assumptions, formatting
from bot.mining.errors import InvalidQuestion
from bot.mining.fleet import Fleet
from bot.mining.fleet_report import fleet_report
from bot.mining.market import Market
from bot.mining.parsing.fleet_parser import parse_fleet
from bot.mining.power_market import ZONES
from bot.watches.formatter import format_watch
from bot.watches.parser import parse_watch
from bot.watches.watch import figures_of
from bot.web.http_cache import Body
from bot.web.init_data import InitDataError, MiniAppUser, check_init_data
from bot.web.page_context import MiniApp, PageContext
from bot.web.pages import Pages
from bot.web.problem import ProblemError
from storage.chats import chats, fleets, preferences, watches
from storage.chats.chats import Address
from storage.database import Database

_SCHEME = "tma "
_LONGEST_TEXT = 400


@dataclass(frozen=True, slots=True)
class _Person:
    """Who is signed in: the private chat with the bot, and the language chosen there."""

    user: MiniAppUser
    address: Address
    t: LocaleTranslator


class MiniAppPages:
    """Answers the Mini App's requests, each of which brings what Telegram has signed."""

    def __init__(self, context: PageContext, mini_app: MiniApp, pages: Pages) -> None:
        self._context = context
        self._mini_app = mini_app
        self._pages = pages

    async def mine(self, request: web.Request) -> Body:
        """The person's fleet and watches. Raises ProblemError (401, 403)."""
        return await self._body(await self._person(request))

    async def change_fleet(self, request: web.Request) -> Body:
        """Change the fleet by a line as it is typed after /fleet."""
        person = await self._person(request)
        text, t, now = await _text(request), person.t, self._context.clock()
        try:
            order = parse_fleet(text, self._context.catalogue, ZONES, language=t.code)
            if not order.changes:
                return await self._body(person)

            def change(db: Database) -> None:
                changed = order.applied(fleets.load(db, person.address))
                self._remember(db, person, now)
                fleets.save(db, person.address, changed)

            await self._context.store.write(change)
        except InvalidQuestion as failure:
            return await self._body(person, failure.says(t), refused=True)
        return await self._body(person, t("Changed."))

    async def add_watch(self, request: web.Request) -> Body:
        """Keep a watch by a line as it is typed after /watch."""
        person = await self._person(request)
        text, t, now = await _text(request), person.t, self._context.clock()
        most = self._mini_app.max_watches_per_chat
        try:
            watch = parse_watch(text, now.date(), decimal_comma=t.decimal_comma)
        except InvalidQuestion as failure:
            return await self._body(person, failure.says(t), refused=True)
        figures = figures_of(self._context.history(), watch.metrics, now, {})

        def add(db: Database) -> bool:
            if watches.count(db, person.address.chat_id) >= most:
                return False
            self._remember(db, person, now)
            watches.add(db, person.address, watch, format_watch(watch), figures, now)
            return True

        if await self._context.store.write(add):
            return await self._body(person, t("Saved."))
        full = t.plural("A chat keeps at most {n} watch.", "A chat keeps at most {n} watches.", most)
        return await self._body(person, full, refused=True)

    async def switch_watch(self, request: web.Request) -> Body:
        """Let a watch go on, pause it or delete it."""
        person = await self._person(request)
        number, action = int(request.match_info["number"]), request.match_info["action"]
        address = person.address
        work: Mapping[str, Callable[[Database], bool]] = {
            "on": lambda db: watches.switch(db, address, number, "on"),
            "pause": lambda db: watches.switch(db, address, number, "paused"),
            "delete": lambda db: watches.remove(db, address, number),
        }
        is_done = await self._context.store.write(work[action])
        t = person.t
        message = {"on": t("It tells again"), "pause": t("Paused"), "delete": t("Deleted")}[action]
        return await self._body(person, message if is_done else t("This watch is gone."), refused=not is_done)

    async def _person(self, request: web.Request) -> _Person:
        authorization = request.headers.get("Authorization", "")
        now = self._context.clock()
        try:
            if not authorization.startswith(_SCHEME):
                raise InitDataError("there is none")
            user = check_init_data(authorization.removeprefix(_SCHEME), self._mini_app.token, now)
        except InitDataError as error:
            detail = "Open the page again from the chat." if error.expired else "Open the page from the chat."
            raise ProblemError(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": "tma"}) from None
        allowed = self._mini_app.allowed_chat_ids
        if allowed and user.id not in allowed:
            raise ProblemError(HTTPStatus.FORBIDDEN, "This bot is not open to everybody.")
        address = Address(user.id)
        settings = await self._context.store.read(lambda db: preferences.load(db, address))
        return _Person(user, address, translator_for(settings.language or user.language))

    def _remember(self, db: Database, person: _Person, now: datetime) -> None:
        chats.remember(db, person.address, "private", now)
        preferences.note_language(db, person.address, person.user.language)

    async def _body(self, person: _Person, message: str = "", *, refused: bool = False) -> Body:
        def read(db: Database) -> tuple[Fleet, list[dict[str, Any]]]:
            stored = watches.of_chat(db, person.address)
            return fleets.load(db, person.address), [
                {"id": each.id, "text": format_watch(each.watch, person.t), "paused": each.switch == "paused"}
                for each in stored
            ]

        fleet, watches_here = await self._context.store.read(read)
        values = {
            "message": message,
            "refused": refused,
            "fleet": _fleet_values(fleet, self._context.market(), person.t),
            "watches": watches_here,
        }
        return self._pages.mine(person.t, values)


async def _text(request: web.Request) -> str:
    fields = await request.post()
    text = fields.get("text", "")
    if not isinstance(text, str) or len(text) > _LONGEST_TEXT:
        raise ProblemError(HTTPStatus.BAD_REQUEST, f"Write one line of at most {_LONGEST_TEXT} characters.")
    return text.strip()


def _fleet_values(fleet: Fleet, market: Market, t: LocaleTranslator) -> dict[str, Any]:
    if not fleet.kinds:
        return {"rows": [], "verdict": t("Your fleet is empty.")}
    try:
        report = fleet_report(fleet, market)
    except InvalidQuestion as failure:
        return {"rows": [], "verdict": failure.says(t)}
    profit = report.profit_usd_per_day
    return {
        "pays": profit > 0,
        "verdict": t("It pays: {profit} a day.", profit=formatting.usd(profit, t))
        if profit > 0
        else t("It loses {loss} a day.", loss=formatting.usd(-profit, t)),
        "tariff": t("power {price} c/kWh", price=formatting.plain(100 * report.power_price_usd_per_kwh, t)),
        "rows": [
            {
                "label": each.kind.label,
                "count": t.number(each.kind.count),
                "profit": formatting.usd(each.profit_usd_per_day, t),
                "breakeven": answer_lines.breakeven_btc_price(each.each, t),
            }
            for each in report.kinds
        ],
        "ages": assumptions.ages(report.inputs, report.at, t),
    }
