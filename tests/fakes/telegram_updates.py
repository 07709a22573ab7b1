"""Updates on their way to the bot: asked for by getUpdates, or posted to its webhook."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from typing import Any

import aiohttp

from tests.fakes.telegram_faults import CONFLICT, Refuse

_HOOKED = Refuse(
    409,
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first",
)


class Updates:
    """The queue. `webhook` is what setWebhook said last; `calls` counts what came of each post."""

    def __init__(self, calls: Counter[str], look: Callable[[], None]) -> None:
        self.webhook: dict[str, str] = {}
        self._calls = calls
        self._look = look
        self._waiting: deque[dict[str, Any]] = deque()
        self._number = 0
        self._news = asyncio.Event()
        self._asked = 0
        self._closed = False
        self._posts: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._waiting)

    def open(self) -> None:
        self._closed = False

    def close(self) -> None:
        """Answer who still asks, and post no more."""
        self._closed = True
        self._news.set()
        for task in self._posts:
            task.cancel()

    def forget(self) -> None:
        """Drop what waits."""
        self._waiting.clear()

    def push(self, update: dict[str, Any]) -> None:
        """Any update, given its number here."""
        self._number += 1
        update = {"update_id": self._number, **update}
        if self.webhook.get("url"):
            task = asyncio.get_running_loop().create_task(self._post(update))
            self._posts.add(task)
            task.add_done_callback(self._posts.discard)
            return
        self._waiting.append(update)
        self._news.set()

    async def _post(self, update: dict[str, Any]) -> None:
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook.get("secret_token", "")}
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.webhook["url"], json=update, headers=headers) as answer,
        ):
            self._calls[f"webhook {answer.status}"] += 1
        self._look()

    async def get(self, fields: dict[str, str]) -> Refuse | list[dict[str, Any]]:
        """What waits, or what comes within `timeout` seconds; who asks ends the asking of who did before."""
        if self.webhook.get("url"):
            return _HOOKED
        offset, limit = int(fields.get("offset", "0")), int(fields.get("limit", "100"))
        while self._waiting and self._waiting[0]["update_id"] < offset:
            self._waiting.popleft()
        self._asked += 1
        mine = self._asked
        self._news.set()  # so that whoever waits sees that another has come
        loop = asyncio.get_running_loop()
        ends = loop.time() + int(fields.get("timeout", "0"))
        while not self._waiting and not self._closed and mine == self._asked and loop.time() < ends:
            self._news.clear()
            try:
                async with asyncio.timeout_at(ends):
                    await self._news.wait()
            except TimeoutError:
                break
        return CONFLICT if mine != self._asked else list(self._waiting)[:limit]
