"""How long the past takes: a replay of 2010 to 2026, and the rules' history over years of ledger days.

The history must grow with the ledger's days and not with their square. Seconds are of this machine's CPU.
"""

import sys
from datetime import date, timedelta
from random import Random
from time import process_time

from bot.backtest.episodes import rule_history
from bot.backtest.replay import replay
from bot.data.bundle import bundled_readings
from bot.signals.rules import default_rules
from bot.signals.series import Reading, end_of_day

LAST = date(2026, 7, 3)
RULES = default_rules(("DE-LU",))
LEDGER_YEARS = (0, 2, 4, 8)
MOST_REPLAY_S, MOST_HISTORY_S = 1.0, 3.0


def ledger(years: int) -> list[Reading]:
    """Days of outflow and reserve up to LAST, of a noisy ledger."""
    noise, readings = Random(16), []
    for offset in range(365 * years):
        day = LAST - timedelta(days=offset)
        end = end_of_day(day)
        readings.append(Reading("btc.miner_outflow", noise.gauss(100, 300), end, "ledger", end, day))
        readings.append(Reading("btc.miner_reserve", 1e6 + offset, end, "ledger", end, day))
    return readings


def seconds_of_replay() -> float:
    """CPU seconds of one replay, reading the bundle included."""
    start = process_time()
    for _ in replay(bundled_readings(), RULES, LAST):
        pass
    return process_time() - start


def seconds_of_history(years: int) -> float:
    """CPU seconds of the rules' history with so many years of ledger."""
    readings = [*bundled_readings(), *ledger(years)]
    start = process_time()
    rule_history(readings, RULES, LAST)
    return process_time() - start


def main() -> None:
    """Print both."""
    fastest = min(seconds_of_replay() for _ in range(3))
    lines = [f"replay 2010–2026: {fastest:.2f} s (wanted: at most {MOST_REPLAY_S:.0f})"]
    times = {years: seconds_of_history(years) for years in LEDGER_YEARS}
    lines += [f"history with {years} years of ledger: {seconds:.2f} s" for years, seconds in times.items()]
    growth = (times[LEDGER_YEARS[-1]] - times[0]) / max(times[4] - times[0], 0.01)
    lines.append(f"eight years add {growth:.1f} times what four do (linear: 2)")
    lines.append(f"wanted at eight years: at most {MOST_HISTORY_S:.0f} s")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
