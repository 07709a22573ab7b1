"""What the serving process loads, and giving back what a start took."""

import ctypes
import gc
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.ops import memory
from storage.database import Store

ROOT = Path(__file__).parents[2]
_LOADED = "import sys, bot.cli.main, bot.cli.commands; print(*sys.modules)"


@pytest.fixture(autouse=True)
def _thawed() -> Iterator[None]:
    memory._malloc_trim.cache_clear()
    yield
    memory._malloc_trim.cache_clear()
    gc.unfreeze()


def test_what_many_installations_never_use_is_not_loaded_with_the_bot() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LOADED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "telegram.ext" in loaded
    assert not loaded & {
        "numpy",
        "matplotlib",
        "PIL",
        "prometheus_client",
        "aiohttp.web",
        "bot.backtest.verification",
        "bot.ops.doctor",
        "psycopg",
        "rapidfuzz",
        "Stemmer",
        "bot.mining.parsing.understanding",
        "bot.mining.parsing.items",
        "tomllib",
    }


def test_imports_are_not_looked_over_for_garbage_though_what_they_drop_is() -> None:
    usual, before = gc.get_threshold(), gc.get_stats()
    with memory.without_full_collections():
        kept = [[i] for i in range(2 * usual[0])]
        during = gc.get_stats()
    assert len(kept) == 2 * usual[0]
    assert during[0]["collections"] > before[0]["collections"]
    assert during[2]["collections"] == before[2]["collections"]
    assert gc.get_threshold() == usual


def test_what_is_frozen_is_not_looked_at_again() -> None:
    before = gc.get_freeze_count()
    memory.freeze()
    assert gc.get_freeze_count() > before


async def test_giving_back_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    with Store(tmp_path / "test.db") as store:
        await store.write(lambda db: db.execute("CREATE TABLE kept (value INTEGER) STRICT"))
        await store.write(lambda db: db.execute("INSERT INTO kept VALUES (7)"))
        await memory.give_back(store)
        assert await store.read(lambda db: db.execute("SELECT value FROM kept").fetchall()) == [(7,)]


async def test_a_c_library_that_cannot_trim_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: object())
    with Store(tmp_path / "test.db") as store:
        await memory.give_back(store)
