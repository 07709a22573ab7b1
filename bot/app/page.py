"""The page of the running program; nothing of bot.web is loaded unless WEB_PORT is set."""

from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from importlib.metadata import version
from typing import Any

from bot.backtest.episodes import RuleHistory
from bot.settings import Settings, SettingsError
from bot.snapshot import Snapshot
from handlers.context import HandlerContext


async def _nothing() -> None:
    """Stop a page that was never started."""


class ProgramPage:
    """The page beside the chat. `updated` is called after each poll, whether there is a page or not."""

    def __init__(
        self,
        settings: Settings,
        context: HandlerContext,
        snapshot: Snapshot,
        rule_history: Callable[[], Coroutine[Any, Any, RuleHistory]],
        *,
        token: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._context = context
        self._snapshot = snapshot
        self._rule_history = rule_history
        self._token = token
        self._clock = clock
        self._updated: Callable[[], None] = lambda: None
        self._stop: Callable[[], Awaitable[None]] = _nothing

    async def start(self) -> int | None:
        """Listen when there is to be a page; give the port. Raises SettingsError."""
        port, host = self._settings.web_port, self._settings.web_host
        if port is None:
            return None
        from bot.web.page_context import MiniApp, PageContext  # noqa: PLC0415 - templates and server cost 8 MiB
        from bot.web.server import WebServer  # noqa: PLC0415 - as above

        settings, context = self._settings, self._context
        mini_app = None
        if settings.web_url is not None:
            allowed = settings.allowed_chat_ids
            mini_app = MiniApp(
                self._token,
                settings.web_url,
                settings.max_watches_per_chat,
                frozenset((*allowed, *settings.admin_chat_ids)) if allowed else frozenset(),
            )
        server = WebServer(
            PageContext(
                store=context.store,
                catalogue=context.catalogue,
                market=self._snapshot.market,
                status=self._snapshot.status,
                history=context.history,
                rule_history=self._rule_history,
                charts=context.charts,
                clock=self._clock,
                mini_app=mini_app,
            ),
            version("minerwatch"),
            host=host,
            port=port,
            proxies=settings.web_proxies,
        )
        try:
            listening = await server.start()
        except OSError as error:
            raise SettingsError(
                f"WEB_PORT {port} can't be used on {host} ({error.strerror})",
                "choose another, for example WEB_PORT=8081",
                passing=True,
            ) from None
        self._updated, self._stop = server.updated, server.stop
        return listening

    def updated(self) -> None:
        """The figures have changed."""
        self._updated()

    async def stop(self) -> None:
        """Stop listening."""
        await self._stop()
