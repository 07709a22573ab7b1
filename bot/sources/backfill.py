"""Days of the past: asked of whoever keeps them, in the plan's order; the newest must stand a second look."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from bot.signals.series import SERIES, Reading
from bot.sources.client import ProviderClient
from bot.sources.consensus import Candidate, contradiction, jumped
from bot.sources.fetch import RoundMemory
from bot.sources.series_config import SeriesConfig
from bot.sources.types import FetchRequest, Query, SourceError
from bot.sources.validation import tolerance

log = logging.getLogger(__name__)

YOUNG: Final = timedelta(days=8)
"""Days no older than this can still set off an alert."""
_BEFORE: Final = timedelta(days=5)
"""So far before young days others are read too, to see whether they jump."""


class Backfill:
    """What the providers in use keep. Who rests in `memory` is left alone, and who fails is noted there."""

    def __init__(self, sites: Mapping[str, ProviderClient], memory: RoundMemory) -> None:
        self._sites = sites
        self._memory = memory

    async def days(self, lane: SeriesConfig, offers: Sequence[Query], ask: FetchRequest) -> list[Reading]:
        """The complete days of the span asked for, oldest first; later providers fill what earlier ones lack.

        Young days are left out, for the next polls to judge, when a second provider contradicts them and no
        third bears them out, or when they jump and nobody else gives them. No provider's fault is raised.
        """
        if ask.first is None or ask.last is None:
            return []
        keepers = [query for query in offers if query.history]
        young = ask.last > ask.today - YOUNG
        wider = replace(ask, first=ask.first - _BEFORE) if young else ask
        found: dict[date, Reading] = {}
        wanted = ((ask.last - ask.first).days + 1) * lane.days_a_week / 7
        for query in keepers:
            if len([day for day in found if day >= ask.first]) < 0.9 * wanted:
                for day, reading in (await self._asked(query, lane, wider)).items():
                    found.setdefault(day, reading)
        doubted = await self._doubted(lane, keepers, found, ask) if young else set()
        return [found[day] for day in sorted(found) if day >= ask.first and day not in doubted]

    async def _doubted(
        self, lane: SeriesConfig, keepers: Sequence[Query], found: Mapping[date, Reading], ask: FetchRequest
    ) -> set[date]:
        """The young days found that can't be believed."""
        young = sorted(day for day in found if day > ask.today - YOUNG)
        doubted = {day for day in young if not lane.low <= found[day].value <= lane.high}
        alone = set(young) - doubted
        against = set[date]()
        for query in keepers:
            if not alone or {found[day].source for day in alone} == {query.provider}:
                continue
            theirs = await self._asked(query, lane, replace(ask, first=young[0], last=young[-1]))
            for day in sorted(alone & theirs.keys()):
                if theirs[day].source != found[day].source:
                    against.discard(day)
                    if _agree(lane, found[day], theirs[day]):
                        alone.discard(day)
                    else:
                        against.add(day)
            if theirs and not against:
                break
        for day in sorted(alone - against):
            before = [each for each in found if each < day and each not in doubted | against]
            if before and lane.jump and jumped(found[day], found[max(before)], lane.jump):
                doubted.add(day)
        if doubted | against:
            shown = ", ".join(map(str, sorted(doubted | against)))
            log.warning("%s: not believed yet: %s", lane.series, shown)
        return doubted | against

    async def _asked(self, query: Query, lane: SeriesConfig, ask: FetchRequest) -> dict[date, Reading]:
        """One provider's complete days, the newest span first, until it fails or gives nothing."""
        spec = SERIES[lane.series]
        found: dict[date, Reading] = {}
        until = ask.last
        while until is not None and ask.first is not None and until >= ask.first:
            if self._memory.resting((query.provider, query.name, lane.zone), ask.now):
                break
            since = max(ask.first, until - lane.chunk + timedelta(days=1))
            try:
                answer = await query.read(self._sites[query.provider], replace(ask, first=since, last=until))
            except SourceError as error:
                log.info("%s: no history of %s: it %s", query.provider, lane.series, error.reason)
                if error.down:
                    rest = self._memory.site(query.provider)
                    rest.failed(ask.now, error.reason, self._memory.unit, error.retry_after)
                break
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
                log.warning("%s: unexpected shape of its history: %s", query.provider, type(error).__name__)
                break
            part = {
                reading.day: reading
                for reading in answer.readings
                if reading.series == lane.series
                and reading.complete
                and reading.day is not None
                and since <= reading.day <= until
                and spec.low <= reading.value <= spec.high
            }
            if not part:
                break
            found |= part
            until = since - timedelta(days=1)
        return found


def _agree(lane: SeriesConfig, one: Reading, other: Reading) -> bool:
    pair = (Candidate(each.source, (each,), tolerance(lane, each.source)) for each in (one, other))
    return contradiction(*pair) == ""
