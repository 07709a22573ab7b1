"""What is true in the world that the fake providers report: smooth curves over time, all replaceable."""

import csv
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

EPOCH_BLOCKS = 2_016
DAY = timedelta(days=1)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _price(at: datetime) -> float:
    """USD/BTC: a slow wave, well under 1 % in a few hours."""
    return round(81_000 + 1_500 * math.sin(at.timestamp() / 800_000), 2)


def _hashrate(day: date) -> float:
    """EH/s."""
    return 900 + 70 * math.sin(day.toordinal() * 1.7)


def _difficulty(epoch: int) -> float:
    return 1.3e14 * (1 + 0.03 * math.sin(epoch))


def _power(zone: str, start: datetime) -> float:
    """EUR/MWh, hourly."""
    hour = start.replace(minute=0, second=0, microsecond=0)
    return round(85 + len(zone) + 40 * math.sin(hour.timestamp() / 3_600 / 3.8), 2)


def _gas(day: date) -> float:
    return round(2.9 + 0.2 * math.sin(day.toordinal() / 9), 2)


def _euro(day: date) -> float:
    return round(1.15 + 0.01 * math.sin(day.toordinal() / 20), 4)


def _industrial(month: date) -> float:
    """US cents per kWh."""
    return round(8.4 + 0.3 * math.sin(month.month), 2)


def _outflow(day: date) -> float:
    """BTC/day."""
    return round(800 + 90 * math.sin(day.toordinal() / 3), 3)


@dataclass
class World:
    """The truth at `now` (UTC). Set `now` to let time pass; replace a curve to let something happen."""

    now: datetime
    price: Callable[[datetime], float] = _price
    hashrate: Callable[[date], float] = _hashrate
    difficulty_of_epoch: Callable[[int], float] = _difficulty
    power: Callable[[str, datetime], float] = _power
    gas: Callable[[date], float] = _gas
    euro: Callable[[date], float] = _euro
    industrial_cents: Callable[[date], float] = _industrial
    outflow: Callable[[date], float] = _outflow
    record: tuple[float, datetime] = (126_080.0, datetime(2025, 10, 6, 18, 57, tzinfo=UTC))
    fees_btc_per_block: float = 0.021
    epoch_days: float = 14.0
    first_epoch_at: datetime = field(default=datetime(2024, 1, 3, 7, 30, tzinfo=UTC))

    @property
    def today(self) -> date:
        return self.now.date()

    def close(self, day: date) -> float:
        """The price at the UTC midnight that ends the day."""
        return self.price(midnight(day + DAY))

    def power_mean(self, zone: str, day: date) -> float:
        return sum(self.power(zone, midnight(day) + timedelta(hours=h)) for h in range(24)) / 24

    def epoch(self, at: datetime) -> int:
        return int((at - self.first_epoch_at) / timedelta(days=self.epoch_days))

    def epoch_start(self, epoch: int) -> datetime:
        return self.first_epoch_at + epoch * timedelta(days=self.epoch_days)

    def difficulty(self, at: datetime) -> float:
        return self.difficulty_of_epoch(self.epoch(at))

    def difficulty_mean(self, day: date) -> float:
        return _difficulty_mean(self.difficulty_of_epoch, self.first_epoch_at, self.epoch_days, day)

    def height(self, at: datetime) -> int:
        """The newest block: one every ten minutes."""
        return 820_000 + int((at - self.first_epoch_at).total_seconds() // 600)


@lru_cache(maxsize=10_000)
def _difficulty_mean(curve: Callable[[int], float], first: datetime, epoch_days: float, day: date) -> float:
    """The mean of a day over every five minutes."""
    since, epoch = midnight(day) - first, timedelta(days=epoch_days)
    epochs = [int((since + timedelta(minutes=5 * n)) / epoch) for n in range(288)]
    return sum(map(curve, epochs)) / len(epochs)


@lru_cache(maxsize=10_000)
def unix(at: datetime | date) -> int:
    moment = at if isinstance(at, datetime) else midnight(at)
    return int(moment.timestamp())


def table(rows: Sequence[object]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(row for row in rows if isinstance(row, list))
    return out.getvalue()
