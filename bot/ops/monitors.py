"""Monitors over polls: a data outage, and series that stay refused. Pure; each reports a change once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.sources.types import RejectedSeries, RoundResult

BLIND_AFTER_POLLS = 3  # polls in a row without fresh data before the bot counts as blind


def had_usable_data(gathered: RoundResult) -> bool | None:
    """Whether a round brought anything that could be used; None when nothing was due."""
    if not gathered.reports:
        return None
    return any(report.ok for report in gathered.reports)


@dataclass(frozen=True, slots=True)
class OutageStarted:
    """Nothing fresh for `polls` polls, since `since` (the last good poll, or the start); `why` per source."""

    since: datetime
    polls: int
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OutageEnded:
    """Fresh data again after blindness that began at `since`."""

    since: datetime


@dataclass(slots=True)
class OutageMonitor:
    """Told of every poll; says once when sight is lost and once when it is back."""

    last_good: datetime
    patience: int = BLIND_AFTER_POLLS
    bad_polls: int = 0
    blind: bool = False

    def polled(
        self, now: datetime, good: bool | None, why: tuple[str, ...] = ()
    ) -> OutageStarted | OutageEnded | None:
        """One more poll, at `now`. `good`: see `had_usable_data`; False also for a poll that failed."""
        if good is None:
            return None
        if good:
            lost, self.bad_polls = self.last_good, 0
            self.last_good = now
            if not self.blind:
                return None
            self.blind = False
            return OutageEnded(lost)
        self.bad_polls += 1
        if self.blind or self.bad_polls < self.patience:
            return None
        self.blind = True
        return OutageStarted(self.last_good, self.bad_polls, why)


REFUSED_AFTER = timedelta(hours=1)
"""A refusal that ends sooner is an ordinary hiccup."""

SeriesKey = tuple[str, str]
"""A series and the kind of its values (spot, daily, monthly, estimate)."""


@dataclass(slots=True)
class DisagreementMonitor:
    """Told after every poll what is refused at present; says what is news. Kept in memory only: a restart
    may tell again what still lasts."""

    _since: dict[SeriesKey, datetime] = field(default_factory=dict)
    _told: dict[SeriesKey, RejectedSeries] = field(default_factory=dict)

    def look(
        self, now: datetime, refused: Mapping[SeriesKey, RejectedSeries]
    ) -> tuple[list[RejectedSeries], list[RejectedSeries]]:
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
