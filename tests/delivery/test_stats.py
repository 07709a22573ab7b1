"""What delivery tells of itself."""

import asyncio
from datetime import UTC, datetime, timedelta

from bot.delivery.stats import AlertGroupStats, Tally
from tests.delivery.fake_clock import run
from tests.delivery.simulation import Line, simulation

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_outcomes_are_counted_by_name() -> None:
    tally = Tally()
    for name in ("sent", "later", "sent"):
        tally.count(name)
    assert tally.outcomes == {"sent": 2, "later": 1}


def test_an_alert_group_is_timed_from_its_reading_to_its_first_and_last_delivery() -> None:
    tally = Tally()
    for seconds in (2, 5, 3):
        tally.delivered(7, NOW, NOW + timedelta(seconds=seconds))
    tally.delivered(8, NOW, NOW + timedelta(seconds=9))
    assert tally.alert_groups() == (AlertGroupStats(7, 3, 2.0, 5.0), AlertGroupStats(8, 1, 9.0, 9.0))


def test_only_the_latest_twenty_groups_are_kept() -> None:
    tally = Tally()
    for group in range(1, 31):
        tally.delivered(group, NOW, NOW)
    assert [stats.alert_group for stats in tally.alert_groups()] == list(range(11, 31))


def test_the_figures_of_a_relay() -> None:
    async def story() -> None:
        async with simulation(Line(latency_s=10)) as here:
            assert here.relay.idle_for() < 1
            here.chats(1, 2)
            await asyncio.sleep(29)
            assert 0 <= here.relay.idle_for() <= 30
            here.alert()
            await asyncio.sleep(5)
            stats = await here.relay.stats()
            assert (stats.waiting, stats.outcomes, stats.alert_groups, stats.floods) == (2, {}, (), 0)
            assert stats.rate_per_second == here.pacer.rate
            assert here.relay.paused_for() == 0
            await here.settled()
            for chat in (1, 2, 3):
                here.pacer.flooded(chat, 30)
            assert 29 < here.relay.paused_for() <= 30.1
            stats = await here.relay.stats()
            assert (stats.waiting, stats.floods) == (0, 3)
            assert stats.outcomes == {"sent": 2}
            [group] = stats.alert_groups
            assert (group.alert_group, group.sent) == (1, 2)
            await asyncio.sleep(100)
            assert 0 <= here.relay.idle_for() <= 30
            assert 10 <= group.first_s <= group.last_s < 11

    run(story())
