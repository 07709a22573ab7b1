"""Monitors over polls: a data outage, and series that stay refused. Pure; each reports a change once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.sources.types import Gathered, Refusal

BLIND_AFTER_POLLS = 3  # polls in a row without fresh data before the bot counts as blind


def seen(gathered: Gathered) -> bool | None:
    """Whether a round brought anything that could be used; None when nothing was due."""
    if not gathered.reports:
        return None
    return any(report.ok for report in gathered.reports)


@dataclass(frozen=True, slots=True)
class Blind:
    """Nothing fresh for `polls` polls, since `since` (the last good poll, or the start); `why` per source."""

    since: datetime
    polls: int
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sighted:
    """Fresh data again after blindness that began at `since`."""

    since: datetime


@dataclass(slots=True)
class Watchman:
    """Told of every poll; says once when sight is lost and once when it is back."""

    last_good: datetime
    patience: int = BLIND_AFTER_POLLS
    bad_polls: int = 0
    blind: bool = False

    def polled(self, now: datetime, good: bool | None, why: tuple[str, ...] = ()) -> Blind | Sighted | None:
        """One more poll, at `now`: `good` as `seen` gives it, False also for one that failed altogether."""
        if good is None:
            return None
        if good:
            lost, self.bad_polls = self.last_good, 0
            self.last_good = now
            if not self.blind:
                return None
            self.blind = False
            return Sighted(lost)
        self.bad_polls += 1
        if self.blind or self.bad_polls < self.patience:
            return None
        self.blind = True
        return Blind(self.last_good, self.bad_polls, why)


REFUSED_AFTER = timedelta(hours=1)
"""A refusal that ends sooner is an ordinary hiccup."""

Place = tuple[str, str]
"""A series and the kind of its values (spot, daily, monthly, estimate)."""


@dataclass(slots=True)
class RefusalWatch:
    """Told after every poll what is refused at present; says what is news. Kept in memory only: a restart
    may tell again what still lasts."""

    _since: dict[Place, datetime] = field(default_factory=dict)
    _told: dict[Place, Refusal] = field(default_factory=dict)

    def look(self, now: datetime, refused: Mapping[Place, Refusal]) -> tuple[list[Refusal], list[Refusal]]:
        """What has been refused for an hour and was not told yet, and what was told and is over."""
        for place in refused:
            self._since.setdefault(place, now)
        over = [refusal for place, refusal in self._told.items() if place not in refused]
        lasting = {
            place: refusal
            for place, refusal in refused.items()
            if place not in self._told and now - self._since[place] >= REFUSED_AFTER
        }
        self._since = {place: since for place, since in self._since.items() if place in refused}
        self._told = {place: told for place, told in self._told.items() if place in refused} | lasting
        return list(lasting.values()), over
