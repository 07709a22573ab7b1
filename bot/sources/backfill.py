"""Past days: requested from the providers that keep history, and decided day by day like new ones."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from bot.i18n.message import NOTHING
from bot.signals.series import SERIES, Reading
from bot.sources.client import ProviderClient
from bot.sources.consensus import Candidate, Verdict, decide, jumped
from bot.sources.fetch import RoundMemory
from bot.sources.series_config import SeriesConfig
from bot.sources.source_error import SourceError
from bot.sources.types import FetchRequest, Query
from bot.sources.validation import tolerance

log = logging.getLogger(__name__)

RULES_LOOK_BACK: Final = timedelta(days=400)
"""Days no older than this can still move a rule."""
_BEFORE: Final = timedelta(days=5)
"""So far before the days asked for others are read too, to see whether the first of them jump."""
_MOST_DAYS: Final = 0.9
"""A provider that gives this share of the days wanted gives them all, but for holidays."""


class Backfill:
    """What the providers in use keep. Who is paused in `memory` is left alone; who fails is noted there."""

    def __init__(self, sites: Mapping[str, ProviderClient], memory: RoundMemory) -> None:
        """Ask `sites`, and share what is known of their failures."""
        self._sites = sites
        self._memory = memory

    async def days(
        self, config: SeriesConfig, offers: Sequence[Query], request: FetchRequest
    ) -> list[Reading]:
        """The complete days of the span asked for that can be believed, oldest first.

        Providers are asked until every day is confirmed or none is left. A day that two give and contradict
        each other on, and that no third decides, is left out; one that a single provider gives is
        unconfirmed, and left out when it jumped. No provider's fault is raised.
        """
        if request.first is None or request.last is None:
            return []
        keepers = [query for query in offers if query.history]
        wider = replace(request, first=request.first - _BEFORE)
        expected = ((request.last - request.first).days + 1) * config.days_a_week / 7
        answers: dict[str, Candidate] = {}
        verdict = Verdict(())
        for query in keepers:
            days = await self._ask(query, config, wider)
            if days:
                readings = tuple(days[day] for day in sorted(days))
                answers[query.provider] = Candidate(
                    query.provider, readings, tolerance(config, query.provider)
                )
                verdict = _decide(config, answers)
            days_answered = {r.day for each in answers.values() for r in each.readings if _within(r, request)}
            confirmed = {r.day for r in verdict.readings if r.confirmed and _within(r, request)}
            if confirmed == days_answered and len(confirmed) >= _MOST_DAYS * expected:
                break
        for source, reason in verdict.rejected:
            log.warning("%s: %s %s: not believed", config.series, source, reason)
        return [reading for reading in verdict.readings if _within(reading, request)]

    async def _ask(self, query: Query, config: SeriesConfig, request: FetchRequest) -> dict[date, Reading]:
        """One provider's complete days, the newest span first, until it fails or gives nothing."""
        recent = request.today - RULES_LOOK_BACK
        days: dict[date, Reading] = {}
        until = request.last
        while until is not None and request.first is not None and until >= request.first:
            if self._memory.active_pause((query.provider, query.name, config.zone), request.now):
                break
            since = max(request.first, until - config.chunk + timedelta(days=1))
            try:
                span = replace(request, first=since, last=until)
                answer = await query.read(self._sites[query.provider], span)
            except SourceError as error:
                log.info("%s: no history of %s: it %s", query.provider, config.series, error.reason)
                if error.whole_provider:
                    pause = self._memory.site(query.provider)
                    pause.record_failure(request.now, error.reason, self._memory.unit, error.retry_after)
                break
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
                log.warning("%s: unexpected shape of its history: %s", query.provider, type(error).__name__)
                break
            part = {
                reading.day: reading
                for reading in answer.readings
                if reading.series == config.series
                and reading.complete
                and reading.day is not None
                and since <= reading.day <= until
                and _believable(config, reading, today=reading.day > recent)
            }
            if not part:
                break
            days |= part
            until = since - timedelta(days=1)
        return days


def _within(reading: Reading, request: FetchRequest) -> bool:
    return reading.day is not None and request.first is not None and reading.day >= request.first


def _believable(config: SeriesConfig, reading: Reading, *, today: bool) -> bool:
    """Whether a value is possible: by what can be believed `today`, or at any time."""
    spec = SERIES[config.series]
    low, high = (config.low, config.high) if today else (spec.low, spec.high)
    return low <= reading.value <= high


def _decide(config: SeriesConfig, answers: Mapping[str, Candidate]) -> Verdict:
    """What is believed of the answers; days of one provider alone must not jump from the day before them."""
    ordered = list(answers.values())
    verdict = decide(ordered, None, None, quorum=config.quorum)
    if config.jump is None:
        return verdict
    believed: list[Reading] = []
    anchor: Reading | None = None
    for reading in verdict.readings:
        if reading.confirmed:
            anchor = reading
        elif anchor is not None and jumped(reading, anchor, config.jump) != NOTHING:
            continue
        believed.append(reading)
        anchor = anchor or reading
    return replace(verdict, readings=tuple(believed))
