"""A fleet's machines as a table in a file: `site,count,machine,hashrate_ths,power_w`."""

import csv
from typing import Final

from bot.mining.economics import Rig
from bot.mining.errors import InvalidQuestion
from bot.mining.fleet import Fleet
from bot.mining.limits import check, is_believable, unbelievable
from bot.mining.machines import Catalogue
from bot.mining.parsing.units import read_number

COLUMNS: Final = ("site", "count", "machine", "hashrate_ths", "power_w")
LONGEST: Final = 100_000
"""Characters of a file."""
_EXAMPLE: Final = "barn,10,S19j Pro,104,3068"


def fleet_csv(fleet: Fleet) -> str:
    """The machines of a fleet as CSV; no name in it holds a comma."""
    rows = [",".join(COLUMNS)]
    for batch in fleet.kinds:
        rig = batch.rig
        cells = (batch.site, str(batch.count), rig.name or "", f"{rig.hashrate_ths:g}", f"{rig.power_w:g}")
        rows.append(",".join(cells))
    return "\n".join(rows) + "\n"


def parse_fleet_csv(text: str, catalogue: Catalogue) -> Fleet:
    """The machines in a file; the sites' parameters are not in it. Raises InvalidQuestion naming the line.

    Only `machine`, or both figures, must be there; commas, semicolons and tabs separate.
    """
    if len(text) > LONGEST:
        raise InvalidQuestion(lambda t: t("That file is too long."), _EXAMPLE)
    lines = [line for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    if not lines:
        raise InvalidQuestion(lambda t: t("That file is empty."), _EXAMPLE)
    separator = max(",;\t", key=lines[0].count)
    rows = list(csv.reader(lines, delimiter=separator))
    header = [cell.strip().lower() for cell in rows[0]]
    names: dict[str, int] = {name: header.index(name) for name in COLUMNS if name in header}
    if "machine" not in names and not {"hashrate_ths", "power_w"} <= names.keys():
        raise InvalidQuestion(
            lambda t: t("The first line must name the columns: {columns}.", columns=",".join(COLUMNS)),
            _EXAMPLE,
        )
    fleet = Fleet()
    for number, row in enumerate(rows[1:], start=2):
        cells = {name: row[column].strip() if column < len(row) else "" for name, column in names.items()}
        try:
            fleet = _with_row(fleet, cells, catalogue, decimal_comma=separator != ",")
        except InvalidQuestion as failure:
            raise failure.about(f"line {number}", _EXAMPLE) from None
    return fleet


def _with_row(fleet: Fleet, cells: dict[str, str], catalogue: Catalogue, *, decimal_comma: bool) -> Fleet:
    count = check("count", read_number(cells.get("count") or "1"))
    hashrate, power = (
        read_number(cells[name], decimal_comma=decimal_comma) if cells.get(name) else None
        for name in ("hashrate_ths", "power_w")
    )
    name = cells.get("machine", "")
    if name:
        machine = catalogue.find(name)
        machine = machine if hashrate is None else catalogue.pick(machine.model, hashrate)
        rig = Rig(machine.hashrate_ths, power or machine.power_w, machine.model)
        label, nameplate = machine.name, machine.efficiency_j_per_th
        if rig.power_w != machine.power_w:
            label = f"{label} {rig.power_w:g}W"
    elif hashrate is not None and power is not None:
        rig = Rig(hashrate, power)
        label, nameplate = f"{hashrate:g}TH {power:g}W", None
    else:
        raise InvalidQuestion(lambda t: t("Name a machine, or give its hashrate and power."), _EXAMPLE)
    if not is_believable(rig.efficiency_j_per_th, nameplate):
        raise unbelievable(rig.hashrate_ths, rig.power_w, _EXAMPLE)
    return fleet.plus(label, rig, int(count), cells.get("site", "")[:20])
