"""The pages as HTML: templates filled from the core's answers in the asker's language."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.backtest.episodes import RuleHistory
from bot.charts.chart_data import ChartData, ChartSource, Level, NoDataError, take_chart
from bot.charts.job import DrawingError
from bot.charts.spec import ChartKind, ChartSpec, parse_span
from bot.i18n.message import N_
from bot.i18n.translator import LANGUAGES, LocaleTranslator, translator_for
from bot.mining import formatting
from bot.mining.errors import InvalidQuestion
from bot.signals.labels import OUTFLOW_NOTE
from bot.signals.rules import Rule
from bot.web import chart_lines
from bot.web.breakeven_form import FIELDS, read_form
from bot.web.breakeven_view import answer_text
from bot.web.http_cache import Body
from bot.web.languages import language_of, translator_of
from bot.web.page_context import PageContext
from bot.web.problem import ProblemError
from bot.web.static_files import StaticFiles
from bot.web.status_view import status_text

HTML: Final = "text/html; charset=utf-8"
_WAIT_FOR_PAST_S: Final = 3.0
_PICTURES: Final = tuple(kind for kind in ChartKind if kind is not ChartKind.PROFIT)
_CHART_DAYS: Final = 365
_CHART_DAYS_ALLOWED: Final = (7, 30, 90, 365, 1461, 3653)
_TITLES: Final = {
    ChartKind.PRICE: N_("Bitcoin price"),
    ChartKind.HASHRATE: N_("Network hashrate and its ribbon"),
    ChartKind.HASHPRICE: N_("Hashprice: what one PH/s earns"),
    ChartKind.ENERGY: N_("Day-ahead power price, {zone}"),
}


@dataclass(frozen=True, slots=True)
class ChartLinks:
    """A chart on the page: its title and unit, its data for the browser, its pictures, its figures."""

    title: str
    unit: str
    data: str
    light: str
    dark: str
    csv: str | None


class Pages:
    """Makes the pages. The past of the rules is worked out when somebody first asks, not before."""

    def __init__(self, context: PageContext, static: StaticFiles) -> None:
        self._context = context
        self._static = static
        self._past: RuleHistory | None = None
        self._working: asyncio.Task[RuleHistory] | None = None
        self._templates = Environment(
            loader=PackageLoader(__package__, "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    async def past(self) -> RuleHistory | None:
        """The past of the rules as last worked out; None before that.

        Who asks first has it worked out and waits a while for it, the others don't wait.
        """
        if self._past is None and self._working is None:
            self._working = asyncio.create_task(self._context.rule_history())
            await asyncio.wait([self._working], timeout=_WAIT_FOR_PAST_S)
        if self._working is not None and self._working.done():
            done, self._working = self._working, None
            self._past = done.result()
        return self._past

    def refresh_past(self) -> None:
        """Compute the past again if somebody has asked for it: a day may have ended."""
        if self._past is not None and self._working is None:
            self._working = asyncio.create_task(self._context.rule_history())

    async def close(self) -> None:
        """Work out nothing more."""
        if self._working is not None:
            self._working.cancel()
            await asyncio.gather(self._working, return_exceptions=True)

    def status(self, request: web.Request, past: RuleHistory | None, *, part: bool) -> Body:
        """The status page, or only what changes in it."""
        context, t = self._context, translator_of(request)
        market, view = context.market(), context.status()
        texts = status_text(view, market, past, context.catalogue, t)
        values: dict[str, Any] = {"told": texts, "outflow_note": t(OUTFLOW_NOTE)}
        if part:
            return self._render("status_part.html.j2", {"t": t, **values})
        live = _address("/status", {"lang": t.code})
        return self._page(
            "status.html.j2",
            request,
            "status",
            values | {"charts": self._charts(view.rules, t), "draws": self._static.charts, "part": live},
        )

    def breakeven(self, request: web.Request, *, part: bool) -> tuple[Body, HTTPStatus]:
        """The break-even page, or only its answer; a question that can't be answered is told why."""
        context, t = self._context, translator_of(request)
        market = context.market()
        form = read_form(request.query, market)
        api = f"/api/v1/breakeven?{form.api_query()}"
        moving = any(form.values[name] != "0" for name in ("growth", "trend")) or form.values["cost"] != ""
        values: dict[str, Any] = {
            "refusal": None,
            "suggestions": [],
            "told": None,
            "api": api,
            "moving": moving,
        }
        try:
            values["told"] = answer_text(form, context.catalogue, market, t)
        except InvalidQuestion as failure:
            values["refusal"] = failure.says(t)
            values["suggestions"] = [
                (choice.label(t), f"/breakeven?{replace(form, machine=choice.label(t)).query()}")
                for choice in failure.choices
            ]
        if part:
            return self._render("breakeven_part.html.j2", {"t": t, **values}), HTTPStatus.OK
        price = market.btc_price_usd
        values |= {
            "form": form,
            "fields": FIELDS,
            "machines": context.catalogue.models,
            "price": "" if price is None else formatting.plain(price.value, translator_for("en"), 0),
        }
        status = HTTPStatus.OK if values["refusal"] is None else HTTPStatus.UNPROCESSABLE_ENTITY
        return self._page("breakeven.html.j2", request, "breakeven", values), status

    def app(self, request: web.Request) -> Body:
        """The Mini App's own page: what is the person's is asked for by its script."""
        return self._page("app.html.j2", request, "app", {})

    def mine(self, t: LocaleTranslator, values: Mapping[str, Any]) -> Body:
        """A person's fleet and watches."""
        return self._render("mine_part.html.j2", {"t": t, **values})

    def error(self, request: web.Request, problem: ProblemError) -> Body:
        """An error for people."""
        t = translator_of(request)
        is_missing = problem.status is HTTPStatus.NOT_FOUND
        heading = t("There is no such page") if is_missing else t("This can't be answered now")
        return self._page("error.html.j2", request, "", {"heading": heading, "detail": problem.detail})

    async def picture(self, spec: ChartSpec, t: LocaleTranslator) -> Body:
        """The chat's picture of a chart. Raises ProblemError when there is nothing to draw."""
        charts = self._context.charts
        try:
            picture_t = t if await charts.can_write(t.code) else translator_for("en")
            data = self._data(spec, await self.past(), picture_t)
            return Body(await charts.picture(data, picture_t), "image/png")
        except DrawingError:  # too many wait, or the drawing process failed: the next one may succeed
            raise ProblemError(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "The picture could not be drawn.",
                headers={"Retry-After": "60"},
            ) from None

    async def lines(self, spec: ChartSpec, t: LocaleTranslator) -> Body:
        """A chart's lines for the browser. Raises ProblemError when there is nothing to draw."""
        return chart_lines.chart_body(self._data(spec, await self.past(), t), t)

    def spec(self, kind: str, query: Mapping[str, str], *, as_picture: bool) -> ChartSpec:
        """The chart that an address asks for. Raises ProblemError when there is none of that name.

        Every chart of the network there is `as_picture`; the browser draws those that the page shows.
        """
        known = {chart.value: chart for chart in (_PICTURES if as_picture else _TITLES)}
        if kind not in known:
            raise ProblemError(
                HTTPStatus.NOT_FOUND, f"There is no such chart; there are: {', '.join(known)}."
            )
        span = parse_span(f"{query.get('days', _CHART_DAYS)}d")
        if span is None or span.days not in _CHART_DAYS_ALLOWED:
            allowed = ", ".join(map(str, _CHART_DAYS_ALLOWED))
            raise ProblemError(HTTPStatus.BAD_REQUEST, f"days is one of {allowed}.")
        zone = self._zone(self._context.status().rules) if known[kind] is ChartKind.ENERGY else ""
        return ChartSpec(known[kind], span, zone, query.get("theme") == "dark")

    def _data(self, spec: ChartSpec, past: RuleHistory | None, t: LocaleTranslator) -> ChartData:
        context = self._context
        view = context.status()
        source = ChartSource(
            context.clock(),
            context.history(),
            view.rules,
            view.standing.rules,
            past,
            context.market(),
            self._levels(spec, t),
        )
        try:
            return take_chart(spec, source)
        except NoDataError as lack:
            raise ProblemError(
                HTTPStatus.NOT_FOUND, t("There is nothing to draw: {reason}.", reason=lack.reason(t))
            ) from None

    def _levels(self, spec: ChartSpec, t: LocaleTranslator) -> tuple[Level, ...]:
        """What a PH/s of well-known machines costs a day, for the chart of hashprice."""
        if spec.kind is not ChartKind.HASHPRICE:
            return ()
        price = self._context.market().power_price_usd_per_kwh
        levels = []
        for model in ("Antminer S9", "Antminer S19", "Antminer S21"):
            if model in self._context.catalogue.models:
                machine = self._context.catalogue.pick(model)
                name = t(
                    "{machine} at {price} c",
                    machine=model.removeprefix("Antminer "),
                    price=t.number(100 * price, 1),
                )
                levels.append(Level(machine.efficiency_j_per_th * 24 * price, name))
        return tuple(levels)

    @staticmethod
    def _zone(rules: Sequence[Rule]) -> str:
        zones = [rule.id.rsplit(".", 1)[-1] for rule in rules if rule.signal == "energy_price"]
        return zones[0] if zones else "DE-LU"

    def _charts(self, rules: Sequence[Rule], t: LocaleTranslator) -> list[ChartLinks]:
        history, links = self._context.history(), []
        for kind, title in _TITLES.items():
            zone = self._zone(rules) if kind is ChartKind.ENERGY else ""
            series = ChartSpec(kind, zone=zone).series[0]
            if len(history.column(series).values) < 2:
                continue
            same = {"lang": t.code}
            links.append(
                ChartLinks(
                    title=t(title, zone=zone) if zone else t(title),
                    unit=t(chart_lines.UNITS[kind]),
                    data=_address(f"/charts/{kind}.json", same),
                    light=_address(f"/charts/{kind}.png", same),
                    dark=_address(f"/charts/{kind}.png", same | {"theme": "dark"}),
                    csv=None
                    if kind is ChartKind.HASHPRICE  # which is of three series
                    else _address(f"/api/v1/series/{series}", {"format": "csv"}),
                )
            )
        return links

    def _page(self, template: str, request: web.Request, name: str, values: Mapping[str, Any]) -> Body:
        t = translator_of(request)
        explicit = request.query.get("lang") == t.code

        def link(path: str) -> str:
            return _address(path, {"lang": t.code}) if explicit else path

        def here(code: str) -> str:
            others = {key: value for key, value in request.query.items() if key not in ("lang", "part")}
            return _address(request.path, others | {"lang": code})

        return self._render(
            template,
            {
                "t": t,
                "page": name,
                "link": link,
                "here": here,
                "explicit": explicit,
                "languages": LANGUAGES,
                "file": self._static.address,
                "mini_app": self._context.mini_app is not None,
                **values,
            },
        )

    def _render(self, template: str, values: Mapping[str, Any]) -> Body:
        return Body(self._templates.get_template(template).render(values).encode(), HTML)


def page_key(request: web.Request) -> tuple[str, str, str]:
    """What makes two answers the same: address, query and language."""
    return request.path, request.query_string, language_of(request)


def _address(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path
