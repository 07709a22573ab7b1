"""Numbers as they are written."""

import math

import pytest

from bot.mining.errors import InvalidQuestion
from bot.mining.parsing.units import read_number, read_percent


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.07", 0.07), ("0,07", 0.07), (".07", 0.07), ("7", 7.0), ("-7", -7.0), ("−7", -7.0), ("+7", 7.0),
        ("45,000", 45_000.0), ("45'000", 45_000.0), ("1,234,567", 1_234_567.0), ("1.234.567", 1_234_567.0),
        ("1,234.5", 1234.5), ("1.234,5", 1234.5), ("6,5", 6.5), ("17.62e12", 17.62e12), ("1E3", 1000.0),
        ("0,077", 0.077), ("45.000", 45.0), ("1e-3", 0.001),
    ],
)  # fmt: skip
def test_number(text: str, value: float) -> None:
    assert read_number(text) == value


def test_a_dot_groups_thousands_only_where_that_is_the_custom() -> None:
    assert read_number("45.000", dot_groups=True) == 45_000
    assert read_number("0.070", dot_groups=True) == 0.07
    assert read_number("45.5", dot_groups=True) == 45.5


def test_too_large_a_number_is_infinite_for_the_bounds_to_refuse() -> None:
    assert math.isinf(read_number("1e309"))


@pytest.mark.parametrize("text", ["", "cheap", "1e", "--1", "1.2.3,4,5x", "0x10", "1 000"])
def test_no_number(text: str) -> None:
    with pytest.raises(InvalidQuestion, match="no number"):
        read_number(text)


@pytest.mark.parametrize(("text", "fraction"), [("2%", 0.02), ("2 %", 0.02), ("0.02", 0.02), ("2,5%", 0.025)])
def test_percent(text: str, fraction: float) -> None:
    assert read_percent(text) == pytest.approx(fraction)
