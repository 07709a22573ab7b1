"""The contestants, each in a process of its own: `python -m tests.benchmarks._players NAME URL …`.

Broadcasters send to COUNT chats and print JSON (seconds, rss_mib, errors). Repliers repeat what they are told
until their standard output's reader ends them.
"""

import asyncio
import json
import logging
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from telegram import Bot, Update
from telegram.error import TelegramError
from telegram.ext import AIORateLimiter, ApplicationBuilder, ContextTypes, ExtBot, MessageHandler, filters
from telegram.request import HTTPXRequest

from bot.delivery.pacer import Pacer
from bot.delivery.relay import Relay
from bot.telegram.rate_limiter import PacedRateLimiter
from bot.telegram.request import AiohttpRequest
from bot.telegram.transport import TelegramTransport
from bot.telegram.update_processor import ChatOrderedProcessor
from storage import outbox
from storage.database import Database, Store
from tests.delivery.delivery_fixture import add_alert, add_chats, render
from tests.fakes.connections import writer
from tests.fakes.telegram import TOKEN

TEXT = "🟠 <b>Warning · Hashrate</b>\n" + "a line of the length that alerts have, with a figure: −7.6 %\n" * 6


def _now() -> datetime:
    return datetime.now(UTC)


def say(**figures: object) -> None:
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(json.dumps({"rss_mib": rss, **figures}) + "\n")
    sys.stdout.flush()


async def timed(work: Awaitable[int]) -> None:
    started = time.monotonic()
    errors = await work
    say(seconds=time.monotonic() - started, errors=errors)


async def send_all(send: Callable[[int], Awaitable[object]], count: int, kinds: type[Exception]) -> int:
    """Ask for everything at once, as people write it; give how many failed."""

    async def one(chat: int) -> int:
        try:
            await send(chat)
        except kinds:
            return 1
        return 0

    return sum(await asyncio.gather(*(one(chat) for chat in range(1, count + 1))))


async def minerwatch(url: str, count: str, per_second: str, synchronous: str = "") -> None:
    """Our outbox, deliverer, pacer and transport; with `synchronous` the database less careful than it is."""
    request = AiohttpRequest()
    await request.initialize()
    bot = Bot(TOKEN, base_url=f"{url}/bot", request=request, get_updates_request=request)
    rate = float(per_second)

    def subscribe(db: Database) -> None:
        add_chats(db, range(1, int(count) + 1))
        add_alert(db, 1)
        outbox.enqueue(db, 1, _now())

    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "m.db") as store:
        await store.write(subscribe)
        if synchronous:
            writer(store).conn.execute(
                f"PRAGMA synchronous = {synchronous}"
            )  # nothing of ours can turn it down
        pacer = Pacer(rate)
        transport = TelegramTransport(bot, _now, is_paid=rate > 30)
        deliverer = Relay(store, transport, pacer, render, _now)
        started = time.monotonic()
        running = asyncio.create_task(deliverer.run())
        while (figures := await deliverer.stats()).waiting:  # noqa: ASYNC110 - the database is asked
            await asyncio.sleep(0.1)
        say(seconds=time.monotonic() - started, errors=figures.outcomes.get("dead", 0))
        await deliverer.stop()
        await running
    await request.shutdown()


async def ptb(url: str, count: str, limiter: str = "") -> None:
    """The library as it comes, with or without its own limiter (a number: its max_retries)."""
    rates = AIORateLimiter(max_retries=int(limiter)) if limiter else None
    request = HTTPXRequest(pool_timeout=600)
    async with ExtBot(TOKEN, base_url=f"{url}/bot", request=request, rate_limiter=rates) as bot:
        await timed(
            send_all(lambda chat: bot.send_message(chat, TEXT, parse_mode="HTML"), int(count), TelegramError)
        )


async def _echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    if update.effective_message is not None:
        await update.effective_message.reply_text(update.effective_message.text or "")


async def minerwatch_replies(url: str, per_second: str = "inf", waiting: str = "0") -> None:
    """Our bot: transport, limiter and lines; with `waiting`, in the middle of a broadcast to so many."""
    pacer = Pacer(float(per_second))
    request = AiohttpRequest()
    app = (
        ApplicationBuilder()
        .token(TOKEN)
        .base_url(f"{url}/bot")
        .request(request)
        .get_updates_request(AiohttpRequest(1))
        .rate_limiter(PacedRateLimiter(pacer))
        .concurrent_updates(ChatOrderedProcessor(256))
        .build()
    )
    app.add_handler(MessageHandler(filters.TEXT, _echo))
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "m.db") as store:

        def subscribe(db: Database) -> None:
            add_chats(db, range(1, int(waiting) + 1))
            add_alert(db, 1)
            outbox.enqueue(db, 1, _now())

        await store.write(subscribe)
        plain = Bot(TOKEN, base_url=f"{url}/bot", request=request, get_updates_request=request)
        deliverer = Relay(store, TelegramTransport(plain, _now), pacer, render, _now)
        async with app:
            await app.start()
            running = asyncio.create_task(deliverer.run())
            await _poll(app)
            await running


async def ptb_replies(url: str, concurrent: str) -> None:
    """The library as it comes: 256 at once (its default when concurrent) or as many as given."""
    app = (
        ApplicationBuilder()
        .token(TOKEN)
        .base_url(f"{url}/bot")
        .concurrent_updates(int(concurrent))
        .pool_timeout(600)
        .build()
    )
    app.add_handler(MessageHandler(filters.TEXT, _echo))
    async with app:
        await app.start()
        await _poll(app)


async def _poll(app: object) -> None:
    updater = getattr(app, "updater")  # noqa: B009 - the application's type has six parameters
    await updater.start_polling(timeout=10)
    say(ready=True)
    await asyncio.Event().wait()


def run(*players: Callable[..., Coroutine[Any, Any, None]]) -> None:
    """Be the player that the command line names."""
    logging.basicConfig(level=logging.CRITICAL)
    known = {player.__name__: player for player in players}
    asyncio.run(known[sys.argv[1]](*sys.argv[2:]))


if __name__ == "__main__":
    run(minerwatch, minerwatch_replies, ptb, ptb_replies)
