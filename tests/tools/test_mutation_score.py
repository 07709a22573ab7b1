"""The mutation score counts what ran, and what no test reached as survived."""

import json
from pathlib import Path

from tests.tools.mutation_score import scores


def test_what_ran_is_counted_by_module(tmp_path: Path) -> None:
    meta = tmp_path / "bot" / "delivery" / "pacer.py.meta"
    meta.parent.mkdir(parents=True)
    codes = {"a": 0, "b": 1, "c": 3, "d": 33, "e": None, "f": 36}
    meta.write_text(json.dumps({"exit_code_by_key": codes}))
    assert scores(tmp_path) == {"bot.delivery.pacer": {"survived": 1, "killed": 3, "untested": 1}}
