"""Search for faults over random histories: `python -m tests.simulation [--seeds N] [--replay SEED]`.

With `--engine postgresql` several replicas share a database of a real server.
"""

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Sequence
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fakes.postgres_server import NoServerError, Server, start
from tests.simulation.checker import violations
from tests.simulation.history import History
from tests.simulation.machine import simulate
from tests.simulation.replicas import checker as replicas_checker
from tests.simulation.replicas.cluster import ReplicaHistory
from tests.simulation.replicas.cluster import simulate as simulate_replicas

_IN_MEMORY = Path("/dev/shm")  # a simulated disk fails when the plan says so, not when this one does


def check(seed: int) -> list[str]:
    """Run one seed; give what it violates."""
    with TemporaryDirectory(prefix="simulation-", dir=_IN_MEMORY if _IN_MEMORY.is_dir() else None) as folder:
        return violations(simulate(seed, Path(folder)))


def check_replicas(seed: int, server: Server) -> list[str]:
    """Run one seed over several replicas; give what it violates."""
    with TemporaryDirectory(prefix="simulation-") as folder, server.database() as url:
        return replicas_checker.violations(simulate_replicas(seed, url, Path(folder)))


@cache
def _server(place: Path) -> Server:
    """The server in a folder, whose databases this process uses again and again."""
    return Server(place)


def _check(seed: int, place: Path | None) -> tuple[int, list[str]]:
    try:
        return seed, check(seed) if place is None else check_replicas(seed, _server(place))
    except Exception as error:  # noqa: BLE001 - a seed that breaks the simulator is a find too
        return seed, [f"the simulation failed: {error!r}"]


def search(first: int, count: int, jobs: int, place: Path | None = None) -> dict[int, list[str]]:
    """Run seeds in parallel, over the server in a folder if there is one; give those with violations."""
    values = {}
    fork = multiprocessing.get_context("fork")
    with fork.Pool(jobs, maxtasksperchild=40) as pool:  # killed programs are kept in memory
        for seed, wrong in pool.imap_unordered(partial(_check, place=place), range(first, first + count)):
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
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    result = parser.parse_args(arguments)
    try:
        place = start() if result.engine == "postgresql" else None
    except NoServerError as error:
        sys.stderr.write(f"no PostgreSQL server: {error}\n")
        return 2
    if result.replay is not None:
        return _replay(result.replay) if place is None else _replay_replicas(result.replay, Server(place))
    began = time.monotonic()
    outcome = search(result.first, result.seeds, result.jobs or 1, place)
    sys.stdout.write(
        f"{result.seeds} histories in {time.monotonic() - began:.0f} s, {len(outcome)} with violations\n"
    )
    for seed in list(outcome)[:10]:
        sys.stdout.write(
            f"replay one with: python -m tests.simulation --engine {result.engine} --replay {seed}\n"
        )
    return 1 if outcome else 0


def _replay(seed: int) -> int:
    with TemporaryDirectory(prefix="simulation-") as folder:
        history = simulate(seed, Path(folder))
        wrong = violations(history)
    return _write(_told(history), wrong)


def _replay_replicas(seed: int, server: Server) -> int:
    with TemporaryDirectory(prefix="simulation-") as folder, server.database() as url:
        history = simulate_replicas(seed, url, Path(folder))
        wrong = replicas_checker.violations(history)
    return _write(sorted(_told(history.of_people) + _of_replicas(history)), wrong)


def _write(told: list[str], wrong: list[str]) -> int:
    for line in told:
        sys.stdout.write(f"{line}\n")
    for line in wrong:
        sys.stdout.write(f"VIOLATION {line}\n")
    return 1 if wrong else 0


def _of_replicas(history: ReplicaHistory) -> list[str]:
    """What befell the replicas, and when the lead changed."""
    events = list(history.blows)
    events += [(at_s, f"connections break until {until_s:.1f} s") for at_s, until_s in history.plan.flaky_s]
    changes = [history.led[0], *(after for before, after in pairwise(history.led) if before[1] != after[1])]
    events += [(at_s, f"{leader or 'nobody'} leads") for at_s, leader, _ in changes]
    events += [(each.at_s, f"{each.by} writes as leader {each.epoch}") for each in history.writes]
    return [f"{at_s:10.2f} {what}" for at_s, what in events]


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
