"""Flood limits: for one person's updates, and for those of all together."""

import math
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from telegram import Update
from telegram.error import TelegramError
from telegram.ext import ApplicationHandlerStop, ContextTypes, TypeHandler

from bot.delivery.pacer import reply_rank
from bot.ops.logs import tag
from handlers.context import App, HandlerContext
from handlers.events.free_text import addressed_text
from handlers.language import translator_for_update
from handlers.permissions import in_private
from handlers.replies import reply
from storage.chats.flood_counts import LIMITS, Bucket, FloodCounts, FloodCountsInMemory, Kind

PERSON_BURST: Final = round(LIMITS[Kind.ANSWERS].size)
PERSON_PER_SECOND: Final = LIMITS[Kind.ANSWERS].per_second
CHART_COST: Final = 5.0
"""What a chart takes of a person's burst; any other answer takes 1."""

GLOBAL_BURST_S: Final = 20.0
"""Seconds' worth of answers that may be asked for at once by everybody together."""

_FIRST = -100  # before every other group of handlers
_CHART = re.compile(r"/(?:chart|share)\b|c\d:|b1:c:", re.IGNORECASE)
_SETTING = re.compile(
    r"/(?:subscribe|unsubscribe|stop|mute|unmute|quiet|digest|settings|language|currency|privacy|export|forget"
    r"|watch|alert|watches|pin|unpin|fleet|machines)\b",
    re.IGNORECASE,
)
_NO_NUMBER = re.compile(r"\d{17}")  # no button of ours carries a number this long


class UpdateRateLimiter:
    """Stands before every handler and lets in what may be answered.

    `accepted` and `rejected` count updates. A forged button, and whatever comes from a chat that a private
    bot does not serve, is rejected too.

    Args:
        per_second: what Telegram lets the bot answer over all chats; asking may not outrun it for long.
        admins: chats that no limit applies to (the operators').
        clock: seconds that never go back.
        allowed: the only chats that are answered; empty: all.
        counts: what each person has asked for lately.
    """

    def __init__(
        self,
        per_second: float,
        admins: frozenset[int],
        clock: Callable[[], float],
        allowed: frozenset[int] = frozenset(),
        counts: FloodCounts | None = None,
    ) -> None:
        self.rejected = 0
        self.accepted = 0
        self._clock = clock
        self._admins = admins
        self._allowed = allowed
        size = max(60.0, per_second * GLOBAL_BURST_S)
        self._everybody = Bucket(size, per_second, size, clock())
        self._counts: FloodCounts = FloodCountsInMemory(clock) if counts is None else counts

    def register(self, application: App, context: HandlerContext) -> None:
        """Add the handler that comes before all others."""

        async def check(update: Update, telegram: ContextTypes.DEFAULT_TYPE) -> None:
            tag(update=update.update_id)
            await self._check(context, update, telegram.bot.username)

        application.add_handler(TypeHandler(Update, check), _FIRST)

    async def admit(self, sender: int, cost: float = 1.0) -> float | None:
        """What this sender has asked for lately, at least `cost`; None: may not be answered now."""
        if sender in self._admins:
            return 0.0
        asked = await self._counts.take(sender, Kind.ANSWERS, cost)
        is_beyond_all = asked is None or self._everybody.take(self._clock(), cost) is None
        return None if is_beyond_all else asked

    async def _check(self, context: HandlerContext, update: Update, username: str) -> None:
        if not self._is_served(update):
            self.rejected += 1
            raise ApplicationHandlerStop
        if _is_forged(update):
            self.rejected += 1
            await self._answer_forged(context, update)
            raise ApplicationHandlerStop
        sender = _sender_id(update, username)
        if sender is None:
            self.accepted += 1
            return
        asked = await self.admit(sender, _cost(update))
        kind = Kind.ANSWERS if _SETTING.match(_text(update)) is None else Kind.SETTINGS
        if asked is None and kind is Kind.SETTINGS and await self._counts.take(sender, kind) is not None:
            asked = LIMITS[Kind.ANSWERS].size
        if asked is not None:
            self.accepted += 1
            reply_rank.set(asked)
            return
        self.rejected += 1
        await self._say(context, update, was_told=await self._counts.note_told(sender, kind))
        raise ApplicationHandlerStop

    def _is_served(self, update: Update) -> bool:
        if not self._allowed:
            return True
        where = update.effective_chat or update.effective_user
        return where is None or where.id in self._allowed | self._admins

    async def _answer_forged(self, context: HandlerContext, update: Update) -> None:
        query = update.callback_query
        if query is None:
            return
        t = await translator_for_update(context, update)
        try:
            await query.answer(t("This button is from an older version. /help shows what there is now."))
        except TelegramError:
            return

    async def _say(self, context: HandlerContext, update: Update, *, was_told: bool) -> None:
        """Say so once a flood and person; a pressed button is answered each time: it costs nothing."""
        if update.callback_query is None and (was_told or not in_private(update)):
            return
        t = await translator_for_update(context, update)
        wait = timedelta(seconds=math.ceil(PERSON_BURST / 4 / PERSON_PER_SECOND))
        text = t("That is more than I can answer. Please wait {span} and ask again.", span=t.span(wait))
        try:
            if update.callback_query is not None:
                await update.callback_query.answer(text, show_alert=not was_told)
            else:
                await reply(update, text)
        except TelegramError:
            return


def _sender_id(update: Update, username: str) -> int | None:
    """The person or chat that asks for an answer; None for what the bot only listens to.

    Anonymous admins and channels speak through accounts that all groups share, so the chat they speak as
    counts instead.
    """
    asker = update.callback_query or update.inline_query
    if asker is not None:
        return asker.from_user.id
    message = update.effective_message
    if message is None or update.my_chat_member is not None:
        return None
    text = message.text or message.caption or ""
    is_asked = in_private(update) or text.startswith("/") or addressed_text(update, username) is not None
    sender = message.sender_chat or message.from_user or message.chat
    return sender.id if is_asked else None


def _cost(update: Update) -> float:
    return CHART_COST if _CHART.match(_text(update)) else 1.0


def _text(update: Update) -> str:
    message = update.message or update.channel_post
    return (message.text if message is not None else None) or _callback_data(update)


def _is_forged(update: Update) -> bool:
    return _NO_NUMBER.search(_callback_data(update)) is not None


def _callback_data(update: Update) -> str:
    query = update.callback_query
    return query.data if query is not None and query.data else ""
