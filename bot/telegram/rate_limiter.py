"""Replies pass the same pacer as the outbox, first in line."""

from collections.abc import Callable, Coroutine
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.delivery.pacer import Pacer
from bot.telegram.errors import retry_after_s
from storage.outbox import Priority

_SENDING = ("send", "edit", "copy", "forward")
_TRIES = 4
_LONGEST_WAIT_S = 30.0


class PacedRateLimiter(BaseRateLimiter[Priority]):
    """Give it to `ApplicationBuilder.rate_limiter`: every message a handler sends waits its turn.

    What writes nothing into a chat (answers to button presses, chat actions, settings) passes at once. A
    429 is obeyed and the call made again while the wait is short enough for a person to see the answer.
    """

    def __init__(self, pacer: Pacer) -> None:
        self._pacer = pacer

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
        """Wait for the turn, call, and try again after a 429."""
        chat = data.get("chat_id")
        if chat is None or not endpoint.startswith(_SENDING) or endpoint == "sendChatAction":
            return await callback(*args, **kwargs)
        priority = Priority.REPLY if rate_limit_args is None else rate_limit_args
        for _ in range(_TRIES - 1):
            async with self._pacer.slot(chat, priority):
                try:
                    return await callback(*args, **kwargs)
                except RetryAfter as error:
                    wait = retry_after_s(error)
                    self._pacer.flooded(chat, wait)
                    if wait > _LONGEST_WAIT_S:
                        raise
        async with self._pacer.slot(chat, priority):
            return await callback(*args, **kwargs)
