"""Building readings: one place decides what a day, a month and a moment mean."""

from collections.abc import Callable, Iterable
from datetime import date, datetime

from bot.signals.series import Reading, end_of_day, end_of_month
from bot.sources.source_error import SourceError
from bot.sources.types import FetchRequest, ProviderAnswer, ProviderApi


class Parts:
    """An answer put together part by part: one that can't be used refuses its own series, not the others."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._readings: list[Reading] = []
        self._refused: dict[str, SourceError] = {}

    def add(self, series: str, read: Callable[[], Iterable[Reading]]) -> None:
        """Add the readings that `read` gives, or remember why there are none."""
        try:
            self._readings += read()
        except SourceError as error:
            self._refused[series] = error

    def answer(self) -> ProviderAnswer:
        """The whole. Raises the first part's SourceError when no part could be used."""
        if not self._readings and self._refused:
            raise next(iter(self._refused.values()))
        refused = {series: error.reason for series, error in self._refused.items()}
        return ProviderAnswer(tuple(self._readings), refused)


def spot(series: str, value: float, as_of: datetime, site: ProviderApi, ask: FetchRequest) -> Reading:
    """A value of one moment."""
    return Reading(series, value, as_of, site.provider.name, ask.now)


def of_day(
    series: str, day: date, value: float, site: ProviderApi, ask: FetchRequest, *, complete: bool = True
) -> Reading:
    """A value that covers a UTC day. It describes the day's end, or now while the day still runs."""
    as_of = min(end_of_day(day), ask.now)
    return Reading(series, value, as_of, site.provider.name, ask.now, day, complete)


def of_month(series: str, first_day: date, value: float, site: ProviderApi, ask: FetchRequest) -> Reading:
    """A value that covers a month."""
    as_of = min(end_of_month(first_day), ask.now)
    return Reading(series, value, as_of, site.provider.name, ask.now, first_day)


def of_days(
    series: str,
    points: Iterable[tuple[date, float]],
    site: ProviderApi,
    ask: FetchRequest,
    factor: float = 1.0,
) -> tuple[Reading, ...]:
    """Closed days as readings, each value times `factor`, within the span asked for."""
    return tuple(
        of_day(series, day, value * factor, site, ask)
        for day, value in points
        if (ask.first is None or day >= ask.first) and (ask.last is None or day <= ask.last)
    )
