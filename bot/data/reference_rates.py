"""The European Central Bank's reference rates of summer 2022, for the demonstration."""

import csv
from datetime import date
from importlib.resources import files
from typing import Final

_FILE: Final = "ecb_rates.csv"


def reference_rates() -> dict[date, dict[str, float]]:
    """Units of each currency for one euro, by working day from 29 April to 31 August 2022."""
    with (files(__package__) / _FILE).open(encoding="utf-8") as lines:
        return {
            date.fromisoformat(row.pop("day")): {code: float(rate) for code, rate in row.items()}
            for row in csv.DictReader(lines)
        }
