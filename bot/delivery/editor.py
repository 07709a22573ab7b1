"""Edit sent messages whose episode is over, whenever no alert waits."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from bot.delivery.outcomes import EditRequest, Halt, Outcome, OutgoingMessage, Retry, Transport, Uncertain
from bot.delivery.pacer import Pacer
from storage import outbox
from storage.database import Database, Store
from storage.outbox import MessageEdit, Priority
from storage.outbox.episodes import due_edits, finish_edit

log = logging.getLogger(__name__)

RenderEdit = Callable[[MessageEdit, datetime], OutgoingMessage]

MAX_ATTEMPTS: Final = 20
"""Tries of one edit; the end itself was sent as a message of its own."""

_BATCH = 20
_LOOK_S = 15.0
_RETRY = timedelta(minutes=5)


class Editor:
    """Brings messages up to date, one after the other and behind everything else that is sent.

    Args:
        store: the open database.
        transport: makes one edit and returns its outcome.
        pacer: shared with the relay and the replies.
        render: makes the new text of a message; when it raises, the message stays as it is.
        clock: aware UTC now.
    """

    def __init__(
        self,
        store: Store,
        transport: Transport,
        pacer: Pacer,
        render: RenderEdit,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._transport = transport
        self._pacer = pacer
        self._render = render
        self._clock = clock

    async def run(self) -> None:
        """Edit until cancelled; what was not recorded is edited again, which changes nothing."""
        while True:
            try:
                is_done = await self._edit_batch()
            except sqlite3.Error as error:
                log.warning(f"edits wait for the database ({error})")
                is_done = True
            if is_done:
                await asyncio.sleep(_LOOK_S)

    async def _edit_batch(self) -> bool:
        """Edit some messages; returns whether none was left or something more urgent waits."""
        edits = await self._store.read(self._due)
        outcomes = [(edit, await self._edit(edit)) for edit in edits]
        now = self._clock()

        def record(db: Database) -> None:
            for edit, outcome in outcomes:
                finish_edit(db, edit, _retry_at(edit, outcome, now))

        if outcomes:
            await self._store.write(record)
        return len(edits) < _BATCH

    def _due(self, db: Database) -> list[MessageEdit]:
        now = self._clock()
        next_due = outbox.next_due(db)
        if next_due is not None and next_due <= now:
            return []
        return due_edits(db, now, _BATCH)

    async def _edit(self, edit: MessageEdit) -> Outcome | None:
        """Edit one message; None when it can't be rendered."""
        try:
            message = self._render(edit, self._clock())
        except Exception:
            log.exception("the new text of a message can't be rendered")
            return None
        request = EditRequest(edit.chat_id, edit.message_id, message.text, message.keyboard)
        async with self._pacer.slot(edit.chat_id, Priority.EDIT):
            return await self._transport.edit(request)


def _retry_at(edit: MessageEdit, outcome: Outcome | None, now: datetime) -> datetime | None:
    """When to try again; None when the message is done with, whatever it says now."""
    if edit.attempts + 1 >= MAX_ATTEMPTS:
        return None
    match outcome:
        case Retry(_, _, at):
            return at or now + _RETRY
        case Uncertain() | Halt():
            return now + _RETRY
        case _:
            return None
