"""The bundled history up to the end of August 2022."""

from datetime import date
from functools import cache

from bot.data.bundle import bundled_readings
from bot.signals.history import History
from bot.signals.rules import default_rules

RULES = default_rules(("DE-LU",))


@cache
def august_2022() -> History:
    return History(r for r in bundled_readings() if r.day is not None and r.day < date(2022, 9, 1))
