"""Flood limits: for one person's updates, and for those of all together."""

import math
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from telegram import Update
from telegram.error import TelegramError
from telegram.ext import ApplicationHandlerStop, ContextTypes, TypeHandler

from bot.ops.logs import tag
from handlers.context import App, HandlerContext
from handlers.events.free_text import addressed_text
from handlers.language import translator_for_update
from handlers.permissions import in_private
from handlers.replies import reply

PERSON_BURST: Final = 30
PERSON_PER_SECOND: Final = 0.5
CHART_COST: Final = 5.0
"""What a chart takes of a person's burst; any other answer takes 1."""

RESERVE: Final = 10
RESERVE_PER_SECOND: Final = 0.1
"""Settings a person may still change when all their answers are used up: what is wanted least is silence."""

GLOBAL_BURST_S: Final = 20.0
"""Seconds' worth of answers that may be asked for at once by everybody together."""

_FIRST = -100  # before every other group of handlers
_MAX_PEOPLE = 20_000
_CHART = re.compile(r"/(?:chart|share)\b|c\d:|b1:c:", re.IGNORECASE)
_SETTING = re.compile(
    r"/(?:subscribe|unsubscribe|stop|mute|unmute|quiet|digest|settings|language|currency|privacy|export|forget"
    r"|watch|alert|watches|pin|unpin|fleet|machines)\b",
    re.IGNORECASE,
)
_NO_NUMBER = re.compile(r"\d{17}")  # no button of ours carries a number this long


@dataclass(slots=True)
class Bucket:
    """A token bucket of `size` tokens that fills at `rate` a second. Times are seconds of one clock."""

    size: float
    rate: float
    tokens: float
    at: float
    is_told: bool = False

    def take(self, now: float, cost: float = 1.0) -> bool:
        """Take `cost` tokens if they are there."""
        self.tokens = min(self.size, self.tokens + max(0.0, now - self.at) * self.rate)
        self.at = max(self.at, now)
        if self.tokens < cost:
            return False
        self.tokens -= cost
        if self.tokens >= self.size / 2:
            self.is_told = False
        return True


class UpdateRateLimiter:
    """Stands before every handler and lets in what may be answered.

    `accepted` and `rejected` count updates. A forged button, and whatever comes from a chat that a private
    bot does not serve, is rejected too.

    Args:
        per_second: what Telegram lets the bot answer over all chats; asking may not outrun it for long.
        admins: chats that no limit applies to (the operators').
        clock: seconds that never go back.
        allowed: the only chats that are answered; empty: all.
    """

    def __init__(
        self,
        per_second: float,
        admins: frozenset[int],
        clock: Callable[[], float],
        allowed: frozenset[int] = frozenset(),
    ) -> None:
        self.rejected = 0
        self.accepted = 0
        self._clock = clock
        self._admins = admins
        self._allowed = allowed
        size = max(60.0, per_second * GLOBAL_BURST_S)
        self._everybody = Bucket(size, per_second, size, clock())
        self._people: OrderedDict[int, Bucket] = OrderedDict()
        self._reserves: OrderedDict[int, Bucket] = OrderedDict()

    def register(self, application: App, context: HandlerContext) -> None:
        """Add the handler that comes before all others."""

        async def check(update: Update, telegram: ContextTypes.DEFAULT_TYPE) -> None:
            tag(update=update.update_id)
            await self._check(context, update, telegram.bot.username)

        application.add_handler(TypeHandler(Update, check), _FIRST)

    def admit(self, sender: int, cost: float = 1.0) -> bool:
        """Whether this sender may be answered now."""
        if sender in self._admins:
            return True
        now = self._clock()
        bucket = _of_person(self._people, sender, PERSON_BURST, PERSON_PER_SECOND, now)
        return bucket.take(now, cost) and self._everybody.take(now, cost)

    def admit_setting(self, sender: int) -> bool:
        """Whether this sender, who may not be answered any more now, may still change a setting."""
        now = self._clock()
        return _of_person(self._reserves, sender, RESERVE, RESERVE_PER_SECOND, now).take(now)

    async def _check(self, context: HandlerContext, update: Update, username: str) -> None:
        if not self._is_served(update):
            self.rejected += 1
            raise ApplicationHandlerStop
        if _is_forged(update):
            self.rejected += 1
            await self._answer_forged(context, update)
            raise ApplicationHandlerStop
        sender = _sender_id(update, username)
        if sender is None or self.admit(sender, _cost(update)):
            self.accepted += 1
            return
        is_setting = _SETTING.match(_text(update)) is not None
        if is_setting and self.admit_setting(sender):
            self.accepted += 1
            return
        self.rejected += 1
        buckets = self._reserves if is_setting else self._people
        await self._say(context, update, buckets.get(sender) or self._everybody)
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

    async def _say(self, context: HandlerContext, update: Update, bucket: Bucket) -> None:
        """Say so once a flood and person; a pressed button is answered each time: it costs nothing."""
        was_told, bucket.is_told = bucket.is_told, True
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


def _of_person(
    buckets: OrderedDict[int, Bucket], sender: int, size: float, rate: float, now: float
) -> Bucket:
    """The bucket of a person, a full one for whoever has none; the oldest are forgotten."""
    bucket = buckets.get(sender)
    if bucket is None:
        bucket = buckets[sender] = Bucket(size, rate, size, now)
        if len(buckets) > _MAX_PEOPLE:
            buckets.popitem(last=False)
    buckets.move_to_end(sender)
    return bucket


def _is_forged(update: Update) -> bool:
    return _NO_NUMBER.search(_callback_data(update)) is not None


def _callback_data(update: Update) -> str:
    query = update.callback_query
    return query.data if query is not None and query.data else ""
