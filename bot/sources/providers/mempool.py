"""mempool.space: spot price, daily hashrate, difficulty, the next retarget, fees per block."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

from bot.signals.series import Reading, end_of_day
from bot.sources.parse import (
    BLOCK_CLOCK,
    daily,
    field,
    midnight,
    moment,
    not_future,
    number,
    positive,
    rows,
    within,
)
from bot.sources.rate_limit import Pace
from bot.sources.readings import Parts, of_days, spot
from bot.sources.source_error import SourceError
from bot.sources.types import FetchRequest, Provider, ProviderAnswer, ProviderApi, Query, Retarget

PROVIDER: Final = Provider(
    name="mempool",
    title="mempool.space",
    home="https://mempool.space",
    licence="free to use; source is AGPL-3.0",
    limits="unpublished; 429 and a ban on repeated excess",
    pace=Pace(burst=5, interval_s=1.0),
    daily_limit=1_000,
)

EPOCH_BLOCKS: Final = 2_016
YOUNG: Final = 0.15
"""Below this part of an epoch an estimate of the next change is noise."""

_INTERVALS: Final = (("3m", 85), ("6m", 175), ("1y", 360), ("2y", 725), ("3y", 1_090))
_EVERYTHING: Final = "all"


async def prices(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """The spot price. The service keeps the last good one, so only its own time says how old it is."""
    body = await site.json("/api/v1/prices", ask.now)
    stamp = field(body, "time", "the prices")
    value = positive(field(body, "USD", "the prices"), "the price in US dollars")
    as_of = not_future(moment(stamp, "the time of the price"), ask.now, "the price")
    return ProviderAnswer((spot("btc.price", value, as_of, site, ask),))


async def hashrate(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """Daily hashrate (EH/s) and difficulty. A point stamped D 00:00 UTC covers the day before D."""
    body = await site.json(f"/api/v1/mining/hashrate/{_interval(ask)}", ask.now, max_bytes=ask.max_bytes)
    points = [
        (
            covered(moment(_stamp(row), "the time of a hashrate point")),
            field(row, "avgHashrate", "a hashrate point"),
        )
        for row in rows(field(body, "hashrates", "the hashrate answer"), "hashrate points")
    ]
    closed = daily(points, "the hashrate", ask.today, least=1 if ask.first else 30)
    parts = Parts()
    parts.add("btc.hashrate", lambda: of_days("btc.hashrate", closed, site, ask, 1e-18))
    parts.add("btc.difficulty", lambda: _difficulty_days(body, closed[0][0], site, ask))
    if ask.first is None:
        parts.add("btc.difficulty", lambda: [_difficulty_now(body, closed[-1][0], site, ask)])
    return parts.answer()


async def retarget(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """The estimate of the next difficulty change."""
    return ProviderAnswer(retarget=await read_retarget(site, ask, trusted=True))


async def fees(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """Mean fees of the last 144 blocks, BTC per block."""
    return ProviderAnswer((await read_fees(site, ask),))


async def fee_days(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """Each day's mean fees per block: the mean over the equal parts of it that the service averages.

    Their number depends on the span asked for; none reaches over midnight UTC.
    """
    parts: dict[date, list[float]] = {}
    latest: datetime | None = None
    path = f"/api/v1/mining/blocks/fees/{_interval(ask)}"
    for row in rows(await site.json(path, ask.now, max_bytes=ask.max_bytes), "fees"):
        at = moment(field(row, "timestamp", "the fees"), "the time of the fees")
        if latest is not None and at <= latest:
            raise SourceError(f"sent the fees out of order or twice (at {at:%Y-%m-%d %H:%M} UTC)")
        latest = at
        mean = number(field(row, "avgFees", "the fees"), f"the fees of {at:%Y-%m-%d %H:%M}") / 1e8
        parts.setdefault(at.date(), []).append(within(mean, 0, 500, "the fees of a block", "BTC"))
    whole = list(parts)[1:]  # the first may have begun before the span
    means = [(day, sum(parts[day]) / len(parts[day])) for day in whole]
    closed = daily(means, "the fees", ask.today, least=1 if ask.first else 30, allow="any")
    return ProviderAnswer(of_days("btc.fees", closed, site, ask))


async def read_retarget(site: ProviderApi, ask: FetchRequest, *, trusted: bool) -> Retarget:
    """`difficulty-adjustment`: percent fields, milliseconds for the date. `trusted` uses its own estimate."""
    body = await site.json("/api/v1/difficulty-adjustment", ask.now)
    left = number(field(body, "remainingBlocks", "the retarget"), "the blocks to the retarget")
    percent = number(field(body, "difficultyChange", "the retarget"), "the change of difficulty")
    date_ms = field(body, "estimatedRetargetDate", "the retarget")
    expected = moment(date_ms, "the date of the retarget", unit="ms")
    if not 0 <= left <= EPOCH_BLOCKS or left != int(left):
        raise SourceError(f"sent {left:g} as the blocks to the retarget")
    if not -75 <= percent <= 300:
        raise SourceError(f"sent {percent:g} % as the change of difficulty; the rules allow −75 to 300")
    if not ask.now - timedelta(hours=3) <= expected <= ask.now + timedelta(days=60):
        raise SourceError(f"expects the retarget on {expected:%Y-%m-%d}, which can't be")
    progress = 1 - left / EPOCH_BLOCKS
    change = percent / 100 if trusted and progress >= YOUNG else None
    return Retarget(change, int(left), progress, expected, site.provider.name, ask.now)


async def read_fees(site: ProviderApi, ask: FetchRequest) -> Reading:
    """`reward-stats/144`: totals in satoshi, as text."""
    body = await site.json("/api/v1/mining/reward-stats/144", ask.now)
    total = positive(field(body, "totalReward", "the reward figures"), "the reward of 144 blocks")
    fees = number(field(body, "totalFee", "the reward figures"), "the fees of 144 blocks")
    start = number(field(body, "startBlock", "the reward figures"), "the first block")
    end = number(field(body, "endBlock", "the reward figures"), "the last block")
    blocks = end - start + 1
    if not 1 <= blocks <= 1_008 or not 0 <= fees < total:
        raise SourceError("sent reward figures that contradict one another")
    subsidy_btc = (total - fees) / blocks / 1e8
    within(subsidy_btc, 0.5, 6.3, "the subsidy of a block", "BTC")
    return spot("btc.fees", fees / blocks / 1e8, ask.now, site, ask)


def seen_at(newest: date, ask: FetchRequest) -> datetime:
    """When a difficulty without a time of its own was seen: now, unless the days beside it stand still."""
    return ask.now if newest >= ask.today - timedelta(days=2) else end_of_day(newest)


def covered(stamp: datetime) -> date:
    """The day a point stamped at the midnight that ends it covers."""
    return (stamp - timedelta(hours=12)).astimezone(UTC).date()


def _stamp(row: object) -> object:
    return field(row, "timestamp", "a hashrate point")


def _interval(ask: FetchRequest) -> str:
    """The shortest span the service knows that reaches back to the first day; an unknown one means all."""
    if ask.first is None:
        return "3m"
    days = (ask.today - ask.first).days
    return next((name for name, reach in _INTERVALS if days <= reach), _EVERYTHING)


def _difficulty_now(body: object, newest: date, site: ProviderApi, ask: FetchRequest) -> Reading:
    """The difficulty in force; 0 while the service's own node is away."""
    value = positive(field(body, "currentDifficulty", "the hashrate answer"), "the difficulty")
    return spot("btc.difficulty", value, seen_at(newest, ask), site, ask)


