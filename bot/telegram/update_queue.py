"""The queue of received updates, which knows how many are not answered yet."""

import asyncio
from typing import Final

MAX_UNFINISHED: Final = 2_000
"""Updates taken in and not yet finished; beyond, Telegram shall keep them and offer them again."""


class UpdateQueue(asyncio.Queue[object]):
    """Give it to `ApplicationBuilder.update_queue`.

    The library takes every update out at once and makes a task of it, so the length of the queue says
    nothing; `task_done` is called when an update was processed.
    """

    def __init__(self) -> None:
        super().__init__()
        self.unfinished = 0

    def put_nowait(self, item: object) -> None:
        """Add an update."""
        super().put_nowait(item)
        self.unfinished += 1

    def task_done(self) -> None:
        """Count an update as processed."""
        super().task_done()
        self.unfinished -= 1
