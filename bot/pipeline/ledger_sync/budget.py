"""A request budget: a step may make so many requests, each at the server's pace."""

from collections.abc import Awaitable, Callable


class BudgetExhausted(Exception):  # noqa: N818 - it ends a step as planned and reports nothing wrong
    """The step has made all the requests it may; the rest waits for the next."""


class RequestBudget:
    """Counts and paces requests. `pace` is awaited before each."""

    def __init__(self, pace: Callable[[], Awaitable[None]]) -> None:
        """An empty budget."""
        self.used = 0
        self._limit = 0
        self._pace = pace

    def refill(self, limit: int) -> None:
        """Begin a step that may make `limit` requests."""
        self.used = 0
        self._limit = limit

    async def __call__(self) -> None:
        """Wait for the pace. Raises BudgetExhausted when no request is left."""
        if self.used >= self._limit:
            raise BudgetExhausted
        self.used += 1
        await self._pace()
