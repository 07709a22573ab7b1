"""The question answered last in a chat and topic, which “and at 5 cents?” goes on from."""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from bot.mining.question import Question
from bot.mining.whatif import WhatIf
from storage.chats.chats import Address

KEPT_FOR: Final = timedelta(minutes=10)
_MOST: Final = 5_000


class FollowUps:
    """The last question by address, in memory only; the oldest go when there are too many."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._questions: OrderedDict[Address, tuple[datetime, Question | WhatIf]] = OrderedDict()

    def note(self, address: Address | None, question: Question | WhatIf, now: datetime) -> None:
        """Remember what was answered at an address."""
        if address is None:
            return
        self._questions.pop(address, None)
        self._questions[address] = (now, question)
        while len(self._questions) > _MOST:
            self._questions.popitem(last=False)

    def last(self, address: Address | None, now: datetime) -> Question | WhatIf | None:
        """What was answered at an address in the last ten minutes."""
        noted = None if address is None else self._questions.get(address)
        if noted is None or not timedelta(0) <= now - noted[0] <= KEPT_FOR:
            return None
        return noted[1]

    def forget(self, chat_id: int) -> None:
        """Forget a chat's questions."""
        for address in [each for each in self._questions if each.chat_id == chat_id]:
            del self._questions[address]
