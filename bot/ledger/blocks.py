"""Blocks of the outflow ledger: the UTC day each belongs to, and the height at which two chains fork."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Final, Self

CONFIRMATIONS: Final = 6
"""Nothing is drawn from a block until it has this many confirmations, its own included."""

CLOCK_LAG: Final = 5
"""A block's clock is the median time of the block this many later: the median of the 11 stamps around it."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Whoever a block is attributed to; `slug` is the attribution's key, `name` what people read."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Output:
    """One output or spent input. `address` is None for scripts that have none; `sat` is in satoshi.

    In a coinbase known only by its addresses `sat` is None.
    """

    address: str | None
    sat: int | None


@dataclass(frozen=True, slots=True)
class Block:
    """What one block tells the ledger.

    `median_time` (Unix seconds) covers the block and the ten before it, and by consensus never decreases.
       `reward_sat` is everything its coinbase pays out; `payouts` are the coinbase's
       outputs that have an address. Both are None while the coinbase has not been seen.
    """

    height: int
    hash: str
    previous: str
    median_time: int
    pool: Pool | None = None
    reward_sat: int | None = None
    payouts: tuple[Output, ...] | None = None

    def with_coinbase(self, outputs: Sequence[Output], pool: Pool | None = None) -> Self:
        """The same block once its coinbase has been read."""
        return replace(
            self,
            pool=self.pool or pool,
            reward_sat=sum(output.sat or 0 for output in outputs),
            payouts=tuple(output for output in outputs if output.address is not None),
        )

    def credited(self, address: str) -> int | None:
        """Satoshi the coinbase pays to `address`; None when the outputs' shares are not known."""
        if self.payouts is None:
            return None
        outputs = [output for output in self.payouts if output.address == address]
        if outputs and len(self.payouts) == 1 and self.reward_sat is not None and outputs[0].sat is None:
            return self.reward_sat
        total = 0
        for output in outputs:
            if output.sat is None:
                return None
            total += output.sat
        return total


def midnight(day: date) -> int:
    """Unix seconds of the UTC midnight that begins `day`."""
    return int(datetime.combine(day, time(), UTC).timestamp())


def day_at(seconds: int) -> date:
    """The UTC day of a Unix time."""
    return datetime.fromtimestamp(seconds, UTC).date()


@dataclass(frozen=True, slots=True)
class Stamp:
    """A height whose median time is known."""

    height: int
    median_time: int


def opening(below: Stamp | None, above: Stamp | None) -> int | None:
    """The first height of a day, from the stamps on both sides of its midnight, or None while a gap is left.

    `below` is the highest block known with a median time before midnight, `above` the lowest at or after.
    Stamps of miners may run backwards or two hours ahead; the median never runs backwards, so one height
    divides two days and every server divides alike.
    """
    if below is None or above is None or above.height != below.height + 1:
        return None
    return above.height - CLOCK_LAG


def probe(below: Stamp | None, above: Stamp, day: date, *, page: int, block_seconds: float) -> int:
    """The height to ask a page of `page` blocks for (its newest) so that it likely holds the day's opening.

    Interpolates between the stamps; without one below it goes back at `block_seconds` a block.
    """
    target = midnight(day)
    if below is None:
        guess = above.height - (above.median_time - target) / block_seconds
        return max(0, min(above.height - 1, round(guess) + page // 2))
    share = (target - below.median_time) / max(1, above.median_time - below.median_time)
    guess = below.height + share * (above.height - below.height)
    return max(below.height + 1, min(above.height - 1, round(guess) + page // 2))


class Calendar:
    """The opening heights of consecutive days: a height's day, a day's last height."""

    __slots__ = ("_days", "_heights")

    def __init__(self, openings: Sequence[tuple[date, int]]) -> None:
        """Days with their first heights, in any order."""
        ordered = sorted(openings)
        self._days = [day for day, _ in ordered]
        self._heights = [height for _, height in ordered]

    @property
    def first(self) -> date | None:
        """The oldest day held."""
        return self._days[0] if self._days else None

    @property
    def newest(self) -> date | None:
        """The newest day that is over: the one before the newest opening."""
        return self._days[-2] if len(self._days) > 1 else None

    def opening(self, day: date) -> int:
        """The day's first height. Raises KeyError for a day not held."""
        index = bisect_right(self._days, day) - 1
        if index < 0 or self._days[index] != day:
            raise KeyError(day)
        return self._heights[index]

    def last_height(self, day: date) -> int:
        """The day's last height. Raises KeyError unless the following day's opening is held."""
        index = bisect_right(self._days, day)
        if index >= len(self._days):
            raise KeyError(day)
        return self._heights[index] - 1

    def day(self, height: int) -> date | None:
        """The day a block belongs to, or None when it is older than every day held."""
        index = bisect_right(self._heights, height) - 1
        return self._days[index] if index >= 0 else None


def fork(stored: Mapping[int, str], page: Sequence[Block]) -> int | None:
    """The highest height where a page of the best chain agrees with the stored hashes; None if nowhere.

    The block under the page's lowest counts too: the page names its hash.
    """
    best: int | None = None
    for block in page:
        if stored.get(block.height) == block.hash:
            best = max(block.height, best or 0)
        if stored.get(block.height - 1) == block.previous:
            best = max(block.height - 1, best or 0)
    return best
