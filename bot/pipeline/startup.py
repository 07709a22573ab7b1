"""A start: fill the history, close its gaps, and bring the rules up to the moment."""

import asyncio
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.backtest.replay import ReplayHistory
from bot.pipeline.gaps import KEPT_WHOLE, BackfillSource, Gap, close, gaps
from bot.signals.alert import Alert, AlertKind
from bot.signals.evaluation import RuleStates
from bot.signals.history import History
from bot.signals.rules import Rule
from bot.signals.series import Reading
from storage.database import Database, Store
from storage.signals import readings, rule_states

_LASTING = (AlertKind.FIRED, AlertKind.CLEARED, AlertKind.PHASE)


@dataclass(frozen=True, slots=True)
class SeedData:
    """What a start has to begin with.

    `bundle` gives the history that the program carries, for the first start, and `head_start` where the
    rules stood at its end, as it is kept, or nothing; `whole` names the daily series whose missing days are
    asked for. An urgent start fills in `urgent_bundle` instead of the whole bundle.
    """

    bundle: Callable[[], Iterable[Reading]]
    whole: tuple[str, ...]
    head_start: Callable[[datetime], Mapping[str, str]] = lambda _now: {}
    urgent_bundle: Callable[[], Iterable[Reading]] | None = None

    def urgent(self, looked_at: Container[str]) -> "SeedData":
        """What can't wait, when these series are looked at."""
        whole = tuple(series for series in self.whole if series in looked_at)
        return replace(self, bundle=self.urgent_bundle or self.bundle, whole=whole)


@dataclass(frozen=True, slots=True)
class StartupResult:
    """Everything known, where the rules stood at the last look and stand now, and what of that is news."""

    history: History
    before: RuleStates
    standing: RuleStates
    news: tuple[Alert, ...]


async def prepare(
    store: Store, backfill: BackfillSource, rules: Sequence[Rule], seed: SeedData, now: datetime
) -> StartupResult:
    """Fill the history on a first start, close any gap, and bring the rules up to `now`.

    What fired and still stands after a gap is news; what came and went in it is not. The readings are gone
    through once and not kept: as they go into the database on a first start, as they come out of it later.
    """
    first = await store.read(readings.empty)
    past, before = await (
        store.write(lambda db: _filled(db, seed, now)) if first else store.read(_stored_past)
    )

    async def keep(days: list[Reading]) -> None:
        await store.write(lambda db: readings.save(db, past.learn(days)))

    missing = await store.read(lambda db: _missing(db, seed.whole, now))
    await close(missing, backfill, now, keep)
    return await asyncio.to_thread(_caught_up, past, before, rules, now, tell=not first)


def _filled(db: Database, seed: SeedData, now: datetime) -> tuple[ReplayHistory, RuleStates]:
    """Put in what the program carries."""
    rule_states.fill(db, seed.head_start(now))
    standing = rule_states.load(db)
    past = ReplayHistory(standing.phase.as_of)
    readings.fill(db, past.learn(reading for reading in seed.bundle() if reading.read_at <= now))
    return past, standing


def _stored_past(db: Database) -> tuple[ReplayHistory, RuleStates]:
    """Take out what earlier runs have left."""
    standing = rule_states.load(db)
    past = ReplayHistory(standing.phase.as_of)
    for _ in past.learn(readings.everything(db)):
        pass
    return past, standing


def _missing(db: Database, whole: Iterable[str], now: datetime) -> list[Gap]:
    """What the series that are kept whole lack."""
    since = now.date() - KEPT_WHOLE
    return [
        gap
        for series in whole
        for gap in gaps(series, readings.complete_days(db, series, since), now, up_to_now=True)
    ]


def _caught_up(
    past: ReplayHistory, before: RuleStates, rules: Sequence[Rule], now: datetime, *, tell: bool
) -> StartupResult:
    """Evaluate each day since the last look, as if the program had been there."""
    standing, newest = before, dict[str, Alert]()
    for day in past.days(rules, now.date() - timedelta(days=1), before):
        standing = day.evaluation.states
        for alert in day.evaluation.alerts:
            if alert.kind in _LASTING:
                newest[alert.rule] = alert
    news = (alert for alert in newest.values() if tell and _still_news(alert, before, standing))
    return StartupResult(past.history, before, standing, tuple(news))


def _still_news(alert: Alert, before: RuleStates, after: RuleStates) -> bool:
    """Whether what an alert told still differs from what was known before the gap."""
    if alert.after is not None:
        return before.phase.phase is not after.phase.phase
    old, new = before.rules.get(alert.rule), after.rules.get(alert.rule)
    return new is not None and (old is None or old.active != new.active)
