"""The steps of the ledger sync: follow the tip, find the days, scan the wallets, publish finished days."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

import httpx

from bot.backoff import backoff
from bot.ledger.flows import SAT_PER_BTC, LedgerDay
from bot.ledger.proof_of_work import MAINNET, ChainRules
from bot.pipeline.ledger_sync.budget import BudgetExhausted, RequestBudget
from bot.pipeline.ledger_sync.chain_tip import ForeignChainError, complete_coinbases, follow
from bot.pipeline.ledger_sync.day_boundaries import find_days
from bot.pipeline.ledger_sync.progress import Progress, estimate
from bot.pipeline.ledger_sync.second_explorer import SecondExplorer
from bot.pipeline.ledger_sync.wallet_scan import WalletScanner
from bot.signals.series import Confidence, Reading, end_of_day
from bot.sources.block_explorer import SECOND_SERVER, SERVER, ChainClient, chain_client, pace_for
from bot.sources.own_node import is_own_node
from bot.sources.rate_limit import TokenBucket
from bot.sources.source_error import SourceError
from bot.sources.types import Endpoint
from storage.database import Database, Store
from storage.ledger import blocks, reorg
from storage.ledger import days as ledger_days
from storage.signals import readings

log = logging.getLogger(__name__)

HISTORY_DAYS: Final = 400
SERIES: Final = ("btc.miner_outflow", "btc.miner_reserve")
_MOVED_WITHIN: Final = timedelta(days=6)
"""The week whose largest movers a second explorer is asked about."""
_SECOND_AGAIN: Final = timedelta(hours=1)
FOLLOW_EVERY: Final = timedelta(minutes=15)
CHECK_EVERY: Final = timedelta(days=1)
"""How often the server is asked for the known blocks of the chain."""
_FIRST_PAUSE: Final = timedelta(minutes=1)
_LONGEST_PAUSE: Final = timedelta(hours=1)
_LOG_EVERY: Final = timedelta(minutes=5)
_STEP_SECONDS: Final = 45


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """What one step did.

    `readings` are already stored; they are given for the caller's in-memory history. `problem` says what went
    wrong, as a sentence, `retry_at` until when the server is left alone, `busy` that more work is waiting.
    """

    readings: tuple[Reading, ...] = ()
    problem: str | None = None
    retry_at: datetime | None = None
    busy: bool = False


class LedgerSync:
    """Keeps the ledger. One `step` at a time; it may be killed at any moment and started again.

    `pace` is awaited before every request; a step makes at most `calls_per_step` of them.
    """

    def __init__(
        self,
        store: Store,
        chain: ChainClient,
        *,
        pace: Callable[[], Awaitable[None]],
        calls_per_step: int = 50,
        history_days: int = HISTORY_DAYS,
        seconds_a_call: float = 1.0,
        second: SecondExplorer | None = None,
        trusted: bool = True,
    ) -> None:
        """A ledger that is read from `chain`, a step at a time.

        `second` checks its newest day; without one its days are confirmed only if `chain` is `trusted`, as
        one's own node is.
        """
        self._store = store
        self._budget = RequestBudget(pace)
        self._chain = chain.paced(self._budget)
        self._scanner = WalletScanner(self._chain, store)
        self.calls_per_step = calls_per_step
        self._history_days = history_days
        self._seconds_a_call = seconds_a_call
        self._second = second
        self._trusted = trusted
        self._agreed_day: date | None = None
        self._second_retry_at: datetime | None = None
        self._tip: int | None = None
        self._followed_at: datetime | None = None
        self._checked_at: datetime | None = None
        self._retry_at: datetime | None = None
        self._failures = 0
        self._logged_at: datetime | None = None

    async def step(self, now: datetime) -> LedgerReport:
        """Do a bounded amount of work and store what has become known; never raises for the server's faults.

        Follows the tip when that is due, finds the days' openings, brings wallets to the newest day and reads
        on into the past.
        """
        if self._retry_at is not None and now < self._retry_at:
            self._budget.refill(0)
            return LedgerReport(retry_at=self._retry_at)
        self._retry_at = None
        self._budget.refill(self.calls_per_step)
        problem, busy = None, False
        try:
            if self._checked_at is None or now - self._checked_at >= CHECK_EVERY:
                await self._chain.check_chain()
                self._checked_at = now
            if self._tip is None or self._followed_at is None or now - self._followed_at >= FOLLOW_EVERY:
                self._tip, self._followed_at = await self._follow(), now
                try:
                    await complete_coinbases(self._chain, self._store, self._tip)
                except SourceError as error:
                    if error.whole_provider:
                        raise
                    problem = f"{self._chain.source} {error.reason}"
            await self._work(now)
            self._failures = 0
        except BudgetExhausted:
            busy = True
            self._failures = 0
        except SourceError as error:
            problem = f"{self._chain.source} {error.reason}"
            self._failures += 1
            self._retry_at = now + (
                error.retry_after or backoff(self._failures, _FIRST_PAUSE, _LONGEST_PAUSE)
            )
        problems = [problem] if problem else []
        problem = "; ".join((*problems, *self._scanner.problems)) or None
        confidence = await self._confidence(now)
        fresh = await self._hand_on(now, confidence, partial=problem is not None)
        await self._log(now, problem, fresh)
        return LedgerReport(fresh, problem, self._retry_at, busy)

    async def progress(self) -> Progress:
        """How far the history has been read."""

        def read(db: Database) -> Progress:
            calls = int(blocks.note(db, "calls") or 0)
            extent = ledger_days.extent(db, self._wanted(db))
            return estimate(extent, calls, blocks.blocks_a_day(db), self._seconds_a_call)

        return await self._store.read(read)

    def _wanted(self, db: Database) -> int:
        return ledger_days.wanted(db) or self._history_days

    async def _follow(self) -> int:
        """Follow the tip. Blocks stored of another chain than the server's, which is proved, go."""
        try:
            return await follow(self._chain, self._store)
        except ForeignChainError:
            if self._chain.rules is None or not self._chain.rules.known:
                raise
            log.warning("outflow ledger: the blocks stored are of another chain; it is read anew")
            await self._store.write(reorg.start_over)
            return await follow(self._chain, self._store)

    async def _work(self, now: datetime) -> None:
        assert self._tip is not None  # noqa: S101 - the tip has been followed
        first = await find_days(self._chain, self._store, self._tip, self._history_days)
        calendar = await self._store.read(blocks.calendar)
        newest = calendar.newest
        if newest is None:
            return
        if await self._store.read(lambda db: blocks.note(db, "source")) != self._chain.source:
            await self._store.write(lambda db: reorg.switch_explorer(db, self._chain.source, newest))
        await self._scanner.run(calendar, first, now)

    async def _confidence(self, now: datetime) -> Confidence:
        """How far the ledger's days are borne out: by the second explorer, asked once for each newest day."""
        if self._second is None:
            return Confidence.CONFIRMED if self._trusted else Confidence.ALONE
        calendar = await self._store.read(blocks.calendar)
        newest = calendar.newest
        if newest is None:
            return Confidence.ALONE
        if newest == self._agreed_day:
            return Confidence.CONFIRMED
        if self._second_retry_at is not None and now < self._second_retry_at:
            return Confidence.ALONE
        try:
            agrees = await self._second.agrees(newest - _MOVED_WITHIN, newest, calendar.last_height(newest))
        except SourceError as error:
            log.warning("outflow ledger: not checked: %s %s", self._second.chain.source, error.reason)
            agrees = False
        if not agrees:
            self._second_retry_at = now + _SECOND_AGAIN
            return Confidence.ALONE
        self._agreed_day, self._second_retry_at = newest, None
        return Confidence.CONFIRMED

    async def _hand_on(self, now: datetime, confidence: Confidence, *, partial: bool) -> tuple[Reading, ...]:
        """Store the readings of days that have changed, and note that, in one transaction.

        Days that were handed on before the second explorer had confirmed them are handed on again.
        """
        confirmed = confidence is Confidence.CONFIRMED

        def read(db: Database) -> tuple[list[LedgerDay], list[Reading]]:
            before = [r for name in SERIES for r in readings.sole_days(db, name)] if confirmed else []
            return ledger_days.unpublished(db, partial=partial), before

        days, before = await self._store.read(read)
        if not self._budget.used and not before:
            return ()
        fresh = tuple(
            replace(reading, confidence=confidence, read_at=now)
            for reading in (*before, *(each for day in days for each in published_readings(day, now)))
        )

        def write(db: Database) -> None:
            blocks.write_note(db, "calls", str(int(blocks.note(db, "calls") or 0) + self._budget.used))
            readings.save(db, fresh)
            ledger_days.published(db, days)

        await self._store.write(write)
        return fresh

    async def _log(self, now: datetime, problem: str | None, fresh: Sequence[Reading]) -> None:
        if problem is not None:
            log.warning("outflow ledger: %s", problem)
        if self._logged_at is None or now - self._logged_at >= _LOG_EVERY:
            self._logged_at = now
            progress = await self.progress()
            if progress.reading:
                log.info("%s", progress.text)
            elif fresh:
                wallets, complete = progress.wallets, progress.days_complete
                log.info("outflow ledger: %d days complete, %d pool wallets", complete, wallets)


