"""The one place where the parts are put together: storage, poller, delivery and chat."""

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from telegram import Update
from telegram.error import Forbidden, InvalidToken, TelegramError
from telegram.ext import ApplicationBuilder, ContextTypes
from telegram.request import BaseRequest

from bot.app.destination_delivery import DestinationDelivery
from bot.app.jobs import Jobs
from bot.app.page import ProgramPage
from bot.app.poll_sharing import PollSharing
from bot.backtest.episode_cache import EpisodeCache
from bot.charts.alert_chart import alert_chart
from bot.charts.job import DrawingError, Work
from bot.charts.picture_cache import ChartCache
from bot.charts.renderer import Renderer
from bot.data.catalogue import load_machines
from bot.delivery.alert_pictures import Pictures
from bot.delivery.destinations import signature
from bot.delivery.editor import Editor
from bot.delivery.outcomes import Outcome, OutgoingMessage
from bot.delivery.pacer import Pacer
from bot.delivery.relay import DeliveryHaltedError, Relay
from bot.delivery.shared_turns import SharedTurns
from bot.i18n.translator import translator_for
from bot.ops import systemd
from bot.ops.backups import ScheduledBackups
from bot.ops.clock import ClockMonitor
from bot.ops.heartbeat import Heartbeat
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
from bot.telegram.errors import is_passing
from bot.telegram.long_polling import LongPolling
from bot.telegram.menus import introduce
from bot.telegram.rate_limiter import PacedRateLimiter
from bot.telegram.request import AiohttpRequest
from bot.telegram.transport import TelegramTransport
from bot.telegram.update_inbox import UpdateInbox
from bot.telegram.update_processor import ChatOrderedProcessor
from bot.telegram.update_queue import MAX_UNFINISHED, UpdateQueue
from bot.telegram.updates import StatelessApplication, UpdatesRequest
from bot.telegram.widgets import TelegramWidgets
from handlers import registry
from handlers.commands import chart, pin
from handlers.context import App, HandlerContext
from handlers.events import fallback
from handlers.events.flood_limit import UpdateRateLimiter
from handlers.replies import AskerReplies
from handlers.views import notices, notification
from handlers.views.situation import Situation
from storage.chats import chats
from storage.chats.chat_migration import move_address
from storage.chats.destinations import Destination
from storage.chats.flood_counts import FloodCountsInMemory, StoredFloodCounts
from storage.chats.follow_ups import FollowUpsInMemory, StoredFollowUps
from storage.database import Store
from storage.errors import StorageError
from storage.outbox import EditContent, MessageContent
from storage.outbox.notices import NoticeKind
from storage.signals import alerts

log = logging.getLogger(__name__)

