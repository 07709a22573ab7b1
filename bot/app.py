"""The one place where the parts are put together: storage, poller, delivery and chat."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from telegram import Update
from telegram.error import Conflict, Forbidden, InvalidToken, TelegramError
from telegram.ext import ApplicationBuilder, ContextTypes
from telegram.request import BaseRequest

from bot.backtest.episode_cache import EpisodeCache
from bot.charts.picture_cache import ChartCache
from bot.charts.renderer import Renderer
from bot.data.catalogue import load_machines
from bot.delivery.pacer import Pacer
from bot.delivery.relay import DeliveryHaltedError, Relay
from bot.i18n.translator import translator_for
from bot.logs import tagged
from bot.ops.memory import give_back
from bot.ops.scheduler import NOW, Scheduler
from bot.ops.supervisor import Supervisor
from bot.pipeline.background import BackgroundJobs
from bot.pipeline.factory import make_poller
from bot.pipeline.poller import Feed, Poll
from bot.settings import Settings
from bot.signals.alert import Alert
from bot.signals.digest import Digest
from bot.signals.series import Reading
from bot.signals.status import signal_statuses
from bot.snapshot import Snapshot
from bot.telegram.conflict import ConflictPolicy
from bot.telegram.rate_limiter import PacedRateLimiter
from bot.telegram.request import AiohttpRequest
from bot.telegram.transport import TelegramTransport
from bot.telegram.update_processor import ChatOrderedProcessor
from bot.telegram.updates import StatelessApplication, UpdatesRequest
from handlers import registry
from handlers.commands import pin
from handlers.context import App, HandlerContext
from handlers.events import fallback
from handlers.events.flood_limit import UpdateRateLimiter
from handlers.menus import introduce
from handlers.views import notices, notification
from storage.chats import chats, digests, fleets
from storage.database import Store
from storage.errors import explain
from storage.outbox.notices import NoticeKind
from storage.signals import alerts

log = logging.getLogger(__name__)

UPDATES_AT_ONCE = 256
_DIGEST_TICK = timedelta(seconds=20)
_RETENTION_AFTER = timedelta(minutes=10)  # after a start, so that the start itself is quick
_LEDGER_EVERY = timedelta(minutes=1)
_DAY = timedelta(hours=24)
_FREE_RATE = 30.0  # messages a second that Telegram takes without payment


def utc_now() -> datetime:
    """The clock of the live program; everything else is given one."""
    return datetime.now(UTC)


class Program:
    """The running bot. `fatal` says why it stopped when it had to."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        feed: Feed,
        *,
        token: str,
        clock: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        bundle: Callable[[], Iterable[Reading]] | None = None,
        request: BaseRequest | None = None,
        updates_request: BaseRequest | None = None,
        pacer: Pacer | None = None,
        jobs: BackgroundJobs | None = None,
        studio: Renderer | None = None,
    ) -> None:
        self.fatal: str | None = None
        self.store = store
        self._settings = settings
        self._clock = clock
        self._jobs = jobs
        self._scheduler = Scheduler()
        self._delivering: asyncio.Task[None] | None = None
        self._introducing: asyncio.Task[None] | None = None
        self._pinning: asyncio.Task[None] | None = None
        self._started = self._settled = False
        self.poller = make_poller(settings, store, feed, bundle)
        pacer = pacer or Pacer(settings.messages_per_second)
        self.application: App = (
            ApplicationBuilder()
            .application_class(StatelessApplication)
            .token(token)
            .base_url(f"{settings.telegram_api_url.rstrip('/')}/bot")
            .base_file_url(f"{settings.telegram_api_url.rstrip('/')}/file/bot")
            .request(request or AiohttpRequest())
            .get_updates_request(
                UpdatesRequest(updates_request or AiohttpRequest(connections=2), self._on_updates_answered)
            )
            .rate_limiter(PacedRateLimiter(pacer))
            .concurrent_updates(ChatOrderedProcessor(UPDATES_AT_ONCE))
            .job_queue(self._scheduler)
            .post_init(self.begin)
            .post_stop(self.finish)
            .build()
        )
        # The outbox has waited its turn already, so its transport goes round the replies' rate limiter.
        bot: Any = self.application.bot
        self.relay = Relay(
            store,
            TelegramTransport(bot, clock, paid=settings.messages_per_second > _FREE_RATE),
            pacer,
            lambda content, now: notification.render(content, now, self.snapshot.shutdowns),
            clock,
        )
        admins = frozenset(settings.admin_chat_ids)
        self.update_limiter = UpdateRateLimiter(settings.messages_per_second, admins, monotonic)
        self.supervisor = Supervisor(
            settings, store, feed, self.poller, self.relay, self.update_limiter, clock, self._send_notice
        )
        catalogue, rejected = load_machines(), self.supervisor.rejected_series
        self.snapshot = Snapshot(self.poller, catalogue, settings.power_price, jobs, rejected, clock)
        self.context = context = HandlerContext(
            store=store,
            catalogue=catalogue,
            market=self.snapshot.market,
            view=self.snapshot.status,
            clock=clock,
            admins=admins,
            history=lambda: self.poller.history,
            wake=self.relay.wake,
            most_watches=settings.max_watches_per_chat,
            chronicle=EpisodeCache(store, lambda: self.poller.rules, clock).rule_history,
            gallery=ChartCache(studio),
        )
        self.update_limiter.register(self.application, context)
        self.halt: Callable[[], None] = self.application.stop_running
        self._conflicts = ConflictPolicy(clock())
        registry.register(self.application, context, self.supervisor)
        self.application.add_error_handler(self._failed)

    async def poll(self) -> Poll:
        """One tick: on the first the history is filled; then ask, evaluate, write and wake delivery."""
        now = self._clock()
        if not self._started:
            await self.poller.start(now, hurry=True)
            self._started = True
        poll = await self.poller.poll(now)
        if poll.alerts:
            ids = await self.store.read(lambda db: alerts.ids(db, poll.alerts))
            for number, alert in zip(ids, poll.alerts, strict=True):
                with tagged(alert=number):
                    log.info(
                        f"alert: {alert.kind} {alert.rule} ({alert.title}), {poll.queued} messages queued"
                    )
        seen = self.snapshot.market()
        await self.store.write(lambda db: fleets.queue_notices(db, seen, now))
        self.relay.wake()
        return poll

    async def begin(self, application: App) -> None:
        """After the first word from Telegram: deliver, introduce the bot, and start the clockwork."""
        await self.supervisor.begin()
        self._delivering = asyncio.create_task(self._deliver())
        self._introducing = asyncio.create_task(
            introduce(application.bot, registry.COMMANDS, self._settings.admin_chat_ids)
        )
        every = timedelta(seconds=self._settings.poll_interval_seconds)
        self._scheduler.every(every, self._tick, first=NOW)
        self._scheduler.every(_DIGEST_TICK, self.digests)
        self._scheduler.every(_DAY, self.supervisor.run_retention, first=_RETENTION_AFTER)
        if self._jobs is not None:
            self._scheduler.every(_LEDGER_EVERY, self._keep_books, first=every)
            self._scheduler.every(_DAY, self._look_at_holdings, first=every)

    async def _tick(self) -> None:
        why = await self.supervisor.polled(self.poll)
        if why is not None:
            self._stop(why)
            return
        if not self._settled and self.poller.last is not None:
            self._settled = True
            await self._settle()
        if self._pinning is None or self._pinning.done():
            self._pinning = asyncio.create_task(self._refresh_pins())

    async def _settle(self) -> None:
        """After the first poll: what could wait until then."""
        every, phase = self._settings.poll_interval_seconds, self.poller.standing.phase.phase
        log.info(f"the first poll is done, phase {phase}; the next in {every:g} s")
        try:
            await self.poller.complete(self._clock())
        except sqlite3.Error as error:
            log.error(f"missing days could not be kept: {explain(error, self.store.path)}")
        await give_back(self.store)

    async def _refresh_pins(self) -> None:
        bot: Any = self.application.bot
        try:
            await pin.refresh(bot, self.context)
        except Exception:
            log.exception("the pinned messages could not be brought up to date; the next poll tries again")

    async def _keep_books(self) -> None:
        assert self._jobs is not None  # noqa: S101 - scheduled only with books
        for reading in await self._jobs.keep():
            self.poller.history.add(reading)

    async def _look_at_holdings(self) -> None:
        assert self._jobs is not None  # noqa: S101 - scheduled only with books
        if await self._jobs.look():
            self.relay.wake()

    async def digests(self) -> int:
        """Queue the digests that are due by now; give how many."""
        now = self._clock()
        if not self._started or not await self.store.read(lambda db: digests.any_due(db, now)):
            return 0
        view = self.snapshot.status()
        phase, statuses = view.standing.phase, signal_statuses(view.rules, view.standing)

        def words(since: datetime, told: Sequence[Alert]) -> str:
            state = (view.polled_at, phase.phase, phase.since, statuses)
            return notification.dump(Digest(since, now, *state, tuple(told)))

        queued = await self.store.write(lambda db: digests.queue_due(db, now, words))
        self.relay.wake()
        return queued

    async def _deliver(self) -> None:
        try:
            await self.relay.run()
        except DeliveryHaltedError as error:
            self._stop(f"delivery can't go on: {error}")
        except Exception:
            log.exception("delivery failed")
            self._stop("delivery failed; what is queued is kept and goes on at the next start")

    async def finish(self, _application: App) -> None:
        """Before the end: let what is being sent finish, and note the clean stop."""
        for task in (self._introducing, self._pinning):
            if task is not None:
                task.cancel()
        await self.relay.stop()
        if self._delivering is not None:
            await self._delivering
        if self._jobs is not None:
            await self._jobs.close()
        await self.context.gallery.close()
        await self.supervisor.end()

    def _stop(self, why: str) -> None:
        self.fatal = self.fatal or why
        log.critical(why)
        self.halt()

    def _on_updates_answered(self) -> None:
        self._conflicts.over()
        self.supervisor.on_updates_answered()

    async def _send_notice(self, chat_id: int, kind: NoticeKind, body: str) -> None:
        """Send a notice in English without the outbox, once; a failure is logged."""
        text = notices.text(kind, body, self._clock(), translator_for(None))
        try:
            await self.application.bot.send_message(chat_id, text, parse_mode="HTML")
        except TelegramError as error:
            log.error(f"an operator could not be told: {error}")

    async def _failed(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Every error a handler or the update poll raised: fatal ones stop, the others are one reply's."""
        error = context.error
        if isinstance(error, InvalidToken):
            self._stop("Telegram refuses the token; put a valid one into TELEGRAM_BOT_TOKEN")
        elif isinstance(error, Conflict):
            if not self._conflicts.met(self._clock()):
                log.warning("another program asked for this bot's updates")
                return
            self._stop("another program is asking for this bot's updates; stop it, or remove its webhook")
        elif isinstance(error, Forbidden) and isinstance(update, Update) and update.effective_chat:
            chat = update.effective_chat.id
            await self.store.write(lambda db: chats.deactivate(db, chat, str(error)))
        else:
            log.error("a reply failed", exc_info=error)
            if isinstance(update, Update):
                await fallback.apologise(self.context, update)
