"""Scheduled backups: one a day that can be restored, kept by day, week and month."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ops.backups import DAYS, MONTHS, WEEKS, ScheduledBackups, days_kept, existing, newest
from bot.ops.database_file import backup_findings
from bot.settings import Settings
from storage.database import Store

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "bot.db") as opened:
        yield opened


class _Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


async def test_one_a_day_while_the_bot_runs(tmp_path: Path, store: Store) -> None:
    clock, folder = _Clock(), tmp_path / "backups"
    backups = ScheduledBackups(store.path, folder, clock)
    assert await backups.run() == folder / "minerwatch-2026-11-20.db"
    assert await backups.run() is None
    clock.now += timedelta(days=1)
    assert await backups.run() == folder / "minerwatch-2026-11-21.db"
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


async def test_a_year_leaves_days_weeks_and_months(tmp_path: Path, store: Store) -> None:
    clock, folder = _Clock(), tmp_path / "backups"
    folder.mkdir()
    foreign = folder / "minerwatch-notes.db"
    foreign.write_text("mine")
    for days in range(1, 400):
        (folder / f"minerwatch-{NOON.date() - timedelta(days=days)}.db").touch()
    await ScheduledBackups(store.path, folder, clock).run()
    left = existing(folder)
    assert NOON.date() in left
    assert DAYS + 4 <= len(left) <= DAYS + WEEKS + MONTHS
    assert date(2026, 1, 31) in left
    assert foreign.exists()


async def test_a_folder_that_cant_be_written_is_one_line_in_the_log(
    tmp_path: Path, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    assert await ScheduledBackups(store.path, tmp_path / "file", _Clock()).run() is None
    assert "the scheduled backup to BACKUP_DIR" in caplog.text


@given(st.sets(st.dates(date(2020, 1, 1), date(2026, 12, 31)), min_size=1, max_size=400))
def test_the_newest_is_always_kept_and_nothing_kept_grows_without_end(days: set[date]) -> None:
    left = days_kept(days)
    assert left <= days
    assert max(days) in left
    assert len(left) <= DAYS + WEEKS + MONTHS
    assert days_kept(left) == left, "what is kept today is not deleted for want of the others"


async def test_the_doctor_rehearses_a_restore(tmp_path: Path, store: Store) -> None:
    clock, folder = _Clock(), tmp_path / "backups"
    settings = Settings(_env_file=None, database_path=store.path, backup_dir=folder)

    def findings() -> list[tuple[bool, str]]:
        return [(each.ok, each.detail) for each in backup_findings(settings, clock.now)]

    assert findings() == [(True, f"none in BACKUP_DIR {str(folder)!r} yet")]
    await ScheduledBackups(store.path, folder, clock).run()
    assert findings()[0][0]
    assert "was restored to a temporary place and is whole" in findings()[0][1]
    clock.now += timedelta(days=4)
    assert findings()[0] == (False, f"the newest, {folder / 'minerwatch-2026-11-20.db'}, is of 2026-11-20")
    last = newest(folder)
    assert last is not None
    last[1].write_bytes(b"\0" * 4096)
    assert not findings()[0][0]
    assert "can't be used" in findings()[0][1]
