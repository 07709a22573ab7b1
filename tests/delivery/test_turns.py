"""The turns of a program that has the limit to itself, each at the moment computed by hand."""

import math

import pytest

from bot.delivery.turns import OwnTurns, is_smooth

RATE = 10.0  # so that a gap is a tenth of a second, and one on a new connection half as long again


def take(turns: OwnTurns, now: float, in_flight: int = 0, rate: float = RATE) -> None:
    turns.take(1, now, rate, in_flight, is_edit=False)


def next_at(turns: OwnTurns, now: float, in_flight: int = 0, rate: float = RATE) -> float:
    return turns.next_at(now, rate, in_flight, is_reply=False)


def answered_quickly(turns: OwnTurns, at: float) -> None:
    """A message whose turn was taken at a time is answered after 20 ms."""
    turns.answered(at, at + 0.02, RATE)


@pytest.mark.parametrize(
    ("per_second", "smooth"), [(30, True), (100, True), (100.1, False), (math.inf, False)]
)
def test_up_to_a_hundred_a_second_every_gap_is_kept(per_second: float, smooth: bool) -> None:
    assert is_smooth(per_second) is smooth


def test_nobody_waits_for_a_first_turn() -> None:
    for per_second in (30.0, 1000.0, math.inf):
        assert next_at(OwnTurns(per_second), 100) <= 100


def test_a_new_connection_makes_the_gap_half_as_long_again() -> None:
    turns, at, gaps = OwnTurns(RATE), 100.0, []
    for in_flight in (0, 0, 1, 1, 0, 2, 2):
        take(turns, at, in_flight)
        gaps.append(next_at(turns, at) - at)
        at = next_at(turns, at)
    assert gaps == pytest.approx([0.15, 0.1, 0.15, 0.1, 0.1, 0.15, 0.1])


@pytest.mark.parametrize(("silence_s", "gaps"), [(0.89, [0.1, 0.1, 0.1]), (0.91, [0.15, 0.1, 0.1])])
def test_after_a_silence_connections_are_new_again(silence_s: float, gaps: list[float]) -> None:
    turns = OwnTurns(RATE)
    take(turns, 100.0)
    at = next_at(turns, 100.0) + silence_s
    found = []
    for _ in gaps:
        take(turns, at)
        found.append(next_at(turns, at) - at)
        at = next_at(turns, at)
    assert found == pytest.approx(gaps)


def test_a_faster_program_warms_up_for_longer() -> None:
    turns, at, gaps = OwnTurns(40.0), 100.0, []
    for _ in range(8):
        take(turns, at, rate=40.0)
        gaps.append(next_at(turns, at, rate=40.0) - at)
        at += gaps[-1]
    assert gaps == pytest.approx([0.0375] * 6 + [0.025] * 2)


def test_a_message_written_late_lets_the_next_come_as_late() -> None:
    turns = OwnTurns(RATE)
    take(turns, 100.0)
    turns.written(100.01, RATE)
    assert next_at(turns, 100.0) == pytest.approx(100.15), "the longer gap of a new connection covers it"
    turns.written(100.08, RATE)
    assert next_at(turns, 100.0) == pytest.approx(100.08 + 0.1 - 0.0005)


def test_an_answer_that_is_late_lets_the_next_come_as_late_and_is_waited_for() -> None:
    turns = OwnTurns(RATE)
    take(turns, 100.0)
    answered_quickly(turns, 100.0)
    assert next_at(turns, 100.02) == pytest.approx(100.15)
    take(turns, 101.0)
    assert next_at(turns, 101.0) == pytest.approx(101.4), "four gaps at most, until it is answered"
    turns.answered(100.0, 101.05, RATE)
    assert next_at(turns, 101.0) == pytest.approx(101.4), "that was another message"
    turns.answered(101.0, 101.17, RATE)
    assert next_at(turns, 101.17) == pytest.approx(101.0 + (0.17 - 0.02 - 0.0007) + 0.1, abs=1e-4)
    take(turns, 102.0)
    turns.answered(102.0, 102.0205, RATE)
    assert next_at(turns, 102.02) == pytest.approx(102.1), "so little is covered by the margin of the rate"


def test_answers_that_always_take_long_are_not_waited_for() -> None:
    turns = OwnTurns(RATE)
    take(turns, 100.0)
    turns.answered(100.0, 100.06, RATE)
    take(turns, 101.0)
    assert next_at(turns, 101.0) == pytest.approx(101.1)
    turns.answered(101.0, 101.3, RATE)
    assert next_at(turns, 101.3) == pytest.approx(101.1)


@pytest.mark.parametrize(("answers", "next_one"), [(1600, 101.4), (1700, 101.1)])
def test_how_long_answers_take_at_best_is_forgotten_slowly(answers: int, next_one: float) -> None:
    turns = OwnTurns(RATE)
    take(turns, 100.0)
    turns.answered(100.0, 100.01, RATE)
    for _ in range(answers):
        turns.answered(99.0, 99.2, RATE)
    take(turns, 101.0)
    assert next_at(turns, 101.0) == pytest.approx(next_one), "in the end they are taken to be slow"


FAST = 1000.0


def test_counted_by_the_second_lateness_is_caught_up_but_no_more_than_a_twentieth_of_a_second() -> None:
    turns = OwnTurns(FAST)
    take(turns, 100.0, rate=FAST)
    assert next_at(turns, 100.0, rate=FAST) == pytest.approx(100.0015)
    take(turns, 100.02, rate=FAST)
    assert next_at(turns, 100.02, rate=FAST) == pytest.approx(100.003), "18 ms are caught up"
    take(turns, 100.5, rate=FAST)
    assert next_at(turns, 100.5, rate=FAST) == pytest.approx(100.4515)


def test_counted_by_the_second_a_message_counts_from_when_it_may_have_arrived() -> None:
    turns, rate = OwnTurns(FAST), 4.0
    for number in range(3):
        turns.answered(100.0 + number / 10, 100.05 + number / 10, rate)
    now = 100.3
    assert next_at(turns, now, 0, rate) <= now
    assert next_at(turns, now, 1, rate) == pytest.approx(101.0, abs=0.001), "a second after the first arrived"
    assert next_at(turns, 100.999, 1, rate) == pytest.approx(101.0, abs=0.001)
    assert next_at(turns, 101.001, 1, rate) <= 101.001
    assert next_at(turns, 101.001, 2, rate) == pytest.approx(101.1, abs=0.001)
    assert next_at(turns, 103.0, 9, rate) <= 103.0, "nothing of the last second is known"


def test_without_a_limit_there_is_always_a_turn() -> None:
    turns = OwnTurns(math.inf)
    for _ in range(100):
        take(turns, 100.0, 50, math.inf)
        turns.answered(100.0, 100.5, math.inf)
        assert next_at(turns, 100.0, 50, math.inf) <= 100.0
