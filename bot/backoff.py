"""How long to wait before the next try, for everything that is tried again."""

from datetime import timedelta


def backoff(attempt: int, first: timedelta, longest: timedelta) -> timedelta:
    """The wait after the `attempt`-th failure in a row, from 1: `first`, then doubled, up to `longest`."""
    doublings = min(max(attempt - 1, 0), 20)
    return min(first * (1 << doublings), longest)
