"""The health page: /healthz for supervisors, /leader for load balancers, /metrics for Prometheus."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiohttp import web

from bot.ops.exposition import exposition
from bot.ops.health import HealthSnapshot
from bot.ops.http_server import HttpServer


class HealthServer(HttpServer):
    """The pages of a program that runs; `measure` is asked anew for every request."""

    def __init__(self, host: str, port: int, measure: Callable[[], Awaitable[HealthSnapshot]]) -> None:
        self._measure = measure
        pages = {"/healthz": self._healthz, "/leader": self._leader, "/metrics": self._metrics}
        super().__init__(_application(pages), host, port, shutdown_s=1.0)

    async def _healthz(self, _request: web.Request) -> web.Response:
        health = await self._measure()
        faults = health.faults()
        return web.json_response(_body(health, faults), status=503 if faults else 200)

    async def _leader(self, _request: web.Request) -> web.Response:
        health = await self._measure()
        faults = health.faults() if health.leads else ["another replica leads"]
        return web.json_response(_body(health, faults), status=503 if faults else 200)

    async def _metrics(self, _request: web.Request) -> web.Response:
        body = exposition(await self._measure())
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})


class StandbyServer(HttpServer):
    """The pages of a replica that waits for its database: it is well, and it is not the one that leads."""

    def __init__(self, host: str, port: int) -> None:
        pages = {"/healthz": self._healthz, "/leader": self._leader}
        super().__init__(_application(pages), host, port, shutdown_s=1.0)

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "standby": True})

    async def _leader(self, _request: web.Request) -> web.Response:
        return web.json_response({"ok": False, "standby": True}, status=503)


def _body(health: HealthSnapshot, faults: Sequence[str]) -> dict[str, object]:
    return {
        "ok": not faults,
        "leads": health.leads,
        "faults": list(faults),
        "blind": health.blind,
        "poll_age_seconds": health.poll_age_s,
        "get_updates_age_seconds": health.get_updates_age_s,
        "queue_age_seconds": health.queue_age_s,
        "version": health.version,
    }


def _application(pages: Mapping[str, Callable[[web.Request], Awaitable[web.Response]]]) -> web.Application:
    application = web.Application(client_max_size=1024)
    for path, answer in pages.items():
        application.router.add_get(path, answer)
    return application
