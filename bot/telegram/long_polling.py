"""Receive updates by long polling, through faults of the network, the server or a second program."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Protocol

from telegram.error import Conflict, InvalidToken, TelegramError

from bot.backoff import backoff
from bot.telegram.conflict import ConflictPolicy
from handlers.context import App
from handlers.registry import UPDATES

log = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=1), timedelta(seconds=30)
"""Between two tries while Telegram can't be reached."""

_OVERLOAD_WAIT_S = 0.1
_GIVE_WAY_S = 0.5  # between two looks whether this program leads, after another has asked for updates
_LAST_WORD_S = 1.0  # for telling Telegram which updates were received, when the program stops


class TokenInUseError(Exception):
    """Another program polls with the same token and goes on."""


class Reachability(Protocol):
    """Is told whether Telegram can be reached."""

    def on_telegram_failure(self, why: str) -> None:
        """A request failed."""

    def on_telegram_answer(self) -> None:
        """A request was answered."""


class LongPolling:
    """Puts what Telegram holds for the bot into the application's queue.

    Args:
        application: initialised; its queue is read by whoever started it.
        reachability: is told of every failure and answer.
        policy: what to do when another program polls too.
        is_overloaded: while it says so, no more updates are fetched; Telegram keeps them.
        monotonic: seconds that never go back.
        holds_lease: while it says no, another replica may have taken over.
    """

    def __init__(
        self,
        application: App,
        reachability: Reachability,
        policy: ConflictPolicy,
        is_overloaded: Callable[[], bool],
        monotonic: Callable[[], float],
        holds_lease: Callable[[], bool],
    ) -> None:
        self._application = application
        self._bot = application.bot
        self._reachability = reachability
        self._policy = policy
        self._is_overloaded = is_overloaded
        self._now = monotonic
        self._holds_lease = holds_lease
        self._gives_way = False
        self._offset = 0
        self._failures = 0

    async def run(self) -> None:
        """Receive until cancelled. Raises InvalidToken, TokenInUseError."""
        await self._without_webhook()
        try:
            while True:
                wait = await self._poll()
                if wait > 0:
                    await asyncio.sleep(wait)
        finally:
            if self._offset:  # or the last updates would come again after a restart
                with suppress(TelegramError, TimeoutError):
                    async with asyncio.timeout(_LAST_WORD_S):
                        await self._bot.get_updates(self._offset, limit=1, timeout=0)

    async def _without_webhook(self) -> None:
        """Remove a webhook that an earlier setting left behind: with one there is no polling."""
        while True:
            try:
                await self._bot.delete_webhook()
            except InvalidToken:
                raise
            except TelegramError as error:
                await asyncio.sleep(self._failed(error))
            else:
                self._answered()
                return

    async def _poll(self) -> float:
        """Ask once; give the seconds to wait before the next time."""
        if self._is_overloaded():
            return _OVERLOAD_WAIT_S
        if self._gives_way and not self._holds_lease():
            return _GIVE_WAY_S
        self._gives_way = False
        self._policy.on_request(self._now())
        try:
            updates = await self._bot.get_updates(
                self._offset, timeout=self._policy.poll_s, allowed_updates=UPDATES
            )
        except Conflict as error:
            if not self._holds_lease():  # the other one may lead by now, and would give up over this one
                self._gives_way = True
                self._policy.on_failure(self._now())
                log.warning("another program asked for this bot's updates; it may have taken over")
                return _GIVE_WAY_S
            wait = self._policy.on_conflict(self._now())
            if wait is None:
                raise TokenInUseError(str(error)) from None
            log.warning("another program asked for this bot's updates")
            return wait
        except InvalidToken:
            raise
        except TelegramError as error:
            self._policy.on_failure(self._now())
            return self._failed(error)
        self._policy.on_answer(self._now())
        self._answered()
        for update in updates:
            await self._application.update_queue.put(update)
            self._offset = update.update_id + 1
        return 0.0

    def _answered(self) -> None:
        self._failures = 0
        self._reachability.on_telegram_answer()

    def _failed(self, error: TelegramError) -> float:
        self._reachability.on_telegram_failure(str(error))
        self._failures += 1
        return backoff(self._failures, FIRST_WAIT, LONGEST_WAIT).total_seconds()
