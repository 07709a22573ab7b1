"""What the outbox's messages need of this moment: the situation beside alerts, pictures, and edits."""

import logging
from collections.abc import Callable
from datetime import datetime

from bot.backtest.episode_cache import EpisodeCache
from bot.charts.alert_chart import alert_chart
from bot.charts.job import DrawingError
from bot.delivery.outcomes import OutgoingMessage
from bot.i18n.translator import translator_for
from bot.snapshot import Snapshot
from handlers.commands import chart, pin
from handlers.context import HandlerContext
from handlers.views import notification
from handlers.views.situation import Situation
from storage.outbox import EditContent, MessageContent
from storage.signals import alerts

log = logging.getLogger(__name__)


class MessageViews:
    """Render stored content against the newest readings.

    Args:
        bot_name: the bot's user name, None before Telegram has told it.
    """

    def __init__(
        self,
        context: HandlerContext,
        snapshot: Snapshot,
        episodes: EpisodeCache,
        bot_name: Callable[[], str | None],
    ) -> None:
        self._context = context
        self._snapshot = snapshot
        self._episodes = episodes
        self._bot_name = bot_name

    def edit(self, content: EditContent, now: datetime) -> OutgoingMessage:
        """Render what a message that was sent says now."""
        if content.kind == "status":
            return pin.board(self._context, translator_for(content.language))
        return notification.render_edit(content, now, self.situation)

    async def picture(self, content: MessageContent) -> bytes | None:
        """Draw the picture of an alert, as PNG; None where there is none, or no time for it."""
        try:
            t = await chart.picture_language(self._context, translator_for(content.language))
            source = chart.source_with(self._context, self._episodes.latest, t)
            alert_list = [alerts.parse(subject.body) for subject in content.subjects if subject.rule]
            picture = alert_chart(alert_list, source, dark=content.dark)
            return None if picture is None else await self._context.charts.picture(picture, t)
        except DrawingError as error:
            log.info(f"an alert goes without its picture: {type(error).__name__} {error}")
            return None

    def situation(self) -> Situation:
        """What is known at this moment beside the alerts themselves."""
        snapshot = self._snapshot
        return Situation(
            self._context.catalogue,
            snapshot.market(),
            self._context.history(),
            self._episodes.latest,
            snapshot.shutdowns,
            snapshot.odds(),
            self._link,
            snapshot.stress(),
            snapshot.index_record(),
        )

    def _link(self, payload: str) -> str | None:
        name = self._bot_name()
        return None if name is None else f"https://t.me/{name}?start={payload}"
