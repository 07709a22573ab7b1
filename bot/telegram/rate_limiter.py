"""The rate limiter of replies: the pacer of the outbox, with the highest priority, and the same retries."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

from telegram.error import BadRequest, ChatMigrated, RetryAfter
from telegram.ext import BaseRateLimiter

from bot.delivery.pacer import Pacer, SlotRefusedError, reply_rank
from bot.telegram.error_outcomes import ReplyDroppedError, is_topic_closed, is_topic_gone, retry_after_s
from bot.telegram.request import NotSentError, ServerFaultError
from storage.outbox import Priority

MAX_WAITING: Final = 20
"""Replies that may wait in one chat; what is asked beyond is not answered."""

MAX_AGE_S: Final = 60.0
"""How long a reply may wait for its slot before nobody waits for it any more."""

_SENDING = ("send", "edit", "copy", "forward")
_MAX_TRIES = 4
_MAX_FLOOD_WAIT_S = 30.0
RETRY_S = 1.0  # after a fault of the server

Moved = Callable[[tuple[int, int | None], tuple[int, int | None]], Awaitable[None]]
"""Called with the old and the new address of a chat that moved; topic None stands for all topics."""


class PacedRateLimiter(BaseRateLimiter[Priority]):
    """Give it to `ApplicationBuilder.rate_limiter`: every message a handler sends waits for its slot.

    What writes nothing into a chat (answers to button presses, chat actions, settings) passes at once. A 429
    is obeyed while the wait is short enough for a person to see the answer; a fault of the server is tried
    through once; a chat that moved is followed; where a topic is closed or gone the general topic is used.

    Args:
        pacer: shared with the relay.
        moved: told of chats and topics that moved.
    """

    def __init__(self, pacer: Pacer, moved: Moved | None = None) -> None:
        self._pacer = pacer
        self._moved = moved
        self._waiting: Counter[int | str] = Counter()

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to free."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Priority | None,
    ) -> Any:
        """Wait for a slot and call, again after what passes. Raises ReplyDroppedError, or the last error."""
        if data.get("chat_id") is None or not endpoint.startswith(_SENDING) or endpoint == "sendChatAction":
            return await callback(*args, **kwargs)
        priority = Priority.REPLY if rate_limit_args is None else rate_limit_args
        has_failed = False
        for tries_left in range(_MAX_TRIES - 1, -1, -1):
            try:
                return await self._call(callback, args, kwargs, data["chat_id"], priority)
            except RetryAfter as error:
                if tries_left == 0 or retry_after_s(error) > _MAX_FLOOD_WAIT_S:
                    raise
            except (ServerFaultError, NotSentError):
                if has_failed or tries_left == 0:
                    raise
                has_failed = True
                await asyncio.sleep(RETRY_S)
            except ChatMigrated as error:
                if tries_left == 0:
                    raise
                await self._note_move((data["chat_id"], None), (error.new_chat_id, None))
                data["chat_id"] = error.new_chat_id
            except BadRequest as error:
                topic = data.get("message_thread_id")
                if not topic or not (is_topic_closed(error) or is_topic_gone(error)):
                    raise
                if is_topic_gone(error):
                    await self._note_move((data["chat_id"], topic), (data["chat_id"], 0))
                del data["message_thread_id"]
        raise AssertionError("unreachable: the last try returns or raises")

    async def _call(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        chat: int | str,
        priority: Priority,
    ) -> Any:
        if priority is Priority.REPLY and self._waiting[chat] >= MAX_WAITING:
            raise ReplyDroppedError(f"{MAX_WAITING} replies wait in this chat already")
        slot = self._pacer.slot(chat, priority, MAX_AGE_S, reply_rank.get())
        self._waiting[chat] += 1
        is_waiting = True
        try:
            async with slot:
                self._leave_line(chat)
                is_waiting = False
                answer = await self._called(callback, args, kwargs, chat)
                self._pacer.delivered()
                return answer
        except SlotRefusedError as error:
            raise ReplyDroppedError(str(error)) from None
        finally:
            if is_waiting:
                self._leave_line(chat)

    async def _called(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        chat: int | str,
    ) -> Any:
        try:
            return await callback(*args, **kwargs)
        except RetryAfter as error:
            self._pacer.flooded(chat, retry_after_s(error))
            raise

    def _leave_line(self, chat: int | str) -> None:
        self._waiting[chat] -= 1
        if self._waiting[chat] <= 0:
            del self._waiting[chat]

    async def _note_move(self, old: tuple[int, int | None], new: tuple[int, int | None]) -> None:
        if self._moved is not None:
            await self._moved(old, new)
