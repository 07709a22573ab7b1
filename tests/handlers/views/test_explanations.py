"""Small pictures and words of the past."""

import pytest

from handlers.views.explanations import sparkline


@pytest.mark.parametrize(
    ("values", "picture"),
    [
        ([1.0, 2.0, 3.0], "▁▅█"),
        ([3.0, None, 1.0], "█·▁"),
        ([2.0, 2.0], "▁▁"),
        ([None, None], "··"),
        ([], ""),
        ([-0.7, -0.5], "▁█"),
    ],
)
def test_a_sparkline_has_a_mark_for_every_day(values: list[float | None], picture: str) -> None:
    assert sparkline(values) == picture
