"""Flood limits: one person can't take the bot from the others, and all together can't drown it."""

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Any

from telegram import Update
from telegram.error import TelegramError
from telegram.ext import ApplicationHandlerStop, ContextTypes, TypeHandler

from bot.logs import tag
from handlers.context import App, HandlerContext
from handlers.language import translator_for_update
from handlers.permissions import in_private
from handlers.replies import reply

PERSON_BURST, PERSON_PER_SECOND = 30, 0.5
GLOBAL_BURST_S = 20.0  # seconds' worth of answers that may be asked for at once
_FIRST = -100  # before every other group of handlers
_REMEMBERED = 20_000


@dataclass(slots=True)
class Bucket:
    """Holds up to `size` tokens, filling at `rate` a second. Times are seconds of one clock."""

    size: float
    rate: float
    held: float
    at: float
    told: bool = False

    def take(self, now: float) -> bool:
        """Take a token if there is one."""
        self.held = min(self.size, self.held + max(0.0, now - self.at) * self.rate)
        self.at = max(self.at, now)
        if self.held < 1.0:
            return False
        self.held -= 1.0
        if self.held >= self.size / 2:
            self.told = False
        return True


class UpdateRateLimiter:
    """Stands before every handler. `turned_away` counts what it kept out, `passed` what it let in.

    Args:
        per_second: what Telegram lets the bot answer over all chats; asking may not outrun it for long.
        exempt: chats that no limit applies to (the operators').
        clock: seconds that never go back.
    """

    def __init__(
        self, per_second: float, exempt: frozenset[int], clock: Callable[[], float] = monotonic
    ) -> None:
        self.turned_away = 0
        self.passed = 0
        self._clock = clock
        self._exempt = exempt
        size = max(60.0, per_second * GLOBAL_BURST_S)
        self._everybody = Bucket(size, per_second, size, clock())
        self._people: OrderedDict[int, Bucket] = OrderedDict()

    def register(self, application: App, desk: HandlerContext) -> None:
        """Put the gate before all handlers."""

        async def look(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
            tag(update=update.update_id)
            await self._look(desk, update)

        application.add_handler(TypeHandler(Update, look), _FIRST)

    async def _look(self, desk: HandlerContext, update: Update) -> None:
        person = _asker(update)
        if person is None or person in self._exempt or self._admitted(person):
            self.passed += 1
            return
        self.turned_away += 1
        await self._say(desk, update, self._people.get(person) or self._everybody)
        raise ApplicationHandlerStop

    def _admitted(self, person: int) -> bool:
        now = self._clock()
        bucket = self._people.get(person)
        if bucket is None:
            bucket = Bucket(PERSON_BURST, PERSON_PER_SECOND, PERSON_BURST, now)
            self._people[person] = bucket
            if len(self._people) > _REMEMBERED:
                self._people.popitem(last=False)
        self._people.move_to_end(person)
        return bucket.take(now) and self._everybody.take(now)

    async def _say(self, desk: HandlerContext, update: Update, bucket: Bucket) -> None:
        """Once per flood and person; a pressed button gets its answer each time, since that costs nothing."""
        told, bucket.told = bucket.told, True
        if told and update.callback_query is None:
            return
        t = await translator_for_update(desk, update)
        wait = timedelta(seconds=math.ceil(PERSON_BURST / 4 / PERSON_PER_SECOND))
        text = t("That is more than I can answer. Please wait {span} and ask again.", span=t.span(wait))
        try:
            if update.callback_query is not None:
                await update.callback_query.answer(text, show_alert=not told)
            elif in_private(update):
                await reply(update, text)
        except TelegramError:
            return


def _asker(update: Update) -> int | None:
    """Who asks for an answer; None for what the bot only listens to."""
    sender: Any = update.effective_user or update.effective_chat
    if sender is None:
        return None
    if update.callback_query is not None or update.inline_query is not None:
        return int(sender.id)
    message = update.effective_message
    if message is None or update.my_chat_member is not None:
        return None
    text = message.text or message.caption or ""
    return int(sender.id) if in_private(update) or text.startswith("/") else None
