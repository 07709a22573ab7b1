"""The one place where the parts are put together: storage, poller, delivery and chat."""

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from telegram.error import TelegramError
from telegram.request import BaseRequest

from bot.app.chat_delivery import ChatDelivery
from bot.app.destination_delivery import DestinationDelivery
from bot.app.jobs import Jobs
from bot.app.message_views import MessageViews
from bot.app.page import ProgramPage
from bot.app.poll_sharing import PollSharing
from bot.app.reply_failures import ReplyFailures
from bot.backtest.episode_cache import EpisodeCache
from bot.charts.job import Work
from bot.charts.picture_cache import ChartCache
from bot.charts.renderer import Renderer
from bot.data.catalogue import load_machines
from bot.delivery.destinations import signature
from bot.delivery.outcomes import Outcome
from bot.delivery.pacer import Pacer
from bot.delivery.turns import Turns
from bot.i18n.translator import translator_for
from bot.ops import systemd
from bot.ops.backups import ScheduledBackups
from bot.ops.clock import ClockMonitor
from bot.ops.heartbeat import Heartbeat
from bot.ops.memory import give_back
from bot.ops.scheduler import Scheduler
from bot.ops.supervisor import Supervisor
from bot.ops.version import program_version
from bot.pipeline.background import BackgroundJobs
from bot.pipeline.factory import make_poller
from bot.pipeline.poller import Feed
from bot.settings import Settings
from bot.signals.series import Reading
from bot.snapshot import Snapshot
from bot.telegram.conflict import ConflictPolicy
from bot.telegram.long_polling import LongPolling
from bot.telegram.menus import introduce
from bot.telegram.rate_limiter import PacedRateLimiter
from bot.telegram.request import AiohttpRequest
from bot.telegram.stateless_application import build_application
from bot.telegram.transport import TelegramTransport
from bot.telegram.update_inbox import UpdateInbox
from bot.telegram.update_processor import ChatOrderedProcessor
from bot.telegram.update_queue import MAX_UNFINISHED, UpdateQueue
from bot.telegram.updates import UpdatesRequest
from bot.telegram.widgets import TelegramWidgets
from handlers import registry
from handlers.context import App, HandlerContext
from handlers.events.flood_limit import UpdateRateLimiter
from handlers.replies import AskerReplies
from handlers.views import notices
from storage.chats.chat_migration import move_address
from storage.chats.destinations import Destination
from storage.chats.flood_counts import FloodCountsInMemory, StoredFloodCounts
from storage.chats.follow_ups import FollowUpsInMemory, StoredFollowUps
from storage.database import Store
from storage.errors import StorageError
from storage.outbox.notices import NoticeKind

log = logging.getLogger(__name__)

UPDATES_AT_ONCE: Final = 256
_FREE_RATE: Final = 30.0  # messages a second that Telegram takes without payment
_GRACE_S: Final = 1.5  # for what is being sent or answered when the program stops
_MENUS_WAIT_S: Final = 60.0
_CLOSE_S: Final = 0.5  # for each part to close


def _turns(store: Store, per_second: float, monotonic: Callable[[], float]) -> Turns | None:
    """The turns that replicas share; none where the program has the limit to itself."""
    if not store.is_shared:
        return None
    from bot.delivery.shared_turns import SharedTurns  # noqa: PLC0415 - what SQLite does without

    return SharedTurns(store, per_second, monotonic)


def utc_now() -> datetime:
    """The clock of the live program; everything else is given one."""
    return datetime.now(UTC)


