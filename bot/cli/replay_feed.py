"""The bundled history as a source of the live program: at each moment it has just what was known then."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from bot.data.reference_rates import reference_rates
from bot.mining.network import BLOCK_SECONDS, HASHES_PER_DIFFICULTY, NOISY_PROGRESS, SECONDS_PER_DAY
from bot.signals.forecast import EPOCH_BLOCKS
from bot.signals.series import Reading, end_of_day
from bot.sources.types import CurrencyRates, Retarget, RoundResult, SourceReport

_SOURCE: Final = "chain (bundled)"


class ReplayFeed:
    """Readings as a source: each is seen once the clock has come to where it was known."""

    def __init__(self, readings: Sequence[Reading]) -> None:
        self._readings = readings
        self._rounds = 0

    async def gather(self, now: datetime, _newest: Mapping[str, Reading]) -> RoundResult:
        """What became known since the last time."""
        fresh = []
        while self._rounds < len(self._readings) and self._readings[self._rounds].read_at <= now:
            fresh.append(self._readings[self._rounds])
            self._rounds += 1
        report = SourceReport("bundled", True, None, fresh[-1].as_of if fresh else None, 0, True)
        return RoundResult(tuple(fresh), (report,), (), None, ())

    async def backfill(self, _series: str, _first: date, _last: date, _now: datetime) -> list[Reading]:
        """Nothing: the program fills its history from the same bundle."""
        return []


class SummerFeed(ReplayFeed):
    """The same with what providers would have said beside: the next retarget, and the rates of currencies.

    `before` are the readings that are known at the start.
    """

    def __init__(self, before: Sequence[Reading], readings: Sequence[Reading]) -> None:
        super().__init__(readings)
        self._rates = reference_rates()
        self._hashrates: dict[date, float] = {}
        self._difficulties: dict[date, float] = {}
        self._note(before[-1_000:])

    async def gather(self, now: datetime, newest: Mapping[str, Reading]) -> RoundResult:
        """What became known since the last time, and what stands now."""
        gathered = await super().gather(now, newest)
        self._note(gathered.readings)
        euro, rates = self._currencies(now)
        retarget = estimated_retarget(self._hashrates, self._difficulties, now)
        return replace(gathered, readings=(*gathered.readings, *euro), retarget=retarget, rates=rates)

    def _note(self, readings: Sequence[Reading]) -> None:
        for reading in readings:
            if reading.day is not None and reading.series == "btc.hashrate":
                self._hashrates[reading.day] = reading.value
            elif reading.day is not None and reading.series == "btc.difficulty":
                self._difficulties[reading.day] = reading.value

    def _currencies(self, now: datetime) -> tuple[list[Reading], CurrencyRates | None]:
        """The newest reference rates; US dollars for one unit."""
        days = [day for day in self._rates if end_of_day(day) <= now]
        if not days:
            return [], None
        day = max(days)
        per_euro, end = self._rates[day], end_of_day(day)
        usd = per_euro["USD"]
        euro = Reading("fx.eur_usd", usd, end, "European Central Bank (bundled)", end, day)
        rates = {code: usd / rate for code, rate in per_euro.items() if code != "USD"}
        return [euro], CurrencyRates(rates, end, euro.source)


def estimated_retarget(
    hashrates_ehs: Mapping[date, float], difficulties: Mapping[date, float], now: datetime
) -> Retarget | None:
    """The next retarget by the pace of the epoch's blocks so far; None without its beginning.

    Both are daily: the one-day hashrate, from which follow the day's blocks, and the mean difficulty, which
    lies between two levels on the day of a retarget. That day counts whole until the next level is known; the
    epoch is too young then for more than a date.
    """
    days = sorted(day for day in difficulties if day in hashrates_ehs)
    level = difficulties[days[-1]] if days else 0.0
    blocks, elapsed_days = 0.0, 0.0
    while days and difficulties[days[-1]] == level:
        blocks += _blocks(hashrates_ehs[days[-1]], level)
        elapsed_days += 1.0
        days.pop()
    if len(days) < 2:
        return None
    mixed, level_before = days[-1], difficulties[days[-2]]
    if level != level_before:
        share = min(max((difficulties[mixed] - level_before) / (level - level_before), 0.0), 1.0)
        blocks += share * _blocks(hashrates_ehs[mixed], difficulties[mixed])
        elapsed_days += share
    progress = min(blocks / EPOCH_BLOCKS, 1.0)
    remaining = max(EPOCH_BLOCKS - round(blocks), 1)
    pace = timedelta(days=elapsed_days / blocks)
    change = blocks * BLOCK_SECONDS / (elapsed_days * SECONDS_PER_DAY) - 1.0
    return Retarget(
        None if progress < NOISY_PROGRESS else change,
        remaining,
        progress,
        now + remaining * pace,
        _SOURCE,
        now,
    )


def _blocks(hashrate_ehs: float, difficulty: float) -> float:
    """Blocks of a day of this hashrate."""
    return hashrate_ehs * 1e18 * SECONDS_PER_DAY / (difficulty * HASHES_PER_DIFFICULTY)
