"""A first start, live, from an empty database: every surface has all the history that the bundle has."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.data.bundle import bundled_readings
from tests.e2e.program import Program, command, environment
from tests.e2e.test_run import ask
from tests.fakes.providers import Providers
from tests.fakes.telegram import FakeTelegram

ADA = 101
WATCHES = (
    "hashprice below 40",
    "difficulty drops 5% in 14d",
    "gas above 5",
    "fees above 0.5",
    "hashrate crosses ma30",
)


@pytest.fixture(scope="module")
def bundled() -> dict[str, int]:
    days: dict[str, int] = {}
    for reading in bundled_readings():
        if reading.day is not None:
            days[reading.series] = days.get(reading.series, 0) + 1
    return days


async def test_what_the_bundle_has_is_held_and_answered_from(
    tmp_path: Path, telegram: FakeTelegram, providers: Providers, bundled: dict[str, int]
) -> None:
    async with Program(tmp_path, telegram, providers):
        async with asyncio.timeout(60):
            while any(held(tmp_path, series) < days for series, days in bundled.items()):  # noqa: ASYNC110 - the program fills them in beside its first polls and tells nobody
                await asyncio.sleep(0.2)
        for line in WATCHES:
            offer = await ask(telegram, ADA, f"/watch {line}")
            assert "In the last five years" in offer.text, offer.text
    env = environment(tmp_path, providers, TELEGRAM_BOT_TOKEN=telegram.token, TELEGRAM_API_URL=telegram.url)
    status, printed, _ = await command(tmp_path, "doctor", env=env)
    assert (status, printed.splitlines()[-1]) == (0, "all is well"), printed


def held(folder: Path, series: str) -> int:
    """How many days of a series the program's database holds."""
    try:
        with closing(sqlite3.connect(f"file:{folder / 'bot.db'}?mode=ro", uri=True)) as db:
            return int(db.execute("SELECT count(*) FROM days WHERE series = ?", [series]).fetchone()[0])
    except sqlite3.OperationalError:  # it is not there yet
        return 0
