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
    values: dict[str, Reading] = {}
    now = begin
    while now < begin + span:
        fakes.world.now = now
        round_result = await feeds.gather(now, values)
        for reading in round_result.readings:
            if reading.series not in values or reading.as_of >= values[reading.series].as_of:
                values[reading.series] = reading
        yield now, round_result
        now += interval
