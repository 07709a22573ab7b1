"""24 simulated hours of polling while every provider fails at random: no leak, no drift, no stuck job."""

import asyncio
import logging
import tempfile
from datetime import timedelta
from pathlib import Path

from tests.benchmarks._server import table
from tests.fakes.fault_schedule import simulate

HOURS = 24


def main() -> None:
    """Raises SystemExit when something leaked, drifted or got stuck."""
    logging.disable(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        result = asyncio.run(simulate(Path(folder), timedelta(hours=HOURS)))
    logging.disable(logging.NOTSET)
    table(
        f"{HOURS} hours of polls under random faults, then two calm ones",
        ["polls", "failed", "faults met", "blind told", "sighted told", "drift s", "seconds"],
        [
            [
                *(result.polls, result.failed, result.faults_met, result.blind_told, result.sighted_told),
                *(result.drift_s, result.seconds),
            ]
        ],
    )
    table(
        "Held by the process",
        ["", "after 30 polls", "at the end"],
        [
            ["memory MiB", result.memory_before_mib, result.memory_after_mib],
            ["files and sockets", result.handles_before, result.handles_after],
            ["tasks", result.tasks_before, result.tasks_after],
        ],
    )
    grown = result.memory_after_mib - result.memory_before_mib
    if (
        result.failed
        or result.drift_s
        or not result.recovered
        or result.tasks_after > result.tasks_before + 5
        or result.handles_after > result.handles_before + 25
        or grown > 0.2 * result.memory_before_mib
        or result.blind_told != result.sighted_told
    ):
        raise SystemExit("the day left something behind")
