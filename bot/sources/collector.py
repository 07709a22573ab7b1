"""All providers behind one face: what is due is asked at once, what can't be trusted is refused."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

import httpx

from bot.signals.series import ENDED_ZONES, Reading
from bot.sources.backfill import Backfill
from bot.sources.backoff import pause
from bot.sources.client import ProviderClient
from bot.sources.consensus import Accepted, Candidate, Undecided, choose
from bot.sources.fetch import FetchRound, RoundMemory
from bot.sources.series_config import PROVIDERS, SeriesConfig, ValueKind, history_lane, series_configs
from bot.sources.types import (
    DayAheadPrices,
    Endpoint,
    FetchRequest,
    ProviderAnswer,
    Query,
    RejectedSeries,
    Retarget,
    RoundResult,
    SourceError,
    SourceReport,
)
from bot.sources.validation import candidate, news

log = logging.getLogger(__name__)

PAUSE_UNIT: Final = timedelta(minutes=1)
BUDGET_S: Final = 25.0
"""After so long in one round a series asks no further provider; the next round goes on."""


@dataclass(slots=True)
class _Progress:
    """Where one lane stands: when it was asked, up to when and with what values are in hand, how often in
    a row it was refused."""

    asked_at: datetime | None = None
    reach: datetime | None = None
    given: Reading | None = None
    refusals: int = 0

    def refuse(self, *, asked: bool) -> None:
        """One more refusal; where everybody rested it counts only as the first."""
        self.refusals = max(1, self.refusals + asked)


@dataclass(frozen=True, slots=True)
class _Yield:
    """What one lane gave in one round."""

    readings: tuple[Reading, ...] = ()
    refusal: RejectedSeries | None = None
    retarget: Retarget | None = None
    day_ahead: DayAheadPrices | None = None


class Collector:
    """Every configured provider.

    `endpoints` says by provider name where to ask (a name left out is asked at its own address); `zones` are
    the power zones wanted; `contact` goes into the User-Agent. `refresh` replaces every cadence of the plan.
    The clock is the `now` handed to each call. A `client` given is used and left open.

    `sites` are the providers in use and `off` the others, with the reason. `reports` has the last report of
    each provider, `refusals` what is refused now, by series and kind.
    """

    def __init__(
        self,
        endpoints: Mapping[str, Endpoint],
        zones: Sequence[str],
        *,
        contact: str,
        refresh: timedelta | None = None,
        client: httpx.AsyncClient | None = None,
        timeout_s: float = 10.0,
    ) -> None:
        self._client = client or httpx.AsyncClient(timeout=timeout_s)
        self._owns_client = client is None
        self._refresh = refresh
        self.off: dict[str, str] = {}
        self.sites: dict[str, ProviderClient] = {}
        for name, provider in PROVIDERS.items():
            endpoint = endpoints.get(name, Endpoint(name))
            if endpoint.url == "":
                self.off[name] = "switched off"
            elif provider.needs_key and not endpoint.api_key:
                self.off[name] = "no key"
            else:
                self.sites[name] = ProviderClient(
                    provider, endpoint, self._client, contact=contact, timeout_s=timeout_s
                )
        self.zones = tuple(zones)
        self.lanes = series_configs(zones)
        self.reports: dict[str, SourceReport] = {}
        self.refusals: dict[tuple[str, str], RejectedSeries] = {}
        self._memory = RoundMemory(PAUSE_UNIT if refresh is None else min(refresh, PAUSE_UNIT))
        self._past = Backfill(self.sites, self._memory)
        self._progress = {(lane.series, lane.kind): _Progress() for lane in self.lanes}

    async def gather(self, now: datetime, held: Mapping[str, Reading]) -> RoundResult:
        """Ask what is due, all at once. A provider's fault never raises: it is reported.

        `held` is the newest reading kept of each series, against which jumps and news are judged.
        """
        asking = FetchRound(self.sites, self._memory, now)
        due = [lane for lane in self.lanes if self._due(lane, now)]
        given = await asyncio.gather(*(self._run(lane, asking, held) for lane in due))
        for lane, part in zip(due, given, strict=True):
            self.refusals.pop((lane.series, lane.kind), None)
            if part.refusal:
                self.refusals[lane.series, lane.kind] = part.refusal
        reports = asking.reports()
        self.reports |= {report.source: report for report in reports}
        return RoundResult(
            readings=tuple(reading for part in given for reading in part.readings),
            reports=reports,
            refused=tuple(part.refusal for part in given if part.refusal) + self._ended(),
            retarget=next((part.retarget for part in given if part.retarget), None),
            day_ahead=tuple(part.day_ahead for part in given if part.day_ahead),
        )

    async def backfill(self, series: str, first: date, last: date, now: datetime) -> list[Reading]:
        """Complete values of the days `first` to `last`, oldest first, as far as any provider gives them.

        Providers are asked in the order of the plan; a later one only fills days the earlier ones left
        out, and the newest days must stand a second look (`Past.days`). Never raises for a provider's fault.
        """
        lane = history_lane(series)
        last = min(last, now.astimezone(UTC).date() - timedelta(days=1))
        if lane is None or first > last:
            return []
        return await self._past.days(lane, self.offers(lane), FetchRequest(now, lane.zone, first, last))

    def calls(self, day: date) -> dict[str, int]:
        """Requests made on a UTC day, by provider; the last week is remembered."""
        return {name: site.calls[day] for name, site in self.sites.items()}

    async def close(self) -> None:
        """Close the connections this object opened."""
        if self._owns_client:
            await self._client.aclose()

    def _due(self, lane: SeriesConfig, now: datetime) -> bool:
        progress = self._progress[lane.series, lane.kind]
        if progress.asked_at is None or progress.asked_at > now:
            return True
        waited = now - progress.asked_at
        if self._refresh is not None:
            return waited >= self._refresh
        if progress.refusals:
            return waited >= min(pause(progress.refusals, PAUSE_UNIT), lane.every)
        missing = lane.expects is not None and (progress.reach is None or progress.reach < lane.expects(now))
        return waited >= (lane.pursue if missing and lane.pursue else lane.every)

    def offers(self, lane: SeriesConfig) -> list[Query]:
        """The requests by which a lane can be kept up as things are configured, in order of preference."""
        offers = [
            query
            for query in lane.offers
            if query.provider in self.sites and query.serves(self.sites[query.provider], lane.zone)
        ]
        return offers if lane.mixed else offers[:1]

    async def _run(self, lane: SeriesConfig, asking: FetchRound, held: Mapping[str, Reading]) -> _Yield:
        progress = self._progress[lane.series, lane.kind]
        offers = self.offers(lane)
        waiting = [query for query in offers if not asking.resting(query, lane.zone)]
        progress.asked_at = asking.now
        if not offers:
            return self._refuse(lane, offers, "no provider that gives it is switched on")
        if lane.kind is ValueKind.RETARGET:
            return await self._run_retarget(lane, waiting, offers, asking)
        return await self._run_series(lane, waiting, offers, asking, held.get(lane.series))

    async def _run_series(
        self,
        lane: SeriesConfig,
        waiting: list[Query],
        offers: list[Query],
        asking: FetchRound,
        held: Reading | None,
    ) -> _Yield:
        clock = asyncio.get_running_loop().time
        began, asked = clock(), bool(waiting)
        taken: dict[str, tuple[Candidate, ProviderAnswer]] = {}
        faults: list[str] = []

        async def take(query: Query) -> None:
            def use(answer: ProviderAnswer) -> datetime | None:
                found = candidate(lane, answer, query.provider, asking.now)
                taken[query.provider] = (found, answer)
                return None if lane.only_rises else found.readings[-1].as_of  # a record has no age

            try:
                await asking.ask(query, lane.zone, use)
            except SourceError as error:
                faults.append(f"{query.provider} {error.reason}")

        def settled() -> Accepted | Undecided:
            ordered = [taken[query.provider][0] for query in offers if query.provider in taken]
            return choose(ordered, held, lane.jump)

        while waiting and len(taken) < lane.together and clock() - began < BUDGET_S:
            lacking = lane.together - len(taken)
            batch, waiting = waiting[:lacking], waiting[lacking:]
            await asyncio.gather(*(take(query) for query in batch))
        verdict = settled()
        while isinstance(verdict, Undecided) and waiting and clock() - began < BUDGET_S:
            await take(waiting.pop(0))
            verdict = settled()
        progress = self._progress[lane.series, lane.kind]
        if isinstance(verdict, Undecided):
            progress.refuse(asked=asked)
            why = verdict.reason if taken else self._why_nothing(faults, offers, asking.now, lane)
            for source in taken:
                asking.reject(source, f"gave a {lane.series} that isn't confirmed")
            return self._refuse(lane, offers, why)
        for source, reason in verdict.rejected:
            asking.reject(source, f"{reason}: not believed")
        chosen, answer = taken[verdict.candidate.source]
        fresh = news(lane, chosen, held, progress.given)
        progress.refusals = 0
        progress.reach = _reach(lane, chosen, answer)
        progress.given = chosen.newest
        return _Yield(fresh, day_ahead=answer.day_ahead if lane.zone else None)

    async def _run_retarget(
        self, lane: SeriesConfig, waiting: list[Query], offers: list[Query], asking: FetchRound
    ) -> _Yield:
        faults: list[str] = []
        found: list[Retarget] = []

        def use(answer: ProviderAnswer) -> datetime | None:
            if answer.retarget is None:
                raise SourceError("sent no retarget estimate")
            found.append(answer.retarget)
            return None

        for query in waiting:
            try:
                await asking.ask(query, "", use)
                break
            except SourceError as error:
                faults.append(f"{query.provider} {error.reason}")
        progress = self._progress[lane.series, lane.kind]
        if found:
            progress.refusals = 0
            return _Yield(retarget=found[0])
        progress.refuse(asked=bool(waiting))
        why = self._why_nothing(faults, offers, asking.now, lane)
        return self._refuse(lane, offers, why)

    @staticmethod
    def _refuse(lane: SeriesConfig, offers: list[Query], why: str) -> _Yield:
        if lane.optional:
            return _Yield()
        names = ", ".join(query.provider for query in offers)
        return _Yield(refusal=RejectedSeries(lane.series, names, why, lane.kind.value))

    def _why_nothing(self, faults: list[str], offers: list[Query], now: datetime, lane: SeriesConfig) -> str:
        reasons = list(faults)
        for query in offers:
            rest = self._memory.resting((query.provider, query.name, lane.zone), now)
            if rest and not any(fault.startswith(f"{query.provider} ") for fault in faults):
                reasons.append(f"{query.provider} {rest.reason}")
        return "; ".join(reasons)

    def _ended(self) -> tuple[RejectedSeries, ...]:
        return tuple(
            RejectedSeries(f"power.{zone}", "", f"the bidding zone {zone} ended on {ENDED_ZONES[zone]}")
            for zone in self.zones
            if zone in ENDED_ZONES
        )


def _reach(lane: SeriesConfig, chosen: Candidate, answer: ProviderAnswer) -> datetime:
    """Up to when values are in hand: the end of the last day-ahead price, or of the newest reading."""
    if lane.zone and answer.day_ahead:
        return answer.day_ahead.slots[-1].end
    return chosen.newest.as_of
