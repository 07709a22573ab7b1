"""The bundled machine catalogue: nameplate figures, with their attribution in this folder's README."""

import csv
from functools import cache
from importlib.resources import files

from bot.mining.machine_names import MachineName
from bot.mining.machines import Catalogue, Machine


@cache
def load_machines() -> Catalogue:
    """Read `machines.csv` and `machine_names.csv`. The first row of a model is its usual bin."""
    machines = (
        Machine(
            maker=row["maker"],
            model=row["model"],
            hashrate_ths=float(row["hashrate_ths"]),
            power_w=float(row["power_w"]),
            release=row["release"],
            cooling=row["cooling"],
            disputed=row["confidence"] == "disputed",
        )
        for row in _rows("machines.csv")
    )
    names = (
        MachineName(row["spelling"], row["kind"], tuple(row["target"].split(";")))
        for row in _rows("machine_names.csv")
    )
    return Catalogue(machines, names)


def _rows(name: str) -> "csv.DictReader[str]":
    text = files("bot.data").joinpath(name).read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())
