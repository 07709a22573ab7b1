"""How many messages a subscriber would have got: the alerts of a replay, less what is inhibited for them."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from bot.backtest.replay import ReplayDay
from bot.signals.alert import Alert, AlertKind
from bot.signals.inhibition import WINDOW, inhibits
from bot.signals.rules import SUBSCRIPTIONS, Severity

CALM_WINDOW = timedelta(days=365)

DEFAULTS: Mapping[str, Severity] = {
    signal.name: signal.default for signal in SUBSCRIPTIONS.values() if signal.default is not None
}
"""What /subscribe without a name takes."""


class Inbox:
    """The messages of one subscriber; all alerts of one day are one message.

    `subscriptions` gives the lowest severity by signal.
    """

    def __init__(self, subscriptions: Mapping[str, Severity] = DEFAULTS) -> None:
        """Empty."""
        self.days: dict[date, list[Alert]] = {}
        self._subscriptions = subscriptions
        self._phase: tuple[date, Alert] | None = None
        self._ended: set[str] = set()

    def receive(self, day: ReplayDay) -> list[Alert]:
        """Take in what one replayed day sends; gives the alerts that a change of phase inhibits."""
        inhibited = []
        for alert in day.evaluation.alerts:
            lowest = self._subscriptions.get(alert.signal)
            if lowest is None or alert.severity < lowest:
                continue
            if self._is_inhibited(alert, day.day):
                inhibited.append(alert)
            else:
                self.days.setdefault(day.day, []).append(alert)
        return inhibited

    def _is_inhibited(self, alert: Alert, day: date) -> bool:
        if alert.kind is AlertKind.PHASE:
            self._phase, self._ended = (day, alert), set()
            return False
        if alert.kind is AlertKind.CLEARED:
            self._ended.add(alert.signal)
        if self._phase is None or day - self._phase[0] > WINDOW:
            return False
        changed, phase = self._phase
        return inhibits(phase, alert, together=changed == day, ended=alert.signal in self._ended)


def by_year(messages: Iterable[date]) -> dict[int, int]:
    """How many in each calendar year."""
    years: dict[int, int] = {}
    for day in messages:
        years[day.year] = years.get(day.year, 0) + 1
    return years


def quiet_windows(messages: Iterable[date], first: date, last: date, excluded: Iterable[date]) -> list[int]:
    """The messages in each span of 365 days that holds none of the `excluded` days."""
    sent, loud = set(messages), set(excluded)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    counts, width = [], CALM_WINDOW.days
    inside = sum(day in sent for day in days[: width - 1])
    barred = sum(day in loud for day in days[: width - 1])
    for index in range(width - 1, len(days)):
        inside += days[index] in sent
        barred += days[index] in loud
        if not barred:
            counts.append(inside)
        inside -= days[index - width + 1] in sent
        barred -= days[index - width + 1] in loud
    return counts
