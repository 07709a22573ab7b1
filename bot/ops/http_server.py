"""An HTTP server inside the program."""

from typing import Any

from aiohttp import web


class HttpServer:
    """Serves an application of aiohttp's. Port 0 takes any that is free.

    Args:
        application: what is served.
        host: the address to listen on.
        port: the port to listen on.
        shutdown_s: how long open requests may go on when it stops.
        backlog: connections that may wait to be accepted.
        options: what else aiohttp's runner takes.
    """

    def __init__(
        self,
        application: web.Application,
        host: str,
        port: int,
        *,
        shutdown_s: float,
        backlog: int = 128,
        **options: Any,
    ) -> None:
        self._host = host
        self._port = port
        self._backlog = backlog
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=shutdown_s, **options)

    async def start(self) -> int:
        """Listen; give the port. Raises OSError when host and port can't be used."""
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port, backlog=self._backlog).start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Stop listening and end what is open."""
        await self._runner.cleanup()
