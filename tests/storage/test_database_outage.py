"""An outage of the database in the log: one line when it begins, one when it is over."""

import logging

import pytest

from storage.errors import DatabaseOutage, StorageError

FULL = StorageError("the disk is full", "free some space", passing=True)


class Seconds:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def _lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.levelno > logging.INFO]


def test_whatever_waits_there_is_one_line_and_one_at_the_end(caplog: pytest.LogCaptureFixture) -> None:
    clock = Seconds()
    outage = DatabaseOutage(clock)
    for _ in range(100):
        outage.failed("delivery waits", FULL)
        outage.failed("edits wait", FULL)
        clock.now += 1
    assert outage.problem == "the disk is full"
    outage.left_undone("the pinned statuses wait for the next poll", FULL)
    outage.ended("delivery waits")
    assert outage.problem is not None, "edits still wait"
    outage.ended("edits wait")
    outage.ended("edits wait")
    assert not outage.problem
    assert _lines(caplog) == [
        "what needs the database waits: the disk is full; free some space",
        "the database can be used again, after 100 s",
    ]


def test_one_that_comes_and_goes_says_so_once_a_minute_at_most(caplog: pytest.LogCaptureFixture) -> None:
    clock = Seconds()
    outage = DatabaseOutage(clock)
    for _ in range(119):
        outage.failed("delivery waits", FULL)
        outage.ended("delivery waits")
        clock.now += 1
    assert len(_lines(caplog)) == 4


def test_what_is_left_undone_without_an_outage_is_said(caplog: pytest.LogCaptureFixture) -> None:
    DatabaseOutage().left_undone("the pinned statuses wait for the next poll", FULL)
    assert _lines(caplog) == ["the pinned statuses wait for the next poll: the disk is full; free some space"]
