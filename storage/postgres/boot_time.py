"""A clock that goes on while the machine sleeps, and that nobody sets."""

import time


def boot_time() -> float:
    """Seconds since the machine was started."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
