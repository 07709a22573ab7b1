"""The mutation score per module, after `mutmut run`: `python -m tests.tools.mutation_score`.

A mutant is killed when a test fails or times out with it. The status is 1 when fewer than FLOOR are killed.

All of them take hours. `python -m tests.tools.mutation_score draw SEED SIZE` prints a random sample for
`mutmut run $(…)`, of each module as many as its share of all. The score comes with the range in which that of
all mutants lies then, with a confidence of 95 %.
"""

import json
import math
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Final

FLOOR: Final = 0.9
_MUTANTS: Final = Path(__file__).resolve().parents[2] / "mutants"
_SURVIVED, _UNTESTED = 0, 33  # mutmut's exit codes; any other code of a mutant that ran is a failing test
_Z: Final = 1.96  # standard deviations of a confidence of 95 %


def scores(mutants: Path = _MUTANTS) -> dict[str, Counter[str]]:
    """Return for each module how many mutants were killed, survived, or were reached by no test."""
    values: dict[str, Counter[str]] = {}
    for module, codes in _codes(mutants).items():
        ran = [code for code in codes.values() if code is not None]
        if ran:
            values[module] = Counter(
                {_SURVIVED: "survived", _UNTESTED: "untested"}.get(code, "killed") for code in ran
            )
    return values


def draw(seed: int, size: int, mutants: Path = _MUTANTS) -> list[str]:
    """Draw the names of `size` mutants, from each module as many as its share of all."""
    names = {module: sorted(codes) for module, codes in _codes(mutants).items()}
    total = sum(map(len, names.values()))
    shares = {module: size * len(each) / total for module, each in names.items()}
    counts = {module: int(share) for module, share in shares.items()}
    by_rest = sorted(shares, key=lambda module: counts[module] - shares[module])
    for module in by_rest[: size - sum(counts.values())]:
        counts[module] += 1
    dice = random.Random(seed)
    return [name for module, each in names.items() for name in dice.sample(each, counts[module])]


def interval(killed: int, ran: int) -> tuple[float, float]:
    """The range in which the share of all lies when so many of a sample were killed (Wilson's)."""
    share, spread = killed / ran, _Z * _Z / ran
    middle = share + spread / 2
    half = _Z * math.sqrt(share * (1 - share) / ran + spread / (4 * ran))
    return (middle - half) / (1 + spread), (middle + half) / (1 + spread)


def _codes(mutants: Path) -> dict[str, dict[str, int | None]]:
    """The exit code of each mutant by its name, None where it has not run, by module."""
    return {
        path.relative_to(mutants).as_posix().removesuffix(".py.meta").replace("/", "."): json.loads(
            path.read_text(encoding="utf-8")
        )["exit_code_by_key"]
        for path in sorted(mutants.rglob("*.meta"))
    }


def main(arguments: list[str]) -> int:
    """Print the scores, or the names drawn."""
    if arguments:
        _, seed, size = arguments
        sys.stdout.write("\n".join(draw(int(seed), int(size))) + "\n")
        return 0
    total: Counter[str] = Counter()
    for module, counts in scores().items():
        total += counts
        sys.stdout.write(_line(module, counts))
    sys.stdout.write(_line("all", total))
    return 0 if total and total["killed"] >= FLOOR * total.total() else 1


def _line(name: str, counts: Counter[str]) -> str:
    ran = counts.total()
    if not ran:
        return f"{name:<32} none has run\n"
    low, high = interval(counts["killed"], ran)
    survived = counts["survived"] + counts["untested"]
    return (
        f"{name:<32} {counts['killed'] / ran:6.1%} of {ran:>4} killed, {survived} survived "
        f"({low:.0%} to {high:.0%} of all)\n"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
