"""Ticks are plain numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.charts.drawing.ticks import log_ticks, tick_writer
from bot.i18n.translator import translator_for

write = tick_writer(translator_for("en"))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (600.0, "600"),
        (60_000.0, "60,000"),
        (-0.05, "−0.05"),
        (0.0, "0"),
        (1e-17, "0"),
        (0.3, "0.3"),
        (2.5, "2.5"),
        (1e6, "1 M"),
        (1.34e14, "134 T"),
        (8e20, "800 E"),
    ],
)
def test_a_tick_is_a_plain_number_with_separators(value: float, written: str) -> None:
    assert write(value, None) == written


def test_a_tick_is_written_as_its_reader_writes_numbers() -> None:
    assert tick_writer(translator_for("de"))(60_000.5, None) == "60.000"
    assert tick_writer(translator_for("de"))(0.5, None) == "0,5"


@given(st.floats(1e-9, 1e18), st.floats(1.3, 1e12))
def test_ticks_of_a_logarithmic_axis_are_few_and_within(low: float, times: float) -> None:
    ticks = log_ticks(low, low * times)
    assert len(ticks) <= 6
    assert all(low <= tick <= low * times for tick in ticks)
    assert ticks == sorted(set(ticks))
