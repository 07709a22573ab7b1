"""One round of asking: each request once however many series it serves, its answer checked for each."""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.i18n.message import Message, MomentValue, message
from bot.sources.client import ProviderClient
from bot.sources.consensus import Candidate
from bot.sources.pause import Pause
from bot.sources.series_config import SeriesConfig
from bot.sources.source_error import FaultKind, SourceError, joined
from bot.sources.types import FetchRequest, ProviderAnswer, Query, Retarget, SourceReport
from bot.sources.validation import candidate

log = logging.getLogger(__name__)

FROZEN_AFTER: Final = timedelta(hours=2)
"""When an answer without a time of its own hasn't changed for so long, the provider stands still."""

QueryKey = tuple[str, str, str]


@dataclass(slots=True)
class RoundMemory:
    """What is remembered between rounds: who is paused, since when a stampless answer is the same."""

    unit: timedelta
    sites: dict[str, Pause] = field(default_factory=dict)
    queries: dict[QueryKey, Pause] = field(default_factory=dict)
    unchanged: dict[QueryKey, tuple[object, datetime]] = field(default_factory=dict)

    def site(self, name: str) -> Pause:
        """The pause of a whole provider."""
        return self.sites.setdefault(name, Pause())

    def query(self, key: QueryKey) -> Pause:
        """The pause of one request."""
        return self.queries.setdefault(key, Pause())

    def active_pause(self, key: QueryKey, now: datetime) -> Pause | None:
        """The pause that keeps a request from being made now, if any."""
        return next((pause for pause in (self.site(key[0]), self.query(key)) if pause.active(now)), None)


@dataclass(slots=True)
class _Outcome:
    latency_ms: int | None = None
    as_of: datetime | None = None
    errors: list[Message] = field(default_factory=list)
    asked: bool = False


class FetchRound:
    """The requests of one round. Lanes that need the same request share it."""

    def __init__(self, sites: Mapping[str, ProviderClient], memory: RoundMemory, now: datetime) -> None:
        """A round at `now`."""
        self.now = now
        self._sites = sites
        self._memory = memory
        self._asked: dict[QueryKey, asyncio.Task[ProviderAnswer]] = {}
        self._outcomes: dict[str, _Outcome] = {}

    async def ask(self, config: SeriesConfig, query: Query) -> tuple[Candidate, ProviderAnswer]:
        """The part of a provider's answer that belongs to a series, checked, and the answer whole.

        Raises SourceError, and remembers it, when the request fails or the answer can't be used.
        """
        try:
            answer = await self._shared(query, config.zone)
            answered = candidate(config, answer, query.provider, self.now)
        except SourceError as error:
            self._failed((query.provider, query.name, config.zone), error)
            raise
        if not config.only_rises:  # a record has no age
            outcome, as_of = self._outcomes[query.provider], answered.newest.as_of
            outcome.as_of = max(as_of, outcome.as_of or as_of)
        return answered, answer

    async def ask_retarget(self, query: Query) -> Retarget:
        """A provider's estimate of the next retarget. Raises SourceError, and remembers it."""
        try:
            answer = await self._shared(query, "")
            if answer.retarget is None:
                raise SourceError("sent no retarget estimate")
        except SourceError as error:
            self._failed((query.provider, query.name, ""), error)
            raise
        return answer.retarget

    def paused(self, query: Query, zone: str) -> bool:
        """Whether the request is left alone this time; if so the report says why."""
        key = (query.provider, query.name, zone)
        if key in self._asked:
            return False
        pause = self._memory.active_pause(key, self.now)
        if pause is None or pause.until is None:
            return False
        outcome = self._outcomes.setdefault(query.provider, _Outcome())
        rests = message(
            "rests until {clock} UTC; it {reason}", clock=f"{pause.until:%H:%M}", reason=pause.reason
        )
        self._note(outcome, rests)
        return True

    def reject(self, source: str, reason: Message) -> None:
        """Note in a provider's report that its answer was not believed."""
        self._note(self._outcomes.setdefault(source, _Outcome()), reason)

    def reports(self) -> tuple[SourceReport, ...]:
        """How every provider that played a part did, by name."""
        return tuple(
            SourceReport(
                source=name,
                ok=not outcome.errors,
                error=joined(outcome.errors, 2) if outcome.errors else None,
                as_of=outcome.as_of,
                latency_ms=outcome.latency_ms,
                asked=outcome.asked,
            )
            for name, outcome in sorted(self._outcomes.items())
        )

    async def _shared(self, query: Query, zone: str) -> ProviderAnswer:
        """The answer to a request, which is made once."""
        key = (query.provider, query.name, zone)
        self._outcomes.setdefault(query.provider, _Outcome()).asked = True
        if key not in self._asked:
            task = self._asked[key] = asyncio.create_task(self._fetch(query, key))
            task.add_done_callback(_retrieve)  # when the program stops, nobody waits for it any more
        return await asyncio.shield(self._asked[key])

    async def _fetch(self, query: Query, key: QueryKey) -> ProviderAnswer:
        began = time.perf_counter()
        try:
            answer = await query.read(self._sites[query.provider], FetchRequest(self.now, zone=key[2]))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            log.warning("%s: unexpected shape of %s: %s", query.provider, query.name, type(error).__name__)
            raise SourceError(message("sent an answer of an unexpected shape")) from None
        finally:
            outcome = self._outcomes[query.provider]
            spent = round((time.perf_counter() - began) * 1000)
            outcome.latency_ms = max(spent, outcome.latency_ms or 0)
        if query.stampless:
            self._must_move(key, answer)
        self._answered(key)
        return answer

    def _must_move(self, key: QueryKey, answer: ProviderAnswer) -> None:
        values = tuple((reading.series, reading.value) for reading in answer.readings)
        known, since = self._memory.unchanged.get(key, (None, self.now))
        if values != known:
            self._memory.unchanged[key] = (values, self.now)
        elif self.now - since > FROZEN_AFTER:
            unmoved = message("has sent the very same figures since {moment}", moment=MomentValue(since))
            raise SourceError(unmoved, FaultKind.STALE)

    def _answered(self, key: QueryKey) -> None:
        failures = max(self._memory.site(key[0]).end(), self._memory.query(key).end())
        if failures:
            counted = "1 failure" if failures == 1 else f"{failures} failures"
            log.info("%s answers again after %s", key[0], counted)

    def _failed(self, key: QueryKey, error: SourceError) -> None:
        outcome = self._outcomes[key[0]]
        if error.reason in outcome.errors:
            return
        self._note(outcome, error.reason)
        pause = self._memory.site(key[0]) if error.whole_provider else self._memory.query(key)
        if pause.since != self.now:
            pause.record_failure(self.now, error.reason, self._memory.unit, error.retry_after)
            log.warning("%s: %s", key[0], error.reason)

    @staticmethod
    def _note(outcome: _Outcome, reason: Message) -> None:
        if reason not in outcome.errors:
            outcome.errors.append(reason)


def _retrieve(task: asyncio.Task[ProviderAnswer]) -> None:
    """Take note of a task's error, which asyncio would else log with its traceback."""
    if not task.cancelled():
        task.exception()
