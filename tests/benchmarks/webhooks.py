"""Two replicas behind webhooks: how soon is an update answered, and is each chat answered in order and once?

Real processes on one PostgreSQL server, posted to in turn by a Bot API server as Telegram's own posts: one
update of a chat at a time, the next when the one before was confirmed, every 50th twice since its answer was
lost. `RATE` (200 a second), `SECONDS` (20) and `CHATS` (500) can be set in the environment.
"""

import asyncio
import os
import random
import re
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.e2e.program import Program
from tests.fakes import postgres_server
from tests.fakes.ports import free_port
from tests.fakes.postgres_server import Server
from tests.fakes.providers import Providers
from tests.fakes.telegram import FakeTelegram
from tests.fakes.world import World

RATE = float(os.environ.get("RATE", "200"))
SECONDS = float(os.environ.get("SECONDS", "20"))
CHATS = int(os.environ.get("CHATS", "500"))
FIRST_CHAT = 10_001
REPEAT_EVERY = 50
WARM_UP = 200
QUESTIONS = ("is an s19 profitable at 7 cents?", "and at 5 cents?", "/status", "/price", "/network", "/help")


def main() -> None:
    """Run it and print what was measured."""
    server = Server(postgres_server.start())
    with server.database() as url:
        asyncio.run(_run(url))


async def _run(url: str) -> None:
    async with AsyncExitStack() as open_:
        telegram = await open_.enter_async_context(FakeTelegram())
        world = World(datetime.now(UTC) - timedelta(minutes=10))
        providers = await open_.enter_async_context(Providers(world))
        folder = Path(open_.enter_context(tempfile.TemporaryDirectory()))
        programs, urls = [], []
        for name in ("first", "second"):
            (folder / name).mkdir()
            port = free_port()
            settings = {
                "DATABASE_URL": url,
                "MESSAGES_PER_SECOND": "1000",
                "POLL_INTERVAL_SECONDS": "60",
                "WEBHOOK_URL": "https://bot.example.org/hook",
                "WEBHOOK_PORT": str(port),
            }
            program = Program(folder / name, telegram, providers, **settings)
            programs.append(await open_.enter_async_context(program))
            urls.append(f"http://127.0.0.1:{port}/")
        await telegram.until(lambda: bool(telegram.webhook), 60)
        while not all(_answers(program) for program in programs):  # noqa: ASYNC110 - they are other processes
            await asyncio.sleep(0.1)
        telegram.balance(urls, repeat_every=REPEAT_EVERY)
        measured = _Measured(telegram)
        await measured.ask(WARM_UP, RATE / 4)
        measured.forget()
        before = sum(program.cpu_s for program in programs)
        await measured.ask(round(RATE * SECONDS), RATE)
        measured.tell()
        cpu_ms = 1e3 * (sum(program.cpu_s for program in programs) - before) / round(RATE * SECONDS)
        _say(f"{cpu_ms:.1f} ms of CPU an update in the replicas, with their polls")


def _answers(program: Program) -> bool:
    return "the bot is @" in program.log and (
        "the first poll is done" in program.log or "standing by" in program.log
    )


class _Measured:
    """Questions, and what came back. Every second one carries a number that its answer repeats, which shows
    the order; of the others the n-th answer in a chat counts as that to its n-th question."""

    def __init__(self, telegram: FakeTelegram) -> None:
        self._telegram = telegram
        self._dice = random.Random(1)
        self._number = 0
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self._asked: dict[int, list[float]] = defaultdict(list)
        self._seen = len(self._telegram.sent)
        self._answered: dict[int, list[float]] = defaultdict(list)
        self._order: dict[int, list[int]] = defaultdict(list)

    async def ask(self, count: int, rate: float) -> None:
        """Ask so many questions at a rate and wait for the last answer."""
        began = time.perf_counter()
        for number in range(count):
            while time.perf_counter() - began < number / rate:
                await asyncio.sleep(0.002)
                self._look()
            self._number += 1
            chat, text = FIRST_CHAT + self._dice.randrange(CHATS), f"/nothing{self._number}"
            if self._number % 2:
                chat, text = chat + CHATS, self._dice.choice(QUESTIONS)
            self._asked[chat].append(time.perf_counter())
            self._telegram.say(chat, text)
        ends = time.perf_counter() + 20
        while _total(self._answered) < count and time.perf_counter() < ends:
            await asyncio.sleep(0.002)
            self._look()
        self._seconds = time.perf_counter() - began

    def _look(self) -> None:
        """Take down what has arrived since the last look, at most two milliseconds ago."""
        for sent in self._telegram.sent[self._seen :]:
            self._seen += 1
            if sent.chat_id >= FIRST_CHAT:
                self._answered[sent.chat_id].append(time.perf_counter())
                match = re.search(r"/nothing(\d+)", sent.text)
                if match is not None:
                    self._order[sent.chat_id].append(int(match[1]))

    def tell(self) -> None:
        """Print the figures."""
        waits, unanswered, repeats = [], 0, 0
        for chat, asked in self._asked.items():
            answered = self._answered[chat]
            waits += [there - at for at, there in zip(asked, answered, strict=False)]
            unanswered += max(0, len(asked) - len(answered))
            repeats += max(0, len(answered) - len(asked))
        disorder = sum(order != sorted(order) for order in self._order.values())
        posts = self._telegram.calls["webhook 200"]
        _say(f"{_total(self._asked):,} updates in {self._seconds:.1f} s, {posts:,} posts with the warm-up")
        _say(f"{unanswered} unanswered, {repeats} answered twice, {disorder} chats out of order")
        waits.sort()
        p50, p99 = (1e3 * waits[int(len(waits) * share)] for share in (0.5, 0.99))
        _say(f"answered after {p50:.0f} ms (median), {p99:.0f} ms (p99), {1e3 * waits[-1]:.0f} ms (longest)")


def _total(times: dict[int, list[float]]) -> int:
    return sum(map(len, times.values()))


def _say(text: str) -> None:
    sys.stdout.write(f"  {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
