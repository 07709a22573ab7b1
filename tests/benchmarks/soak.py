"""20,000 deliveries through every fault there is and five kill -9."""

import asyncio
import tempfile
from pathlib import Path

from tests.benchmarks._server import table
from tests.delivery.crash_loop import endure
from tests.fakes.telegram import Faults

CHATS = 20_000
FAULTS = Faults(flood=0.02, server_error=0.02, reset_before=0.02, reset_after=0.02, silence=0.02)


def main() -> None:
    """Critical: nobody lost, copies only where admitted. Warning: no copies, losses only where admitted."""
    rows: list[list[object]] = []
    for severity, chats in (("critical", CHATS), ("warning", CHATS // 5)):
        with tempfile.TemporaryDirectory() as folder:
            result = asyncio.run(
                endure(
                    Path(folder) / "m.db",
                    chats=chats,
                    severity=severity,
                    faults=FAULTS,
                    kill_after=[chats * step // 6 for step in range(1, 6)],
                )
            )
        rows.append(
            [
                severity, result.reachable, result.reached, result.lost, result.unowned, result.doubled,
                result.unmarked, result.doubts, result.crashes, result.seconds,
            ]
        )  # fmt: skip
    table(
        "Soak: 2 % each of 429, 500, reset before, reset after, silence; 1 % blocked; kill -9 five times",
        ["severity", "reachable", "reached", "lost", "not admitted", "doubled", "unmarked", "doubts", "kills",
         "seconds"],
        rows,
    )  # fmt: skip
