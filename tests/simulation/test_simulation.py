"""The search itself: a seed is one history, good seeds stay good, and bugs put back are found."""

from pathlib import Path

import pytest

from tests.simulation.__main__ import check
from tests.simulation.checker import violations
from tests.simulation.machine import simulate
from tests.simulation.seeded_bugs import BUGS


@pytest.mark.parametrize("seed", [0, 3])
def test_a_seed_is_one_history(seed: int, tmp_path: Path) -> None:
    histories = []
    for run in ("first", "second"):
        (tmp_path / run).mkdir()
        history = simulate(seed, tmp_path / run)
        texts = [each.text.replace(str(tmp_path / run), "") for each in history.api.deliveries]
        moments = [(each.at_s, each.chat_id) for each in history.api.deliveries]
        histories.append([*zip(moments, texts, strict=True)])
    assert histories[0] == histories[1]
    assert histories[0], "a history in which nobody was told anything shows nothing"


_SEEDS, _AT_ONCE = 200, 10


@pytest.mark.parametrize("first", range(0, _SEEDS, _AT_ONCE))
def test_these_histories_violate_nothing(first: int) -> None:
    """More of them: `make simulate SEEDS=10000`."""
    violated = {seed: wrong for seed in range(first, first + _AT_ONCE) if (wrong := check(seed))}
    assert not violated, "".join(
        f"\npython -m tests.simulation --replay {seed}\n    {wrong}" for seed, wrong in violated.items()
    )


@pytest.mark.parametrize(
    ("name", "seed"),
    [
        ("rendering_shared_by_number", 3),
        ("any_429_stops_everything", 25),
        ("the_first_provider_is_believed", 0),
    ],
)
def test_a_bug_put_back_is_found(name: str, seed: int, tmp_path: Path) -> None:
    with BUGS[name]():
        assert violations(simulate(seed, tmp_path))
