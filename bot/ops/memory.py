"""Return unused memory to the system after a start or a busy hour."""

import ctypes
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

from storage.database import Store

_NEVER: Final = 1_000_000


@contextmanager
def without_full_collections() -> Iterator[None]:
    """Import without walking over everything imported so far: what modules define stays.

    Two full collections found 59 objects in 70 ms, a tenth of the start; the young ones go on, so that
    nothing is left over.
    """
    young, middle, full = gc.get_threshold()
    gc.set_threshold(young, middle, _NEVER)
    try:
        yield
    finally:
        gc.set_threshold(young, middle, full)


def freeze() -> None:
    """Keep the garbage collector from looking again at what is alive now and stays so.

    After the imports that saves a tenth of the start, after the first poll it keeps pauses out of replies.
    """
    gc.freeze()


async def give_back(store: Store) -> None:
    """Empty the database's caches and return free pages to the system; takes about a tenth of a second."""
    await store.shrink()
    gc.collect()
    freeze()
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


@cache
def _malloc_trim() -> Callable[[int], int] | None:
    """The C library keeps what is freed for later, and glibc alone can be told not to; None elsewhere."""
    try:
        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None
    return trim


def resident_bytes() -> int:
    """Resident memory of this process; 0 where it can't be told."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * 4096
