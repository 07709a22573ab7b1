"""Edit sent messages that say something old, whenever no alert waits."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from bot.delivery.outcomes import (
    Delivered,
    EditRequest,
    Gone,
    Halt,
    Moved,
    Outcome,
    OutgoingMessage,
    Rejected,
    Retry,
    RetryCause,
    Transport,
    Uncertain,
)
from bot.delivery.pacer import Pacer, SlotRefusedError
from bot.delivery.rendering import RenderCache, RenderError, text_digest
from storage import outbox
from storage.chats.chat_migration import move_address
from storage.database import Database, Store
from storage.errors import StorageError
from storage.outbox import EditContent, EditResult, MessageEdit, Priority, sent_messages

log = logging.getLogger(__name__)

RenderEdit = Callable[[EditContent, datetime], OutgoingMessage]

MAX_ATTEMPTS: Final = 300
"""Tries of one edit, which take a day; what ends is told by a message of its own, too."""

_AT_ONCE = 8
_BATCH = 200
_LOOK_S = 15.0
_PATIENCE_S = 30.0  # those edited together wait for the slowest
_RETRY, _LONGEST_RETRY = timedelta(seconds=15), timedelta(minutes=5)
_DATABASE_RETRY_S = 1.0


class Editor:
    """Brings messages up to date, behind everything else that is sent.

    Args:
        store: the open database.
        transport: makes one edit and returns its outcome.
        pacer: shared with the relay and the replies.
        render: makes the new text of a message; when it raises, the message stays as it is.
        clock: aware UTC now.
        allowed: the only chats whose messages are edited; empty: all.
    """

    def __init__(
        self,
        store: Store,
        transport: Transport,
        pacer: Pacer,
        render: RenderEdit,
        clock: Callable[[], datetime],
        *,
        allowed: frozenset[int] = frozenset(),
    ) -> None:
        self._store = store
        self._transport = transport
        self._pacer = pacer
        self._renderings = RenderCache(render)
        self._clock = clock
        self._allowed = allowed
        self._wakeup = asyncio.Event()

    def wake(self) -> None:
        """Look for messages to edit now."""
        self._wakeup.set()

    async def run(self) -> None:
        """Edit until cancelled; what was not recorded is edited again, which changes nothing."""
        while True:
            self._wakeup.clear()
            try:
                is_done = await self._edit_batch()
            except StorageError as error:
                self._store.outage.failed("edits wait", error)
                await asyncio.sleep(_DATABASE_RETRY_S)
                is_done = True
            else:
                self._store.outage.ended("edits wait")
            if is_done:
                await self._sleep(_LOOK_S)

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wakeup.wait()
        except TimeoutError:
            return

    async def _edit_batch(self) -> bool:
        """Edit some messages; returns whether none was left or something more urgent waits."""
        replica = self._store.replica
        edits = await self._store.read(self._due)
        for start in range(0, len(edits), _AT_ONCE):
            await self._edit_together(edits[start : start + _AT_ONCE], replica)
            if await self._store.read(self._alert_waits):
                return True
        return len(edits) < _BATCH

    async def _edit_together(self, edits: Sequence[MessageEdit], replica: int) -> None:
        """Edit a few messages at once and record how that ended."""
        outcomes = await asyncio.gather(*(self._edit(edit, replica) for edit in edits))
        now = self._clock()
        results = [
            _result(edit, outcome, digest, now)
            for edit, (outcome, digest) in zip(edits, outcomes, strict=True)
        ]
        moves = [
            partial(move_address, old=(edit.chat_id, None), new=(outcome.chat_id, None))
            for edit, (outcome, _) in zip(edits, outcomes, strict=True)
            if isinstance(outcome, Moved)
        ]

        def record(db: Database) -> None:
            sent_messages.finish(db, results, now)
            for move in moves:
                move(db)

        await self._store.write(record)

    def _due(self, db: Database) -> list[MessageEdit]:
        if self._alert_waits(db):
            return []
        return sent_messages.due_edits(db, self._clock(), _BATCH)

    def _alert_waits(self, db: Database) -> bool:
        next_due = outbox.next_due(db)
        return next_due is not None and next_due <= self._clock()

    async def _edit(self, edit: MessageEdit, replica: int) -> tuple[Outcome | None, str]:
        """Edit one message; None when it can't be rendered. The digest is of what it says then.

        Read as `replica`, it is left alone once this program may have been given up for dead.
        """
        if self._allowed and edit.chat_id not in self._allowed:
            return Gone("not in ALLOWED_CHAT_IDS"), edit.text_digest
        try:
            message = self._renderings.message(edit.content, self._clock())
        except RenderError:
            log.exception("the new text of a message can't be rendered")
            return None, edit.text_digest
        digest = text_digest(message)
        if digest == edit.text_digest:
            return Delivered(edit.message_id), digest
        request = EditRequest(
            edit.chat_id, edit.message_id, message.text, message.keyboard, is_caption=edit.content.has_picture
        )
        limited_s = self._pacer.ready_in(edit.chat_id)
        if limited_s > _PATIENCE_S:
            return self._waits(limited_s), edit.text_digest
        try:
            async with self._pacer.slot(edit.chat_id, Priority.EDIT, _PATIENCE_S):
                if not self._store.may_send(replica):
                    return Retry(RetryCause.STOPPED, "another replica may be editing it"), edit.text_digest
                outcome = await self._transport.edit(request)
        except SlotRefusedError:
            return self._waits(self._pacer.ready_in(edit.chat_id)), edit.text_digest
        if isinstance(outcome, Rejected):
            log.warning(f"a message stays as it is, since Telegram said: {outcome.why}")
        return outcome, digest if isinstance(outcome, Delivered) else edit.text_digest

    def _waits(self, seconds: float) -> Retry:
        """The chat's limit holds the edit up; those of other chats go on."""
        return Retry(RetryCause.WAITS, "its chat has a limit", self._clock() + timedelta(seconds=seconds))


def _result(edit: MessageEdit, outcome: Outcome | None, digest: str, now: datetime) -> EditResult:
    """What follows from one try; a message that can't be edited is left, since its end is told by a reply."""
    later = now + min(_RETRY * (edit.attempts + 1), _LONGEST_RETRY)
    match outcome:
        case Retry(_, _, at):
            retry_at = max(at or now, later)
        case Uncertain() | Halt():
            retry_at = later
        case Moved():
            return EditResult(edit, digest, retry_at=now)
        case Rejected() | Gone():
            return EditResult(edit, digest, is_gone=True)
        case _:
            return EditResult(edit, digest)
    if edit.attempts + 1 >= MAX_ATTEMPTS:
        return EditResult(edit, digest)
    return EditResult(edit, digest, retry_at=retry_at)
