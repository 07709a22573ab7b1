"""A database of an older release under the program of this one."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.program import Program, command, environment
from tests.e2e.test_run import ask, polled
from tests.fakes.providers import Providers
from tests.fakes.telegram import FakeTelegram

SCHEMAS = {
    path.stem: path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parents[1] / "storage" / "schemas").glob("*.sql"))
}
SUBSCRIBER = 101  # of price_drawdown, warnings and worse


@pytest.mark.parametrize("release", SCHEMAS)
async def test_a_database_of_an_older_release_opens_and_answers(
    release: str, tmp_path: Path, telegram: FakeTelegram, providers: Providers
) -> None:
    with closing(sqlite3.connect(tmp_path / "bot.db")) as old:
        old.executescript(SCHEMAS[release])
    async with Program(tmp_path, telegram, providers) as program:
        subscription = (await ask(telegram, SUBSCRIBER, "/unsubscribe energy_price")).text
        assert "Price drawdown (from warning)" in subscription
        history = (await ask(telegram, SUBSCRIBER, "/history")).text
        assert "1 Feb 2026, 09:00 UTC: Price drawdown (warning) fired" in history
        await polled(telegram)
        assert "Source: mempool" in (await ask(telegram, SUBSCRIBER, "/status")).text
        assert "Antminer S19" in (await ask(telegram, SUBSCRIBER, "/breakeven s19 0.07")).text
        assert "Traceback" not in program.log
    env = environment(tmp_path, providers, TELEGRAM_BOT_TOKEN=telegram.token, TELEGRAM_API_URL=telegram.url)
    status, printed, _ = await command(tmp_path, "doctor", env=env)
    assert (status, printed.splitlines()[-1]) == (0, "all is well"), printed
