"""One round of asking: each request once however many series it serves, and what came of it."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.sources.backoff import Backoff
from bot.sources.client import ProviderClient
from bot.sources.types import FetchRequest, ProviderAnswer, Query, SourceError, SourceReport

log = logging.getLogger(__name__)

FROZEN_AFTER: Final = timedelta(hours=2)
"""When an answer without a time of its own hasn't changed for so long, the provider stands still."""

QueryKey = tuple[str, str, str]


@dataclass(slots=True)
class RoundMemory:
    """What is remembered between rounds: who rests, and since when a stampless answer is the same."""

    unit: timedelta
    sites: dict[str, Backoff] = field(default_factory=dict)
    queries: dict[QueryKey, Backoff] = field(default_factory=dict)
    unchanged: dict[QueryKey, tuple[object, datetime]] = field(default_factory=dict)

    def site(self, name: str) -> Backoff:
        """The rest of a whole provider."""
        return self.sites.setdefault(name, Backoff())

    def query(self, key: QueryKey) -> Backoff:
        """The rest of one request."""
        return self.queries.setdefault(key, Backoff())

    def resting(self, key: QueryKey, now: datetime) -> Backoff | None:
        """The rest that keeps a request from being made now, if any."""
        for rest in (self.site(key[0]), self.query(key)):
            if rest.resting(now):
                return rest
        return None


@dataclass(slots=True)
class _Outcome:
    latency_ms: int | None = None
    as_of: datetime | None = None
    errors: list[str] = field(default_factory=list)
    asked: bool = False


class FetchRound:
    """The requests of one round. Lanes that need the same request share it."""

    def __init__(self, sites: Mapping[str, ProviderClient], memory: RoundMemory, now: datetime) -> None:
        self.now = now
        self._sites = sites
        self._memory = memory
        self._asked: dict[QueryKey, asyncio.Task[ProviderAnswer]] = {}
        self._outcomes: dict[str, _Outcome] = {}

    async def ask(self, query: Query, zone: str, use: Callable[[ProviderAnswer], datetime | None]) -> None:
        """Make the request, once, and let `use` take the answer apart; it gives the newest moment in it.

        Raises SourceError, and remembers it, when the request fails or `use` refuses the answer.
        """
        key = (query.provider, query.name, zone)
        outcome = self._outcomes.setdefault(query.provider, _Outcome())
        outcome.asked = True
        if key not in self._asked:
            self._asked[key] = asyncio.create_task(self._fetch(query, key))
        try:
            as_of = use(await asyncio.shield(self._asked[key]))
        except SourceError as error:
            self._failed(key, error)
            raise
        if as_of is not None:
            outcome.as_of = max(as_of, outcome.as_of or as_of)

    def resting(self, query: Query, zone: str) -> bool:
        """Whether the request is left alone this time; if so the report says why."""
        key = (query.provider, query.name, zone)
        if key in self._asked:
            return False
        rest = self._memory.resting(key, self.now)
        if rest is None or rest.until is None:
            return False
        outcome = self._outcomes.setdefault(query.provider, _Outcome())
        self._note(outcome, f"rests until {rest.until:%H:%M} UTC; it {rest.reason}")
        return True

    def reject(self, source: str, reason: str) -> None:
        """Note in a provider's report that its answer was not believed."""
        self._note(self._outcomes.setdefault(source, _Outcome()), reason)

    def reports(self) -> tuple[SourceReport, ...]:
        """How every provider that played a part did, by name."""
        return tuple(
            SourceReport(
                source=name,
                ok=not outcome.errors,
                error=_joined(outcome.errors),
                as_of=outcome.as_of,
                latency_ms=outcome.latency_ms,
                asked=outcome.asked,
            )
            for name, outcome in sorted(self._outcomes.items())
        )

    async def _fetch(self, query: Query, key: QueryKey) -> ProviderAnswer:
        began = time.perf_counter()
        try:
            answer = await query.read(self._sites[query.provider], FetchRequest(self.now, zone=key[2]))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            log.warning("%s: unexpected shape of %s: %s", query.provider, query.name, type(error).__name__)
            raise SourceError("sent an answer of an unexpected shape") from None
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
            raise SourceError(f"has sent the very same figures since {since:%Y-%m-%d %H:%M} UTC")

    def _answered(self, key: QueryKey) -> None:
        failures = max(self._memory.site(key[0]).answered(), self._memory.query(key).answered())
        if failures:
            log.info("%s answers again after %d failures", key[0], failures)

    def _failed(self, key: QueryKey, error: SourceError) -> None:
        outcome = self._outcomes[key[0]]
        if error.reason in outcome.errors:
            return
        self._note(outcome, error.reason)
        rest = self._memory.site(key[0]) if error.down else self._memory.query(key)
        if rest.since != self.now:
            rest.failed(self.now, error.reason, self._memory.unit, error.retry_after)
            log.warning("%s: %s", key[0], error.reason)

    @staticmethod
    def _note(outcome: _Outcome, reason: str) -> None:
        if reason not in outcome.errors:
            outcome.errors.append(reason)


def _joined(errors: Sequence[str]) -> str | None:
    """The first faults in full, the others counted."""
    if len(errors) <= 2:
        return "; ".join(errors) or None
    return f"{errors[0]}; {errors[1]}; and {len(errors) - 2} more faults"
