"""The table on EIA's page: weeks of five days, read as they are written or refused."""

from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sources.client import ProviderClient
from bot.sources.providers.eia_web import PROVIDER, TABLE, henry_hub
from bot.sources.source_error import SourceError
from bot.sources.types import Endpoint, FetchRequest, ProviderAnswer
from tests.fakes.provider_energy import PAGE, week_row

NOW = datetime(2026, 11, 18, 14, 7, tzinfo=UTC)
WEEK = timedelta(weeks=1)
LAST = date(2026, 11, 9)
MONDAYS = [LAST - n * WEEK for n in range(260, -1, -1)]
FIVE = (2.5, 2.6, 2.7, 2.8, 2.9)


def page(*last_rows: str, before: int = 0) -> str:
    """A page of five years of weeks; `last_rows` stand for the last `before` of them."""
    whole = MONDAYS[: len(MONDAYS) - before]
    return PAGE.format(
        rows="\n".join([*(week_row(monday, FIVE) for monday in whole), *last_rows]), release="-"
    )


async def read(text: str, first: date | None = None, last: date | None = None) -> ProviderAnswer:
    """What the parser makes of a page."""
    transport = httpx.MockTransport(
        lambda _: httpx.Response(200, text=text, headers={"Content-Type": "text/html"})
    )
    async with httpx.AsyncClient(transport=transport) as client:
        site = ProviderClient(PROVIDER, Endpoint("eia_web", "http://localhost"), client)
        return await henry_hub(site, FetchRequest(NOW, first=first, last=last))


async def test_each_cell_belongs_to_its_weekday() -> None:
    answer = await read(page(), LAST, LAST + timedelta(days=10))
    assert {reading.day: reading.value for reading in answer.readings} == {
        LAST + timedelta(days=n): value for n, value in enumerate(FIVE)
    }
    assert {reading.series for reading in answer.readings} == {"gas.henry_hub"}


async def test_days_without_trade_and_days_to_come_are_empty_cells() -> None:
    text = page(week_row(LAST, (None, 2.6, "NA", "--", None)), before=1)
    answer = await read(text, LAST, NOW.date())
    assert [(reading.day, reading.value) for reading in answer.readings] == [(date(2026, 11, 10), 2.6)]


async def test_a_week_may_run_over_the_end_of_a_month_or_a_year() -> None:
    answer = await read(page(), date(2025, 12, 29), date(2026, 1, 4))
    assert [reading.day for reading in answer.readings] == [
        date(2025, 12, 29) + timedelta(days=n) for n in range(5)
    ]
    assert "2025 Dec-29 to Jan- 2" in page()


async def test_without_a_span_the_last_two_months_are_given() -> None:
    answer = await read(page())
    assert answer.readings[0].day == date(2026, 9, 21)
    assert answer.readings[-1].day == date(2026, 11, 13)


async def test_cells_that_are_not_closed_and_names_in_capitals_are_read_all_the_same() -> None:
    loose = page().replace("</td>", "").replace("<td", "<TD").replace("<tr>", "<TR VALIGN=top>")
    assert (await read(loose)).readings == (await read(page())).readings


TURNED = week_row(LAST, FIVE).replace("2026 Nov- 9 to Nov-13", "2026 Nov-10 to Nov-14")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            page().replace("Million Btu", "Thousand Cubic Feet"),
            "a page without the table of Henry Hub prices",
        ),
        ("<!DOCTYPE html><title>Access Denied</title>", "a page without the table of Henry Hub prices"),
        (page().replace("</TABLE>", ""), "broke off its answer"),
        (page(week_row(LAST, FIVE[:4]), before=1), "sent 4 days in the week of 2026-11-09"),
        (page(TURNED, before=1), "a week that doesn't run from Monday to Friday (2026-11-10)"),
        (page(TURNED.replace("Nov-10", "Nov-31"), before=1), "a week that isn't one (2026 Nov 31)"),
        (page(TURNED.replace("Nov-10", "Nix-10"), before=1), "a week that isn't one (2026 Nix 10)"),
        (page(week_row(LAST, FIVE)), "sent the gas price out of order"),
        (
            page(week_row(LAST, ("2.5?", 1, 1, 1, 1)), before=1),
            "isn't a number as the gas price of 2026-11-09",
        ),
        (page(week_row(LAST, (0, 1, 1, 1, 1)), before=1), "sent 0 as the gas price of 2026-11-09"),
        (page(week_row(LAST + 2 * WEEK, FIVE)), "stamped the gas price in the future (2026-11-27)"),
        (page(before=100), "sent only 805 closed days of the gas price; at least 1000 are expected"),
        (page("<tr><td>x</td></tr>" * 5_000), "rows where a week each is expected"),
    ],
)
async def test_what_is_wrong_with_the_page_is_said(text: str, says: str) -> None:
    with pytest.raises(SourceError) as caught:
        await read(text)
    assert says in str(caught.value)


noise = st.lists(
    st.sampled_from(
        ["<", ">", "<!--", "<![a[", "<!x", "&#", "</td", "<td", "<tr", "<table", "'", '"', "\x00", "é"]
    )
    | st.text(max_size=4),
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(noise, st.integers(0, 400))
async def test_no_page_breaks_the_reader_and_no_figure_changes_its_day(parts: list[str], place: int) -> None:
    row = week_row(LAST, FIVE)
    spoilt = row[:place] + "".join(parts) + row[place:]
    try:
        answer = await read(page(spoilt, before=1), LAST - WEEK, NOW.date())
    except SourceError:
        return
    before = {reading.day: reading.value for reading in answer.readings if reading.day and reading.day < LAST}
    assert before == {LAST - WEEK + timedelta(days=n): value for n, value in enumerate(FIVE)}


async def test_a_page_made_to_be_slow_is_given_up_at_once() -> None:
    """Each of these takes the parser minutes when it gets them whole."""
    for bad in ("<!--" * 300_000, "<a " * 300_000, "<tr>" + "<!--" * 300_000):
        with pytest.raises(SourceError):
            await read(f"<table summary='{TABLE}'>{bad}</table>")
