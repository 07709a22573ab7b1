"""/history of a time gone by."""

from datetime import date

import pytest

from handlers.commands.history import days_named
from tests.handlers.program_client import ProgramClient

TODAY = date(2022, 7, 5)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2021", date(2021, 1, 1), date(2021, 12, 31)),
        ("2022", date(2022, 1, 1), TODAY),
        ("2022-06", date(2022, 6, 1), date(2022, 6, 30)),
        ("june", date(2022, 6, 1), date(2022, 6, 30)),
        ("summer 2021", date(2021, 6, 1), date(2021, 8, 31)),
        ("winter 2020", date(2020, 12, 1), date(2021, 2, 28)),
        ("2020-03-12", date(2020, 3, 12), date(2020, 3, 12)),
    ],
)
def test_days_are_named(text: str, first: date, last: date) -> None:
    assert days_named(tuple(text.split()), TODAY) == (first, last)


@pytest.mark.parametrize("text", ["", "price_drawdown", "7d", "all", "2020-13-12", "summer"])
def test_other_words_name_no_year_or_month(text: str) -> None:
    assert (days_named(tuple(text.split()), TODAY) is None) == (text != "summer")


async def test_a_month_is_told_with_its_moves_phases_and_firings(client: ProgramClient) -> None:
    text = (await client.ask("/history 2022-06")).text
    assert text.startswith("<b>June 2022</b>\nBitcoin: 31,801 USD → 19,942 USD (−37.3 %)")
    assert "• stress: 1 May 2022 – " in text
    assert "price 70 % below its record (critical): 16 Jun 2022" in text


async def test_a_time_without_figures_is_said_to_be_one(client: ProgramClient) -> None:
    before = (await client.ask("/history 2012")).text
    assert "Of that time I hold no figures." in before
    assert "My figures begin on " in before
    assert (await client.ask("/history 2022-11")).text == "That is still to come."


async def test_of_days_with_too_few_figures_no_calm_is_claimed(client: ProgramClient) -> None:
    assert "I had too few figures then to say." in (await client.ask("/history 2020-01-03")).text
