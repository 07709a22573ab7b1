"""Collect readings: ask all providers that are due at once, and refuse what can't be trusted."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final

import httpx

from bot.backoff import backoff
from bot.i18n.message import NOTHING, DayValue, Message, message
from bot.mining.power_market import ENDED_ZONES
from bot.signals.series import Reading
from bot.sources.backfill import Backfill
from bot.sources.client import ProviderClient
from bot.sources.consensus import Candidate, Verdict, decide
from bot.sources.fetch import FetchRound, RoundMemory
from bot.sources.pause import LONGEST
from bot.sources.series_config import PROVIDERS, SeriesConfig, ValueKind, history_config, series_configs
from bot.sources.source_error import SourceError, joined, with_source
from bot.sources.types import (
    CurrencyRates,
    DayAheadPrices,
    Endpoint,
    FetchRequest,
    ProviderAnswer,
    Query,
    RejectedSeries,
    Retarget,
    RoundResult,
    SourceReport,
)
from bot.sources.validation import news

log = logging.getLogger(__name__)

PAUSE_UNIT: Final = timedelta(minutes=1)
SWITCHED_OFF: Final = message("switched off")
NO_KEY: Final = message("no key")
BUDGET_S: Final = 25.0
"""After so long in one round a series asks no further provider; the next round goes on."""


@dataclass(slots=True)
class _Progress:
    """Where one series stands: when it was asked, up to when and with what values are in hand, how often in
    a row it was refused."""

    asked_at: datetime | None = None
    covered_until: datetime | None = None
    newest_at: datetime | None = None
    refusals: int = 0

    def refuse(self, *, asked: bool) -> None:
        """One more refusal; where everybody was paused it counts only as the first."""
        self.refusals = max(1, self.refusals + asked)


@dataclass(frozen=True, slots=True)
class _SeriesResult:
    """What one series got in one round."""

    readings: tuple[Reading, ...] = ()
    refusal: RejectedSeries | None = None
    retarget: Retarget | None = None
    day_ahead: DayAheadPrices | None = None
    rates: CurrencyRates | None = None


@dataclass(slots=True)
class _Answers:
    """What providers have said of one series in one round, and how those fared that gave nothing."""

    candidates: dict[str, tuple[Candidate, ProviderAnswer]] = field(default_factory=dict)
    faults: dict[str, Message] = field(default_factory=dict)


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
        """Every provider that is switched on and has the key it needs."""
        self._client = client or httpx.AsyncClient(timeout=timeout_s)
        self._owns_client = client is None
        self._refresh = refresh
        self.off: dict[str, Message] = {}
        self.sites: dict[str, ProviderClient] = {}
        for name, provider in PROVIDERS.items():
            endpoint = endpoints.get(name, Endpoint(name))
            if endpoint.url == "":
                self.off[name] = SWITCHED_OFF
            elif provider.needs_key and not endpoint.api_key:
                self.off[name] = NO_KEY
            else:
                self.sites[name] = ProviderClient(
                    provider, endpoint, self._client, contact=contact, timeout_s=timeout_s
                )
        self.zones = tuple(zones)
        self.configs = series_configs(zones)
        self.reports: dict[str, SourceReport] = {}
        self.refusals: dict[tuple[str, str], RejectedSeries] = {}
        self._memory = RoundMemory(PAUSE_UNIT if refresh is None else min(refresh, PAUSE_UNIT))
        self._backfill = Backfill(self.sites, self._memory)
        self._progress = {(config.series, config.kind): _Progress() for config in self.configs}

    async def gather(self, now: datetime, confirmed: Mapping[str, Reading]) -> RoundResult:
        """Ask what is due, all at once. A provider's fault never raises: it is reported.

        `confirmed` is the newest confirmed reading held of each series, against which values that only one
        provider gives are judged.
        """
        asking = FetchRound(self.sites, self._memory, now)
        due = [config for config in self.configs if self._due(config, now)]
        results = await asyncio.gather(*(self._run(config, asking, confirmed) for config in due))
        for config, result in zip(due, results, strict=True):
            self.refusals.pop((config.series, config.kind), None)
            if result.refusal:
                self.refusals[config.series, config.kind] = result.refusal
        reports = asking.reports()
        self.reports |= {report.source: report for report in reports}
        return RoundResult(
            readings=tuple(reading for result in results for reading in result.readings),
            reports=reports,
            refused=tuple(result.refusal for result in results if result.refusal) + self._ended(),
            retarget=next((result.retarget for result in results if result.retarget), None),
            day_ahead=tuple(result.day_ahead for result in results if result.day_ahead),
            rates=next((result.rates for result in results if result.rates), None),
        )

    async def backfill(self, series: str, first: date, last: date, now: datetime) -> list[Reading]:
        """Complete values of the days `first` to `last`, oldest first, as far as any provider gives them.

        They are decided day by day like everything else (`Backfill.days`). Never raises for a provider's
        fault.
        """
        config = history_config(series)
        last = min(last, now.astimezone(UTC).date() - timedelta(days=1))
        if config is None or first > last:
            return []
        request = FetchRequest(now, config.zone, first, last)
        return await self._backfill.days(config, self.offers(config), request)

    def calls(self, day: date) -> dict[str, int]:
        """Requests made on a UTC day, by provider; the last week is remembered."""
        return {name: site.calls[day] for name, site in self.sites.items()}

    async def close(self) -> None:
        """Close the connections this object opened."""
        if self._owns_client:
            await self._client.aclose()

    def offers(self, config: SeriesConfig) -> list[Query]:
        """The requests by which a series can be kept up as things are configured, in order of preference."""
        offers = [
            query
            for query in config.offers
            if query.provider in self.sites and query.serves(self.sites[query.provider], config.zone)
        ]
        return offers if config.interchangeable else offers[:1]

    def _due(self, config: SeriesConfig, now: datetime) -> bool:
        progress = self._progress[config.series, config.kind]
        if progress.asked_at is None or progress.asked_at > now:
            return True
        waited = now - progress.asked_at
        if self._refresh is not None:
            return waited >= self._refresh
        if progress.refusals:
            return waited >= min(backoff(progress.refusals, PAUSE_UNIT, PAUSE_UNIT * LONGEST), config.every)
        covered = progress.covered_until
        missing = config.expects is not None and (covered is None or covered < config.expects(now))
        return waited >= (config.retry_every if missing and config.retry_every else config.every)

    async def _run(
        self, config: SeriesConfig, asking: FetchRound, confirmed: Mapping[str, Reading]
    ) -> _SeriesResult:
        progress = self._progress[config.series, config.kind]
        offers = self.offers(config)
        waiting = [query for query in offers if not asking.paused(query, config.zone)]
        progress.asked_at = asking.now
        if not offers:
            return self._refuse(config, offers, message("no provider that gives it is switched on"))
        if config.kind is ValueKind.RETARGET:
            return await self._run_retarget(config, waiting, offers, asking)
        return await self._run_series(config, waiting, offers, asking, confirmed.get(config.series))

    async def _run_series(
        self,
        config: SeriesConfig,
        waiting: list[Query],
        offers: list[Query],
        asking: FetchRound,
        confirmed: Reading | None,
    ) -> _SeriesResult:
        progress = self._progress[config.series, config.kind]
        asked = bool(waiting)
        answers, verdict = await self._ask_until_settled(config, waiting, offers, asking, confirmed)
        if not answers.candidates:
            progress.refuse(asked=asked)
            why = self._why_nothing(answers.faults, offers, asking.now, config)
            return self._refuse(config, offers, why)
        for source, reason in verdict.rejected:
            asking.reject(source, message("{reason}: not believed", reason=reason))
        if not verdict.readings:
            progress.refuse(asked=asked)
            for source in answers.candidates:
                asking.reject(source, message("gave a {name} that isn't confirmed", name=config.series))
            return self._refuse(config, offers, verdict.unsettled)
        newest = verdict.readings[-1]
        day_ahead = answers.candidates[verdict.ahead][1].day_ahead if verdict.ahead else None
        fresh = news(config, verdict.readings, confirmed, progress.newest_at, asking.now)
        progress.covered_until = _covered_until(config, verdict, day_ahead)
        progress.newest_at = newest.as_of
        refusal = None
        if _contested(config, verdict, answers):
            progress.refuse(asked=asked)
            refusal = self._refuse(config, offers, verdict.unsettled).refusal
        else:
            progress.refusals = 0
        rejected = {source for source, _ in verdict.rejected}
        believed = (answer for source, (_, answer) in answers.candidates.items() if source not in rejected)
        rates = next((answer.rates for answer in believed if answer.rates), None)
        return _SeriesResult(fresh, refusal, day_ahead=day_ahead, rates=rates)

    async def _ask_until_settled(
        self,
        config: SeriesConfig,
        waiting: list[Query],
        offers: list[Query],
        asking: FetchRound,
        confirmed: Reading | None,
    ) -> tuple[_Answers, Verdict]:
        """Ask as many providers as are wanted, then one after the other while that may settle something."""
        clock = asyncio.get_running_loop().time
        began, answers = clock(), _Answers()

        async def ask(query: Query) -> None:
            try:
                answers.candidates[query.provider] = await asking.ask(config, query)
            except SourceError as error:
                answers.faults[query.provider] = error.reason

        def verdict() -> Verdict:
            ordered = [answers.candidates[q.provider][0] for q in offers if q.provider in answers.candidates]
            quorum = min(config.quorum, len(config.offers))
            return decide(ordered, confirmed, config.jump, only_rises=config.only_rises, quorum=quorum)

        waiting = list(waiting)
        while waiting and len(answers.candidates) < config.quorum and clock() - began < BUDGET_S:
            missing = config.quorum - len(answers.candidates)
            batch, waiting = waiting[:missing], waiting[missing:]
            await asyncio.gather(*(ask(query) for query in batch))
        decided = verdict()
        while decided.unsettled != NOTHING and waiting and clock() - began < BUDGET_S:
            await ask(waiting.pop(0))
            decided = verdict()
        return answers, decided

    async def _run_retarget(
        self, config: SeriesConfig, waiting: list[Query], offers: list[Query], asking: FetchRound
    ) -> _SeriesResult:
        progress = self._progress[config.series, config.kind]
        faults: dict[str, Message] = {}
        for query in waiting:
            try:
                estimate = await asking.ask_retarget(query)
            except SourceError as error:
                faults[query.provider] = error.reason
            else:
                progress.refusals = 0
                return _SeriesResult(retarget=estimate)
        progress.refuse(asked=bool(waiting))
        return self._refuse(config, offers, self._why_nothing(faults, offers, asking.now, config))

    @staticmethod
    def _refuse(config: SeriesConfig, offers: list[Query], why: Message) -> _SeriesResult:
        if config.optional:
            return _SeriesResult()
        names = ", ".join(query.provider for query in offers)
        return _SeriesResult(refusal=RejectedSeries(config.series, names, why, config.kind.value))

    def _why_nothing(
        self, faults: Mapping[str, Message], offers: list[Query], now: datetime, config: SeriesConfig
    ) -> Message:
        reasons = [with_source(source, reason) for source, reason in faults.items()]
        for query in offers:
            pause = self._memory.active_pause((query.provider, query.name, config.zone), now)
            if pause and query.provider not in faults:
                reasons.append(with_source(query.provider, pause.reason))
        return joined(reasons)

    def _ended(self) -> tuple[RejectedSeries, ...]:
        return tuple(
            RejectedSeries(
                f"power.{zone}",
                "",
                message("the bidding zone {zone} ended on {day}", zone=zone, day=DayValue(ENDED_ZONES[zone])),
            )
            for zone in self.zones
            if zone in ENDED_ZONES
        )


def _covered_until(
    config: SeriesConfig, verdict: Verdict, day_ahead: DayAheadPrices | None
) -> datetime | None:
    """Up to when confirmed values are in hand: the end of the last day-ahead price, or the newest reading."""
    if config.zone and day_ahead:
        return day_ahead.slots[-1].end
    sole = config.quorum == 1
    return max((r.as_of for r in verdict.readings if r.confirmed or sole), default=None)


def _contested(config: SeriesConfig, verdict: Verdict, answers: _Answers) -> bool:
    """Whether the newest value that was given is not believed."""
    if verdict.unsettled == NOTHING:
        return False
    newest = max(each.newest.as_of for each, _ in answers.candidates.values())
    hours = (
        config.zone and verdict.ahead is None and any(each.hours for each, _ in answers.candidates.values())
    )
    return bool(hours) or verdict.readings[-1].as_of < newest
