"""Search for faults over random histories: `python -m tests.simulation [--seeds N] [--replay SEED]`."""

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.simulation.checker import violations
from tests.simulation.history import History
from tests.simulation.machine import simulate

_IN_MEMORY = Path("/dev/shm")  # a simulated disk fails when the plan says so, not when this one does


def check(seed: int) -> list[str]:
    """Run one seed; give what it violates."""
    with TemporaryDirectory(prefix="simulation-", dir=_IN_MEMORY if _IN_MEMORY.is_dir() else None) as folder:
        return violations(simulate(seed, Path(folder)))


def _check(seed: int) -> tuple[int, list[str]]:
    try:
        return seed, check(seed)
    except Exception as error:  # noqa: BLE001 - a seed that breaks the simulator is a find too
        return seed, [f"the simulation failed: {error!r}"]


def search(first: int, count: int, jobs: int) -> dict[int, list[str]]:
    """Run seeds in parallel; give those with violations."""
    values = {}
    fork = multiprocessing.get_context("fork")
    with fork.Pool(jobs, maxtasksperchild=40) as pool:  # killed programs are kept in memory
        for seed, wrong in pool.imap_unordered(_check, range(first, first + count)):
            if wrong:
                values[seed] = wrong
                sys.stdout.write(f"seed {seed}: {wrong[0]}\n")
                sys.stdout.flush()
    return values


def main(arguments: Sequence[str] | None = None) -> int:
    """Search or replay; the status is 1 when anything was violated."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many histories (200)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (0)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes (one per processor)")
    parser.add_argument("--replay", type=int, metavar="SEED", help="run one history and print it")
    result = parser.parse_args(arguments)
    if result.replay is not None:
        return _replay(result.replay)
    began = time.monotonic()
    outcome = search(result.first, result.seeds, result.jobs or 1)
    sys.stdout.write(
        f"{result.seeds} histories in {time.monotonic() - began:.0f} s, {len(outcome)} with violations\n"
    )
    for seed in list(outcome)[:10]:
        sys.stdout.write(f"replay one with: python -m tests.simulation --replay {seed}\n")
    return 1 if outcome else 0


def _replay(seed: int) -> int:
    with TemporaryDirectory(prefix="simulation-") as folder:
        history = simulate(seed, Path(folder))
        wrong = violations(history)
    for line in _told(history):
        sys.stdout.write(f"{line}\n")
    for line in wrong:
        sys.stdout.write(f"VIOLATION {line}\n")
    return 1 if wrong else 0


def _told(history: History) -> list[str]:
    """The history, in order of time."""
    events: list[tuple[float, str]] = [
        *((at_s, f"price {usd:,.0f} USD") for at_s, usd in history.plan.prices),
        *(
            (each.begin_s, f"{each.fault} until {each.end_s:.1f} s ({each.status})")
            for each in history.api.outages
        ),
        *(
            (each.begin_s, f"chat {each.chat_id} {each.condition} until {each.end_s:.1f} s")
            for each in history.api.chat_faults
        ),
        *(
            (item.begin_s, f"{item.provider} says {item.factor or 0:g} of the truth until {item.end_s:.1f} s")
            for item in history.plan.source_faults
        ),
        *((at_s, f"chat {old} becomes {new}") for at_s, old, new in history.plan.migrations),
        *((action.at_s, f"{action.what} {str(action.argument)[:60]}") for action in history.plan.actions),
        *((begin_s, "the program starts") for begin_s, _ in history.uptimes_s),
        *((end_s, "the program ends") for _, end_s in history.uptimes_s),
        *(
            (
                each.at_s,
                f"→ {each.chat_id}/{each.topic_id} #{each.message_id} {each.answered} {each.text[:300]!r}",
            )
            for each in history.api.deliveries
        ),
        *((each.at_s, f"✗ {each.chat_id} {each.status} {each.description}") for each in history.api.refusals),
    ]
    return [f"{at_s:10.2f} {what}" for at_s, what in sorted(events)]


if __name__ == "__main__":
    sys.exit(main())
