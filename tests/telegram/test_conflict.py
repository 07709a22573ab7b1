"""Two programs ask for the same updates: the newcomer gives in, who was there goes on."""

from datetime import UTC, datetime, timedelta

from bot.telegram.conflict import ConflictPolicy

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def test_a_newcomer_gives_in_after_twelve_seconds() -> None:
    rivalry = ConflictPolicy(BEGAN)
    assert [rivalry.met(after(seconds)) for seconds in (1, 5, 12, 13)] == [False, False, False, True]


def test_who_was_there_outlasts_newcomers_that_are_started_again_and_again() -> None:
    rivalry = ConflictPolicy(BEGAN)
    hour = 3600
    assert not any(rivalry.met(after(hour + 5 * step)) for step in range(120))
    assert rivalry.met(after(hour + 600))


def test_an_answer_ends_the_rivalry() -> None:
    rivalry = ConflictPolicy(BEGAN)
    assert not rivalry.met(after(1))
    rivalry.over()
    assert not rivalry.met(after(14))
    assert rivalry.met(after(26))
