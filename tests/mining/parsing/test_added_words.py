"""A word added to a command of the fleet, a supposition or a watch is never dropped in silence."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.data.catalogue import load_machines
from bot.mining.errors import InvalidQuestion
from bot.mining.parsing.fleet_parser import parse_fleet
from bot.mining.parsing.understanding import parse_whatif
from bot.mining.power_market import ZONES
from bot.watches.parser import parse_watch

CATALOGUE = load_machines()
TODAY = date(2026, 7, 16)
FLEETS = (
    "add 10 s19j pro",
    "add 12 s21 power 6.2c fee 2%",
    "remove 3 s19",
    "power 7c uptime 95%",
    "add 5 s19 xp, 3 m50s pue 1.1",
)
SUPPOSITIONS = (
    "s19 7c price=-20%",
    "price=40000 hashrate=-10%",
    "s21 xp 6c difficulty=+5% halving=yes",
)
WATCHES = ("price below 60k", "hashprice < 40 for 2d", "price crosses 100k", "difficulty rises 5% in 14d")
ADDED = (
    "banana",
    "xyzzy",
    "9.3c",
    "12345",
    "41%",
    "€5",
    "123T",
    "4.4kW",
    "yesterday",
    "0.3usdt",
    "wochenende",
)


def _added(lines: tuple[str, ...], data: st.DataObject) -> tuple[str, str]:
    line, word = data.draw(st.sampled_from(lines)), data.draw(st.sampled_from(ADDED))
    words = line.split()
    place = data.draw(st.integers(0, len(words)))
    return line, " ".join((*words[:place], word, *words[place:]))


def _differs(read: object, line: str, longer: str) -> bool:
    assert callable(read)
    try:
        return bool(read(longer) != read(line))
    except InvalidQuestion:
        return True


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_of_the_fleet(data: st.DataObject) -> None:
    line, longer = _added(FLEETS, data)
    assert _differs(lambda text: parse_fleet(text, CATALOGUE, ZONES), line, longer)


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_of_a_supposition(data: st.DataObject) -> None:
    line, longer = _added(SUPPOSITIONS, data)
    assert _differs(lambda text: parse_whatif(text, CATALOGUE), line, longer)


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_of_a_watch(data: st.DataObject) -> None:
    line, longer = _added(WATCHES, data)
    assert _differs(lambda text: parse_watch(text, TODAY), line, longer)


@pytest.mark.parametrize("line", [*FLEETS, *SUPPOSITIONS, *WATCHES])
def test_the_lines_are_read_as_they_are(line: str) -> None:
    if line in FLEETS:
        assert parse_fleet(line, CATALOGUE, ZONES).changes
    elif line in SUPPOSITIONS:
        assert parse_whatif(line, CATALOGUE).scenario.supposes
    else:
        assert parse_watch(line, TODAY).comparisons
