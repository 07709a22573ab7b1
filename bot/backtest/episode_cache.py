"""Cache of the rules' history over the stored readings: computed once a day in a worker thread."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from bot.backtest.episodes import RuleHistory, rule_history
from bot.signals.rules import Rule
from storage.database import Store
from storage.signals import readings


class EpisodeCache:
    """Keeps the newest rule history. `rules` gives the rules in use, `clock` UTC."""

    def __init__(
        self, store: Store, rules: Callable[[], Sequence[Rule]], clock: Callable[[], datetime]
    ) -> None:
        """Compute nothing before the first call."""
        self._store = store
        self._rules = rules
        self._clock = clock
        self._working = asyncio.Lock()
        self._key: tuple[date, Sequence[Rule]] | None = None
        self._newest: RuleHistory | None = None

    @property
    def latest(self) -> RuleHistory | None:
        """What was worked out last, of an earlier day perhaps; None before that."""
        return self._newest

    async def rule_history(self) -> RuleHistory:
        """What happened up to yesterday; the first to ask on a day waits a second or two."""
        async with self._working:
            key = (self._clock().date() - timedelta(days=1), self._rules())
            if self._newest is None or self._key != key:
                all_readings = await self._store.read(lambda db: list(readings.everything(db)))
                self._newest = await asyncio.to_thread(rule_history, all_readings, key[1], key[0])
                self._key = key
            return self._newest
