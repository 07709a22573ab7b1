"""What people call machines: the machine itself, or asked back."""

import csv
from pathlib import Path

import pytest

from bot.data.catalogue import load_machines
from bot.mining.errors import InvalidQuestion

CATALOGUE = load_machines()
SPELLINGS = list(
    csv.DictReader((Path(__file__).parent / "spellings.csv").read_text(encoding="utf-8").splitlines())
)


@pytest.mark.parametrize("row", SPELLINGS, ids=lambda row: row["spelling"])
def test_a_spelling_finds_its_machine_or_is_asked_back(row: dict[str, str]) -> None:
    if row["machine"]:
        assert CATALOGUE.find(row["spelling"]).model == row["machine"]
        return
    with pytest.raises(InvalidQuestion):
        CATALOGUE.find(row["spelling"])


@pytest.mark.parametrize(
    "name", ["L9", "L7", "KS5", "KS5 Pro", "Z15", "K7", "HS3", "AL1", "DG1+", "Jasminer X16Q"]
)
def test_other_coins_machines_are_refused_by_name(name: str) -> None:
    with pytest.raises(InvalidQuestion, match="mines another coin"):
        CATALOGUE.find(name)
