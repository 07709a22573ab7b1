"""Two programs on one PostgreSQL database: both deliver, one leads, the other takes over when it ends."""

import asyncio
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from handlers.views.alerts import REPEAT
from storage.database import Database, Store, read_beside
from tests.delivery.delivery_fixture import add_chats
from tests.e2e.program import Program
from tests.e2e.test_run import crash
from tests.fakes import replica_history
from tests.fakes.connections import read_now, write_now
from tests.fakes.postgres_server import Server
from tests.fakes.providers import Providers
from tests.fakes.replica_history import Arrival, Row, Written, arrivals_of, violations
from tests.fakes.telegram import FakeTelegram

ADA = 101
TAKEOVER_S = 10  # as promised; the rest of a wait is for a busy machine


@pytest.fixture
def url(postgres: Server) -> Iterator[str]:
    with postgres.database() as address:
        yield address


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    return tmp_path / "first", tmp_path / "second"


async def _logged(program: Program, text: str) -> None:
    async with asyncio.timeout(60):
        while text not in program.log:  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.02)


async def _settled(url: str) -> None:
    """Wait until nothing is under way, also of what the dead one left."""
    async with asyncio.timeout(60):
        while await asyncio.to_thread(read_beside, url, _under_way):  # noqa: ASYNC110 - other processes do it
            await asyncio.sleep(0.1)


def _under_way(db: Database) -> int:
    (count,) = db.execute("SELECT count(*) FROM outbox WHERE state IN ('pending', 'leased')").fetchone()
    return int(count)


async def test_a_leader_killed_in_the_middle_of_a_fan_out_is_followed_and_nobody_is_missing(
    folders: tuple[Path, Path], url: str, telegram: FakeTelegram, providers: Providers
) -> None:
    chats = range(1001, 1151)
    settings = {"DATABASE_URL": url, "MESSAGES_PER_SECOND": "100"}
    async with Program(folders[0], telegram, providers, **settings) as leader:
        await _logged(leader, "the first poll is done")
        async with Program(folders[1], telegram, providers, **settings) as standby:
            await _logged(standby, "standing by: another minerwatch")
            for chat in chats:
                telegram.say(chat, "/subscribe price_drawdown")
            await telegram.until_sent(len(chats), seconds=60)
            crash(providers)
            await telegram.until_sent(len(chats) + 40, seconds=40)
            await leader.end(signal.SIGKILL)
            killed_at = time.monotonic()
            await _logged(standby, "minerwatch 0.")
            took_s = time.monotonic() - killed_at

            def everyone() -> bool:
                return {sent.chat_id for sent in telegram.sent[len(chats) :]} >= set(chats)

            await telegram.until(everyone, seconds=60)
            telegram.say(ADA, "/help")
            await telegram.until(lambda: bool(telegram.texts(ADA)), seconds=30)
            await _settled(url)
    assert took_s < 3 * TAKEOVER_S
    alerts = [sent for sent in telegram.sent[len(chats) :] if sent.chat_id in chats]
    with Store(url) as store:
        database = read_now(store, replica_history.written)
    assert violations(arrivals_of(alerts), chats, database) == []
    for log in (leader.log, standby.log):
        assert "Traceback" not in log
        assert "can't be used" not in log, "a statement that PostgreSQL refuses"


async def test_a_replica_that_was_stopped_for_long_sends_nothing_of_what_it_had_claimed(
    folders: tuple[Path, Path], url: str, telegram: FakeTelegram, providers: Providers
) -> None:
    """SIGSTOP in the middle of a fan-out to which both contribute; the leader sends the rest as well."""
    chats = range(1001, 1151)
    settings = {"DATABASE_URL": url, "MESSAGES_PER_SECOND": "30"}
    async with Program(folders[0], telegram, providers, **settings) as leader:
        await _logged(leader, "the first poll is done")
        async with Program(folders[1], telegram, providers, **settings) as other:
            await _logged(other, "this one delivers")
            await asyncio.to_thread(_write, url, partial(add_chats, chats=chats))
            crash(providers)
            await telegram.until_sent(40, seconds=60)
            other.send(signal.SIGSTOP)
            await telegram.until(lambda: {sent.chat_id for sent in telegram.sent} >= set(chats), seconds=60)
            other.send(signal.SIGCONT)
            telegram.say(ADA, "/help")
            await telegram.until(lambda: bool(telegram.texts(ADA)), seconds=30)
            await _settled(url)
    alerts = [sent for sent in telegram.sent if sent.chat_id in chats]
    with Store(url) as store:
        database = read_now(store, replica_history.written)
    assert violations(arrivals_of(alerts), chats, database) == []
    assert "Traceback" not in leader.log + other.log


