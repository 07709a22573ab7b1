"""Four simulated hours of polling under random faults; `make soak` simulates a whole day."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.fault_schedule import simulate


async def test_hours_of_faults_leave_nothing_behind(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("CRITICAL")
    result = await simulate(tmp_path, timedelta(hours=4))
    assert result.failed == 0
    assert result.drift_s == 0
    assert result.recovered
    assert result.blind_told == result.sighted_told > 0  # nobody answers for most of an hour
    assert result.tasks_after <= result.tasks_before + 5
