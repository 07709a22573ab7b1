"""100,000 updates of all kinds, three in ten of them broken: nothing unhandled, memory flat, all answered."""

import asyncio
import logging
import sys
import tempfile
from pathlib import Path

from tests.benchmarks._server import table
from tests.fakes.load import storm

UPDATES = 100_000


def main() -> None:
    """Raises SystemExit when anything went unhandled or unanswered, or memory grew."""
    logging.getLogger("bot.telegram.updates").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        result = asyncio.run(storm(Path(folder), UPDATES, broken=0.3, seed=20_260, say=True))
    settled = result.memory_mib[len(result.memory_mib) // 2]
    grown = result.memory_mib[-1] - settled
    table(
        "Fuzz",
        [
            "updates",
            "a second",
            "answers",
            "commands unanswered",
            "unhandled",
            "MiB half-way",
            "MiB at the end",
        ],
        [
            [
                result.updates,
                result.updates / result.seconds,
                result.answers,
                result.unanswered,
                sum(result.faults.values()),
                settled,
                result.memory_mib[-1],
            ]
        ],
    )
    for fault, count in result.faults.items():
        sys.stdout.write(f"{count:>6,} × {fault}\n")
    if result.faults or result.unanswered or grown > 0.1 * settled:
        raise SystemExit("the fuzz found something")
