"""`python -m tests.benchmarks [name …]`: run the benchmarks, or those named; each prints its own table."""

import importlib
import pkgutil
import subprocess
import sys

import tests.benchmarks

LONG = ("fuzz", "day", "idle", "load", "replicas", "webhooks")
"""Run only when named: `make soak` does."""


def _apart(name: str) -> int:
    return subprocess.run([sys.executable, "-m", tests.benchmarks.__name__, name], check=False).returncode


def main() -> int:
    """Discover the modules beside this one; a benchmark is a module with a `main`."""
    known = sorted(
        module.name
        for module in pkgutil.iter_modules(tests.benchmarks.__path__)
        if not module.name.startswith("_")
    )
    wanted = sys.argv[1:] or [name for name in known if name not in LONG]
    if unknown := sorted(set(wanted) - set(known)):
        sys.stderr.write(f"no benchmark named {', '.join(unknown)}; there are: {', '.join(known)}\n")
        return 2
    if len(wanted) > 1:  # each in a process of its own, so that none is measured with another's leavings
        return max(_apart(name) for name in wanted)
    module = importlib.import_module(f"tests.benchmarks.{wanted[0]}")
    if hasattr(module, "main"):
        sys.stdout.write(f"\n== {wanted[0]}\n")
        sys.stdout.flush()
        module.main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
