"""The page's server: it listens where the settings say, and stops with the program."""

from collections.abc import Sequence

from aiohttp import web

from bot.web.application import Site
from bot.web.client_limit import RateLimit
from bot.web.page_context import PageContext


class WebServer:
    """The server of the page. Port 0 takes any that is free."""

    def __init__(
        self,
        context: PageContext,
        version: str,
        *,
        host: str,
        port: int,
        proxies: Sequence[str] = (),
        limit: RateLimit | None = None,
    ) -> None:
        self._site = Site(context, version, proxies=frozenset(proxies), limit=limit)
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None

    async def start(self) -> int:
        """Listen; give the port. Raises OSError when it is taken."""
        self._runner = web.AppRunner(
            self._site.application(), access_log=None, shutdown_timeout=2.0, keepalive_timeout=30.0
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port, backlog=512).start()
        return int(self._runner.addresses[0][1])

    def updated(self) -> None:
        """The figures have changed."""
        self._site.updated()

    async def stop(self) -> None:
        """Stop listening and end what is open."""
        if self._runner is not None:
            await self._runner.cleanup()
