"""The whole program in this process over real HTTP, on the figures of July 2022."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from time import monotonic
from unittest.mock import patch

from pydantic import SecretStr

from bot.app import Program
from bot.cli.replay_feed import ReplayFeed
from bot.data.bundle import bundled_readings
from bot.delivery import editor
from bot.delivery.pacer import Pacer
from bot.settings import Settings, WidgetKind
from bot.signals.series import Reading
from storage.database import Database, Store
from tests.fakes.drawing import draw_here
from tests.fakes.postgres_server import Server
from tests.fakes.telegram import BOT, FakeTelegram, Sent
from tests.handlers.chat_client import ADA, ADMIN, BOB, CHANNEL, GROUP, ChatClient

__all__ = ["ADA", "ADMIN", "BOB", "CHANNEL", "GROUP", "NOON", "ProgramClient", "running_program"]

NOON = datetime(2022, 7, 5, 0, 5, tzinfo=UTC)


@cache
def _july() -> tuple[Reading, ...]:
    """Real figures of two and a half years, enough for every rule."""
    return tuple(
        reading
        for reading in bundled_readings()
        if reading.day is not None and date(2020, 1, 1) <= reading.day < date(2022, 9, 1)
    )


@cache
def _settings(widgets: tuple[WidgetKind, ...]) -> Settings:
    """The settings, made once: pydantic takes longer over them than some tests last."""
    return Settings(
        _env_file=None,
        admin_chat_ids=(ADMIN,),
        poll_interval_seconds=86_400,
        hook_private_hosts=frozenset({"127.0.0.1"}),
        notify_services={"phone": SecretStr("json://127.0.0.1:9/")},
        telegram_widgets=widgets,
    )


class ProgramClient(ChatClient):
    """The running program, its Bot API server, and a clock that stands still until it is set."""

    def __init__(self, api: FakeTelegram, store: Store, widgets: tuple[WidgetKind, ...] = ()) -> None:
        super().__init__(api, store)
        self.now = NOON
        self.flood_limit_ahead_s = 0.0  # add to it, and whoever asked too much may ask again
        readings = _july()
        known = [reading for reading in readings if reading.read_at <= self.now]
        settings = _settings(widgets).model_copy(update={"telegram_api_url": api.url})
        self.program = Program(
            settings,
            store,
            ReplayFeed(readings[len(known) :]),
            token=api.token,
            clock=lambda: self.now,
            monotonic=lambda: monotonic() + self.flood_limit_ahead_s,
            bundle=lambda: known,
            pacer=Pacer(float("inf"), chat_gap_s=0.0),
            draw=draw_here,
        )

        self._wake_editor = self.program.editor.wake
        self.program.editor.wake = lambda: None  # type: ignore[method-assign]  # edits come when `edited` asks for them

    async def pass_time(self, length: timedelta) -> None:
        """Let time pass, then look at the data as the program does every few minutes."""
        self.now += length
        await self.program.poll()

    async def pass_a_day(self) -> None:
        """Let a day pass, look at its data, and let what follows begin."""
        await self.pass_time(timedelta(days=1))
        await asyncio.sleep(0)

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
        self.program.relay.wake()
        while (await self.store.read(self._due))[0]:  # noqa: ASYNC110 - the outbox alone knows
            await asyncio.sleep(0.002)
        return self.api.sent

    async def edited(self) -> None:
        """Wait until no message waits to be edited."""
        self._wake_editor()
        while await self.store.read(self._edits):  # noqa: ASYNC110 - the database alone knows
            await asyncio.sleep(0.002)

    def _edits(self, db: Database) -> int:
        [count] = db.execute(
            "SELECT count(*) FROM sent_messages WHERE edit_due <= ?", [self.now.isoformat()]
        ).fetchone()
        return int(count)

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
                await ProgramClient(api, store).program.poll()
        with sqlite3.connect(folder / "first.db") as db:
            db.execute("VACUUM INTO ?", [str(path)])
        db.close()
        _prepared.append(path.read_bytes())
    path.write_bytes(_prepared[0])


_prepared_databases: list[str] = []  # the same on the server


async def prepared_database(server: Server) -> str:
    """The name of a database of the server as it is after the first look; for copies only."""
    if not _prepared_databases:
        name = server.make()
        with Store(server.url(name)) as store:
            await store.lead()
            async with FakeTelegram() as api:
                await ProgramClient(api, store).program.poll()
        _prepared_databases.append(name)
    return _prepared_databases[0]


@asynccontextmanager
async def running_program(
    folder: Path, address: str | None = None, *, widgets: tuple[WidgetKind, ...] = ()
) -> AsyncIterator[ProgramClient]:
    """Start the whole program; called again on the same folder, it is restarted on its database.

    `address` is that of a PostgreSQL database instead, `widgets` what TELEGRAM_WIDGETS says.
    """
    if address is None and not (folder / "test.db").exists():
        await _prepare(folder)
    with Store(address or folder / "test.db") as store:
        await store.lead()
        async with FakeTelegram() as api:
            client = ProgramClient(api, store, widgets)
            await client.program.poll()
            with patch.object(editor, "_LOOK_S", 3600.0):
                async with client.program.running():
                    yield client
