"""The page's server: it listens where the settings say, and stops with the program."""

from collections.abc import Sequence

from bot.ops.http_server import HttpServer
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
        self._server = HttpServer(
            self._site.application(), host, port, shutdown_s=2.0, backlog=512, keepalive_timeout=30.0
        )

    async def start(self) -> int:
        """Listen; give the port. Raises OSError when it is taken."""
        return await self._server.start()

    def updated(self) -> None:
        """The figures have changed."""
        self._site.updated()

    async def stop(self) -> None:
        """Stop listening and end what is open."""
        await self._server.stop()
