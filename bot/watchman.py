"""Whether the bot sees anything at all: a judgement over polls, pure, with words only when it changes."""

from dataclasses import dataclass
from datetime import datetime

from bot.sources.base import Gathered

PATIENCE = 3  # polls in a row without fresh data before the bot counts as blind


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
    patience: int = PATIENCE
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
