"""Scan wallets: bring them up to date and read their history, page by page, each page stored at once."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

from bot.ledger.blocks import Block, Calendar, day_at
from bot.ledger.flows import MismatchError, Page, WalletScan, begin, by_balance, covered_from, take
from bot.ledger.pool_wallets import retired
from bot.sources.block_explorer import ChainClient
from bot.sources.source_error import SourceError
from storage.database import Database, Store
from storage.ledger import blocks, wallets
from storage.ledger.wallets import Wallet

BUSY_PAGES = 40
"""A wallet with more pages than this since yesterday is settled by its balances instead."""

REST = timedelta(minutes=10)
"""How long a wallet that could not be read is left alone."""

_TRIES = 3
_STRIKES = 3


@dataclass(frozen=True, slots=True)
class ScanJob:
    """The next thing to do for a wallet: go on with `scan`, or start one."""

    wallet: Wallet
    scan: WalletScan | None
    into_past: bool


@dataclass(slots=True)
class WalletScanner:
    """Reads wallets. `problems` are sentences about those that could not be read this time."""

    chain: ChainClient
    store: Store
    problems: list[str] = field(default_factory=list)
    _resting: dict[int, datetime] = field(default_factory=dict)

    async def run(self, calendar: Calendar, first: date, now: datetime) -> None:
        """Bring every wallet to the newest day, then read histories down to `first`, the least read first.

        Returns when nothing is left to do; may be stopped after any page. Raises SourceError when the whole
        server is at fault.
        """
        newest = calendar.newest
        if newest is None:
            return
        self.problems.clear()
        self._resting = {id_: until for id_, until in self._resting.items() if until > now}
        registry = frozenset(await self.store.read(wallets.registry))
        scan_run = _ScanRun(self.chain, self.store, calendar, first, newest, registry)
        while (
            job := await self.store.read(partial(choose, newest=newest, resting=self._resting))
        ) is not None:
            try:
                await scan_run.do(job)
            except MismatchError as error:
                await self.store.write(partial(_distrust, job=job, gap=error.gap, newest=newest))
                self._rest(job, str(error), now)
            except SourceError as error:
                if error.whole_provider or error.retry_after is not None:
                    raise
                if job.scan is not None and not job.into_past:  # its cursor may have left the best chain
                    await self.store.write(partial(wallets.abandon, wallet=job.wallet, into_past=False))
                self._rest(job, f"{job.wallet.address}: the server {error.reason}", now)
        await self.store.write(lambda db: _retire(db, newest))

    def _rest(self, job: ScanJob, problem: str, now: datetime) -> None:
        self._resting[job.wallet.id] = now + REST
        self.problems.append(problem)


def choose(db: Database, newest: date, resting: dict[int, datetime]) -> ScanJob | None:
    """What to do next: finish what is half up to date, bring the others there, then read the past."""
    scans = [(wallet, scan) for wallet, scan in wallets.scans(db) if wallet.id not in resting]
    for wallet, scan in scans:
        if scan.known is not None:
            return ScanJob(wallet, scan, into_past=False)
    into_past = {wallet.id for wallet, _ in scans}
    for wallet in wallets.registry(db).values():
        if wallet.id in resting:
            continue
        if wallet.balance is None and wallet.id not in into_past:
            return ScanJob(wallet, None, into_past=True)
        if not wallet.retired and wallet.to_day is not None and wallet.to_day < newest:
            return ScanJob(wallet, None, into_past=False)
    return next((ScanJob(wallet, scan, into_past=True) for wallet, scan in scans), None)


@dataclass(slots=True)
class _ScanRun:
    """One run over wallets: the days and the registry stand still meanwhile."""

    chain: ChainClient
    store: Store
    calendar: Calendar
    first: date
    newest: date
    registry: frozenset[str]
    tip: str | None = None

    async def do(self, job: ScanJob) -> None:
        """One page of work."""
        if job.scan is None:
            await self._start(job)
        elif not await self._settled(job, job.scan):
            page = await self.chain.history(job.wallet.address, job.scan.cursor)
            await self._keep(job, take(job.scan, page, self.calendar, self.registry))

    async def _start(self, job: ScanJob) -> None:
        """Read a balance and the newest transactions at one and the same tip."""
        address, known, to_day = job.wallet.address, job.wallet.balance, job.wallet.to_day
        stop = self.calendar.opening(self.first) - 1 if to_day is None else self.calendar.last_height(to_day)
        for _ in range(_TRIES):
            before = self.tip or await self.chain.tip_hash()
            scan = begin(address, await self.chain.balance(address), self.newest, stop, known)
            if scan.finished:
                await self._keep(job, Page(scan))
                return
            page = await self.chain.history(address)
            self.tip = await self.chain.tip_hash()
            if self.tip == before:
                await self._keep(job, take(scan, page, self.calendar, self.registry))
                return
        raise SourceError("showed new blocks faster than a wallet could be read")

    async def _keep(self, job: ScanJob, page: Page) -> None:
        """Write a page; a scan that ends must have met every reward the blocks at hand say was paid."""
        from_day = covered_from(page.scan, self.calendar, self.first) if job.into_past else None
        stop, last = page.scan.stop_height + 1, self.calendar.last_height(page.scan.top_day)

        def write(db: Database) -> None:
            if page.scan.finished and not job.into_past:
                paid = sum(block.credited(job.wallet.address) or 0 for block in blocks.blocks(db, stop, last))
                met = wallets.credited(db, job.wallet) + sum(flow.reward_sat for flow in page.flows.values())
                if met < paid:
                    raise MismatchError(
                        f"the history of {job.wallet.address} holds {met} sat of rewards, blocks paid {paid}"
                    )
            wallets.save_page(db, job.wallet, page, self.calendar, from_day)

        await self.store.write(write)

    async def _settled(self, job: ScanJob, scan: WalletScan) -> bool:
        """Settle a busy wallet's day by its balances, when every block of that day is at hand."""
        known, to_day, top = scan.known, job.wallet.to_day, scan.top
        if known is None or top is None or to_day is None or scan.pages < BUSY_PAGES:
            return False
        day = scan.top_day
        if day - to_day != timedelta(days=1):
            return False
        begins, ends = self.calendar.opening(day), self.calendar.last_height(day)
        day_blocks = await self.store.read(lambda db: blocks.blocks(db, begins, ends))
        if len(day_blocks) < ends - begins + 1:
            return False
        reward = 0
        for block in day_blocks:
            reward += await self._credited(block, job.wallet.address)
        flow = by_balance(known, top, reward)
        await self.store.write(lambda db: wallets.settle_by_balance(db, job.wallet, day, flow, top))
        return True

    async def _credited(self, block: Block, address: str) -> int:
        reward_sat = block.credited(address)
        if reward_sat is None:
            block = await self.chain.coinbase(block)
            await self.store.write(lambda db: blocks.save_coinbase(db, block))
            reward_sat = block.credited(address)
        return reward_sat or 0


def _distrust(db: Database, job: ScanJob, gap: str, newest: date) -> None:
    """Take back a scan that missed what is held; after three days by the same gap, read all anew."""
    again = wallets.mismatched(db, job.wallet, gap, newest) >= _STRIKES and bool(gap)
    wallets.abandon(db, job.wallet, into_past=job.into_past or again)
    if again:
        wallets.trust(db, job.wallet)


def _retire(db: Database, newest: date) -> None:
    scanning = {wallet.id for wallet, _ in wallets.scans(db)}
    for wallet in wallets.registry(db).values():
        if (
            wallet.balance is not None
            and wallet.to_day == newest
            and wallet.id not in scanning
            and not wallet.retired
            and retired(day_at(wallet.last_paid), wallet.balance.sat, newest)
        ):
            wallets.retire(db, wallet)