def make_ledger_sync(
    store: Store,
    endpoint: Endpoint,
    http: httpx.AsyncClient,
    clock: Callable[[], datetime],
    contact: str = "",
    *,
    second: Endpoint | None = None,
    rules: ChainRules | None = MAINNET,
) -> LedgerSync | None:
    """A ledger sync over the server the settings name (mempool.space by default), or None when switched off.

    One request a second to a public server, twenty to one's own; a step lasts under a minute with both.
    """
    if endpoint.url == "":
        return None
    address = endpoint.url or SERVER.home
    pace = pace_for(address)
    other: SecondExplorer | None = None
    if second is not None and second.url != "":
        wait = TokenBucket(pace_for(second.url or SECOND_SERVER.home)).wait
        chain = chain_client(second, http, clock, contact, server=SECOND_SERVER, rules=rules).paced(wait)
        other = SecondExplorer(chain, store)
    return LedgerSync(
        store,
        chain_client(endpoint, http, clock, contact, rules=rules),
        pace=TokenBucket(pace).wait,
        calls_per_step=round(_STEP_SECONDS / pace.interval_s),
        seconds_a_call=pace.interval_s,
        second=other,
        trusted=is_own_node(address),
    )


def published_readings(day: LedgerDay, read_at: datetime) -> tuple[Reading, Reading]:
    """A day of the ledger as readings of btc.miner_outflow (BTC/day) and btc.miner_reserve (BTC)."""
    as_of = end_of_day(day.day)
    return (
        Reading(
            "btc.miner_outflow", day.net_sat / SAT_PER_BTC, as_of, day.source, read_at, day.day, day.complete
        ),
        Reading(
            "btc.miner_reserve",
            day.reserve_sat / SAT_PER_BTC,
            as_of,
            day.source,
            read_at,
            day.day,
            day.complete,
        ),
    )
