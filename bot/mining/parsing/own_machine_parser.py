"""Machines that people name themselves: `My S19 95TH 3000W`, and their names in a question."""

import re
from collections.abc import Sequence
from typing import Final

from bot.mining.errors import InvalidQuestion
from bot.mining.limits import check, is_believable, unbelievable
from bot.mining.machines import OwnMachine
from bot.mining.parsing.tokens import normalize

EXAMPLE: Final = "/machines add My S19 95TH 3000W"
MOST: Final = 20
_LONGEST_NAME: Final = 24
_FIGURES: Final = re.compile(
    r"^(?P<name>.+?)[\s,:]+(?P<ths>\d+(?:[.,]\d+)?)\s*th?(?:/s)?[\s,/]+(?P<watts>\d+(?:[.,]\d+)?)\s*(?P<kilo>k)?w$"
)


def parse_own_machine(text: str) -> OwnMachine:
    """A name, then the hashrate in TH/s and the power in W. Raises InvalidQuestion."""
    match = _FIGURES.match(normalize(text).strip())
    if match is None or len(match["name"]) > _LONGEST_NAME or not re.search(r"[^\W\d_]{2}", match["name"]):
        raise InvalidQuestion(
            lambda t: t("Give the machine a name of at least two letters, its hashrate and its power."),
            EXAMPLE,
        )
    hashrate = check("hashrate_ths", float(match["ths"].replace(",", ".")), None, EXAMPLE)
    power = float(match["watts"].replace(",", ".")) * (1000.0 if match["kilo"] else 1.0)
    check("power_w", power, None, EXAMPLE)
    if not is_believable(power / hashrate):
        raise unbelievable(hashrate, power, EXAMPLE)
    return OwnMachine(match["name"].strip(), hashrate, power)


def with_own_machines(text: str, machines: Sequence[OwnMachine]) -> str:
    """The text with the names of a chat's own machines replaced by their figures, the longest names first."""
    if not machines:
        return text
    plain = normalize(text)
    for machine in sorted(machines, key=lambda machine: -len(machine.name)):
        figures = f" {machine.hashrate_ths:g}TH {machine.power_w:g}W "
        plain = re.sub(rf"(?<!\w){re.escape(machine.name)}(?!\w)", figures, plain)
    return plain
