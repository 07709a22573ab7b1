"""Which price of a day holds in which hours."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.data.catalogue import load_machines
from bot.mining.parsing.day_schedules import Part, hours_of_prices, length, overlapping
from tests.mining.parsing.readings import reading

CATALOGUE = load_machines()
_PARTS = {"P": Part.PRICE, "H": Part.HOURS, ",": Part.MARK, "r": Part.REST}
_spans = st.tuples(st.integers(0, 23), st.integers(0, 23)).map(lambda span: (float(span[0]), float(span[1])))


@pytest.mark.parametrize(
    ("tariff", "right"),
    [
        ("P,PH,PH", ((), (0,), (1,))),
        ("PHPHP", None),  # each before its hours, or each behind them
        ("PH,PH,P", ((0,), (1,), ())),
        ("P,HP,HP", ((), (0,), (1,))),
        ("P,PH,HP", ((), (0,), (1,))),
        ("PHPHrP", ((0,), (1,), ())),
        ("rPHPHP", ((), (0,), (1,))),
        ("HPHPHP", ((0,), (1,), (2,))),
        ("PHPHPH", ((0,), (1,), (2,))),
        ("PPHH", ((), (0, 1))),
        ("PH,H,P", ((0, 1), ())),
        ("PPHP", None),
        ("HPPH", None),
    ],
)
def test_hours_are_of_the_price_that_they_stand_beside(
    tariff: str, right: tuple[tuple[int, ...], ...]
) -> None:
    assert hours_of_prices([_PARTS[part] for part in tariff]) == right


@given(st.lists(st.sampled_from(list(Part)), max_size=12))
def test_all_hours_have_one_price_or_nothing_is_read(parts: list[Part]) -> None:
    read = hours_of_prices(parts)
    if read is not None:
        assert len(read) == parts.count(Part.PRICE)
        assert list(chain(*read)) == list(range(parts.count(Part.HOURS)))
        assert read.count(()) <= 1


@given(st.lists(_spans, max_size=4))
def test_spans_overlap_where_they_share_an_hour(spans: list[tuple[float, float]]) -> None:
    hours = [{(int(start) + step) % 24 for step in range(int(length((start, end))))} for start, end in spans]
    shared = sum(map(len, hours)) > len(set(chain(*hours)))
    assert (overlapping(spans) is not None) == shared


@pytest.mark.parametrize(
    ("tariff", "asked_back"),
    [
        ("7c peak 12c 7-9 peak 15c 8-11", "The hours 7-9 and 8-11 overlap."),
        ("7c 7-9 12c 17-21 15c", "Which price holds in which hours?"),
        ("7c 7-9, 12c 17-21 peak", "And what does a kWh cost in the hours that you don't name?"),
        ("7c, peak 12c 7-9 and 17-21, runs only 10-16", "Which price holds in which hours?"),
        ("7c, peak 12c 7-9 on weekdays, 15c 17-21", "I don't understand"),
    ],
)
def test_a_day_that_leaves_something_open_is_asked_about(tariff: str, asked_back: str) -> None:
    assert reading(f"s21 {tariff}", CATALOGUE).startswith(f"? {asked_back}")
