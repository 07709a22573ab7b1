"""What somebody said that was only asked back, which their next message may complete."""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from telegram import Update

from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.follow_up import Answerable
from handlers.permissions import address_of
from storage.chats.chats import Address

_KEPT_FOR: Final = timedelta(minutes=10)
_MOST: Final = 2_000
_MOST_TEXTS: Final = 3
_LONGEST: Final = 160
"""Characters; what is longer is no beginning of a question."""

_Key = tuple[Address, int]


class Unanswered:
    """The texts since the last answer, by address and sender, for ten minutes; in memory only.

    A replica that doesn't know them asks back once more, which is what it would do without.
    """

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._texts: OrderedDict[_Key, tuple[datetime, tuple[str, ...]]] = OrderedDict()

    def note(self, update: Update, text: str, now: datetime) -> None:
        """Remember a text that was not answered."""
        key = _key(update)
        if key is None or len(text) > _LONGEST:
            return
        texts = (*self.last(update, now), text)[-_MOST_TEXTS:]
        self._texts.pop(key, None)
        self._texts[key] = (now, texts)
        while len(self._texts) > _MOST:
            self._texts.popitem(last=False)

    def heard(
        self, update: Update, text: str, asked: Answerable | CommandRequest | None, now: datetime
    ) -> None:
        """Remember a text that asks nothing, and forget what came before one that is answered."""
        if asked is None:
            self.note(update, text, now)
        elif not isinstance(asked, CommandRequest):
            self.answered(update)

    def last(self, update: Update, now: datetime) -> tuple[str, ...]:
        """What the sender said here since the last answer, the oldest first."""
        key = _key(update)
        noted_at, texts = self._texts.get(key, (now, ())) if key is not None else (now, ())
        return texts if timedelta(0) <= now - noted_at <= _KEPT_FOR else ()

    def answered(self, update: Update) -> None:
        """Forget what the sender said here before this answer."""
        key = _key(update)
        if key is not None:
            self._texts.pop(key, None)

    def forget(self, chat_id: int) -> None:
        """Forget what was said in a chat."""
        for key in [each for each in self._texts if each[0].chat_id == chat_id]:
            del self._texts[key]


def _key(update: Update) -> _Key | None:
    address, user = address_of(update), update.effective_user
    return None if address is None or user is None else (address, user.id)
