"""Some handlers over real HTTP: the application, a Bot API server of our own, and a fixed market."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from types import ModuleType

from telegram.ext import ApplicationBuilder

from bot.data.catalogue import load_machines
from bot.mining.market import Market
from bot.signals.evaluation import RuleStates
from bot.signals.history import History
from bot.snapshot import StatusView
from bot.telegram.request import AiohttpRequest
from handlers.context import App, HandlerContext
from storage.database import Store
from tests.fakes.telegram import FakeTelegram
from tests.handlers.chat_client import ADA, GROUP, ChatClient

__all__ = ["ADA", "GROUP", "HandlerClient", "handlers_running"]


class HandlerClient(ChatClient):
    """Speaks to handlers that read `market` and `history`, which tests replace."""

    def __init__(self, api: FakeTelegram, store: Store, market: Market) -> None:
        super().__init__(api, store)
        self.market = market
        self.history = History()


@asynccontextmanager
async def handlers_running(
    folder: Path, market: Market, topics: Sequence[ModuleType]
) -> AsyncIterator[HandlerClient]:
    """The handlers of `topics` at work on `market`, which may be replaced on the way."""
    with Store(folder / "test.db") as store:
        async with FakeTelegram() as api:
            chat = HandlerClient(api, store, market)

            async def state() -> Market:
                return chat.market

            desk = HandlerContext(
                store=store,
                catalogue=load_machines(),
                market=lambda: chat.market,
                view=lambda: StatusView((), RuleStates(), None),
                clock=lambda: chat.market.at,
                history=lambda: chat.history,
                admins=frozenset(),
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
                topic.register(application, desk)
            async with application:
                await application.start()
                assert application.updater is not None
                await application.updater.start_polling(timeout=timedelta(seconds=5))
                yield chat
                await application.updater.stop()
                await application.stop()
