"""Updates that Telegram posts: kept in the database first, then handled by whichever replica has a place.

What is posted is confirmed once it is stored. A loop of short transactions does the rest: each notes what was
handled, keeps what came in meanwhile, and claims what may be handled next, so that the more there is to do
the less each update costs.
"""

import asyncio
import json
import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from telegram import Update
from telegram.ext import BaseUpdateProcessor

from bot.telegram.update_processor import line_of
from bot.telegram.updates import read_update
from handlers.context import App
from storage.chats import received_updates
from storage.chats.received_updates import MAX_CLAIMS, Claim, ReceivedUpdate, Turn
from storage.database import Database, Store
from storage.errors import StorageError

log = logging.getLogger(__name__)

MAX_WAITING: Final = 2_000
"""Updates that may wait to be handled; beyond, Telegram shall keep them and offer them again."""

_MAX_READ: Final = 256
_LOOK_SOON_S: Final = 0.01  # an update waits: perhaps behind one that another replica has just finished
_LOOK_S: Final = 0.2  # how often to look for what another replica has left
_AGAIN_S: Final = 0.5  # after the database could not be written


class UpdateInbox:
    """Stores updates and handles those that it claims, from `start` to `stop`.

    Args:
        store: shared by all replicas, or this program's own.
        application: handles updates once it runs.
        processor: the application's.
        clock: aware UTC now.
        places: how many updates are handled at once.
        on_failure: told why updates can't be taken in any more.
    """

    def __init__(
        self,
        store: Store,
        application: App,
        processor: BaseUpdateProcessor,
        clock: Callable[[], datetime],
        places: int,
        on_failure: Callable[[str], None],
    ) -> None:
        self._store = store
        self._application = application
        self._processor = processor
        self._clock = clock
        self.places = places
        self._on_failure = on_failure
        self._received: list[tuple[ReceivedUpdate, asyncio.Future[None]]] = []
        self._read: OrderedDict[int, Update] = OrderedDict()  # those taken in here lately, read already
        self._finished: list[Claim] = []
        self._handling: dict[asyncio.Task[None], Claim] = {}
        self._is_unsure = False  # whether the last turn may have been written although it failed
        self._waiting = 0
        self._news = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._is_first = True
        self._is_closing = False
        self._unanswered: set[int] = set()  # their replies were dropped since the program stops

    def start(self) -> None:
        """Store and handle from now on."""
        self._running = asyncio.create_task(self._run())

    def wake(self) -> None:
        """Look now: something has come, or is done, or the application runs."""
        self._news.set()

    def is_full(self) -> bool:
        """Whether so many updates wait that no more should be taken in."""
        return self._waiting + len(self._received) >= MAX_WAITING

    async def receive(self, raw: Any) -> None:
        """Store an update; a repeated one is no other, and one that can't be read is left out.

        Raises StorageError.
        """
        update = read_update(raw, self._application.bot)
        if update is None:
            return
        self._read[update.update_id] = update
        if len(self._read) > _MAX_READ:
            self._read.popitem(last=False)
        received = ReceivedUpdate(update.update_id, line_of(update), json.dumps(raw))
        is_stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._received.append((received, is_stored))
        self.wake()
        await is_stored

    def close(self) -> None:
        """Claim no more updates; those that are claimed are handled."""
        self._is_closing = True

    def on_dropped(self, update_id: int) -> None:
        """Leave an update whose reply was dropped to other replicas, or to the next start, at a stop."""
        if self._is_closing:
            self._unanswered.add(update_id)

    async def stop(self) -> None:
        """Leave what was not answered to other replicas, or to the next start. Raises StorageError."""
        self.close()
        if self._running is None:
            return
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        for task in self._handling:
            task.cancel()
        await asyncio.gather(*self._handling, return_exceptions=True)
        finished, received = self._take()
        for _, is_stored in received:
            _settle(is_stored, StorageError("the program stops", "Telegram posts again", passing=True))

        def leave(db: Database) -> None:
            received_updates.finish(db, finished)
            received_updates.release(db, self._store.replica)

        await self._store.write_beside(leave)

    async def _run(self) -> None:
        try:
            await self._take_turns()
        except Exception:
            log.exception("updates can't be stored")
            self._on_failure("updates can't be stored; what was confirmed is handled after the next start")

    async def _take_turns(self) -> None:
        while True:
            await self._until_something_to_do()
            finished, received = self._take()
            try:
                turn = await self._turn(finished, [update for update, _ in received])
            except StorageError as error:
                self._finished += finished
                self._is_unsure = self._store.is_shared
                for _, is_stored in received:
                    _settle(is_stored, error)
                await self._wait_after(error)
                continue
            except asyncio.CancelledError:  # the transaction may never have begun: `stop` writes this again
                self._finished += finished
                self._received += received
                raise
            self._is_first = self._is_unsure = False
            self._store.outage.ended("updates wait")
            self._waiting = turn.waiting
            for _, is_stored in received:
                _settle(is_stored)
            for claim in turn.claims:
                self._begin(claim)

    def _take(self) -> tuple[list[Claim], list[tuple[ReceivedUpdate, asyncio.Future[None]]]]:
        """What the next turn has to write."""
        taken = self._finished, self._received
        self._finished, self._received = [], []
        return taken

    async def _turn(self, finished: Sequence[Claim], received: Sequence[ReceivedUpdate]) -> Turn:
        replica, now = self._store.replica, self._clock()
        places = self._free_places() if self._store.may_send(replica) else 0
        begins_alone = self._is_first and not self._store.is_shared
        is_unsure = self._is_unsure
        under_way = {claim.update_id for claim in (*self._handling.values(), *self._finished)}

        def work(db: Database) -> Turn:
            if begins_alone:  # what this program had claimed before it ended without a word
                received_updates.release(db, replica)
            received_updates.finish(db, finished)
            if is_unsure:
                received_updates.return_lost(db, replica, under_way)
            received_updates.keep(db, received, now)
            return received_updates.claim(db, replica, places)

        return await self._store.write_beside(work)

    def _free_places(self) -> int:
        if self._is_closing or not self._application.running:
            return 0
        return self.places - len(self._handling)

    async def _until_something_to_do(self) -> None:
        """Wait for news; replicas look for what others have left, too, the sooner if something waits."""
        wait_s = _LOOK_SOON_S if self._waiting else _LOOK_S
        while not self._is_first:
            try:
                async with asyncio.timeout(wait_s if self._store.is_shared else None):
                    await self._news.wait()
                break
            except TimeoutError:
                wait_s = min(2 * wait_s, _LOOK_S)
            if self._free_places() and await self._is_any_left():
                break
        self._news.clear()

    async def _is_any_left(self) -> bool:
        replica = self._store.replica
        try:
            return await self._store.read(lambda db: received_updates.any_free(db, replica))
        except StorageError:
            return False  # the next update says so

    async def _wait_after(self, error: StorageError) -> None:
        self._store.outage.failed("updates wait", error)
        await asyncio.sleep(_AGAIN_S)
        self.wake()

    def _begin(self, claim: Claim) -> None:
        if claim.count > MAX_CLAIMS:
            log.error(f"update {claim.update_id} is given up: {MAX_CLAIMS} programs ended while handling it")
            self._finish(claim)
            return
        if not self._store.may_send(claim.replica):  # stopped meanwhile, so that another may have it by now
            self._is_unsure = True
            self.wake()
            return
        task = asyncio.create_task(self._handle(claim))
        self._handling[task] = claim
        task.add_done_callback(self._handling.pop)

    async def _handle(self, claim: Claim) -> None:
        try:
            update = self._read.pop(claim.update_id, None)
            if update is None:  # another replica took it in
                update = Update.de_json(json.loads(claim.raw), self._application.bot)
            await self._processor.process_update(update, self._application.process_update(update))
        except Exception:
            log.exception(f"update {claim.update_id} could not be handled")
        if claim.update_id not in self._unanswered:
            self._finish(claim)

    def _finish(self, claim: Claim) -> None:
        self._finished.append(claim)
        self.wake()


def _settle(is_stored: asyncio.Future[None], error: StorageError | None = None) -> None:
    """Answer who waits, unless they have gone."""
    if is_stored.done():
        return
    if error is None:
        is_stored.set_result(None)
    else:
        is_stored.set_exception(error)
