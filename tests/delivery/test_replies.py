"""Replies through python-telegram-bot: in order, first in line, and undisturbed by a 429."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from telegram import Update
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from bot.delivery.pacer import Pacer
from bot.telegram.rate_limiter import PacedRateLimiter
from bot.telegram.request import AiohttpRequest
from bot.telegram.update_processor import ChatOrderedProcessor
from storage.outbox import Priority
from tests.fakes import telegram as fake
from tests.fakes.telegram import FakeTelegram

Context = ContextTypes.DEFAULT_TYPE
App = Application[Any, Any, Any, Any, Any, Any]


async def echo(update: Update, context: Context) -> None:
    assert update.effective_message is not None
    await update.effective_message.reply_text(update.effective_message.text or "")


@asynccontextmanager
async def application(api: FakeTelegram, pacer: Pacer, *, concurrent: int = 64) -> AsyncIterator[App]:
    """A bot that repeats what it is told, polling the fake server."""
    app = (
        ApplicationBuilder()
        .token(api.token)
        .base_url(f"{api.url}/bot")
        .request(AiohttpRequest(read_timeout=2))
        .get_updates_request(AiohttpRequest(1, read_timeout=2))
        .rate_limiter(PacedRateLimiter(pacer))
        .concurrent_updates(ChatOrderedProcessor(concurrent))
        .build()
    )
    app.add_handler(MessageHandler(filters.TEXT, echo))
    async with app:
        await app.start()
        assert app.updater is not None
        await app.updater.start_polling(timeout=2)
        try:
            yield app
        finally:
            await app.updater.stop()
            await app.stop()


async def test_a_chat_is_answered_in_the_order_it_asked_and_many_chats_at_once() -> None:
    async with FakeTelegram(latency_s=0.02) as api, application(api, Pacer(float("inf"))):
        for number in range(3):
            for chat in range(1, 41):
                api.say(chat, str(number))
        await api.until_sent(120)
    assert all(api.texts(chat) == ["0", "1", "2"] for chat in range(1, 41))


async def test_a_chat_that_floods_the_bot_delays_nobody_else() -> None:
    release = asyncio.Event()
    seen = []

    async def slow(update: Update, context: Context) -> None:
        seen.append(update.update_id)
        await release.wait()

    async with FakeTelegram() as api, application(api, Pacer(float("inf")), concurrent=2) as app:
        app.add_handler(MessageHandler(filters.Chat(1), slow), group=-1)
        for number in range(50):
            api.say(1, str(number))
        api.say(2, "hello")
        await api.until(lambda: api.texts(2) == ["hello"])
        app.handlers[0].clear()
        release.set()
        await api.until(lambda: len(seen) == 50)
    assert seen == sorted(seen)


async def test_updates_left_in_line_are_processed_before_the_bot_stops() -> None:
    async with FakeTelegram() as api:
        async with application(api, Pacer(float("inf"))) as app:
            for number in range(3):
                api.say(1, str(number))
            await api.until_sent(1)
            del app
        assert api.texts(1) == ["0", "1", "2"]


async def test_a_reply_goes_before_deliveries_that_wait() -> None:
    pacer = Pacer(30)

    async def deliver(chat: int) -> None:
        async with pacer.slot(chat, Priority.CRITICAL):
            await asyncio.sleep(0)

    async with FakeTelegram() as api, application(api, pacer):
        waiting = [asyncio.create_task(deliver(chat)) for chat in range(100, 400)]
        api.say(1, "hello")
        await api.until_sent(1)
        still_waiting = sum(not task.done() for task in waiting)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    assert still_waiting > 250


async def test_a_reply_refused_by_429_is_sent_when_allowed() -> None:
    pacer = Pacer(30)
    async with FakeTelegram() as api, application(api, pacer):
        api.script(1, fake.flood(1))
        api.say(1, "hello")
        await api.until_sent(1)
    assert (api.texts(1), pacer.floods) == (["hello"], 1)


async def test_answering_a_button_press_never_waits() -> None:
    pacer = Pacer(30)

    async def pressed(update: Update, context: Context) -> None:
        assert update.callback_query is not None
        await update.callback_query.answer("done")

    async with FakeTelegram() as api, application(api, pacer) as app:
        app.add_handler(CallbackQueryHandler(pressed))
        for chat in (7, 8, 9):
            pacer.flooded(chat, 60)
        api.press(1, 1, "v1:why:3")
        await api.until(lambda: api.calls["answerCallbackQuery"] == 1)


async def test_an_update_of_no_chat_is_processed_all_the_same() -> None:
    done = []

    async def work() -> None:
        done.append(1)

    processor = ChatOrderedProcessor(4)
    async with processor:
        await processor.process_update("not an update", work())
        await processor.process_update(Update(1), work())
    assert done == [1, 1]
