"""Another program that asks for the same bot's updates: which of the two gives in."""

from datetime import datetime, timedelta

_NEW = timedelta(minutes=1)
_PATIENCE_OF_THE_NEW = timedelta(seconds=12)  # longer than a question of a run that just ended stays open
_PATIENCE = timedelta(minutes=10)  # longer than a supervisor keeps starting one that gives in


class ConflictPolicy:
    """Each of two rivals ends the other's question, and Telegram tells both.

    The one that has only begun gives in soon, so that the one that was there goes on. The other may also be a
    doctor, or a run just ended.
    """

    def __init__(self, began: datetime) -> None:
        self._began = began
        self._since: datetime | None = None

    def over(self) -> None:
        """Telegram has answered."""
        self._since = None

    def met(self, now: datetime) -> bool:
        """Telegram has told of another; whether to give in."""
        since = self._since = self._since or now
        return now - since >= (_PATIENCE_OF_THE_NEW if since - self._began < _NEW else _PATIENCE)
