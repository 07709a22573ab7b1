"""The mutation score counts what ran, and what no test reached as survived; a sample is drawn by its seed."""

import json
from pathlib import Path

import pytest

from tests.tools.mutation_score import draw, interval, scores


def _write(mutants: Path, module: str, codes: dict[str, int | None]) -> None:
    meta = mutants / f"{module.replace('.', '/')}.py.meta"
    meta.parent.mkdir(parents=True, exist_ok=True)
    meta.write_text(json.dumps({"exit_code_by_key": codes}))


def test_what_ran_is_counted_by_module(tmp_path: Path) -> None:
    _write(tmp_path, "bot.delivery.pacer", {"a": 0, "b": 1, "c": 3, "d": 33, "e": None, "f": 36})
    assert scores(tmp_path) == {"bot.delivery.pacer": {"survived": 1, "killed": 3, "untested": 1}}


def test_a_sample_has_of_each_module_its_share_and_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    for module, number in (("a.one", 60), ("b.two", 30), ("b.three", 11)):
        _write(tmp_path, module, {f"{module}.{each}": None for each in range(number)})
    drawn = draw(7, 10, tmp_path)
    assert [sum(name.startswith(each) for name in drawn) for each in ("a.one", "b.two", "b.three")] == [
        6,
        3,
        1,
    ]
    assert len(set(drawn)) == 10
    assert drawn == draw(7, 10, tmp_path) != draw(8, 10, tmp_path)


@pytest.mark.parametrize(
    ("killed", "ran", "low", "high"), [(9, 10, 0.596, 0.982), (10, 10, 0.722, 1.0), (180, 200, 0.851, 0.934)]
)
def test_the_range_of_a_share(killed: int, ran: int, low: float, high: float) -> None:
    assert interval(killed, ran) == pytest.approx((low, high), abs=0.001)
