"""docs/economics.md says what the code does."""

from pathlib import Path

from bot.data.catalogue import load_machines
from bot.mining.hashrate_mix import MIXES

CATALOGUE = load_machines()
TEXT = (Path(__file__).parents[2] / "docs" / "economics.md").read_text(encoding="utf-8")


def test_the_size_of_the_catalogue() -> None:
    assert f"{len(CATALOGUE.machines)} bins of {len(CATALOGUE.models)}" in TEXT


def test_each_mix_with_its_mean_and_uncertainty() -> None:
    for mix in MIXES:
        (row,) = [line for line in TEXT.splitlines() if line.startswith(f"| {mix.since:%Y-%m} |")]
        mean = sum(CATALOGUE.pick(model).efficiency_j_per_th * share for model, share in mix.shares)
        assert f"| {mean:.1f} | {100 * mix.uncertainty:.0f} % |" in row
