"""How long a picture takes once the drawing library is loaded, and how large it gets.

Drawing is bound by one core, so the seconds are also given as a ratio to a plain loop timed in the same run.
"""

import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from statistics import quantiles

from bot.charts.chart_data import Level, episodes, take
from bot.charts.drawing import draw
from bot.charts.profit import ProfitChart, draw_profit
from bot.charts.spec import ChartKind, ChartSpec
from bot.data.catalogue import load_machines
from bot.i18n.translator import translator_for
from bot.mining.answer import answer
from bot.mining.parsing.question_parser import parse_command
from tests.charts.history import RULES, august_2022
from tests.mining.market import JULY_2022

SPANS = (30, 90, 365, 1461, 3653)
ROUNDS = 2
ALLOWED_S, ALLOWED_BYTES = 1.0, 60 * 1024


def _loop() -> float:
    began = time.perf_counter()
    sum(number * number for number in range(1_000_000))
    return time.perf_counter() - began


def _pictures() -> Iterator[Callable[[], bytes]]:
    history, english = august_2022(), translator_for("en")
    for kind in ChartKind:
        for days in SPANS:
            for dark in (False, True):
                subject = ChartSpec(kind, days, "DE-LU" if kind is ChartKind.ENERGY else "", dark)
                frame = take(subject, history, RULES, [Level(57.0, "S19 at 7 c")])
                found = episodes(frame)  # kept by the gallery, like the fonts by the library
                yield partial(draw, frame, found, english)
    catalogue = load_machines()
    for asked in ("s19 7c", "s9 25c"):
        for dark in (False, True):
            now = answer(parse_command(asked, catalogue), JULY_2022).now
            yield partial(draw_profit, ProfitChart(now, "kraken", dark), english)


def main() -> None:
    """Draw every picture several times and print p50, p95 and the largest file."""
    times: list[float] = []
    largest = 0
    loops = [_loop() for _ in range(5)]
    for picture in _pictures():
        picture()
        for _ in range(ROUNDS):
            began = time.perf_counter()
            drawn = picture()
            times.append(time.perf_counter() - began)
            largest = max(largest, len(drawn))
    loops += [_loop() for _ in range(5)]
    cuts = quantiles(times, n=100)
    baseline = sorted(loops)[len(loops) // 2]
    sys.stdout.write(
        f"{len(times)} pictures: p50 {cuts[49]:.2f} s, p95 {cuts[94]:.2f} s "
        f"({cuts[94] / baseline:.1f} × a loop of {baseline:.3f} s); largest {largest / 1024:.0f} KiB\n"
        f"allowed: p95 {ALLOWED_S:.0f} s {'kept' if cuts[94] < ALLOWED_S else 'NOT KEPT'}, "
        f"{ALLOWED_BYTES // 1024} KiB {'kept' if largest <= ALLOWED_BYTES else 'NOT KEPT'}\n"
    )
