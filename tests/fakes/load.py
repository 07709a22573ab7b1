"""The whole program in this process, fed with updates as fast as it takes them; what it does is counted."""

import asyncio
import json
import logging
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from telegram.request import BaseRequest, RequestData

from bot.app import Program
from bot.charts.job import Work
from bot.cli.replay_feed import ReplayFeed
from bot.data.bundle import bundled_readings
from bot.delivery.pacer import Pacer
from bot.settings import Settings
from storage.database import Store
from tests.fakes.scripts import People

NOW = datetime(2022, 7, 5, 0, 5, tzinfo=UTC)
_AT_ONCE = 100
_BOT = {"id": 1, "is_bot": True, "first_name": "minerwatch", "username": "minerwatch_bot"}


class _Faults(logging.Handler):
    """Collects what the program logs as errors."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        text = record.getMessage()
        if "can't be read" not in text:
            where = ""
            if record.exc_info and record.exc_info[2]:
                step = record.exc_info[2]
                while step.tb_next is not None:
                    step = step.tb_next
                where = f"{Path(step.tb_frame.f_code.co_filename).name}:{step.tb_lineno}"
            self.seen[f"{record.name} {kind} {where} {text[:120]}"] += 1


@dataclass(slots=True)
class Aftermath:
    """What came of a storm. `unanswered` are the private commands that nothing was said to."""

    updates: int
    seconds: float
    answers: int
    unanswered: int
    faults: dict[str, int]
    memory_mib: list[float] = field(default_factory=list)


class _Telegram(BaseRequest):
    """Plays Telegram without a wire: gives batches of updates, takes what is sent."""

    def __init__(self, next_batch: Callable[[], list[Any] | None], idle: Callable[[], bool]) -> None:
        self._next_batch = next_batch
        self._idle = idle
        self.answered: set[int] = set()
        self.answers = 0
        self.done = asyncio.Event()

    @property
    def read_timeout(self) -> float | None:
        return 5.0

    async def initialize(self) -> None:
        return

    async def shutdown(self) -> None:
        return

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: object, **__: object
    ) -> tuple[int, bytes]:
        assert method == "POST"
        name = url.rsplit("/", 1)[-1]
        fields = dict(request_data.parameters) if request_data is not None else {}
        result = await self._answer(name, fields)
        return 200, json.dumps({"ok": True, "result": result}).encode()

    async def _answer(self, name: str, fields: dict[str, Any]) -> Any:
        if name == "getMe":
            return _BOT | {"can_join_groups": True, "supports_inline_queries": False}
        if name == "getUpdates":
            return await self._updates()
        if name == "getChatMember":
            return {"status": "creator", "user": _BOT, "is_anonymous": False}
        if name.startswith("send") and name != "sendChatAction":
            self.answers += 1
            chat = int(fields["chat_id"])
            self.answered.add(chat)
            return {
                "message_id": self.answers,
                "date": 1,
                "chat": {"id": chat, "type": "private"},
                "text": "x",
            }
        if name.startswith("edit"):
            return {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "text": "x"}
        return True

    async def _updates(self) -> list[Any]:
        while not self._idle():  # noqa: ASYNC110 - the application tells nobody when it is done
            await asyncio.sleep(0.001)
        batch = self._next_batch()
        if batch is None:
            self.done.set()
            await asyncio.sleep(0.05)
            return []
        return batch


def memory_mib() -> float:
    """Resident memory of this process."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096 / 2**20


async def storm(
    folder: Path, count: int, broken: float, seed: int = 1, say: bool = False, draw: Work | None = None
) -> Aftermath:
    """Send `count` updates, the share `broken` of them broken, and wait until all have been dealt with.

    `draw` draws the pictures, by default the process that the program has for it.
    """
    people = People(seed)
    left = [count]
    memory: list[float] = []

    def next_batch() -> list[Any] | None:
        if left[0] <= 0:
            return None
        size = min(_AT_ONCE, left[0])
        left[0] -= size
        if (count - left[0]) % max(_AT_ONCE, count // 20) < _AT_ONCE:
            memory.append(memory_mib())
            if say:
                sys.stdout.write(f"  {count - left[0]:>8,} updates, {memory[-1]:.1f} MiB\n")
                sys.stdout.flush()
        return people.batch(size, broken)

    readings = [r for r in bundled_readings() if r.day is not None and date(2020, 1, 1) <= r.day < NOW.date()]
    faults = _Faults()
    log = logging.getLogger()
    log.addHandler(faults)
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(
        lambda _loop, about: faults.seen.update(
            [f"event loop: {about.get('message')} {about.get('exception')!r}"]
        )
    )
    try:
        with Store(folder / "storm.db") as store:
            settings = Settings(_env_file=None, messages_per_second=1000, poll_interval_seconds=86_400)
            wire = _Telegram(next_batch, lambda: idle())  # noqa: PLW0108 - it is defined below
            program = Program(
                settings,
                store,
                ReplayFeed([]),
                token="1:storm",
                clock=lambda: NOW,
                bundle=lambda: readings,
                request=wire,
                updates_request=wire,
                pacer=Pacer(float("inf"), chat_gap_s=0.0),
                draw=draw,
            )
            application = program.application
            processor = application.update_processor

            def idle() -> bool:
                return application.update_queue.empty() and processor.current_concurrent_updates == 0

            began = loop.time()
            await program.poll()
            async with program.running():
                await wire.done.wait()
                quiet = 0
                while quiet < 20:
                    await asyncio.sleep(0.01)
                    quiet = quiet + 1 if idle() else 0
                seconds = loop.time() - began
    finally:
        log.removeHandler(faults)
        loop.set_exception_handler(None)
    silent = [chat for chat in people.commands if chat not in wire.answered]
    return Aftermath(count, seconds, wire.answers, len(silent), dict(faults.seen), memory)
