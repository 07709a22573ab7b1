"""Tell operators, and chats that asked for it, when there is no fresh data or no trustworthy value."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.i18n.message import Message
from bot.ops.monitors import OUTAGE_AFTER_POLLS, REJECTED_AFTER, ConditionMonitor
from bot.ops.operators import OperatorNotifier
from bot.signals.rules import Severity
from bot.sources.types import RejectedSeries
from storage import outbox
from storage.chats import preferences
from storage.database import Database, Store
from storage.errors import StorageError
from storage.outbox.notices import NoticeKind

log = logging.getLogger(__name__)

SeriesKey = tuple[str, str]
"""A series and the kind of its values."""


@dataclass(frozen=True, slots=True)
class DataOutage:
    """No fresh data: the last poll that had some (or the start), and what went wrong since.

    `own_fault`: the polls themselves failed, for example for a full disk, and the sources are not to blame.
    """

    last_good: datetime
    why: tuple[Message, ...]
    own_fault: bool


class DataMonitor:
    """Is told of every poll; `wake` tells the relay that something waits, `clock` is aware UTC."""

    def __init__(
        self,
        operators: OperatorNotifier,
        store: Store,
        wake: Callable[[], None],
        clock: Callable[[], datetime],
    ) -> None:
        self.last_good = clock()
        self._operators = operators
        self._store = store
        self._wake = wake
        self._clock = clock
        self._outages = ConditionMonitor[str, DataOutage](after_checks=OUTAGE_AFTER_POLLS)
        self._disagreements = ConditionMonitor[SeriesKey, RejectedSeries](after=REJECTED_AFTER)

    def outage_since(self) -> datetime | None:
        """The last poll with fresh data, while there is an outage."""
        lasting = self._outages.lasting
        return lasting[0].fact.last_good if lasting else None

    async def on_poll(self, good: bool | None, why: tuple[Message, ...], *, own_fault: bool = False) -> None:
        """One more poll: whether it had fresh data (None: nothing was due), and what went wrong."""
        if good is None:
            return
        now = self._clock()
        outage = DataOutage(self.last_good, why, own_fault)
        started, ended = self._outages.update(now, {} if good else {"data": outage})
        if good:
            self.last_good = now
        for condition in started:
            await self._on_outage(condition.fact, condition.checks)
        for condition in ended:
            since = condition.fact.last_good
            log.info(f"fresh data again; blind since {since:%Y-%m-%d %H:%M} UTC")
            facts = {"since": since.isoformat()}
            await self._operators.notify(NoticeKind.OUTAGE_ENDED, Severity.WARNING, facts)
            await self._tell_chats(since, ended=True)

    async def on_rejections(self, rejected: Mapping[SeriesKey, RejectedSeries]) -> None:
        """The series that no provider can be trusted on at present: told once, and once when that is over."""
        lasting, over = self._disagreements.update(self._clock(), rejected)
        for kind, news in ((NoticeKind.SERIES_REJECTED, lasting), (NoticeKind.SERIES_ACCEPTED, over)):
            if news:
                series = [[each.fact.series, each.fact.source, each.fact.reason] for each in news]
                await self._operators.notify(kind, Severity.WARNING, {"series": series})

    async def _on_outage(self, outage: DataOutage, polls: int) -> None:
        since = outage.last_good
        log.error(f"blind: no fresh data for {polls} polls, since {since:%Y-%m-%d %H:%M} UTC")
        facts = {
            "since": since.isoformat(),
            "polls": polls,
            "why": list(outage.why),
            "own_fault": outage.own_fault,
        }
        await self._operators.notify(NoticeKind.OUTAGE_STARTED, Severity.CRITICAL, facts)
        await self._tell_chats(since, ended=False)

    async def _tell_chats(self, since: datetime, *, ended: bool) -> None:
        """Tell the chats that asked for it."""
        now, body = self._clock(), json.dumps({"since": since.isoformat(), "ended": ended})

        def queue(db: Database) -> int:
            to = preferences.wanting_outages(db)
            if not to:
                return 0
            notice = outbox.add_notice(db, NoticeKind.CHAT_OUTAGE, Severity.WARNING, body, now)
            return outbox.enqueue_notice(db, notice, now, to=to)

        try:
            if await self._store.write(queue):
                self._wake()
        except StorageError as error:
            log.error(f"chats could not be told of the outage: {error}")
