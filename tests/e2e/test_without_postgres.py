"""What a program on SQLite loads of the other engine: nothing."""

from pathlib import Path

from tests.e2e.forked import ROOT
from tests.e2e.program import ProgramLoadedAnew
from tests.e2e.test_run import polled
from tests.fakes.providers import Providers
from tests.fakes.telegram import FakeTelegram

_AT_THE_END = """
import atexit, sys
from pathlib import Path

atexit.register(lambda: Path({path!r}).write_text("\\n".join(sys.modules)))
"""


async def test_a_program_on_sqlite_loads_nothing_of_the_other_engine(
    tmp_path: Path, telegram: FakeTelegram, providers: Providers
) -> None:
    loaded, hook = tmp_path / "modules", tmp_path / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(_AT_THE_END.format(path=str(loaded)))
    async with ProgramLoadedAnew(tmp_path, telegram, providers, PYTHONPATH=f"{hook}:{ROOT}"):
        telegram.say(101, "/subscribe price_drawdown")
        await telegram.until_sent(1)
        await polled(telegram)
    modules = loaded.read_text().splitlines()
    assert "storage.sqlite.file_engine" in modules, "the program has not told what it has loaded"
    of_postgres = ("storage.postgres", "psycopg", "bot.delivery.shared_turns", "bot.ops.database_server")
    assert not [name for name in modules if name.startswith(of_postgres)]
