"""A relay as a process of its own, so that it can be killed: `python -m tests.delivery.sender …`.

Delivers what the database's outbox holds, edits what has changed, and exits when nothing waits, printing its
figures as JSON.
"""

import argparse
import asyncio
import json
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path

from telegram import Bot

from bot.delivery.editor import Editor
from bot.delivery.pacer import Pacer
from bot.delivery.relay import Relay
from bot.telegram.request import AiohttpRequest
from bot.telegram.transport import TelegramTransport
from storage.database import Database, Store
from tests.delivery.delivery_fixture import render, render_edit
from tests.fakes.telegram import TOKEN

_BEGAN = datetime.now(UTC)
CLOCK_RATE = 60  # the wall clock of this process: an hour between two tries is a minute


def _now() -> datetime:
    return _BEGAN + CLOCK_RATE * (datetime.now(UTC) - _BEGAN)


def _edits_waiting(db: Database) -> int:
    [count] = db.execute("SELECT count(edit_due) FROM sent_messages").fetchone()
    return int(count)


async def deliver(path: Path, url: str, per_second: float, read_timeout: float) -> dict[str, int]:
    """Run until the outbox is empty and no message waits to be edited; give the outcomes."""
    request = AiohttpRequest(read_timeout=read_timeout)
    await request.initialize()
    bot = Bot(TOKEN, base_url=f"{url}/bot", request=request, get_updates_request=request)
    with Store(path) as store:
        transport = TelegramTransport(bot, _now, is_paid=per_second > 30)
        pacer = Pacer(per_second)
        relay = Relay(store, transport, pacer, render, _now)
        editor = Editor(store, transport, pacer, render_edit, _now)
        running, editing = asyncio.create_task(relay.run()), asyncio.create_task(editor.run())
        while (await relay.stats()).waiting:  # noqa: ASYNC110 - the database is asked
            await asyncio.sleep(0.05)
        while await store.read(_edits_waiting):
            editor.wake()
            await asyncio.sleep(0.05)
        figures = await relay.stats()
        editing.cancel()
        await relay.stop()
        await running
    await request.shutdown()
    return dict(figures.outcomes)


def main() -> None:
    """Deliver and say how it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("url")
    parser.add_argument("--per-second", type=float, default=30.0)
    parser.add_argument("--read-timeout", type=float, default=1.0)
    result = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    outcomes = asyncio.run(deliver(result.database, result.url, result.per_second, result.read_timeout))
    sys.stdout.write(json.dumps(outcomes) + "\n")


if __name__ == "__main__":
    main()
