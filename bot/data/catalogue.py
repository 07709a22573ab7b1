"""The bundled machine catalogue: nameplate figures, with their attribution in this folder's README."""

import csv
from functools import cache
from importlib.resources import files

from bot.mining.machines import Catalogue, Machine


@cache
def load_machines() -> Catalogue:
    """Read `machines.csv`. The first row of a model is the one meant when no hashrate is named."""
    text = files("bot.data").joinpath("machines.csv").read_text(encoding="utf-8")
    return Catalogue(
        Machine(
            maker=row["maker"],
            model=row["model"],
            hashrate_ths=float(row["hashrate_ths"]),
            power_w=float(row["power_w"]),
            release=row["release"],
        )
        for row in csv.DictReader(text.splitlines())
    )
