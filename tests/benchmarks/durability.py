"""What it costs that a commit is on the disk before anybody is told: `synchronous` full against normal.

Taken in turns in one run, so that the disk and its other users are the same for both.
"""

import json
import tempfile
import time
from contextlib import closing
from pathlib import Path
from statistics import median

from storage.sqlite.file_engine import connect, transaction
from tests.benchmarks._server import play, serving, table

COMMITS, MESSAGES, ROUNDS = 300, 3_000, 5
RATES = ("30", "1000", "inf")
_SECONDS_AT_MOST = 12


def main() -> None:
    """The time of one small commit, and messages a second, each way."""
    table("One commit", ["", "full ms", "normal ms", "full ÷ normal"], [["small transaction", *_commits()]])
    table(
        "Delivery",
        ["allowed a second", "full: messages/s", "normal: messages/s", "full ÷ normal"],
        [[rate, *_delivered(rate)] for rate in RATES],
    )


def _commits() -> tuple[float, float, float]:
    with tempfile.TemporaryDirectory() as folder, closing(connect(Path(folder) / "m.db")) as db:
        db.execute("CREATE TABLE told (at REAL) STRICT")
        times: dict[str, list[float]] = {"full": [], "normal": []}
        for _ in range(COMMITS):
            for mode, taken in times.items():
                db.conn.execute(f"PRAGMA synchronous = {mode}")
                began = time.perf_counter()
                with transaction(db):
                    db.execute("INSERT INTO told VALUES (?)", [began])
                taken.append(1000 * (time.perf_counter() - began))
    full, normal = median(times["full"]), median(times["normal"])
    return full, normal, full / normal


def _delivered(rate: str) -> tuple[float, float, float]:
    count = min(MESSAGES, int(min(float(rate), 1e6) * _SECONDS_AT_MOST / 2))
    values: dict[str, list[float]] = {"full": [], "normal": []}
    for _ in range(1 if rate == "30" else ROUNDS):
        for mode, speeds in values.items():
            with serving() as server:
                text, _ = play("minerwatch", server.url, count, rate, mode).communicate()
                speeds.append(count / json.loads(text.splitlines()[-1])["seconds"])
    full, normal = median(values["full"]), median(values["normal"])
    return full, normal, full / normal
