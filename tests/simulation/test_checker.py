"""The checker complains of what is wrong, and of nothing else."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.simulation.bot_api import BotApi
from tests.simulation.history import History
from tests.simulation.plan import draw

_DAY_BEHIND = timedelta(hours=-26)


@pytest.fixture
def history() -> History:
    """A history of a clock that was a day behind for a minute, while the program ran."""
    plan = draw(0)
    told = History(plan, BotApi(None, lambda: 0.0), Path("none"))  # type: ignore[arg-type]  # nothing is drawn
    told.jumps = [(30.0, _DAY_BEHIND), (90.0, -_DAY_BEHIND)]
    told.uptimes_s = [(0.0, 200.0), (400.0, 1_800.0)]
    return told


def test_a_clock_that_is_right_again_before_the_end_has_been_noticed(history: History) -> None:
    assert not history.is_mistimed()


def test_what_a_full_disk_did_not_take_before_the_end_was_noticed_in_vain(history: History) -> None:
    history.disk_full_s = [(60.0, 300.0)]
    assert history.is_mistimed()


def test_a_disk_that_is_free_before_the_end_takes_it(history: History) -> None:
    history.disk_full_s = [(60.0, 150.0), (350.0, 500.0)]
    assert not history.is_mistimed()
