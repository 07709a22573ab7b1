"""Two replicas behind one webhook: each chat is answered in order and once, wherever its updates land."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from telegram import Update
from telegram.ext import TypeHandler

from bot.app import Program
from bot.cli.replay_feed import ReplayFeed
from bot.delivery.pacer import Pacer
from bot.settings import Settings
from bot.telegram.webhook import Webhook
from storage.chats import flood_counts, received_updates
from storage.chats.flood_counts import LIMITS, Kind
from storage.chats.received_updates import MAX_CLAIMS, ReceivedUpdate, Turn
from storage.database import Database, Store
from tests.fakes.connections import answer_lost, write_now
from tests.fakes.drawing import draw_here
from tests.fakes.engines import connection
from tests.fakes.postgres_server import Server
from tests.fakes.telegram import FakeTelegram
from tests.web.site import NOON, july_2022

ADA, BOB = 7, 8
SECRET = "a-secret-word-for-tests"


class Replicas:
    """Programs on one database, a Bot API server that posts to them in turn, and what it was sent."""

    def __init__(self, api: FakeTelegram, programs: list[Program], urls: list[str]) -> None:
        self.api = api
        self.programs = programs
        self.urls = urls

    async def ask(self, text: str, chat: int = ADA) -> str:
        """Say something; gives the next message to this chat."""
        before = len(self.api.texts(chat))
        self.api.say(chat, text)
        await self.api.until(lambda: len(self.api.texts(chat)) > before)
        return self.api.texts(chat)[before]

    def only(self, number: int) -> None:
        """Let one replica handle what comes from now on; all go on taking it in."""
        for each in self.programs:
            each.inbox.places = 10 if each is self.programs[number] else 0

    def echo(self, before: Any = None) -> None:
        """Answer every text with itself, after `before` was awaited."""

        async def answer(update: Update, _context: object) -> None:
            if before is not None:
                await before(update)
            assert update.message is not None
            await update.message.reply_text(update.message.text or "")

        for program in self.programs:
            program.application.handlers.clear()
            program.application.add_handler(TypeHandler(Update, answer))

    async def settled(self) -> None:
        """Wait until nothing of any update is left but its number."""
        while await self.programs[0].store.read(_unfinished):  # noqa: ASYNC110 - the database alone knows
            await asyncio.sleep(0.01)


def _unfinished(db: Database) -> int:
    (count,) = db.execute("SELECT count(*) FROM received_updates WHERE raw IS NOT NULL").fetchone()
    return int(count)


@asynccontextmanager
async def _running(*addresses: Path | str) -> AsyncIterator[Replicas]:
    """A program for each address; the first leads and has polled."""
    async with AsyncExitStack() as open_:
        api = await open_.enter_async_context(FakeTelegram())
        programs: list[Program] = []
        urls: list[str] = []
        known = [reading for reading in july_2022() if reading.read_at <= NOON]
        for address in addresses:
            store = open_.enter_context(Store(address))
            program = Program(
                Settings(_env_file=None, telegram_api_url=api.url, poll_interval_seconds=86_400),
                store,
                ReplayFeed([]),
                token=api.token,
                clock=lambda: NOON,
                bundle=lambda: known,
                pacer=Pacer(float("inf"), chat_gap_s=0.0),
                draw=draw_here,
            )
            if not programs:
                await store.lead()
                await program.poll()
                await program.sharing.publish()
            await program.start(scheduled=False)
            await program.connect()
            program.inbox.start()
            hook = Webhook(program.inbox, "127.0.0.1", 0, SECRET)
            urls.append(f"http://127.0.0.1:{await hook.start()}/")
            open_.push_async_callback(program.stop)
            open_.push_async_callback(hook.stop)
            programs.append(program)
        api.webhook = {"url": urls[0], "secret_token": SECRET}
        api.balance(urls)
        yield Replicas(api, programs, urls)


@pytest.fixture
def url(postgres: Server) -> Iterator[str]:
    with postgres.database() as address:
        yield address


@pytest.fixture
async def replicas(url: str) -> AsyncIterator[Replicas]:
    async with _running(url, url) as running:
        yield running


async def test_each_chat_is_answered_in_order_and_once_though_updates_come_twice(replicas: Replicas) -> None:
    handled_by: set[int] = set()

    async def yields(update: Update) -> None:
        handled_by.add(id(update.get_bot()))
        for _ in range(update.update_id % 5):  # so that a later update would overtake an earlier one
            await asyncio.sleep(0)

    replicas.echo(yields)
    replicas.api.balance(replicas.urls, repeat_every=3)
    chats = range(101, 121)
    for number in range(10):
        for chat in chats:
            replicas.api.say(chat, str(number))
    await replicas.api.until_sent(200)
    await replicas.settled()
    assert {chat: replicas.api.texts(chat) for chat in chats} == {
        chat: [str(number) for number in range(10)] for chat in chats
    }
    assert replicas.api.calls["webhook 200"] > 200
    assert len(handled_by) == 2


async def test_updates_stored_by_one_replica_are_handled_by_the_other(replicas: Replicas) -> None:
    replicas.echo()
    replicas.only(1)
    replicas.api.balance(replicas.urls[:1])
    assert await replicas.ask("hello") == "hello"


async def test_a_follow_up_is_understood_at_the_other_replica(replicas: Replicas) -> None:
    replicas.only(0)
    assert "7 c" in await replicas.ask("is an s19 profitable at 7 cents?")
    await replicas.settled()
    replicas.only(1)
    answer = await replicas.ask("and at 5 cents?")
    assert "S19" in answer
    assert "5 c" in answer


async def test_what_one_replica_is_told_the_other_knows(replicas: Replicas) -> None:
    replicas.only(0)
    assert "22:00" in await replicas.ask("/quiet 22-7")
    await replicas.settled()
    replicas.only(1)
    assert "22:00" in await replicas.ask("/settings")


async def test_a_replica_that_does_not_poll_answers_from_the_newest_poll(replicas: Replicas) -> None:
    replicas.only(0)
    told = await replicas.ask("/status"), await replicas.ask("/price"), await replicas.ask("/sources", BOB)
    await replicas.settled()
    replicas.only(1)
    assert (
        await replicas.ask("/status"),
        await replicas.ask("/price"),
        await replicas.ask("/sources", BOB),
    ) == told


async def test_one_person_has_one_flood_limit_over_both(replicas: Replicas) -> None:
    limit, began = LIMITS[Kind.ANSWERS], time.monotonic()
    for number, asked in enumerate((20, 25)):
        replicas.only(number)
        taken = replicas.api.calls["webhook 200"]
        for _ in range(asked):
            replicas.api.say(ADA, "/help")
        await replicas.api.until(lambda: replicas.api.calls["webhook 200"] == taken + asked)  # noqa: B023 - awaited here
        await replicas.settled()
    refilled = (time.monotonic() - began) * limit.per_second
    answers = [text for text in replicas.api.texts(ADA) if "more than I can answer" not in text]
    assert limit.size <= len(answers) <= limit.size + refilled + 1
    assert sum("more than I can answer" in text for text in replicas.api.texts(ADA)) == 1, "said once"
    assert [program.update_limiter.accepted for program in replicas.programs] == [20, len(answers) - 20]


async def test_forgetting_leaves_nothing_of_what_was_asked(replicas: Replicas) -> None:
    secret = 0.0471, 987_654_321
    replicas.api.say(secret[1], f"is an s19 profitable at {secret[0]} usd?")
    replicas.api.say(secret[1], "/forget")
    await replicas.api.until_sent(2)
    question = replicas.api.sent[-1]
    replicas.api.press(question.chat_id, question.message_id, "f1:yes")
    await replicas.api.until(
        lambda: "Everything about this chat is deleted" in replicas.api.texts(secret[1])[-1]
    )
    await replicas.settled()

    def left(db: Database) -> str:
        tables = [name for name in db.table_names() if name != "flood_counts"]
        return repr([list(db.query(f"SELECT * FROM {name}")) for name in tables])

    everything = await replicas.programs[0].store.read(left)
    assert str(secret[1]) not in everything
    assert str(secret[0]) not in everything


async def test_counts_of_who_asked_go_after_some_minutes(replicas: Replicas) -> None:
    await replicas.ask("/help")
    store = replicas.programs[0].store

    def later(db: Database) -> int:
        db.execute("UPDATE flood_counts SET counted_s = counted_s - 301")
        flood_counts.prune(db)
        return int(db.execute("SELECT count(*) FROM flood_counts").fetchone()[0])

    assert await store.write(later) == 0


async def test_lost_connections_lose_no_update_and_no_order(
    replicas: Replicas, url: str, postgres: Server
) -> None:
    replicas.echo()
    for number in range(30):
        replicas.api.say(ADA, str(number))
        replicas.api.say(BOB, str(number))
        if number in (5, 15):
            await replicas.api.until(lambda: len(replicas.api.texts(ADA)) > 2)
            await asyncio.to_thread(postgres.disconnect, url)
    await replicas.api.until(lambda: replicas.api.texts(ADA)[-1:] == replicas.api.texts(BOB)[-1:] == ["29"])
    await replicas.settled()
    for chat in (ADA, BOB):
        assert replicas.api.texts(chat) == [str(number) for number in range(30)]


async def test_what_a_stopped_replica_had_begun_the_other_finishes(replicas: Replicas) -> None:
    begun = asyncio.Event()

    async def hangs_at_the_first(update: Update) -> None:
        if update.get_bot() is replicas.programs[0].application.bot:
            begun.set()
            await asyncio.Event().wait()

    replicas.echo(hangs_at_the_first)
    replicas.only(0)
    replicas.api.say(ADA, "one")
    replicas.api.say(ADA, "two")
    await begun.wait()
    replicas.programs[1].inbox.places = 10
    await replicas.programs[0].inbox.stop()
    await replicas.api.until_sent(2)
    assert replicas.api.texts(ADA) == ["one", "two"]


async def test_a_reply_that_waits_when_its_replica_stops_comes_from_the_other(replicas: Replicas) -> None:
    first = replicas.programs[0]
    asked = asyncio.Event()

    async def ask(_update: Update) -> None:
        asked.set()

    replicas.echo(ask)
    replicas.only(0)
    first._pacer.flooded(ADA, 20.0)
    replicas.api.say(ADA, "one")
    replicas.api.say(ADA, "two")
    await asked.wait()
    await asyncio.sleep(0)  # the reply waits for its slot
    replicas.only(1)
    await first.stop()
    await replicas.api.until_sent(2)
    await replicas.settled()
    assert replicas.api.texts(ADA) == ["one", "two"]


async def test_what_was_handled_before_a_stop_is_noted_though_the_database_is_busy(tmp_path: Path) -> None:
    free, handled = threading.Event(), asyncio.Event()
    async with _running(tmp_path / "one.db") as replicas:
        (program,) = replicas.programs
        busy: list[asyncio.Future[bool]] = []

        async def hold_the_database_up(_update: Update, _context: object) -> None:
            busy.append(asyncio.ensure_future(program.store.write(lambda _db: free.wait(20))))
            handled.set()

        program.application.handlers.clear()
        program.application.add_handler(TypeHandler(Update, hold_the_database_up))
        replicas.api.say(ADA, "one")
        await handled.wait()
        for _ in range(20):  # the inbox begins to note it, behind what the database is busy with
            await asyncio.sleep(0)
        stopping = asyncio.create_task(program.inbox.stop())
        await asyncio.sleep(0)
        free.set()
        await stopping
        await asyncio.gather(*busy)
        assert await program.store.read(_unfinished) == 0


async def test_what_was_claimed_without_knowing_is_handled_at_once_by_the_same_replica(url: str) -> None:
    """The connection breaks between the commit and its answer."""
    async with _running(url) as alone:
        alone.echo()
        store = alone.programs[0].store
        with answer_lost(store, lambda turn: isinstance(turn, Turn) and bool(turn.claims)) as lost:
            alone.api.say(ADA, "hello")
            await alone.api.until_sent(1)
            await alone.settled()
        assert lost
        assert alone.api.texts(ADA) == ["hello"]


async def test_what_a_replica_claimed_before_it_was_taken_for_dead_the_other_handles(
    replicas: Replicas, url: str
) -> None:
    """It was stopped between the commit of its claim and the first step of handling it."""
    handled_by: list[str] = []
    first, second = replicas.programs

    async def note(update: Update) -> None:
        handled_by.append("second" if update.get_bot() is second.application.bot else "first")

    def stops_once_it_has_claimed(replica: int) -> bool:
        with connection(url) as db:
            claimed = db.execute("SELECT 1 FROM received_updates WHERE claimed_by = ?", [replica]).fetchone()
            if claimed is None:
                return True
            db.execute("DELETE FROM replicas WHERE id = ?", [replica])
        replicas.only(1)
        return False

    replicas.echo(note)
    replicas.only(0)
    with patch.object(first.store, "may_send", stops_once_it_has_claimed):
        replicas.api.say(ADA, "hello")
        await replicas.api.until_sent(1)
        await replicas.settled()
    assert replicas.api.texts(ADA) == ["hello"]
    assert handled_by == ["second"]


def _hello(number: int) -> ReceivedUpdate:
    message = {"message_id": 1, "date": 1, "chat": {"id": ADA, "type": "private"}, "text": "hello"}
    return ReceivedUpdate(number, ADA, json.dumps({"update_id": number, "message": message}))


def _die_handling(address: Path, times: int) -> None:
    """Leave an update behind that programs have begun to handle and ended without a word."""
    with Store(address) as store:
        write_now(store, lambda db: received_updates.keep(db, [_hello(999)], NOON))
        for _ in range(times):
            write_now(store, lambda db: received_updates.claim(db, store.replica, 1))
            write_now(store, lambda db: received_updates.release(db, store.replica))
        write_now(store, lambda db: received_updates.claim(db, store.replica, 1))


async def test_on_a_file_the_next_start_handles_what_the_last_one_left(tmp_path: Path) -> None:
    _die_handling(tmp_path / "bot.db", 0)
    async with _running(tmp_path / "bot.db") as alone:
        alone.echo()
        alone.programs[0].inbox.wake()
        await alone.api.until_sent(1)
        await alone.settled()
        assert alone.api.texts(ADA) == ["hello"]


async def test_an_update_that_ends_every_program_is_given_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _die_handling(tmp_path / "bot.db", MAX_CLAIMS)
    async with _running(tmp_path / "bot.db") as alone:
        alone.echo()
        await alone.settled()
        assert await alone.ask("and this?") == "and this?"
        assert alone.api.texts(ADA) == ["and this?"]
    assert "update 999 is given up" in caplog.text
