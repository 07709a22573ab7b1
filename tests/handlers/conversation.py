"""A conversation with handlers over real HTTP: the application, our own Bot API server, a fixed market."""

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
from bot.telegram.request import AiohttpRequest
from handlers.context import App, HandlerContext, StatusView
from storage.database import Store
from tests.fakes.telegram import FakeTelegram, Sent

ADA = 7
GROUP = -1007


class Conversation:
    """Says things to the bot and waits for what it answers."""

    def __init__(self, api: FakeTelegram, store: Store, market: Market) -> None:
        self.api = api
        self.store = store
        self.market = market
        self.history = History()

    async def ask(self, text: str, chat: int = ADA) -> Sent:
        """The first message that follows what was said."""
        before = len(self.api.sent)
        self.api.say(chat, text)
        await self.api.until_sent(before + 1)
        return self.api.sent[before]

    async def press(self, under: Sent, label: str) -> Sent:
        """What follows a press on the button with this label."""
        data = next(button["callback_data"] for button in under.buttons if button["text"] == label)
        return await self.press_data(under, data)

    async def press_data(self, under: Sent, data: str) -> Sent:
        """What follows a press on a button with this data."""
        before = len(self.api.sent)
        self.api.press(under.chat_id, under.message_id, data)
        await self.api.until_sent(before + 1)
        return self.api.sent[before]

    async def press_for_notice(self, under: Sent, data: str) -> None:
        """Press a button that is answered by a notice only."""
        before = self.api.calls["answerCallbackQuery"]
        self.api.press(under.chat_id, under.message_id, data)
        await self.api.until(lambda: self.api.calls["answerCallbackQuery"] > before)


@asynccontextmanager
async def conversation(
    folder: Path, market: Market, topics: Sequence[ModuleType]
) -> AsyncIterator[Conversation]:
    """The handlers of `topics` at work on `market`, which may be replaced on the way."""
    with Store(folder / "test.db") as store:
        async with FakeTelegram() as api:
            talk = Conversation(api, store, market)

            async def state() -> Market:
                return talk.market

            desk = HandlerContext(
                store=store,
                catalogue=load_machines(),
                market=state,
                view=lambda: StatusView((), RuleStates(), None),
                clock=lambda: talk.market.at,
                history=lambda: talk.history,
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
                yield talk
                await application.updater.stop()
                await application.stop()
