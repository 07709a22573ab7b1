"""/network in chat."""

from datetime import date, timedelta

from syrupy.assertion import SnapshotAssertion

from bot.i18n.message import ENGLISH
from bot.mining.hashrate_mix import Shutdowns
from bot.mining.market import Market
from bot.mining.shutdown_text import shutdown_line
from bot.signals.history import History
from bot.signals.series import Reading, end_of_day
from tests.handlers.handler_client import HandlerClient
from tests.mining.market import AT, JULY_2022


async def test_the_network_today(chat: HandlerClient, snapshot: SnapshotAssertion) -> None:
    assert (await chat.ask("/network")).text == snapshot


async def test_the_network_with_history(chat: HandlerClient, snapshot: SnapshotAssertion) -> None:
    chat.market = JULY_2022
    first = date(2022, 6, 1)
    rows = []
    for number in range(35):
        day = first + timedelta(days=number)
        stamp = end_of_day(day)
        price = 31_000.0 - 320.0 * number
        for series, value in (("btc.price", price), ("btc.difficulty", 2.957e13), ("btc.fees", 0.1)):
            rows.append(Reading(series, value, stamp, "test", stamp, day))
    chat.history = History(rows)
    assert (await chat.ask("/network")).text == snapshot


async def test_without_readings(chat: HandlerClient) -> None:
    chat.market = Market(AT)
    assert "no bitcoin price or difficulty yet" in (await chat.ask("/network")).text


def test_the_line_of_the_machine_that_stopped_last() -> None:
    result = Shutdowns(0.07, "Whatsminer M20S", 12, False, "Whatsminer M30S", 17_300.0)
    assert (
        shutdown_line(result, ENGLISH)
        == "At 7 c the M20S stopped paying 12 days ago; next: M30S below 17,300 USD."
    )
    today = Shutdowns(0.07, "Antminer S9", 0, False, None, None)
    assert (
        shutdown_line(today, ENGLISH)
        == "At 7 c the S9 stopped paying today; next: no machine of the mix pays any more."
    )
    long_ago = Shutdowns(0.07, "Antminer S9", 185, True, "Whatsminer M20S", 18_472.0)
    assert "hasn't paid for 185 days or more" in shutdown_line(long_ago, ENGLISH)
    none = Shutdowns(0.05, None, 0, False, "Antminer S9", 12_000.0)
    assert (
        shutdown_line(none, ENGLISH)
        == "At 5 c every machine of the mix still pays; first to stop: S9 below 12,000 USD."
    )
