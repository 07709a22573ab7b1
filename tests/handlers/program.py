"""The whole program in this process over real HTTP, in July 2022: the chat as people meet it."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from bot.app import Program
from bot.cli.demo import ReplayFeed
from bot.data.bundle import bundled_readings
from bot.delivery.pacer import Pacer
from bot.settings import Settings
from bot.signals.series import Reading
from storage.database import Database, Store
from tests.fakes.telegram import BOT, FakeTelegram, Sent

ADA = 7
BOB = 8
GROUP = -1007
CHANNEL = -1009
ADMIN = 99
NOON = datetime(2022, 7, 5, 0, 5, tzinfo=UTC)


@cache
def _july() -> tuple[Reading, ...]:
    """Real figures of two and a half years, enough for every rule."""
    return tuple(
        reading
        for reading in bundled_readings()
        if reading.day is not None and date(2020, 1, 1) <= reading.day < date(2022, 9, 1)
    )


class Room:
    """The running program, its Bot API server, and a clock that stands still until it is set."""

    def __init__(self, api: FakeTelegram, store: Store) -> None:
        self.api = api
        self.store = store
        self.now = NOON
        readings = _july()
        known = [reading for reading in readings if reading.read_at <= self.now]
        settings = Settings(
            _env_file=None, telegram_api_url=api.url, admin_chat_ids=(ADMIN,), poll_interval_seconds=86_400
        )
        self.program = Program(
            settings,
            store,
            ReplayFeed(readings[len(known) :]),
            token=api.token,
            clock=lambda: self.now,
            bundle=lambda: known,
            pacer=Pacer(float("inf"), chat_gap_s=0.0),
        )

    async def pass_time(self, length: timedelta) -> None:
        """Let time pass, then look at the data as the program does every few minutes."""
        self.now += length
        await self.program.poll()

    async def ask(self, text: str, chat: int = ADA, *, user: int | None = None, topic: int = 0) -> Sent:
        """The first message that follows what was said."""
        before = len(self.api.sent)
        self.api.say(chat, text, user_id=user, topic_id=topic)
        await self.api.until_sent(before + 1)
        return self.api.sent[before]

    async def press(self, under: Sent, label: str, *, user: int | None = None) -> str:
        """Press the button with this label; gives what the press is answered with."""
        data = next(one["callback_data"] for one in under.buttons if one["text"] == label)
        return await self.press_data(under, data, user=user)

    async def press_data(self, under: Sent, data: str, *, user: int | None = None) -> str:
        """Press a button with this data."""
        before = len(self.api.answered)
        self.api.press(under.chat_id, under.message_id, data, user_id=user, topic_id=under.topic_id)
        await self.api.until(lambda: len(self.api.answered) > before)
        return self.api.answered[before].get("text", "")

    async def see(self, under: Sent, label: str, *, user: int | None = None) -> Sent:
        """Press the button with this label; gives the message that this makes or changes."""
        before = len(self.api.sent)
        await self.press(under, label, user=user)
        await self.api.until_sent(before + 1)
        return self.api.sent[before]

    async def settled(self, chat: int = ADA) -> Sequence[Sent]:
        """What was sent until the program had dealt with all it was told in a chat, where order is kept."""
        before = len(self.api.sent)
        self.api.say(chat, f"/help@{BOT['username']}")
        await self.api.until(lambda: any(_is_help(sent, chat) for sent in self.api.sent[before:]))
        return [sent for sent in self.api.sent[before:] if not _is_help(sent, chat)]

    async def silence(self) -> Sequence[Sent]:
        """What others were sent until somebody new was answered, who came after all that was said."""
        before = len(self.api.sent)
        await self.ask("/help", 4711)
        return [sent for sent in self.api.sent[before:] if sent.chat_id != 4711]

    async def delivered(self) -> Sequence[Sent]:
        """Wait until nothing that is due waits in the outbox; gives everything sent so far."""
        self.program.deliverer.wake()
        while (await self.store.read(self._due))[0]:  # noqa: ASYNC110 - the outbox alone knows
            await asyncio.sleep(0.002)
        return self.api.sent

    def _due(self, db: Database) -> tuple[int]:
        found: tuple[int] = db.execute(
            "SELECT count(*) FROM outbox WHERE state = 'leased' OR (state = 'pending' AND next_try_at <= ?)",
            [self.now.isoformat()],
        ).fetchone()
        return found

    async def next_sent(self, count: int = 1) -> Sent:
        """The newest message once `count` more than now were sent."""
        await self.api.until_sent(len(self.api.sent) + count)
        return self.api.sent[-1]


def _is_help(sent: Sent, chat: int) -> bool:
    return sent.chat_id == chat and "/help – " in sent.text


_prepared: list[bytes] = []  # a database that has seen the history up to the opening, once made


async def _prepare(folder: Path) -> None:
    """A database as it is after the first look; made once, since that takes a second."""
    path = folder / "test.db"
    if not _prepared:
        with Store(folder / "first.db") as store:
            async with FakeTelegram() as api:
                await Room(api, store).program.poll()
        with sqlite3.connect(folder / "first.db") as db:
            db.execute("VACUUM INTO ?", [str(path)])
        db.close()
        _prepared.append(path.read_bytes())
    path.write_bytes(_prepared[0])


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Room]:
    """A room with everything running; opened again on the same folder, the program starts anew."""
    if not (folder / "test.db").exists():
        await _prepare(folder)
    with Store(folder / "test.db") as store:
        async with FakeTelegram() as api:
            room = Room(api, store)
            application = room.program.application
            async with application:
                assert application.post_init is not None
                assert application.post_stop is not None
                await room.program.poll()
                delivering = asyncio.create_task(room.program.deliverer.run())
                await application.start()
                assert application.updater is not None
                await application.updater.start_polling(timeout=timedelta(seconds=5))
                try:
                    yield room
                finally:
                    await application.updater.stop()
                    await application.stop()
                    await room.program.deliverer.stop()
                    await delivering
