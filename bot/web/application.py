"""The aiohttp application: which address is answered by what, and what every answer keeps to."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from typing import Final

from aiohttp import web

from bot.signals.alert import Alert
from bot.signals.rules import Severity
from bot.signals.status import phase_is_stale, signal_statuses
from bot.web import api, feeds
from bot.web.badge import badge
from bot.web.client_limit import RateLimit, client_address
from bot.web.http_cache import Body, BodyCache, respond
from bot.web.languages import translator_of
from bot.web.live import LiveUpdates
from bot.web.mini_app import MiniAppPages
from bot.web.openapi import document_body
from bot.web.page_context import PageContext
from bot.web.pages import Pages, page_key
from bot.web.parameters import ApiQuery, choice
from bot.web.problem import ProblemError, problem_response
from bot.web.security import secure
from bot.web.static_files import load_static_files
from storage.signals import alerts

log = logging.getLogger(__name__)

LARGEST_BODY: Final = 16 * 1024
_LONGEST_ADDRESS: Final = 2048
_LASTS_S: Final = 10.0
_COSTS: Final = {"/charts": 5.0}
_VARY: Final = "Accept-Language"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Site:
    """The addresses of the page. `updated` is called whenever the figures have changed."""

    def __init__(
        self,
        context: PageContext,
        version: str,
        *,
        proxies: frozenset[str] = frozenset(),
        limit: RateLimit | None = None,
    ) -> None:
        self._context = context
        self._version = version
        self._proxies = proxies
        self._limit = limit or RateLimit()
        self._static = load_static_files()
        self._pages = Pages(context, self._static)
        self._live = LiveUpdates()
        self._bodies = BodyCache()
        self._answers = BodyCache()

    def application(self) -> web.Application:
        """The application with every route."""
        app = web.Application(middlewares=[self._guard], client_max_size=LARGEST_BODY)
        add = app.router.add_get
        add("/", self._status)
        add("/status", self._status_part)
        add("/events", self._events, allow_head=False)
        add("/breakeven", self._breakeven)
        add("/charts/{kind:[a-z]+}.png", self._picture)
        add("/charts/{kind:[a-z]+}.json", self._lines)
        add("/feed.atom", partial(self._feed, feeds.atom))
        add("/feed.json", partial(self._feed, feeds.json_feed))
        add("/badge/phase.svg", self._badge)
        add("/static/{name}", self._file)
        add(f"{api.PREFIX}/openapi.json", self._openapi)
        for operation in api.OPERATIONS:
            add(f"{api.PREFIX}{operation.path}", partial(self._operation, operation))
        if self._context.mini_app is not None:
            mine = MiniAppPages(self._context, self._context.mini_app, self._pages)
            add("/app", self._app)
            post = app.router.add_post
            post("/app/mine", partial(self._mine, mine.mine))
            post("/app/fleet", partial(self._mine, mine.change_fleet))
            post("/app/watches", partial(self._mine, mine.add_watch))
            post(
                "/app/watches/{number:[0-9]{1,15}}/{action:on|pause|delete}",
                partial(self._mine, mine.switch_watch),
            )
        app.on_shutdown.append(self._shutdown)
        return app

    def updated(self) -> None:
        """The figures have changed: forget what was made of the old ones, and tell the open pages."""
        self._bodies.clear()
        self._answers.clear()
        self._pages.refresh_past()
        self._live.changed()

    async def _shutdown(self, _app: web.Application) -> None:
        self._live.close()
        await self._pages.close()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Limits before, errors in the right form after, and the headers of every answer."""
        is_api = request.path.startswith("/api/")
        try:
            preflight = is_api and request.method == "OPTIONS"
            response = await self._limited(request, _preflight if preflight else handler)
        except ProblemError as problem:
            response = self._problem(request, problem, is_api=is_api)
        except web.HTTPException as error:
            response = self._problem(request, _from_http(error), is_api=is_api)
        except ConnectionError:
            raise
        except Exception:
            log.exception(f"{request.method} {request.rel_url.raw_path} failed")
            detail = "Something went wrong here; it is logged."
            fault = ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, detail)
            response = self._problem(request, fault, is_api=is_api)
        if response.status >= HTTPStatus.BAD_REQUEST:
            response.headers["Cache-Control"] = "no-store"
        if not response.prepared:
            https = self._is_https(request)
            secure(response, request.path, https=https, framed=self._context.mini_app is not None)
        return response

    def _client(self, request: web.Request) -> str:
        forwarded = request.headers.get("X-Forwarded-For", "")
        return client_address(request.remote or "", forwarded, self._proxies)

    def _is_https(self, request: web.Request) -> bool:
        return request.remote in self._proxies and request.headers.get("X-Forwarded-Proto") == "https"

    async def _limited(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        cost = next((cost for path, cost in _COSTS.items() if request.path.startswith(path)), 1.0)
        wait = self._limit.take(self._client(request), asyncio.get_running_loop().time(), cost)
        if wait > 0:
            seconds = max(1, round(wait + 0.5))
            raise ProblemError(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"Too many requests from your address: at most {self._limit.burst:g} at once and "
                f"{self._limit.per_second:g} a second. Ask again in {seconds} s.",
                headers={"Retry-After": str(seconds)},
            )
        if len(request.raw_path) > _LONGEST_ADDRESS:
            raise ProblemError(HTTPStatus.REQUEST_URI_TOO_LONG, f"At most {_LONGEST_ADDRESS} characters.")
        if request.path == "/events":
            return await handler(request)
        try:
            async with asyncio.timeout(_LASTS_S):
                return await handler(request)
        except TimeoutError:
            raise ProblemError(
                HTTPStatus.SERVICE_UNAVAILABLE, "This took too long.", headers={"Retry-After": "10"}
            ) from None

    def _problem(self, request: web.Request, problem: ProblemError, *, is_api: bool) -> web.Response:
        asks_for_html = "text/html" in request.headers.get("Accept", "")
        if is_api or not asks_for_html:
            return problem_response(problem)
        body = self._pages.error(request, problem)
        headers = problem.headers | {"Content-Type": body.content_type}
        return web.Response(body=body.content, status=problem.status, headers=headers)

    async def _status(self, request: web.Request) -> web.Response:
        past = await self._pages.past()
        body = self._bodies.get(page_key(request), lambda: self._pages.status(request, past, part=False))
        return respond(request, body, vary=_VARY)

    async def _status_part(self, request: web.Request) -> web.Response:
        past = await self._pages.past()
        body = self._bodies.get(page_key(request), lambda: self._pages.status(request, past, part=True))
        return respond(request, body, vary=_VARY)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        return await self._live.serve(request, self._client(request))

    async def _breakeven(self, request: web.Request) -> web.Response:
        body, status = self._pages.breakeven(request, part=request.query.get("part") == "answer")
        response = respond(request, body, vary=_VARY)
        if response.status == HTTPStatus.OK:
            response.set_status(status)
        return response

    async def _picture(self, request: web.Request) -> web.Response:
        spec = self._pages.spec(request.match_info["kind"], request.query, as_picture=True)
        return respond(
            request, await self._pages.picture(spec, translator_of(request)), max_age_s=300, vary=_VARY
        )

    async def _lines(self, request: web.Request) -> web.Response:
        spec = self._pages.spec(request.match_info["kind"], request.query, as_picture=False)
        return respond(
            request, await self._pages.lines(spec, translator_of(request)), max_age_s=300, vary=_VARY
        )

    async def _feed(self, make: Callable[..., Body], request: web.Request) -> web.Response:
        allowed = (api.SIGNAL, api.SEVERITY, choice("lang", "the language", ["en", "de", "es", "ru", "zh"]))
        query = ApiQuery(request, allowed)
        signal, severity = query.choice("signal"), api.severity_of(query)
        filters = query.values_of(("signal", "severity", "lang"))
        alerts = await self._recent(signal, severity)
        body = make(alerts, self._address(request), request.path, filters, translator_of(request))
        return respond(request, body, max_age_s=60, vary=_VARY)

    async def _recent(self, signal: str | None, severity: Severity) -> list[Alert]:
        rows = await self._context.store.read(
            lambda db: alerts.recent(db, feeds.ENTRIES, signal=signal, severity=severity)
        )
        return [alert for _, alert in rows]

    def _address(self, request: web.Request) -> str:
        """The public address: as it is set, else as the request names it."""
        if self._context.mini_app is not None:
            return self._context.mini_app.url.rstrip("/")
        return f"{'https' if self._is_https(request) else 'http'}://{request.host}"

    async def _badge(self, request: web.Request) -> web.Response:
        def make() -> Body:
            view = self._context.status()
            stale = phase_is_stale(signal_statuses(view.rules, view.standing))
            return badge(view.standing.phase.phase, stale=stale, t=translator_of(request))

        return respond(request, self._bodies.get(page_key(request), make), max_age_s=60, vary=_VARY)

    async def _file(self, request: web.Request) -> web.Response:
        body = self._static.bodies.get(request.match_info["name"])
        if body is None:
            raise ProblemError(HTTPStatus.NOT_FOUND, "There is no such file.")
        named = request.query.get("v") == body.etag[1:13]
        return respond(request, body, max_age_s=31_536_000 if named else 3600, immutable=named)

    async def _openapi(self, request: web.Request) -> web.Response:
        ApiQuery(request, ())
        mini_app = self._context.mini_app
        server = None if mini_app is None else mini_app.url.rstrip("/")
        body = self._answers.get(request.path, lambda: document_body(self._version, server))
        return respond(request, body, max_age_s=3600)

    async def _operation(self, operation: api.Operation, request: web.Request) -> web.Response:
        query = ApiQuery(request, operation.parameters)
        key = (request.path, request.query_string)
        body = self._answers.peek(key)
        if body is None:
            body = self._answers.put(key, await operation.handler(self._context, query))
        return respond(request, body, max_age_s=operation.lasts_s)

    async def _app(self, request: web.Request) -> web.Response:
        return respond(request, self._pages.app(request), vary=_VARY)

    async def _mine(
        self, answer: Callable[[web.Request], Awaitable[Body]], request: web.Request
    ) -> web.Response:
        body = await answer(request)
        headers = {"Content-Type": body.content_type, "Cache-Control": "no-store"}
        return web.Response(body=body.content, headers=headers)


async def _preflight(_request: web.Request) -> web.Response:
    """What a browser asks before a page of others may ask the API."""
    headers = {
        "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
        "Access-Control-Allow-Headers": "If-None-Match",
        "Access-Control-Max-Age": "86400",
    }
    return web.Response(status=HTTPStatus.NO_CONTENT, headers=headers)


def _from_http(error: web.HTTPException) -> ProblemError:
    """The library's own refusals: no such path, wrong method, too large a body."""
    status = HTTPStatus(error.status)
    details = {
        HTTPStatus.NOT_FOUND: "There is nothing at this address.",
        HTTPStatus.METHOD_NOT_ALLOWED: "This address doesn't answer that method.",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: f"At most {LARGEST_BODY} bytes are read.",
    }
    allow = error.headers.get("Allow")
    headers = {} if allow is None else {"Allow": allow}
    return ProblemError(status, details.get(status, status.phrase), headers=headers)