class Program:
    """The running bot. `fatal` says why it stopped when it had to, `stopping` is set when it has to stop."""

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
        heartbeat: Heartbeat | None = None,
        background: BackgroundJobs | None = None,
        draw: Work | None = None,
    ) -> None:
        self.fatal: str | None = None
        self.stopping = asyncio.Event()
        self.leads = False
        """Whether this program does what one alone does."""
        self.store = store
        self.monotonic = monotonic
        self._settings = settings
        self._background = background
        self._scheduler = Scheduler(monotonic)
        self._renderer = Renderer()
        self._announcing: asyncio.Task[None] | None = None
        self._is_scheduled = False
        self._introducing: asyncio.Task[None] | None = None
        self.poller = make_poller(settings, store, feed, bundle)
        clock_monitor = ClockMonitor(clock, monotonic)
        self._clock = clock = clock_monitor.now
        per_second = settings.messages_per_second
        self._pacer = pacer = pacer or Pacer(per_second, turns=_turns(store, per_second, monotonic))
        self._update_queue = UpdateQueue()
        self._processor = ChatOrderedProcessor(UPDATES_AT_ONCE)
        self._requests = (
            request or AiohttpRequest(),
            UpdatesRequest(updates_request or AiohttpRequest(connections=2), self._on_updates_answered),
        )
        self.application: App = build_application(
            token,
            settings.telegram_api_url,
            self._requests,
            PacedRateLimiter(pacer, self._on_moved),
            self._update_queue,
            self._processor,
        )
        self.inbox = UpdateInbox(
            store, self.application, self._processor, clock, UPDATES_AT_ONCE, self.stop_because
        )
        # Relay and editor have waited for their slots: their transport goes round the replies' rate limiter.
        bot: Any = self.application.bot
        transport = TelegramTransport(bot, clock, is_paid=settings.messages_per_second > _FREE_RATE)
        self._destinations = DestinationDelivery(
            settings,
            store,
            signature.secret_key(token),
            program_version(),
            clock,
            is_clock_steady=self._is_clock_steady,
            on_refusal=self._on_destination_refusal,
            on_failure=self.stop_because,
        )
        admins = frozenset(settings.admin_chat_ids)
        allowed = frozenset(settings.allowed_chat_ids)
        served = allowed | admins if allowed else frozenset[int]()
        self._chat_delivery = ChatDelivery(
            store,
            transport,
            pacer,
            lambda: self._views,
            clock,
            allowed=served,
            is_clock_steady=self._is_clock_steady,
            on_problem=lambda *facts: self.supervisor.on_delivery_problem(*facts),  # noqa: PLW0108 - made below
            on_failure=self.stop_because,
        )
        self.relay, self.editor = self._chat_delivery.relay, self._chat_delivery.editor
        counts = StoredFloodCounts(store) if store.is_shared else FloodCountsInMemory(monotonic)
        self.update_limiter = UpdateRateLimiter(
            settings.messages_per_second, admins, monotonic, allowed, counts
        )
        self.supervisor = Supervisor(
            settings,
            store,
            feed,
            self.poller,
            self.relay,
            self.update_limiter,
            self._scheduler,
            clock=clock,
            clock_monitor=clock_monitor,
            monotonic=monotonic,
            send_now=self._send_notice,
            heartbeat=heartbeat,
        )
        catalogue = load_machines()
        self.sharing = PollSharing(
            store,
            self.poller,
            self.supervisor,
            background,
            lambda: self.page.updated(),  # noqa: PLW0108 - made below
        )
        self.snapshot = Snapshot(
            self.poller,
            catalogue,
            settings.power_price,
            self.sharing.facts,
            clock,
            lambda: self._episodes.latest,
        )
        self._episodes = EpisodeCache(store, lambda: self.poller.rules, clock)
        rule_history = self._episodes.rule_history
        self.context = HandlerContext(
            store=store,
            catalogue=catalogue,
            market=self.snapshot.market,
            status=self.snapshot.status,
            clock=clock,
            admins=admins,
            history=lambda: self.poller.history,
            wake_relay=self._wake,
            destinations=self._destinations.config,
            max_watches=settings.max_watches_per_chat,
            rule_history=rule_history,
            charts=ChartCache(draw or self._renderer.work),
            program=self.sharing,
            follow_ups=StoredFollowUps(store) if store.is_shared else FollowUpsInMemory(),
            asker_replies=AskerReplies(monotonic),
            widgets=TelegramWidgets(bot, settings.telegram_widgets),
        )
        self._views = MessageViews(self.context, self.snapshot, self._episodes, self._bot_name)
        self.page = ProgramPage(settings, self.context, self.snapshot, rule_history, token=token, clock=clock)
        folder = settings.backup_dir
        self._jobs = Jobs(
            store,
            self.poller,
            self._wake,
            self.supervisor,
            self.snapshot,
            self.context,
            self.sharing,
            background,
            None if folder is None else ScheduledBackups(store.path, folder, clock),
            clock=clock,
            stop=self.stop_because,
            on_poll=self.page.updated,
            warm_up_charts=self._renderer.warm_up if draw is None else lambda: None,
        )
        self.poll, self.digests = self._jobs.poll, self._jobs.digests
        self.update_limiter.register(self.application, self.context)
        registry.register(self.application, self.context)
        failures = ReplyFailures(self.context, self.stop_because, self.inbox.on_dropped)
        self.application.add_error_handler(failures.on_error)

    async def start(self, *, scheduled: bool = True) -> None:
        """Deliver from now on, and lead if nobody else can; nothing here waits for Telegram.

        Raises SettingsError.
        """
        await self._requests[0].initialize()
        await self.page.start()
        self._is_scheduled = scheduled
        if scheduled:
            await self.supervisor.open()
            self._jobs.schedule_on_replica(self._scheduler)
            self._scheduler.start()
        if self.store.leads:
            await self.lead()
        else:
            await self.sharing.follow()
        self.store.on_change(self._wake_delivery)
        self._chat_delivery.start()
        self._destinations.start()
        systemd.notify("READY=1")

    async def lead(self) -> None:
        """Do from now on what one program alone does: poll, run the scheduled jobs, edit messages.

        Raises StorageError, after which it can be called again.
        """
        if self._is_scheduled:
            await self.supervisor.begin()
            self._jobs.schedule(self._scheduler, timedelta(seconds=self._settings.poll_interval_seconds))
        self._chat_delivery.edit()
        self.leads = True

    async def connect(self) -> None:
        """Ask Telegram who the bot is, say so, and answer what is put into the application's queue.

        Raises TelegramError when Telegram can't be reached, InvalidToken when it refuses the token.
        """
        await self.application.initialize()
        name = self.application.bot.username
        log.info(f"the bot is @{name}: write /start to https://t.me/{name}")
        await self.application.start()
        self.inbox.wake()

    def introduce(self) -> None:
        """Set the bot's menus and descriptions in the background, once the first poll is done.

        What the start took is given back behind them: they are the last that needs much.
        """
        self._introducing = asyncio.create_task(self._introduce())

    async def _introduce(self) -> None:
        with suppress(TimeoutError):  # five catalogues are read, which would hold the first poll up
            async with asyncio.timeout(_MENUS_WAIT_S):
                await self._jobs.settled.wait()
        await introduce(
            self.application.bot, registry.COMMANDS, self._settings.admin_chat_ids, self._settings.web_url
        )
        with suppress(StorageError):  # it is tried again every day
            await give_back(self.store)

    def _wake(self) -> None:
        """Something new waits in the outbox, for this program and for the other replicas."""
        self._wake_delivery()
        if self.store.is_shared:
            self._announcing = asyncio.create_task(self._announce())

    def _wake_delivery(self) -> None:
        self._chat_delivery.wake()
        self._destinations.wake()

    async def _announce(self) -> None:
        with suppress(StorageError):  # the others look by themselves, too
            await self.store.announce_change()

    def _is_clock_steady(self) -> bool:
        return self.supervisor.is_clock_steady()

    def _on_destination_refusal(self, destination: Destination, outcome: Outcome, why: str) -> None:
        self.supervisor.on_destination_refusal(destination, outcome, why)

    def _bot_name(self) -> str | None:
        try:
            return str(self.application.bot.username)
        except RuntimeError:  # before the bot knows who it is
            return None

    async def receive_updates(self) -> None:
        """Receive updates by long polling until cancelled. Raises InvalidToken, TokenInUseError."""
        policy = ConflictPolicy(random.random)
        await LongPolling(
            self.application,
            self.supervisor,
            policy,
            self.is_overloaded,
            self.monotonic,
            lambda: self.store.holds_lease,
        ).run()

    @asynccontextmanager
    async def running(self, *, scheduled: bool = False) -> AsyncIterator[None]:
        """Answer and deliver inside the context; without the scheduled jobs the caller polls itself."""
        await self.start(scheduled=scheduled)
        await self.connect()
        receiving = asyncio.create_task(self.receive_updates())
        try:
            yield
        finally:
            receiving.cancel()
            await asyncio.wait([receiving])
            await self.stop()

    def is_overloaded(self) -> bool:
        """Whether so many updates are unfinished that no more should be received."""
        return self._update_queue.unfinished + self._processor.in_line >= MAX_UNFINISHED

    async def stop(self) -> None:
        """End in a few seconds, whatever is under way; what is unsent stays queued for the next start."""
        systemd.notify("STOPPING=1")
        self.inbox.close()
        self._pacer.drop_replies()
        await self._within(_CLOSE_S, "the jobs", self._scheduler.stop())
        if self._introducing is not None:
            self._introducing.cancel()
        await asyncio.gather(
            self._within(2 * _GRACE_S, "the answers", self._stop_answering()),
            self._within(_GRACE_S, "delivery", self._chat_delivery.stop()),
            self._within(_GRACE_S, "delivery to webhooks", self._destinations.stop()),
            self._within(_GRACE_S, "the note of the end", self._note_end()),
        )
        await self._within(_CLOSE_S, "the supervisor", self.supervisor.close())
        await self._within(_CLOSE_S, "the page", self.page.stop())
        await self._within(_CLOSE_S, "the charts", self._renderer.close())
        await self._within(_CLOSE_S, "the connections", self._close_connections())

    def stop_because(self, why: str) -> None:
        """Ask for the end of the program, which will say why."""
        self.fatal = self.fatal or why
        log.critical(why)
        self.stopping.set()

    async def _stop_answering(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_GRACE_S):
                await self._processor.wait_until_idle()
        self._processor.cancel()
        if self.application.running:
            await self.application.stop()
        try:
            await self.inbox.stop()
        except StorageError as error:
            log.error(f"which updates were answered could not be noted; they are answered again: {error}")

    async def _note_end(self) -> None:
        try:
            await self.supervisor.end()
        except StorageError as error:
            log.error(f"the end could not be noted: {error}")

    async def _close_connections(self) -> None:
        if self._background is not None:
            await self._background.close()
        await self.application.shutdown()
        for request in self._requests:
            await request.shutdown()

    @staticmethod
    async def _within(seconds: float, what: str, work: Awaitable[object]) -> None:
        """Do one step of the end; a step that takes too long or fails is left behind and named in the log."""
        try:
            async with asyncio.timeout(seconds):
                await work
        except TimeoutError:
            log.warning(f"{what} did not end within {seconds:g} s")
        except Exception:
            log.exception(f"{what} did not end in good order")

    async def _on_moved(self, old: tuple[int, int | None], new: tuple[int, int | None]) -> None:
        """Move everything stored about a chat: it has another id, or its topic is gone."""
        await self.store.write(lambda db: move_address(db, old, new))

    def _on_updates_answered(self) -> None:
        self.supervisor.on_updates_answered()

    async def _send_notice(self, chat_id: int, kind: NoticeKind, body: str) -> None:
        """Send a notice in English without the outbox, once; a failure is logged."""
        text = notices.text(kind, body, self._clock(), translator_for(None))
        try:
            await self.application.bot.send_message(chat_id, text, parse_mode="HTML")
        except (TelegramError, RuntimeError) as error:  # RuntimeError: not connected yet
            log.error(f"an operator could not be told: {error}")
