"""How soon `/status` is answered while 19 people ask for 30 charts each, and when nobody does.

`python -m tests.benchmarks chart_storm`: the real program with its usual limits and chart worker. Each chart
is of a span of its own, so that none is drawn already; the storm comes again each minute, as the flood limit
allows. STORM_SECONDS (60) sets how long each part takes.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from tests.benchmarks._program import start
from tests.benchmarks._server import table
from tests.e2e.program import environment
from tests.fakes.providers import Providers
from tests.fakes.telegram import FakeTelegram
from tests.fakes.world import World

SECONDS = float(os.environ.get("STORM_SECONDS", "60"))
ASK_EVERY_S = 0.2
PEOPLE, CHARTS_EACH = 19, 30
FIRST_PERSON, FIRST_GROUP, FIRST_BYSTANDER = 2_000, -1_000, 10_000


def main() -> None:
    """Prints the figures. Raises SystemExit when a question went unanswered."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_measure(Path(folder)))


async def _measure(folder: Path) -> None:
    async with (
        FakeTelegram() as api,
        Providers(World(datetime.now(UTC) - timedelta(minutes=10))) as providers,
    ):
        env = environment(folder, providers, TELEGRAM_BOT_TOKEN=api.token, TELEGRAM_API_URL=api.url)
        program = await start(folder, env)
        await program.first_poll_s()
        each = round(SECONDS / ASK_EVERY_S)
        quiet = await _waits_s(api, range(FIRST_BYSTANDER, FIRST_BYSTANDER + each))
        storm = asyncio.create_task(_storm(api))
        stormy = await _waits_s(api, range(FIRST_BYSTANDER + each, FIRST_BYSTANDER + 2 * each))
        storm.cancel()
        peak_mib = program.memory_mib("VmHWM")
        await program.end()
    table(
        f"/status asked for {each:,} times, every {ASK_EVERY_S:g} s",
        ["charts asked for", "p50 ms", "p99 ms", "worst ms"],
        [
            ["none", *_quantiles_ms(quiet)],
            [f"{PEOPLE} people × {CHARTS_EACH} a minute", *_quantiles_ms(stormy)],
        ],
    )
    table("The storm", ["pictures sent", "peak MiB"], [[api.calls["sendPhoto"], peak_mib]])


async def _storm(api: FakeTelegram) -> None:
    dice = Random(1)
    while True:
        for number in range(CHARTS_EACH):
            for person in range(PEOPLE):
                group = FIRST_GROUP - person * CHARTS_EACH - number
                api.say(group, f"/chart price {dice.randint(2, 99_999)}d", user_id=FIRST_PERSON + person)
        await asyncio.sleep(60)


async def _waits_s(api: FakeTelegram, chats: Sequence[int]) -> list[float]:
    """Seconds until each of the chats, which ask for the first time, was answered."""
    asked_at = {}
    first = len(api.sent)
    for chat in chats:
        asked_at[chat] = time.monotonic()
        api.say(chat, "/status")
        await asyncio.sleep(ASK_EVERY_S)
    answered_at: dict[int, float] = {}
    ends = time.monotonic() + 150
    while len(answered_at) < len(chats) and time.monotonic() < ends:
        await asyncio.sleep(0.1)
        for sent in api.sent[first:]:
            if sent.chat_id in asked_at:
                answered_at.setdefault(sent.chat_id, sent.at)
    if len(answered_at) < len(chats):
        raise SystemExit(f"{len(chats) - len(answered_at)} questions went unanswered")
    return sorted(answered_at[chat] - asked_at[chat] for chat in chats)


def _quantiles_ms(waits_s: Sequence[float]) -> list[object]:
    return [1e3 * waits_s[int(share * (len(waits_s) - 1))] for share in (0.5, 0.99, 1.0)]
