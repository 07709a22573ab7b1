"""The question answered last in a chat and topic, which “and at 5 cents?” goes on from."""

from collections import OrderedDict
from datetime import datetime, timedelta
from functools import cache
from typing import Final, Protocol

from pydantic import TypeAdapter, ValidationError

from bot.mining.parsing.follow_up import Asked
from storage.chats.chats import Address
from storage.database import Database, Store

KEPT_FOR: Final = timedelta(minutes=10)
_MOST: Final = 5_000


class FollowUps(Protocol):
    """The last question by address, for ten minutes."""

    async def note(self, address: Address | None, question: Asked, now: datetime) -> None:
        """Remember what was answered at an address."""

    async def last(self, address: Address | None, now: datetime) -> Asked | None:
        """What was answered at an address in the last ten minutes."""

    def forget(self, chat_id: int) -> None:
        """Forget a chat's questions that no table holds."""


class FollowUpsInMemory:
    """For a program that has the database for itself; the oldest go when there are too many."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._questions: OrderedDict[Address, tuple[datetime, Asked]] = OrderedDict()

    async def note(self, address: Address | None, question: Asked, now: datetime) -> None:
        """Remember what was answered at an address."""
        if address is None:
            return
        self._questions.pop(address, None)
        self._questions[address] = (now, question)
        while len(self._questions) > _MOST:
            self._questions.popitem(last=False)

    async def last(self, address: Address | None, now: datetime) -> Asked | None:
        """What was answered at an address in the last ten minutes."""
        noted = None if address is None else self._questions.get(address)
        return noted[1] if noted is not None and _is_recent(noted[0], now) else None

    def forget(self, chat_id: int) -> None:
        """Forget a chat's questions."""
        for address in [each for each in self._questions if each.chat_id == chat_id]:
            del self._questions[address]


class StoredFollowUps:
    """For replicas that share a database: what one has answered, another may go on from."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def note(self, address: Address | None, question: Asked, now: datetime) -> None:
        """Remember what was answered at an address."""
        if address is not None:
            body = _asked().dump_json(question).decode()
            await self._store.exchange(lambda db: _save(db, address, body, now))

    async def last(self, address: Address | None, now: datetime) -> Asked | None:
        """What was answered at an address in the last ten minutes; one of another version is nothing."""
        row = None if address is None else await self._store.read(lambda db: _load(db, address))
        if row is None or not _is_recent(datetime.fromisoformat(row[1]), now):
            return None
        try:
            return _asked().validate_json(row[0])
        except ValidationError:
            return None

    def forget(self, chat_id: int) -> None:
        """Do nothing: `/forget` goes through every table."""


def prune(db: Database, now: datetime) -> None:
    """Delete what no question can go on from any more."""
    db.execute("DELETE FROM follow_ups WHERE asked_at < ?", [(now - KEPT_FOR).isoformat()])


def _save(db: Database, address: Address, body: str, now: datetime) -> None:
    db.execute(
        "INSERT INTO follow_ups (chat_id, topic_id, body, asked_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (chat_id, topic_id) DO UPDATE SET body = excluded.body, asked_at = excluded.asked_at",
        [address.chat_id, address.topic_id, body, now.isoformat()],
    )


def _load(db: Database, address: Address) -> tuple[str, str] | None:
    row: tuple[str, str] | None = db.execute(
        "SELECT body, asked_at FROM follow_ups WHERE chat_id = ? AND topic_id = ?",
        [address.chat_id, address.topic_id],
    ).fetchone()
    return row


def _is_recent(noted_at: datetime, now: datetime) -> bool:
    return timedelta(0) <= now - noted_at <= KEPT_FOR


@cache
def _asked() -> TypeAdapter[Asked]:
    return TypeAdapter(Asked)