def _write(url: str, work: Callable[[Database], None]) -> None:
    with Store(url) as store:
        write_now(store, work)


async def test_a_leader_that_was_stopped_for_long_goes_on_with_nothing(
    folders: tuple[Path, Path], url: str, telegram: FakeTelegram, providers: Providers
) -> None:
    """SIGSTOP, as by a hypervisor that moves the machine; the other has taken over meanwhile."""
    async with Program(folders[0], telegram, providers, DATABASE_URL=url) as leader:
        await _logged(leader, "the first poll is done")
        async with Program(folders[1], telegram, providers, DATABASE_URL=url) as standby:
            await _logged(standby, "standing by")
            leader.send(signal.SIGSTOP)
            await _logged(standby, "the first poll is done")
            leader.send(signal.SIGCONT)
            assert await leader.ended(30) == 1
            telegram.say(ADA, "/help")
            await telegram.until(lambda: bool(telegram.texts(ADA)), seconds=30)
    assert "another minerwatch has taken over DATABASE_URL" in leader.log
    assert "Traceback" not in leader.log


async def test_a_leader_that_stops_in_good_order_is_followed_at_once(
    folders: tuple[Path, Path], url: str, telegram: FakeTelegram, providers: Providers
) -> None:
    """A rolling update; what the first has stored the second goes on with."""
    async with Program(folders[0], telegram, providers, DATABASE_URL=url) as leader:
        telegram.say(ADA, "/subscribe price_drawdown")
        await telegram.until_sent(1, seconds=40)
        async with Program(folders[1], telegram, providers, DATABASE_URL=url) as standby:
            await _logged(standby, "standing by")
            assert await leader.end_within(10) == 0
            await _logged(standby, "the first poll is done")
            crash(providers)
            await telegram.until_sent(2, seconds=40)
    assert "Price drawdown" in telegram.texts(ADA)[1]


TOLD = (Arrival(1, "alert", 7), Arrival(2, "alert", 8))
ROWS = (Row(1, 5, "sent", 7), Row(2, 5, "sent", 8))
WRITTEN = Written(ROWS, (("rule", "fired", "2026-01-01"),))
COPY = Arrival(1, f"alert, {REPEAT}", 9)


@pytest.mark.parametrize(
    ("arrivals", "database", "says"),
    [
        (TOLD[:1], WRITTEN, "chat 2 was told nothing"),
        ((*TOLD, Arrival(1, "alert", 9)), WRITTEN, "chat 1 got an unmarked copy"),
        (TOLD, Written((ROWS[0], Row(2, 5, "leased", None)), WRITTEN.alerts), "the row of chat 2 is leased"),
        (TOLD, Written(ROWS[:1], WRITTEN.alerts), "chat 2 was told and no row says so"),
        (TOLD, Written((*ROWS, ROWS[1]), WRITTEN.alerts), "chat 2 has two rows of one alert"),
        ((*TOLD, COPY), WRITTEN, "the row of chat 1 was settled by one who did not send last"),
        (TOLD, Written((ROWS[0], Row(2, 5, "sent", 6)), WRITTEN.alerts), "never got the message 6"),
        (
            (*TOLD, Arrival(2, "later", 9)),
            Written((ROWS[0], Row(2, 5, "sent", 9), Row(2, 6, "sent", 8)), WRITTEN.alerts),
            "chat 2 got its alerts in another order",
        ),
        (TOLD, Written(ROWS, WRITTEN.alerts * 2), "was written twice"),
    ],
)
def test_the_checker_sees_what_is_lost_doubled_or_stale(
    arrivals: tuple[Arrival, ...], database: Written, says: str
) -> None:
    assert violations(TOLD, (1, 2), WRITTEN) == []
    settled_by_the_last = Written((Row(1, 5, "sent", 9), ROWS[1]), WRITTEN.alerts)
    assert violations((*TOLD, COPY), (1, 2), settled_by_the_last) == []
    assert any(says in violation for violation in violations(arrivals, (1, 2), database))
