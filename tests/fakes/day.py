"""A day of polls in a moment: the clock is moved, the requests are real."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from bot.signals.series import Reading
from bot.sources.collector import Collector
from bot.sources.types import RoundResult
from tests.fakes.providers import Providers


async def polls(
    fakes: Providers, feeds: Collector, begin: datetime, span: timedelta, interval: timedelta
) -> AsyncIterator[tuple[datetime, RoundResult]]:
    """Poll as the bot does, holding the newest reading of each series as it does."""
    held: dict[str, Reading] = {}
    now = begin
    while now < begin + span:
        fakes.world.now = now
        given = await feeds.gather(now, held)
        for reading in given.readings:
            if reading.series not in held or reading.as_of >= held[reading.series].as_of:
                held[reading.series] = reading
        yield now, given
        now += interval
