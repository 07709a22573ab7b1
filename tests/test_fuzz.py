"""A few thousand updates of all kinds, many of them broken; `make soak` sends a hundred thousand."""

from pathlib import Path

from tests.fakes.storm import storm


async def test_no_update_breaks_anything_and_every_private_command_is_answered(tmp_path: Path) -> None:
    result = await storm(tmp_path, 3_000, broken=0.3)
    assert result.faults == {}
    assert result.unanswered == 0
    assert result.answers > 1_000
