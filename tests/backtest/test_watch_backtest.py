"""How often a watch would have told, on the bundled history."""

from collections.abc import Iterator
from datetime import date

import pytest

from bot.backtest.watch_backtest import NOISY, WatchBacktest, load_readings, watch_backtest
from bot.data.bundle import bundled_readings
from bot.watches.parser import parse_watch
from storage.database import Store
from storage.signals import readings
from tests.fakes.connections import read_now, write_now

LAST = date(2022, 12, 31)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(tmp_path_factory.mktemp("backtest") / "test.db") as opened:
        write_now(opened, lambda db: readings.fill(db, bundled_readings()))
        yield opened


def backtested(store: Store, line: str) -> tuple[WatchBacktest, int]:
    watch = parse_watch(line, LAST)
    stored = watch_backtest(read_now(store, lambda db: load_readings(db, watch, LAST)), watch, LAST)
    return stored, stored.count(watch)


@pytest.mark.parametrize(
    ("line", "least", "most"),
    [
        ("price below 20000", 3, 12),
        ("drawdown > 70%", 2, 10),
        ("hashrate drops 20% in 30d", 1, 4),
        ("power DE-LU above 400", 3, 30),
        ("hashprice below 70", 1, 20),
        ("ribbon inverts", 5, 20),
        ("price below 1000", 0, 0),
    ],
)
def test_it_is_about_as_often_as_it_was(store: Store, line: str, least: int, most: int) -> None:
    result, fires = backtested(store, line)
    assert result.is_known
    assert least <= fires <= most


def test_until_and_once_say_nothing_of_the_past(store: Store) -> None:
    assert (
        backtested(store, "price below 20000 once until 2023-01-05")[1]
        == backtested(store, "price below 20000")[1]
    )


def test_a_noisy_watch_has_a_quieter_setting(store: Store) -> None:
    watch = parse_watch("price crosses ma2", LAST)
    result, fires = backtested(store, "price crosses ma2")
    assert fires > NOISY
    quieter = result.quieter_hold(watch)
    assert quieter is not None
    calm, left = quieter
    assert calm.hold > watch.hold
    assert left == result.count(calm) <= min(NOISY, fires / 2)


def test_what_was_never_known_is_said_to_be_unknown(store: Store) -> None:
    result, fires = backtested(store, "outflow above 100")
    assert (result.is_known, fires) == (False, 0)
    assert not backtested(store, "price below 20000 and outflow above 100")[0].is_known


def test_it_sees_nothing_before_it_was_published(store: Store) -> None:
    watch = parse_watch("sales above 100%", LAST)
    stored = watch_backtest(read_now(store, lambda db: load_readings(db, watch, LAST)), watch, LAST)
    first = next(day for day, figures in stored.days if figures and figures["sales"].value > 1)
    assert first >= date(2022, 7, 13)  # the report on May and June came in mid-July
