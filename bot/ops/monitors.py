"""Tell once that a condition lasts and once that it is over: data outages, rejected series. Pure."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from bot.sources.types import RoundResult

OUTAGE_AFTER_POLLS: Final = 3
"""Polls in a row without fresh data before it counts as an outage."""

REJECTED_AFTER: Final = timedelta(hours=1)
"""A series rejected for less than this is an ordinary hiccup."""

Key = TypeVar("Key", bound=Hashable)
Fact = TypeVar("Fact")


@dataclass(frozen=True, slots=True)
class Condition(Generic[Fact]):
    """A condition that lasts, or lasted: since when, how many checks met it, and what the last one said."""

    since: datetime
    checks: int
    fact: Fact


@dataclass(slots=True)
class ConditionMonitor(Generic[Key, Fact]):
    """Told at every check which conditions hold; gives those that began to last and those that are over.

    A condition lasts once it was met by `after_checks` checks in a row and for `after`. Kept in memory only:
    a restart may tell again of what still lasts.
    """

    after_checks: int = 1
    after: timedelta = timedelta(0)
    _met: dict[Key, Condition[Fact]] = field(default_factory=dict)
    _reported: set[Key] = field(default_factory=set)

    def update(
        self, now: datetime, holding: Mapping[Key, Fact]
    ) -> tuple[list[Condition[Fact]], list[Condition[Fact]]]:
        """One check at `now`: the conditions that are newly lasting, and the lasting ones that are over."""
        over = [
            condition for key, condition in self._met.items() if key in self._reported and key not in holding
        ]
        self._reported &= holding.keys()
        before = self._met
        self._met = {
            key: Condition(before[key].since, before[key].checks + 1, fact)
            if key in before
            else Condition(now, 1, fact)
            for key, fact in holding.items()
        }
        lasting = {
            key: condition
            for key, condition in self._met.items()
            if key not in self._reported
            and condition.checks >= self.after_checks
            and now - condition.since >= self.after
        }
        self._reported |= lasting.keys()
        return list(lasting.values()), over

    @property
    def lasting(self) -> list[Condition[Fact]]:
        """Every condition that lasts at present."""
        return [self._met[key] for key in self._met if key in self._reported]


def had_usable_data(gathered: RoundResult) -> bool | None:
    """Whether a round brought anything that could be used; None when nothing was due."""
    if not gathered.reports:
        return None
    return any(report.ok for report in gathered.reports)