UPDATES_AT_ONCE: Final = 256
_FREE_RATE: Final = 30.0  # messages a second that Telegram takes without payment
_GRACE_S: Final = 1.5  # for what is being sent or answered when the program stops
_CLOSE_S: Final = 0.5  # for each part to close


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
        self.store = store
        self.monotonic = monotonic
        self._settings = settings
        self._background = background
        self._scheduler = Scheduler(monotonic)
        self._renderer = Renderer()
        self._delivering: asyncio.Task[None] | None = None
        self._editing: asyncio.Task[None] | None = None
        self._announcing: asyncio.Task[None] | None = None
        self._is_scheduled = False
        self._introducing: asyncio.Task[None] | None = None
        self.poller = make_poller(settings, store, feed, bundle)
        clock_monitor = ClockMonitor(clock, monotonic)
        self._clock = clock = clock_monitor.now
        per_second = settings.messages_per_second
        turns = SharedTurns(store, per_second) if store.is_shared else None
        self._pacer = pacer = pacer or Pacer(per_second, turns=turns)
        self._update_queue = UpdateQueue()
        self._processor = ChatOrderedProcessor(UPDATES_AT_ONCE)
        self._requests = (
            request or AiohttpRequest(),
            UpdatesRequest(updates_request or AiohttpRequest(connections=2), self._on_updates_answered),
        )
        self.application: App = (
            ApplicationBuilder()
            .application_class(StatelessApplication)
            .token(token)
            .base_url(f"{settings.telegram_api_url.rstrip('/')}/bot")
            .base_file_url(f"{settings.telegram_api_url.rstrip('/')}/file/bot")
            .request(self._requests[0])
            .get_updates_request(self._requests[1])
            .rate_limiter(PacedRateLimiter(pacer, self._on_moved))
            .update_queue(self._update_queue)
            .concurrent_updates(self._processor)
            .updater(None)
            .job_queue(None)
            .build()
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
        self.editor = Editor(store, transport, pacer, self._render_edit, clock, allowed=served)
        self.relay = Relay(
            store,
            transport,
            pacer,
            lambda content, now: notification.render(content, now, self._situation),
            clock,
            is_clock_steady=self._is_clock_steady,
            on_problem=lambda *facts: self.supervisor.on_delivery_problem(*facts),  # noqa: PLW0108 - made below
            allowed=served,
            pictures=Pictures(store, self._draw, clock),
        )
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
        self.application.add_error_handler(self._on_handler_error)

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
        self._delivering = asyncio.create_task(self._deliver())
        self._destinations.start()
        systemd.notify("READY=1")

    async def lead(self) -> None:
        """Do from now on what one program alone does: poll, run the scheduled jobs, edit messages."""
        if self._is_scheduled:
            await self.supervisor.begin()
            self._jobs.schedule(self._scheduler, timedelta(seconds=self._settings.poll_interval_seconds))
        self._editing = asyncio.create_task(self.editor.run())

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
        """Set the bot's menus and descriptions in the background."""
        self._introducing = asyncio.create_task(
            introduce(
                self.application.bot,
                registry.COMMANDS,
                self._settings.admin_chat_ids,
                self._settings.web_url,
            )
        )

    def _wake(self) -> None:
        """Something new waits in the outbox, for this program and for the other replicas."""
        self._wake_delivery()
        if self.store.is_shared:
            self._announcing = asyncio.create_task(self._announce())

    def _wake_delivery(self) -> None:
        self.relay.wake()
        self.editor.wake()
        self._destinations.wake()

    async def _announce(self) -> None:
        with suppress(StorageError):  # the others look by themselves, too
            await self.store.announce_change()

    def _is_clock_steady(self) -> bool:
        return self.supervisor.is_clock_steady()

    def _on_destination_refusal(self, destination: Destination, outcome: Outcome, why: str) -> None:
        self.supervisor.on_destination_refusal(destination, outcome, why)

    def _situation(self) -> Situation:
        snapshot = self.snapshot
        return Situation(
            self.context.catalogue,
            snapshot.market(),
            self.poller.history,
            self._episodes.latest,
            snapshot.shutdowns,
            snapshot.odds(),
            self._link,
            snapshot.stress(),
            snapshot.index_record(),
        )

    def _render_edit(self, content: EditContent, now: datetime) -> OutgoingMessage:
        if content.kind == "status":
            return pin.board(self.context, translator_for(content.language))
        return notification.render_edit(content, now, self._situation)

    async def _draw(self, content: MessageContent) -> bytes | None:
        """The picture of an alert; None where there is none, or no time for it."""
        try:
            t = await chart.picture_language(self.context, translator_for(content.language))
            source = chart.source_with(self.context, self._episodes.latest, t)
            alert_list = [alerts.parse(subject.body) for subject in content.subjects if subject.rule]
            picture = alert_chart(alert_list, source, dark=content.dark)
            return None if picture is None else await self.context.charts.picture(picture, t)
        except DrawingError as error:
            log.info(f"an alert goes without its picture: {type(error).__name__} {error}")
            return None

    def _link(self, payload: str) -> str | None:
        try:
            name = self.application.bot.username
        except RuntimeError:  # before the bot knows who it is
            return None
        return f"https://t.me/{name}?start={payload}"

    async def receive_updates(self) -> None:
        """Receive updates by long polling until cancelled. Raises InvalidToken, TokenInUseError."""
        policy = ConflictPolicy(random.random)
        await LongPolling(self.application, self.supervisor, policy, self.is_overloaded, self.monotonic).run()

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
        self._pacer.drop_replies()
        await self._within(_CLOSE_S, "the jobs", self._scheduler.stop())
        if self._introducing is not None:
            self._introducing.cancel()
        await asyncio.gather(
            self._within(2 * _GRACE_S, "the answers", self._stop_answering()),
            self._within(_GRACE_S, "delivery", self._stop_delivering()),
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
        self.inbox.close()
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

    async def _stop_delivering(self) -> None:
        if self._editing is not None:
            self._editing.cancel()
        try:
            await self.relay.stop()
        finally:
            if self._delivering is not None:
                self._delivering.cancel()
                await asyncio.gather(self._delivering, return_exceptions=True)

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

    async def _deliver(self) -> None:
        try:
            await self.relay.run()
        except DeliveryHaltedError as error:
            self.stop_because(f"delivery can't go on: {error}")
        except Exception:
            log.exception("delivery failed")
            self.stop_because("delivery failed; what is queued is kept and goes on at the next start")

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

    async def _deactivate(self, chat_id: int, why: str) -> None:
        try:
            await self.store.write(lambda db: chats.deactivate(db, chat_id, why))
        except StorageError as error:  # the next refusal does it
            log.error(f"a chat that is gone could not be noted: {error}")

    async def _on_handler_error(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        """An error that a handler raised: a refused token stops the program, the others are one reply's."""
        error = context.error
        if isinstance(error, InvalidToken):
            self.stop_because("Telegram refuses the token; put a valid one into TELEGRAM_BOT_TOKEN")
        elif isinstance(error, Forbidden) and isinstance(update, Update) and update.effective_chat:
            await self._deactivate(update.effective_chat.id, str(error))
        elif error is not None and is_passing(error):
            log.warning(f"a reply was not sent: {error}")
        else:
            if isinstance(error, StorageError):
                log.error(f"a reply failed: {error}")
            else:
                log.error("a reply failed", exc_info=error)
            if isinstance(update, Update):
                await fallback.apologise(self.context, update)
