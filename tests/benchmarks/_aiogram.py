"""The contestants built on aiogram; see _players."""

import asyncio

import aiogram
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramRetryAfter

from tests.benchmarks._players import TEXT, run, say, send_all, timed
from tests.fakes.telegram import TOKEN


async def aiogram3(url: str, count: str) -> None:
    """aiogram, waiting out each 429 as its guide says."""
    async with _aiogram_bot(url) as bot:

        async def send(chat: int) -> None:
            for _ in range(10):
                try:
                    await bot.send_message(chat, TEXT, parse_mode="HTML")
                except TelegramRetryAfter as error:
                    await asyncio.sleep(error.retry_after)
                else:
                    return
            raise RuntimeError("refused ten times")

        await timed(send_all(send, int(count), Exception))


def _aiogram_bot(url: str) -> aiogram.Bot:
    return aiogram.Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(url)))


async def aiogram_replies(url: str) -> None:
    """aiogram's dispatcher, every update a task, as it comes."""
    dispatcher = aiogram.Dispatcher()

    async def echo(message: aiogram.types.Message) -> None:
        await message.answer(message.text or "")

    dispatcher.message()(echo)
    async with _aiogram_bot(url) as bot:
        say(ready=True)
        await dispatcher.start_polling(bot, handle_signals=False)


if __name__ == "__main__":
    run(aiogram3, aiogram_replies)