def _difficulty_days(body: object, first: date, site: ProviderApi, ask: FetchRequest) -> tuple[Reading, ...]:
    """Each closed day's mean difficulty, weighed by time, from the retargets the answer lists."""
    listed = field(body, "difficulty", "the hashrate answer")
    if not isinstance(listed, list) or not listed:
        return ()
    changes: list[tuple[datetime, float]] = []
    for row in listed:
        at = moment(_retarget_time(row), "the time of a retarget")
        value = positive(field(row, "difficulty", "a retarget"), "the difficulty")
        changes.append((not_future(at, ask.now, "a retarget", BLOCK_CLOCK), value))
    changes.sort()
    begin = max(first, changes[0][0].date() + timedelta(days=1))
    days = (ask.today - begin).days
    closed = [begin + timedelta(days=n) for n in range(days)]
    return of_days("btc.difficulty", [(day, _mean_on(day, changes)) for day in closed], site, ask)


def _retarget_time(row: object) -> object:
    """Real rows say `time`; the provider's documentation says `timestamp`."""
    return field(row, "time" if isinstance(row, dict) and "time" in row else "timestamp", "a retarget")


def _mean_on(day: date, changes: list[tuple[datetime, float]]) -> float:
    begin, end = midnight(day), midnight(day + timedelta(days=1))
    total = 0.0
    for index, (at, value) in enumerate(changes):
        until = changes[index + 1][0] if index + 1 < len(changes) else end
        overlap = (min(until, end) - max(at, begin)).total_seconds()
        total += max(overlap, 0.0) * value
    return total / 86_400


PRICES: Final = Query("mempool", "spot price", prices)
HASHRATE: Final = Query("mempool", "daily hashrate and difficulty", hashrate, history=True)
RETARGET: Final = Query("mempool", "next retarget", retarget)
FEES: Final = Query("mempool", "fees of 144 blocks", fees, stampless=True)
FEE_DAYS: Final = Query("mempool", "daily fees per block", fee_days, history=True)
