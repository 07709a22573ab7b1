"""The sources of a simulation: providers of one price, of which one may lie and others may be down.

Their answers are decided by the program's own consensus.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from bot.i18n.message import NOTHING
from bot.signals.series import Reading
from bot.sources.consensus import Candidate, Verdict, decide
from bot.sources.series_config import SERIES_CONFIGS, ValueKind
from bot.sources.source_error import verbatim
from bot.sources.types import RejectedSeries, RoundResult, SourceReport

PROVIDERS: Final = ("kraken", "coinbase", "coingecko")
_SPOT: Final = next(
    config for config in SERIES_CONFIGS if config.series == "btc.price" and config.kind is ValueKind.SPOT
)
TOLERANCE: Final = _SPOT.tolerance.value
JUMP: Final = 2 * (_SPOT.jump.least if _SPOT.jump else 0.0)
"""How far from the truth one provider's word alone can be: a jump from a value that has moved since."""


@dataclass(frozen=True, slots=True)
class SourceFault:
    """A provider from `begin_s` to `end_s`: it gives the price times `factor`, or nothing (None)."""

    provider: str
    begin_s: float
    end_s: float
    factor: float | None


@dataclass(frozen=True, slots=True)
class Look:
    """What one poll saw: the truth, what was believed of it, and how many providers bear that out."""

    at_s: float
    now: datetime
    truth_usd: float
    believed_usd: float | None
    supporters: int


class Sources:
    """Gives the true price, or what is said of it."""

    def __init__(self, faults: list[SourceFault]) -> None:
        self.looks: list[Look] = []
        self._faults = faults

    async def gather(
        self, at_s: float, truth_usd: float, now: datetime, confirmed: Reading | None
    ) -> RoundResult:
        """Ask two providers, and the third while they settle nothing."""
        await asyncio.sleep(0.2)
        candidates: list[Candidate] = []
        reports: list[SourceReport] = []
        verdict = Verdict(())
        for provider in PROVIDERS:
            if len(candidates) >= _SPOT.quorum and verdict.unsettled == NOTHING:
                break
            value = self._says(provider, truth_usd, at_s)
            fault = None if value is not None else verbatim("gave no answer")
            reports.append(SourceReport(provider, value is not None, fault, now, 200, True))
            if value is not None:
                reading = Reading("btc.price", value, now, provider, now)
                candidates.append(Candidate(provider, (reading,), _SPOT.tolerance))
                verdict = decide(candidates, confirmed, _SPOT.jump, quorum=_SPOT.quorum)
        believed = verdict.readings[-1] if verdict.readings else None
        usd = None if believed is None else believed.value
        values = [candidate.newest.value for candidate in candidates]
        supporters = sum(abs(value - usd) <= TOLERANCE * usd for value in values) if usd else 0
        self.looks.append(Look(at_s, now, truth_usd, usd, supporters))
        refused = () if believed else (RejectedSeries("btc.price", "", verdict.unsettled, _SPOT.kind.value),)
        return RoundResult(verdict.readings[-1:], tuple(reports), refused, None, ())

    def _says(self, provider: str, truth_usd: float, at_s: float) -> float | None:
        for fault in self._faults:
            if fault.provider == provider and fault.begin_s <= at_s < fault.end_s:
                return None if fault.factor is None else truth_usd * fault.factor
        return truth_usd


class Feed:
    """The program's feed over the sources. `price` gives the true price at a second."""

    def __init__(
        self, sources: Sources, clock_s: Callable[[], float], price: Callable[[float], float]
    ) -> None:
        self._sources, self._clock_s, self._price = sources, clock_s, price

    async def gather(self, now: datetime, confirmed: Mapping[str, Reading]) -> RoundResult:
        """Ask."""
        at_s = self._clock_s()
        return await self._sources.gather(at_s, self._price(at_s), now, confirmed.get("btc.price"))

    async def backfill(self, _series: str, _first: date, _last: date, _now: datetime) -> list[Reading]:
        """Give nothing: the past is bundled."""
        return []
