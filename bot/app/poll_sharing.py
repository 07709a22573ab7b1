"""What replicas tell each other of the polls: the leader what it knows, the others take it over."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from bot.ops.poll_facts import PollFacts, dump, parse
from bot.ops.program_status import ProgramStatus, SourceState
from bot.ops.supervisor import Supervisor
from bot.pipeline.background import BackgroundJobs
from bot.pipeline.poller import Poller
from storage.database import Store
from storage.errors import StorageError
from storage.signals import newest_poll

LOOK_EVERY: Final = timedelta(seconds=1)
"""How often a replica that doesn't lead looks for a new poll."""

_WAITS: Final = "the leader's poll can't be read"
_OVERLAP: Final = timedelta(minutes=10)  # a poll writes some time after it has read


class PollSharing:
    """The newest poll, whichever replica has made it.

    A program with a database of its own, and the leader, know it by themselves; the leader publishes it. The
    others read history, rule states and facts after each poll. `on_news` is called when they have.
    """

    def __init__(
        self,
        store: Store,
        poller: Poller,
        supervisor: Supervisor,
        background: BackgroundJobs | None,
        on_news: Callable[[], None],
    ) -> None:
        self._store = store
        self._poller = poller
        self._supervisor = supervisor
        self._background = background
        self._on_news = on_news
        self._body: str | None = None
        self._others = PollFacts()

    def facts(self) -> PollFacts:
        """What is known of the newest poll; a new leader goes by the old one's until it has polled."""
        if self._store.is_shared and self._poller.last is None:
            return self._others
        return self._own_facts()

    def sources(self) -> list[SourceState]:
        """Every provider, in the order of docs/sources.md."""
        return list(self.facts().sources)

    async def program_status(self) -> ProgramStatus:
        """This program at this moment."""
        return await self._supervisor.program_status()

    async def publish(self) -> None:
        """Tell the other replicas of the poll that was just made."""
        if not self._store.is_shared:
            return
        body = dump(self._own_facts())
        try:
            await self._store.write(lambda db: newest_poll.save(db, body))
        except StorageError as error:
            self._store.outage.left_undone("the other replicas were not told of the poll", error)

    async def follow(self) -> None:
        """Take over what the leader has written since the last call, if there was a poll.

        The first poll of a day, and the one that completes a first start, are read with the whole history.
        """
        if self._store.leads:
            self._store.outage.ended(_WAITS)
            return
        try:
            body = await self._store.read(newest_poll.load)
            facts = None if body is None or body == self._body else parse(body)
            if facts is not None:
                await self._poller.read_written(self._since(facts))
        except StorageError as error:
            self._store.outage.failed(_WAITS, error)
            return
        self._store.outage.ended(_WAITS)
        if facts is None:
            return
        self._body, self._others = body, facts
        self._on_news()

    def _since(self, facts: PollFacts) -> datetime | None:
        """From when on readings are news; None when all of them have to be read."""
        before = self._others.polled_at
        if before is None or facts.polled_at is None or facts.is_whole != self._others.is_whole:
            return None
        if facts.polled_at < before:  # the leader's clock was set back
            return None
        return before - _OVERLAP if before.date() == facts.polled_at.date() else None

    def _own_facts(self) -> PollFacts:
        last, background = self._poller.last, self._background
        return PollFacts(
            polled_at=None if last is None else last.polled_at,
            ledger_progress=None if background is None else background.note,
            refused=tuple(self._supervisor.rejected_series()),
            outage_since=self._supervisor.outage_since(),
            sources=tuple(self._supervisor.sources()),
            is_whole=self._poller.is_whole,
        )
