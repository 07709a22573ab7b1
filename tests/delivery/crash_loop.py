"""Deliveries through every fault there is, with the relay killed on the way; then the reckoning."""

import asyncio
import json
import sqlite3
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from storage import outbox
from storage.migrations import migrate
from storage.sqlite.file_engine import connect, transaction
from tests.delivery.delivery_fixture import add_alert, add_chats
from tests.fakes.telegram import BLOCKED, FakeTelegram, Faults

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What people got. `doubled` counts copies beyond the first, `unmarked` those that don't say so;
    `lost` the reachable without any, `unowned` those of them whose row doesn't admit it is uncertain."""

    chats: int
    reachable: int
    reached: int
    lost: int
    unowned: int
    doubled: int
    unmarked: int
    doubts: int
    crashes: int
    states: dict[str, int]
    refused: dict[int, int]
    seconds: float


async def endure(
    path: Path,
    *,
    chats: int,
    severity: str,
    faults: Faults,
    kill_after: Sequence[int],
    per_second: float = 1000.0,
    blocked_every: int = 100,
    read_timeout: float = 1.0,
) -> Reckoning:
    """Deliver one alert to `chats`; kill -9 the relay when the server has taken each of `kill_after`."""
    started = asyncio.get_running_loop().time()
    database = connect(path)
    migrate(database)
    with transaction(database) as db:
        add_chats(db, range(1, chats + 1))
        add_alert(db, 1, severity=severity)
        outbox.enqueue(db, 1, datetime.now(UTC))
    database.close()
    blocked = set(range(blocked_every, chats + 1, blocked_every))
    async with FakeTelegram(faults=faults) as api:
        api.standing |= dict.fromkeys(blocked, BLOCKED)
        for count in kill_after:
            sender = await sender_process(path, api.url, per_second, read_timeout)
            await api.until_sent(count, 600)
            sender.kill()
            await sender.communicate()
        sender = await sender_process(path, api.url, per_second, read_timeout)
        said, _ = await sender.communicate()
        if sender.returncode != 0:
            raise RuntimeError(f"the relay ended with status {sender.returncode}")
        json.loads(said)
        copies = Counter(sent.chat_id for sent in api.sent)
        marked = Counter(sent.chat_id for sent in api.sent if "possible repeat" in sent.text)
        refused = dict(api.refused)
    rows = _rows(path)
    lost = {chat for chat in range(1, chats + 1) if chat not in blocked and not copies[chat]}
    return Reckoning(
        chats=chats,
        reachable=chats - len(blocked),
        reached=len(copies),
        lost=len(lost),
        unowned=sum(rows[chat][0] != "uncertain" for chat in lost),
        doubled=sum(copies.values()) - len(copies),
        unmarked=sum(max(0, count - 1 - marked[chat]) for chat, count in copies.items()),
        doubts=sum(doubts for _, doubts in rows.values()),
        crashes=len(kill_after),
        states=dict(Counter(state for state, _ in rows.values())),
        refused=refused,
        seconds=asyncio.get_running_loop().time() - started,
    )


async def sender_process(
    path: Path, url: str, per_second: float, read_timeout: float
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.delivery.sender", str(path), url,
        "--per-second", str(per_second), "--read-timeout", str(read_timeout),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip


def _rows(path: Path) -> dict[int, tuple[str, int]]:
    connection = sqlite3.connect(path)
    try:
        found = connection.execute("SELECT chat_id, state, doubts FROM outbox").fetchall()
    finally:
        connection.close()
    return {chat: (state, doubts) for chat, state, doubts in found}
