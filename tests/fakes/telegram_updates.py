"""Updates on their way to the bot: asked for by getUpdates, or posted to its webhook.

As Telegram's own server does, posts of one chat go one after the other: the next when the one before was
confirmed, which until then is tried again and again. A chat's messages are one such line, what one person
presses or asks inline are two others.
"""

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


_RETRY_S = 1.0  # as Telegram waits at least

Line = tuple[str, int]


def _line(update: dict[str, Any]) -> Line:
    for kind in ("callback_query", "inline_query"):
        if kind in update:
            return kind, update[kind]["from"]["id"]
    return "chat", next(value for value in update.values() if isinstance(value, dict))["chat"]["id"]


class Updates:
    """The queue. `webhook` is what setWebhook said last; `calls` counts what came of each post.

    `replicas` are the addresses that a balancer behind the webhook's URL spreads posts over in turn. With
    `repeat_every` n the answer of every n-th post is lost, so that it comes again.
    """

    def __init__(self, calls: Counter[str], look: Callable[[], None]) -> None:
        self.webhook: dict[str, str] = {}
        self.replicas: list[str] = []
        self.repeat_every = 0
        self._lines: dict[Line, deque[dict[str, Any]]] = {}
        self._session: aiohttp.ClientSession | None = None
        self._posts_made = 0
        self._calls = calls
        self._look = look
        self._waiting: deque[dict[str, Any]] = deque()
        self._number = 0
        self._news = asyncio.Event()
        self._asked = 0
        self._closed = False
        self._posting: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._waiting)

    def open(self) -> None:
        self._closed = False

    async def close(self) -> None:
        """Answer who still asks, and post no more."""
        self._closed = True
        self._news.set()
        for task in self._posting:
            task.cancel()
        await asyncio.gather(*self._posting, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    def forget(self) -> None:
        """Drop what waits."""
        self._waiting.clear()

    def push(self, update: dict[str, Any]) -> None:
        """Any update, given its number here."""
        self._number += 1
        update = {"update_id": self._number, **update}
        if self.webhook.get("url"):
            self._post_later(update)
            return
        self._waiting.append(update)
        self._news.set()

    def _post_later(self, update: dict[str, Any]) -> None:
        key = _line(update)
        line = self._lines.setdefault(key, deque())
        line.append(update)
        if len(line) == 1:
            task = asyncio.get_running_loop().create_task(self._post_in_order(key, line))
            self._posting.add(task)
            task.add_done_callback(self._posting.discard)

    async def _post_in_order(self, key: Line, line: deque[dict[str, Any]]) -> None:
        while line:
            self._posts_made += 1
            is_lost = self.repeat_every > 0 and self._posts_made % self.repeat_every == 0
            if not await self._post(line[0]):
                await asyncio.sleep(_RETRY_S)
            elif not is_lost:
                line.popleft()
        del self._lines[key]

    async def _post(self, update: dict[str, Any]) -> bool:
        """Post once; whether that was confirmed."""
        if self._session is None:
            self._session = aiohttp.ClientSession()
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook.get("secret_token", "")}
        url = self.replicas[self._posts_made % len(self.replicas)] if self.replicas else self.webhook["url"]
        try:
            async with self._session.post(url, json=update, headers=headers) as answer:
                status = answer.status
        except aiohttp.ClientError:
            status = 502
        self._calls[f"webhook {status}"] += 1
        self._look()
        return status == 200

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
