"""Some handlers over real HTTP: the application, a Bot API server of our own, and a fixed market."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType

from telegram.ext import ApplicationBuilder

from bot.backtest.episodes import RuleHistory
from bot.charts.picture_cache import ChartCache
from bot.data.catalogue import load_machines
from bot.delivery.destinations.destination_transport import DestinationConfig
from bot.mining.market import Market
from bot.ops.program_status import ProgramStatus, SourceState
from bot.signals.evaluation import RuleStates
from bot.signals.history import History
from bot.snapshot import StatusView, last_shutdowns
from bot.telegram.request import AiohttpRequest
from handlers.context import App, HandlerContext
from storage.database import Store
from tests.fakes.drawing import draw_here
from tests.fakes.telegram import FakeTelegram
from tests.handlers.chat_client import ADA, GROUP, ChatClient

__all__ = ["ADA", "GROUP", "HandlerClient", "handlers_running"]


class HandlerClient(ChatClient):
    """Speaks to handlers that read `market` and `history`, which tests replace."""

    def __init__(self, api: FakeTelegram, store: Store, market: Market) -> None:
        super().__init__(api, store)
        self.market = market
        self.history = History()


class NoProgram:
    """No program is asked for its sources or its state by what is tried here."""

    def sources(self) -> list[SourceState]:
        """None."""
        return []

    async def program_status(self) -> ProgramStatus:
        """Fail what asks all the same."""
        raise AssertionError("nobody asks for the program's state here")


async def empty_rule_history() -> RuleHistory:
    """The rules of a past that nobody looked at."""
    return RuleHistory(date.min, {}, ())


@asynccontextmanager
async def handlers_running(
    folder: Path, market: Market, topics: Sequence[ModuleType], address: str | None = None
) -> AsyncIterator[HandlerClient]:
    """The handlers of `topics` at work on `market`, which may be replaced on the way."""
    with Store(address or folder / "test.db") as store:
        async with FakeTelegram() as api:
            chat = HandlerClient(api, store, market)

            catalogue = load_machines()

            def status() -> StatusView:
                stopped = last_shutdowns(chat.history, catalogue, chat.market)
                return StatusView((), RuleStates(), None, shutdowns=stopped)

            context = HandlerContext(
                store=store,
                catalogue=catalogue,
                market=lambda: chat.market,
                status=status,
                history=lambda: chat.history,
                rule_history=empty_rule_history,
                clock=lambda: chat.market.at,
                charts=ChartCache(draw_here),
                program=NoProgram(),
                admins=frozenset(),
                max_watches=50,
                wake_relay=lambda: None,
                destinations=DestinationConfig(key=b"", services={}),
            )
            application: App = (
                ApplicationBuilder()
                .token(api.token)
                .base_url(f"{api.url}/bot")
                .request(AiohttpRequest())
                .get_updates_request(AiohttpRequest(connections=2))
                .build()
            )
            for topic in topics:
                for handler in getattr(topic, "HANDLERS", ()):
                    application.add_handler(handler.handler(context))
                if hasattr(topic, "register"):
                    topic.register(application, context)
            async with application:
                await application.start()
                assert application.updater is not None
                await application.updater.start_polling(timeout=timedelta(seconds=5))
                yield chat
                await application.updater.stop()
                await application.stop()
