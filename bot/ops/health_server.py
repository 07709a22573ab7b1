"""The health page: /healthz for supervisors, /metrics for Prometheus."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.ops.exposition import exposition
from bot.ops.health import HealthSnapshot
from bot.ops.http_server import HttpServer


class HealthServer:
    """Serves /healthz and /metrics; `measure` is asked anew for every request."""

    def __init__(self, host: str, port: int, measure: Callable[[], Awaitable[HealthSnapshot]]) -> None:
        self._measure = measure
        app = web.Application(client_max_size=1024)
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/metrics", self._metrics)
        self._server = HttpServer(app, host, port, shutdown_s=1.0)

    async def start(self) -> int:
        """Listen; give the port. Raises OSError when host and port can't be used."""
        return await self._server.start()

    async def stop(self) -> None:
        """Stop listening."""
        await self._server.stop()

    async def _healthz(self, _request: web.Request) -> web.Response:
        health = await self._measure()
        faults = health.faults()
        body = {
            "ok": not faults,
            "faults": faults,
            "blind": health.blind,
            "poll_age_seconds": health.poll_age_s,
            "get_updates_age_seconds": health.get_updates_age_s,
            "queue_age_seconds": health.queue_age_s,
            "version": health.version,
        }
        return web.json_response(body, status=503 if faults else 200)

    async def _metrics(self, _request: web.Request) -> web.Response:
        body = exposition(await self._measure())
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})
