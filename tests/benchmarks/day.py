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
        seen = asyncio.run(simulate(Path(folder), timedelta(hours=HOURS)))
    logging.disable(logging.NOTSET)
    table(
        f"{HOURS} hours of polls under random faults, then two calm ones",
        ["polls", "failed", "faults met", "blind told", "sighted told", "drift s", "seconds"],
        [
            [
                *(seen.polls, seen.failed, seen.faults_met, seen.blind_told, seen.sighted_told),
                *(seen.drift_s, seen.seconds),
            ]
        ],
    )
    table(
        "Held by the process",
        ["", "after 30 polls", "at the end"],
        [
            ["memory MiB", seen.memory_before_mib, seen.memory_after_mib],
            ["files and sockets", seen.handles_before, seen.handles_after],
            ["tasks", seen.tasks_before, seen.tasks_after],
        ],
    )
    grown = seen.memory_after_mib - seen.memory_before_mib
    if (
        seen.failed
        or seen.drift_s
        or not seen.recovered
        or seen.tasks_after > seen.tasks_before + 5
        or seen.handles_after > seen.handles_before + 25
        or grown > 0.2 * seen.memory_before_mib
        or seen.blind_told != seen.sighted_told
    ):
        raise SystemExit("the day left something behind")
