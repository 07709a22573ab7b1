"""Notices to the operators about the bot itself."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from pydantic_core import to_json

from bot.signals.rules import Severity
from storage.database import Store
from storage.errors import StorageError
from storage.outbox import notices
from storage.outbox.notices import NoticeKind

_REPEATED_AFTER = timedelta(hours=1)
_SELDOM = (  # a crash loop must not flood the operators
    NoticeKind.UNCLEAN_STOP,
    NoticeKind.CLOCK_JUMPED,
    NoticeKind.RIGHTS_MISSING,
    NoticeKind.REFUSALS_DOUBTED,
    NoticeKind.DESTINATION_REFUSED,
)

SendNow = Callable[[int, NoticeKind, str], Awaitable[None]]
"""Sends a notice, given by its kind and JSON body, to a chat without the outbox."""


class OperatorNotifier:
    """Queues notices to the chats of ADMIN_CHAT_IDS; when the outbox can't be written it sends them directly.

    `wake` tells the relay that something waits; `clock` is aware UTC.
    """

    def __init__(
        self,
        admins: tuple[int, ...],
        store: Store,
        send_now: SendNow,
        wake: Callable[[], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._admins = admins
        self._store = store
        self._send_now = send_now
        self._wake = wake
        self._clock = clock

    async def notify(self, kind: NoticeKind, severity: Severity, facts: Mapping[str, object]) -> None:
        """Tell every operator; `facts` must be what the kind's text is made of. Never raises for the disk."""
        if not self._admins:
            return
        now, body = self._clock(), to_json(facts).decode()
        try:
            newest = await self._store.read(lambda db: notices.newest(db, kind))
            if kind in _SELDOM and newest is not None and abs(now - newest.at) < _REPEATED_AFTER:
                return
            await self._store.write(lambda db: notices.notify(db, self._admins, kind, severity, body, now))
            self._wake()
        except StorageError:
            for chat in self._admins:
                await self._send_now(chat, kind, body)
