"""bitview.space (the Bitcoin Research Kit): chain-derived price, hashrate, difficulty, record, fees."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from bot.signals.series import Reading
from bot.sources.parse import daily, field, iso_day, mapping, moment, not_future, positive, rows
from bot.sources.providers.mempool import fee_days, read_fees, read_retarget, seen_at
from bot.sources.readings import Parts, of_days, spot
from bot.sources.source_error import SourceError
from bot.sources.types import FetchRequest, Provider, ProviderAnswer, ProviderApi, Query

PROVIDER: Final = Provider(
    name="bitview",
    title="bitview.space",
    home="https://bitview.space",
    licence="MIT software, free to use",
    limits="none stated",
)

FIRST_DAY: Final = date(2009, 1, 1)
"""Index 0 of its daily series."""


async def price(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """The spot price as the chain implies it, within a few tenths of a percent of the exchanges."""
    body = await site.json("/api/v1/prices", ask.now)
    value = positive(field(body, "USD", "the prices"), "the price in US dollars")
    stamp = moment(field(body, "time", "the prices"), "the time of the price")
    return ProviderAnswer((spot("btc.price", value, not_future(stamp, ask.now, "the price"), site, ask),))


async def hashrate(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """Daily hashrate (EH/s) and difficulty; the last day is still forming."""
    days, (hashes, difficulties) = await _daily(site, ask, ("hash_rate", "difficulty"))
    least = 1 if ask.first else 30

    def column(series: str, values: Sequence[object], what: str, factor: float) -> tuple[Reading, ...]:
        closed = daily(zip(days, values, strict=True), what, ask.today, least=least)
        return of_days(series, closed, site, ask, factor)

    def difficulty_now() -> list[Reading]:
        value = positive(difficulties[-1], "the difficulty")
        return [spot("btc.difficulty", value, seen_at(days[-1], ask), site, ask)]

    parts = Parts()
    parts.add("btc.hashrate", lambda: column("btc.hashrate", hashes, "the hashrate", 1e-18))
    parts.add("btc.difficulty", lambda: column("btc.difficulty", difficulties, "the difficulty", 1.0))
    if ask.first is None and days[-1] == ask.today:
        parts.add("btc.difficulty", difficulty_now)
    return parts.answer()


async def record(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """The highest price there has been."""
    days, (highs,) = await _daily(site, ask, ("price_ath",))
    if days[-1] > ask.today:
        raise SourceError(f"stamped the record in the future ({days[-1]})")
    return ProviderAnswer(
        (spot("btc.price_high", positive(highs[-1], "the record price"), ask.now, site, ask),)
    )


async def retarget(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """Blocks and time to the next retarget; its estimate of the change isn't used."""
    return ProviderAnswer(retarget=await read_retarget(site, ask, trusted=False))


async def fees(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """Mean fees of the last 144 blocks, BTC per block."""
    return ProviderAnswer((await read_fees(site, ask),))


async def _daily(
    site: ProviderApi, ask: FetchRequest, names: Sequence[str]
) -> tuple[list[date], list[Sequence[object]]]:
    """Daily series with their dates, asked together so that no date is ever reckoned from an index."""
    start = "-100" if ask.first is None else str(max(0, (ask.first - FIRST_DAY - timedelta(days=1)).days))
    params = {"series": ",".join(("date", *names)), "index": "day1", "start": start}
    parts = rows(await site.json("/api/series/bulk", ask.now, params, max_bytes=ask.max_bytes), "series")
    if len(parts) != len(names) + 1:
        raise SourceError(f"sent {len(parts)} series where {len(names) + 1} were asked")
    columns = [rows(field(mapping(part, "a series"), "data", "a series"), "values") for part in parts]
    if len({len(column) for column in columns}) != 1:
        raise SourceError("sent series of different lengths")
    return [iso_day(day, "a day") for day in columns[0]], columns[1:]


PRICE: Final = Query("bitview", "spot price", price)
HASHRATE: Final = Query("bitview", "daily hashrate and difficulty", hashrate, history=True)
RECORD: Final = Query("bitview", "record price", record)
RETARGET: Final = Query("bitview", "next retarget", retarget)
FEES: Final = Query("bitview", "fees of 144 blocks", fees, stampless=True)
FEE_DAYS: Final = Query("bitview", "daily fees per block", fee_days, history=True)
