"""Process updates of many chats at once, those of one chat in order."""

import asyncio
from collections import deque
from collections.abc import Awaitable
from inspect import iscoroutine
from typing import Any

from telegram import Update
from telegram.ext import BaseUpdateProcessor


class ChatOrderedProcessor(BaseUpdateProcessor):
    """Give it to `ApplicationBuilder.concurrent_updates`.

    An update for a chat that is busy waits in that chat's own line and holds no place among the concurrent
    ones, so a chat that floods the bot delays nobody but itself.
    """

    __slots__ = ("_idle", "_lines", "_tasks", "in_line")

    def __init__(self, max_concurrent_updates: int = 256) -> None:
        super().__init__(max_concurrent_updates)
        self.in_line = 0  # updates that wait for an earlier one of their chat
        self._lines: dict[int, deque[Awaitable[Any]]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to free."""

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Process now, or put it behind what its chat has waiting already."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("an update is processed by a task")
        self._tasks.add(task)
        self._idle.clear()
        try:
            await self._process_in_order(update, coroutine)
        finally:
            self._tasks.discard(task)
            if not self._tasks:
                self._idle.set()

    async def wait_until_idle(self) -> None:
        """Return once no update is being processed or waits."""
        await self._idle.wait()

    def cancel(self) -> None:
        """Give up every update that is being processed or waits."""
        for task in self._tasks:
            task.cancel()

    async def _process_in_order(self, update: object, coroutine: Awaitable[Any]) -> None:
        key = line_of(update)
        if key is None:
            await coroutine
            return
        if (line := self._lines.get(key)) is not None:
            line.append(coroutine)
            self.in_line += 1
            return
        line = self._lines[key] = deque([coroutine])
        try:
            await line.popleft()
            while line:
                self.in_line -= 1
                await line.popleft()
        finally:
            del self._lines[key]
            self.in_line -= len(line)
            for left in line:
                if iscoroutine(left):
                    left.close()


def line_of(update: object) -> int | None:
    """The chat, else the person, whose updates are handled in order; None where there is neither."""
    if not isinstance(update, Update):
        return None
    where = update.effective_chat or update.effective_user
    return where.id if where else None
