"""Jumps of the wall clock are noticed; ordinary corrections are not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ops.clock import GLITCH_S, JUMP, SETTLE_S, ClockMonitor

START = datetime(2026, 11, 20, 12, tzinfo=UTC)


class _Clocks:
    """Two clocks that run together until the wall clock is set."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.offset = timedelta(0)
        self.monitor = ClockMonitor(self.wall, lambda: self.seconds)

    def wall(self) -> datetime:
        return START + timedelta(seconds=self.seconds) + self.offset


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(minutes=1), timedelta(days=365)])
def test_a_jump_is_taken_once_and_the_clock_is_unsteady_for_a_minute(jump: timedelta) -> None:
    clocks = _Clocks()
    clocks.seconds += 5
    assert clocks.monitor.is_steady()
    clocks.offset += jump
    assert not clocks.monitor.is_steady(), "the first look after a jump knows of it"
    clocks.seconds += GLITCH_S
    assert clocks.monitor.take_jump() == jump
    assert clocks.monitor.take_jump() is None
    clocks.seconds += SETTLE_S - GLITCH_S - 1
    assert not clocks.monitor.is_steady()
    clocks.seconds += 1
    assert clocks.monitor.is_steady()


def test_a_glitch_that_nobody_looked_at_while_it_lasted_leaves_nothing() -> None:
    clocks = _Clocks()
    clocks.offset += timedelta(days=1)
    clocks.seconds += 0.5
    clocks.offset -= timedelta(days=1)
    assert clocks.monitor.take_jump() is None
    assert clocks.monitor.is_steady()


def test_a_glitch_dates_nothing() -> None:
    clocks = _Clocks()
    clocks.monitor.take_jump()
    clocks.offset += timedelta(days=365)
    assert clocks.monitor.now() == START
    clocks.seconds += GLITCH_S - 0.5
    assert clocks.monitor.take_jump() is None
    assert clocks.monitor.now() == START + timedelta(seconds=clocks.seconds)
    clocks.offset -= timedelta(days=365)
    assert clocks.monitor.now() == START + timedelta(seconds=clocks.seconds)
    clocks.seconds += GLITCH_S
    assert clocks.monitor.take_jump() is None
    assert clocks.monitor.now() == clocks.wall()


def test_the_time_is_as_the_clock_was_set_once_the_jump_is_taken() -> None:
    clocks = _Clocks()
    clocks.monitor.take_jump()
    clocks.offset += timedelta(hours=25)
    assert clocks.monitor.now() == START
    clocks.seconds += GLITCH_S
    assert clocks.monitor.take_jump() == timedelta(hours=25)
    assert clocks.monitor.now() == clocks.wall()


def test_where_nobody_takes_jumps_the_time_is_the_wall_clocks() -> None:
    clocks = _Clocks()
    clocks.offset += timedelta(hours=25)
    assert clocks.monitor.now() == clocks.wall()


def test_a_glitch_that_was_seen_keeps_the_clock_unsteady_after_its_end() -> None:
    clocks = _Clocks()
    clocks.offset += timedelta(days=1)
    assert not clocks.monitor.is_steady()
    clocks.offset -= timedelta(days=1)
    assert not clocks.monitor.is_steady()
    assert clocks.monitor.take_jump() is None, "there and back is no jump"


@given(st.lists(st.floats(-59, 59), max_size=50))
def test_small_corrections_are_no_jump_however_many_come(steps: list[float]) -> None:
    clocks = _Clocks()
    for step in steps:
        clocks.seconds += 1
        clocks.offset += timedelta(seconds=step)
        assert clocks.monitor.is_steady()
        assert clocks.monitor.take_jump() is None
    assert timedelta(seconds=60) == JUMP


async def test_waiting_ends_when_the_clock_is_steady() -> None:
    clocks = _Clocks()
    await clocks.monitor.wait_until_steady()
