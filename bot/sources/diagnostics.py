"""Checks of the sources for `doctor`: what each provider gives, how old, whether it agrees, what to mend."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.i18n.message import Message
from bot.signals.series import SERIES, Reading
from bot.sources.collector import NO_KEY, Collector
from bot.sources.consensus import Agreement, Candidate, Contradiction, compare
from bot.sources.fetch import FetchRound, RoundMemory
from bot.sources.parse import figure
from bot.sources.series_config import PROVIDERS, SeriesConfig, ValueKind
from bot.sources.source_error import FaultKind, SourceError
from bot.sources.types import Query
from bot.sources.validation import shown_age


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is well, what was seen, and what to do (`remedy`, "" for nothing)."""

    check: str
    ok: bool
    detail: str
    remedy: str


@dataclass(slots=True)
class _ProviderRecord:
    """What one provider gave for the configs it serves."""

    gave: list[tuple[SeriesConfig, Candidate]] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    faults: list[SourceError] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)


async def diagnose_sources(
    collector: Collector, now: datetime, stored: Mapping[str, Reading]
) -> list[Finding]:
    """Ask every configured provider for everything once, due or not, resting or not; never raises.

    `stored` is the newest reading kept of each series: the age of what the bot has is told beside.
    """
    records = {name: _ProviderRecord() for name in collector.sites}
    asking = FetchRound(collector.sites, RoundMemory(timedelta(0)), now)
    await asyncio.gather(
        *(
            _ask_provider(config, query, asking, records[query.provider])
            for config in collector.configs
            for query in collector.offers(config)
        )
    )
    for part in records.values():
        part.gave.sort(key=lambda each: collector.configs.index(each[0]))
    findings = [_off(name, why) for name, why in collector.off.items()]
    findings += [_provider(name, records, collector, now) for name in PROVIDERS if name in collector.sites]
    order = {f"source {name}": position for position, name in enumerate(PROVIDERS)}
    findings.sort(key=lambda finding: order[finding.check])
    return findings + list(_series(collector, records, now, stored))


async def _ask_provider(
    config: SeriesConfig, query: Query, asking: FetchRound, record: _ProviderRecord
) -> None:
    try:
        if config.kind is ValueKind.RETARGET:
            estimate = await asking.ask_retarget(query)
            record.other.append(f"the next retarget on {estimate.estimated_at:%Y-%m-%d}")
        else:
            answered, _ = await asking.ask(config, query)
            record.gave.append((config, answered))
    except SourceError as error:
        record.refused.add(config.series)
        if all(error.reason != earlier.reason for earlier in record.faults):
            record.faults.append(error)


def _off(name: str, why: Message) -> Finding:
    if why == NO_KEY:
        remedy = f"to use it set {name.upper()}_API_KEY"
        return Finding(f"source {name}", True, "not asked: it needs a key", remedy)
    return Finding(f"source {name}", True, "switched off", f"to use it remove the empty {name.upper()}_URL")


def _provider(
    name: str, records: Mapping[str, _ProviderRecord], collector: Collector, now: datetime
) -> Finding:
    mine = records.get(name, _ProviderRecord())
    friends: set[str] = set()
    against: list[str] = []
    for config, ours in mine.gave:
        compared = {other: compare(ours, theirs) for other, theirs in _other_answers(name, config, records)}
        agreeing = {other for other, outcome in compared.items() if isinstance(outcome, Agreement)}
        friends |= agreeing
        reasons = [str(outcome.reason) for outcome in compared.values() if isinstance(outcome, Contradiction)]
        against += [] if agreeing else reasons[:1]
    parts = [_reading_text(ours.newest, now) for _, ours in mine.gave] + mine.other
    parts += [f"disagrees: it {quarrel}" for quarrel in against]
    parts += [str(error.reason) for error in mine.faults]
    if mine.gave and not against and not mine.faults:
        parts.append(f"agrees with {', '.join(sorted(friends))}" if friends else "nobody to compare with")
    if not parts:
        parts.append("gives nothing that is wanted here")
    calls = collector.sites[name].calls[now.date()]
    parts.append(f"{calls} request{'' if calls == 1 else 's'} today")
    well = not mine.faults and not against
    return Finding(f"source {name}", well, "; ".join(parts), "" if well else _remedy(name, mine, records))


def _other_answers(
    name: str, config: SeriesConfig, records: Mapping[str, _ProviderRecord]
) -> Iterator[tuple[str, Candidate]]:
    for other, part in records.items():
        for their_config, answered in part.gave:
            if other != name and their_config is config:
                yield other, answered


def _remedy(name: str, mine: _ProviderRecord, records: Mapping[str, _ProviderRecord]) -> str:
    stand_in = sorted(
        other
        for other, part in records.items()
        if other != name and any(config.series in mine.refused for config, _ in part.gave)
    )
    verb = "stands" if len(stand_in) == 1 else "stand"
    meanwhile = f"; meanwhile {', '.join(stand_in)} {verb} in" if stand_in else ""
    kinds = {error.kind for error in mine.faults}
    if FaultKind.KEY_REJECTED in kinds:
        return f"check {name.upper()}_API_KEY{meanwhile}"
    if any(error.retry_after for error in mine.faults) or FaultKind.RATE_LIMITED in kinds:
        return f"it asks for patience: ask less often (a longer SOURCE_REFRESH_SECONDS) or wait{meanwhile}"
    if any(error.whole_provider for error in mine.faults):
        return f"check this machine's network, any proxy or firewall, and {name.upper()}_URL{meanwhile}"
    if not mine.faults:
        return "nothing: a third provider decides, or the series rests; switch it off if this lasts"
    return f"wait; if it lasts, report it or switch it off with an empty {name.upper()}_URL{meanwhile}"


def _series(
    collector: Collector, records: Mapping[str, _ProviderRecord], now: datetime, stored: Mapping[str, Reading]
) -> Iterator[Finding]:
    """For each series whether anyone gives it now, and how old the newest value kept is."""
    answered = {config.series for part in records.values() for config, _ in part.gave}
    configs = {config.series: config for config in collector.configs if config.series in SERIES}
    for series, config in configs.items():
        newest = stored.get(series)
        newest_text = (
            f"newest kept: {_reading_text(newest, now)} from {newest.source}" if newest else "none kept yet"
        )
        sources = sorted(
            name for name, part in records.items() if any(each.series == series for each, _ in part.gave)
        )
        if series in answered:
            yield Finding(f"series {series}", True, f"given by {', '.join(sources)}; {newest_text}", "")
        elif config.optional:
            yield Finding(f"series {series}", True, f"given by nobody, and not required; {newest_text}", "")
        else:
            configured = ", ".join(query.provider for query in collector.offers(config)) or "nobody"
            could = [
                q.provider for q in config.offers if not config.zone or not q.zones or config.zone in q.zones
            ]
            remedy = f"it needs one of: {', '.join(could)}"
            detail = f"given by nobody (asked: {configured}); {newest_text}"
            yield Finding(f"series {series}", False, detail, remedy)


def _reading_text(reading: Reading, now: datetime) -> str:
    unit = SERIES[reading.series].unit
    value = f"{figure(reading.value)} {unit}".rstrip()
    age = now - reading.as_of
    if reading.day or age > timedelta(days=2):
        when = f"of {reading.day or reading.as_of.date()}"
    else:
        when = f"{shown_age(age)} ago" if age >= timedelta(minutes=1) else "just now"
    return f"{reading.series} {value} {when}"
