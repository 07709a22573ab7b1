"""Series that no provider's word can be trusted on: told to the operators once, and once when it is over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.sources.base import Refusal

PATIENCE = timedelta(hours=1)
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
            if place not in self._told and now - self._since[place] >= PATIENCE
        }
        self._since = {place: since for place, since in self._since.items() if place in refused}
        self._told = {place: told for place, told in self._told.items() if place in refused} | lasting
        return list(lasting.values()), over
