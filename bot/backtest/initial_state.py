"""Where the rules stood when the bundled history ends, so that a first start need not replay fifteen years.

`python -m bot.backtest.initial_state > bot/data/standing.json`
"""

import json
import sys
from collections.abc import Mapping
from datetime import date

from bot.backtest.replay import replay
from bot.data.bundle import bundled_readings
from bot.settings import Settings
from bot.signals.evaluation import RuleStates
from bot.signals.history import History
from bot.signals.rules import default_rules
from bot.signals.series import series_kept_whole
from storage.signals import rule_states


def initial_rule_states() -> RuleStates:
    """By a replay of the bundle, to the last day of which it holds all that a live program keeps whole."""
    zones = tuple(Settings.model_fields["energy_zones"].default)
    readings = bundled_readings()
    history = History(readings)
    columns = [history.column(series) for series in series_kept_whole(zones)]
    last = date.fromordinal(min(column.last for column in columns if column.values))
    standing = RuleStates()
    for day in replay(readings, default_rules(zones), last):
        standing = day.evaluation.states
    return standing


def document() -> str:
    """`bot/data/standing.json` as it must read; about two seconds."""
    states: Mapping[str, str] = rule_states.dumped(initial_rule_states())
    return json.dumps({rule: json.loads(state) for rule, state in states.items()}, indent=1) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
