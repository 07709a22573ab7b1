"""The health page: /healthz says whether messages arrive, /livez whether a restart would help.

/leader is for load balancers, /metrics for Prometheus.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from aiohttp import web

from bot.ops.exposition import exposition
from bot.ops.health import HealthSnapshot
from bot.ops.http_server import HttpServer
from storage.errors import StorageError

_ANSWER_S: Final = 3.0  # whoever asks waits a few seconds at most


class HealthServer(HttpServer):
    """The pages of a program that runs.

    Args:
        host: the address to listen on.
        port: the port to listen on.
        measure: asked anew for every request.
        database_problem: why the database can't be used at present; None while it can.
        stuck: what of the program itself no longer moves.
    """

    def __init__(
        self,
        host: str,
        port: int,
        measure: Callable[[], Awaitable[HealthSnapshot]],
        database_problem: Callable[[], str | None],
        stuck: Callable[[], Sequence[str]],
    ) -> None:
        self._measure, self._database_problem, self._stuck = measure, database_problem, stuck
        pages = {
            "/healthz": self._healthz,
            "/livez": self._livez,
            "/leader": self._leader,
            "/metrics": self._metrics,
        }
        super().__init__(_application(pages), host, port, shutdown_s=1.0)

    async def _healthz(self, _request: web.Request) -> web.Response:
        try:
            health = await self._measured()
        except StorageError as error:
            return _unmeasured(error)
        return _answer(health, self._faults(health))

    async def _livez(self, _request: web.Request) -> web.Response:
        faults = list(self._stuck())
        return web.json_response({"ok": not faults, "faults": faults}, status=503 if faults else 200)

    async def _leader(self, _request: web.Request) -> web.Response:
        try:
            health = await self._measured()
        except StorageError as error:
            return _unmeasured(error)
        return _answer(health, self._faults(health) if health.leads else ["another replica leads"])

    async def _metrics(self, _request: web.Request) -> web.Response:
        try:
            body = exposition(await self._measured())
        except StorageError as error:
            return web.Response(text=f"{error.problem}\n", status=503)
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    async def _measured(self) -> HealthSnapshot:
        """Measure in time for who asks. Raises StorageError."""
        try:
            async with asyncio.timeout(_ANSWER_S):
                return await self._measure()
        except TimeoutError:
            problem = self._database_problem() or f"the database has not answered for {_ANSWER_S:g} s"
            raise StorageError(problem, "look at the log", passing=True) from None

    def _faults(self, health: HealthSnapshot) -> list[str]:
        problem = self._database_problem()
        return health.faults() + ([] if problem is None else [problem])


class StandbyServer(HttpServer):
    """The pages of a replica that waits for its database, and of one that waits to be the leader.

    `fault` says why it can't work; without one it is well, and it is not the one that leads.
    """

    def __init__(self, host: str, port: int) -> None:
        self.fault: str | None = None
        pages = {"/healthz": self._healthz, "/livez": self._livez, "/leader": self._leader}
        super().__init__(_application(pages), host, port, shutdown_s=1.0)

    async def _healthz(self, _request: web.Request) -> web.Response:
        faults = [] if self.fault is None else [self.fault]
        body = {"ok": not faults, "standby": True, "faults": faults}
        return web.json_response(body, status=503 if faults else 200)

    async def _livez(self, _request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "faults": []})

    async def _leader(self, _request: web.Request) -> web.Response:
        return web.json_response({"ok": False, "standby": True}, status=503)


def _unmeasured(error: StorageError) -> web.Response:
    return web.json_response({"ok": False, "faults": [error.problem]}, status=503)


def _answer(health: HealthSnapshot, faults: Sequence[str]) -> web.Response:
    return web.json_response(_body(health, faults), status=503 if faults else 200)


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
