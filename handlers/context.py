"""What every handler needs, given once by the application."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from telegram.ext import Application

from bot.backtest.episodes import RuleHistory
from bot.charts.picture_cache import ChartCache
from bot.delivery.destinations.destination_transport import DestinationConfig
from bot.mining.machines import Catalogue
from bot.mining.market import Market
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.follow_up import CommandDone
from bot.ops.program_status import ProgramStatus, SourceState
from bot.settings import WidgetKind
from bot.signals.history import History
from bot.snapshot import StatusView
from handlers.events.unanswered import Unanswered
from handlers.replies import AskerReplies
from storage.chats.chats import Address
from storage.chats.follow_ups import FollowUps, FollowUpsInMemory
from storage.database import Store

App = Application[Any, Any, Any, Any, Any, Any]
"""The Telegram application; handlers keep nothing in its generic stores."""


class ProgramStatusSource(Protocol):
    """Knows the program's own state."""

    def sources(self) -> list[SourceState]:
        """Every provider, in the order of docs/sources.md."""

    async def program_status(self) -> ProgramStatus:
        """The program at this moment."""


@dataclass(frozen=True, slots=True)
class SentWidget:
    """A message with a widget, and Telegram's id of the widget when it is shared."""

    message_id: int
    widget_id: str | None


class Widgets(Protocol):
    """Sends widgets. What a server refuses gives None or False; everything else raises TelegramError."""

    def offers(self, kind: WidgetKind) -> bool:
        """Whether to try: switched on, and not refused yet."""

    async def send(
        self, chat_id: int, html: str, *, topic_id: int = 0, reply_to: int | None = None
    ) -> SentWidget | None:
        """Send a widget of one message."""

    async def create_shared(
        self, chat_id: int, html: str, data: str, caption: str, *, topic_id: int = 0
    ) -> SentWidget | None:
        """Make a shared widget and send it."""

    async def send_shared(
        self, chat_id: int, widget_id: str, caption: str, *, topic_id: int = 0
    ) -> SentWidget | None:
        """Send a shared widget again."""

    async def edit_shared(self, widget_id: str, data: str) -> bool:
        """Set the data of a shared widget, in every message that shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlerContext:
    """The handlers' tools.

    Attributes:
        market: the newest readings.
        status: where the rules stand.
        history: every series known.
        rule_history: the past of every rule and of the phase.
        clock: the time in UTC.
        charts: draws pictures.
        program: what is known about the program itself.
        admins: the chats of the bot's operators.
        max_watches: how many personal watches a chat may have.
        wake_relay: says that a message waits to be delivered.
        destinations: what is set about webhooks and other services.
        follow_ups: the questions answered last, which a next one may go on from.
        unanswered: what was only asked back, which a next message may complete.
        asker_replies: answers that in a group only the asker sees.
        widgets: sends widgets; None where they are switched off.
    """

    store: Store
    catalogue: Catalogue
    market: Callable[[], Market]
    status: Callable[[], StatusView]
    history: Callable[[], History]
    rule_history: Callable[[], Awaitable[RuleHistory]]
    clock: Callable[[], datetime]
    charts: ChartCache
    program: ProgramStatusSource
    admins: frozenset[int]
    max_watches: int
    wake_relay: Callable[[], None]
    destinations: DestinationConfig
    follow_ups: FollowUps = field(default_factory=FollowUpsInMemory)
    unanswered: Unanswered = field(default_factory=Unanswered)
    asker_replies: AskerReplies = field(default_factory=AskerReplies)
    widgets: Widgets | None = None

    def widgets_for(self, kind: WidgetKind, address: Address | None) -> Widgets | None:
        """What sends a widget of a kind to an address; None where none can be sent.

        Telegram takes widgets in private chats only, whose ids are above 0.
        """
        if self.widgets is None or address is None or address.chat_id <= 0:
            return None
        return self.widgets if self.widgets.offers(kind) else None

    async def note_command(self, address: Address, command: CommandRequest) -> None:
        """Remember the command that is answered; the question answered before it stays."""
        now = self.clock()
        before = await self.follow_ups.last(address, now)
        question = before.question if isinstance(before, CommandDone) else before
        await self.follow_ups.note(address, CommandDone(command, question), now)

    async def note_former(self, address: Address, former: str) -> None:
        """Remember what the command being answered has changed, as the settings before it."""
        now = self.clock()
        before = await self.follow_ups.last(address, now)
        if not isinstance(before, CommandDone):
            before = CommandDone(CommandRequest("button"), before)
        await self.follow_ups.note(address, replace(before, former=former), now)

    async def note_offered(self, address: Address | None, *offered: CommandRequest) -> None:
        """Remember what was offered, which a yes takes up; with nothing, that no offer is open."""
        now = self.clock()
        before = await self.follow_ups.last(address, now)
        if not isinstance(before, CommandDone):
            if not offered:
                return
            before = CommandDone(CommandRequest("offer"), before)
        if before.offered != offered:
            await self.follow_ups.note(address, replace(before, offered=offered), now)

    async def last_done(self, address: Address) -> CommandDone | None:
        """The command answered last with what it changed, where nothing else was answered since."""
        before = await self.follow_ups.last(address, self.clock())
        return before if isinstance(before, CommandDone) else None

    async def last_command(self, address: Address) -> CommandRequest | None:
        """The command answered last, where nothing else was since."""
        done = await self.last_done(address)
        return None if done is None else done.command
