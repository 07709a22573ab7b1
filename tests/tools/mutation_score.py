"""The mutation score per module, after `mutmut run`: `python -m tests.tools.mutation_score`.

A mutant is killed when a test fails or times out with it. The status is 1 when fewer than FLOOR are killed.
"""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Final

FLOOR: Final = 0.9
_MUTANTS: Final = Path(__file__).resolve().parents[2] / "mutants"
_SURVIVED, _UNTESTED = 0, 33  # mutmut's exit codes; any other code of a mutant that ran is a failing test


def scores(mutants: Path = _MUTANTS) -> dict[str, Counter[str]]:
    """Return for each module how many mutants were killed, survived, or were reached by no test."""
    values: dict[str, Counter[str]] = {}
    for path in sorted(mutants.rglob("*.meta")):
        codes = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"].values()
        ran = [code for code in codes if code is not None]
        if ran:
            module = path.relative_to(mutants).as_posix().removesuffix(".py.meta").replace("/", ".")
            values[module] = Counter(
                {_SURVIVED: "survived", _UNTESTED: "untested"}.get(code, "killed") for code in ran
            )
    return values


def main() -> int:
    """Print the scores."""
    total: Counter[str] = Counter()
    for module, counts in scores().items():
        total += counts
        sys.stdout.write(_line(module, counts))
    sys.stdout.write(_line("all", total))
    return 0 if total and total["killed"] >= FLOOR * total.total() else 1


def _line(name: str, counts: Counter[str]) -> str:
    share = counts["killed"] / counts.total() if counts else 0.0
    survived = counts["survived"] + counts["untested"]
    return f"{name:<32} {share:6.1%} of {counts.total():>4} killed, {survived} survived\n"


if __name__ == "__main__":
    sys.exit(main())
