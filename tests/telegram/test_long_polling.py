"""A replica that may have been replaced leaves Telegram's updates to the one that leads now."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import cast

import pytest
from telegram import Bot, Update

from bot.telegram.conflict import ConflictPolicy
from bot.telegram.long_polling import LongPolling
from handlers.context import App
from tests.fakes.telegram import TOKEN, FakeTelegram


class _Replica:
    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.update_queue: asyncio.Queue[Update] = asyncio.Queue()
        self.holds_lease = True
        self.policy = ConflictPolicy(lambda: 0.5)
        self.polling = LongPolling(
            cast(App, self),
            SimpleNamespace(on_telegram_failure=lambda _why: None, on_telegram_answer=lambda: None),
            self.policy,
            lambda: False,
            asyncio.get_running_loop().time,
            lambda: self.holds_lease,
        )

    async def next_text(self) -> str | None:
        async with asyncio.timeout(20):
            update = await self.update_queue.get()
        return update.effective_message.text if update.effective_message else None


@asynccontextmanager
async def _polling(replica: _Replica) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(replica.polling.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


def _say(api: FakeTelegram, number: int) -> None:
    chat = {"id": 7, "type": "private"}
    api.push({"message": {"message_id": number, "date": 1, "chat": chat, "text": f"text {number}"}})


async def test_one_that_is_cut_off_from_the_database_alone_gives_way_and_comes_back_when_it_leads(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It had polled for long: the one that leads now would give up over it."""
    async with FakeTelegram() as api, _bot(api) as first_bot, _bot(api) as second_bot:
        first, second = _Replica(first_bot), _Replica(second_bot)
        async with _polling(first) as first_runs:
            _say(api, 1)
            assert await first.next_text() == "text 1"
            first.policy.is_established = True
            first.holds_lease = False
            async with _polling(second) as second_runs:
                async with asyncio.timeout(60):
                    while not second.policy.is_established:  # noqa: ASYNC110 - the policy tells nobody
                        await asyncio.sleep(0.05)
                _say(api, 2)
                assert await second.next_text() == "text 2"
                assert not first_runs.done()
                assert not second_runs.done()
            assert caplog.text.count("it may have taken over") == 1
            assert "another program asked for this bot's updates\n" not in caplog.text, (
                "the second had it alone"
            )
            _say(api, 3)
            await asyncio.sleep(1)
            assert first.update_queue.empty()
            first.holds_lease = True
            assert await first.next_text() == "text 3"


@asynccontextmanager
async def _bot(api: FakeTelegram) -> AsyncIterator[Bot]:
    async with Bot(TOKEN, base_url=f"{api.url}/bot") as bot:
        yield bot
