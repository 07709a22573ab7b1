"""Killed in the middle of it, a real process loses nobody and doubles only what it admits."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from storage.database import Store
from tests.delivery.crash_loop import ROOT, endure
from tests.fakes.telegram import Faults

FAULTS = Faults(server_error=0.02, reset_before=0.02, reset_after=0.02, silence=0.02)


async def test_a_critical_alert_reaches_everybody_through_faults_and_a_kill(tmp_path: Path) -> None:
    result = await endure(tmp_path / "m.db", chats=300, severity="critical", faults=FAULTS, kill_after=[120])
    assert (result.lost, result.reached) == (0, result.reachable)
    assert result.doubled <= result.doubts
    assert result.unmarked == 0
    assert result.states["cancelled"] == 3


async def test_a_warning_is_not_sent_again_when_in_doubt_and_who_may_have_missed_it_is_known(
    tmp_path: Path,
) -> None:
    result = await endure(tmp_path / "m.db", chats=300, severity="warning", faults=FAULTS, kill_after=[])
    assert result.doubled == 0
    assert result.unowned == 0
    assert result.lost <= result.states["uncertain"] < 60


async def test_a_warning_in_flight_when_the_program_is_killed_goes_again_and_says_so(tmp_path: Path) -> None:
    result = await endure(tmp_path / "m.db", chats=300, severity="warning", faults=Faults(), kill_after=[120])
    assert (result.lost, result.unmarked) == (0, 0)
    assert result.doubled <= result.doubts


def test_a_second_deliverer_on_the_same_database_stops_with_a_clear_message(tmp_path: Path) -> None:
    with Store(tmp_path / "m.db"):
        second = subprocess.run(
            [sys.executable, "-m", "tests.delivery.sender", str(tmp_path / "m.db"), "http://127.0.0.1:1"],
            cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ,
        )  # fmt: skip
    assert second.returncode != 0
    assert "another minerwatch is running" in second.stderr


@pytest.mark.parametrize("kill_after", [[1], [5, 5]])
async def test_killed_at_the_very_start_or_twice_at_the_same_place(
    tmp_path: Path, kill_after: list[int]
) -> None:
    result = await endure(
        tmp_path / "m.db", chats=40, severity="critical", faults=Faults(), kill_after=kill_after
    )
    assert (result.lost, result.unmarked) == (0, 0)
