"""How long a picture takes once the drawing library is loaded, and how large it gets.

Drawing is bound by one core, so the seconds are also given as a ratio to a plain loop timed in the same run.
"""

import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from statistics import quantiles

from bot.charts.drawing.pictures import draw
from bot.charts.drawing.png import LARGEST_BYTES
from bot.charts.job import Drawing
from bot.charts.profit import ProfitChart
from bot.charts.spec import EVERYTHING, ChartKind, ChartSpan
from bot.data.catalogue import load_machines
from bot.i18n.translator import translator_for
from bot.mining.answer import answer
from bot.mining.parsing.question_parser import parse_command
from tests.charts.history import chart
from tests.mining.market import JULY_2022

SPANS = (ChartSpan(30), ChartSpan(365), ChartSpan(1461), EVERYTHING)
ALLOWED_LOOPS = 15.0
"""A second where a loop takes 0.07 s."""


def _loop() -> float:
    began = time.perf_counter()
    sum(number * number for number in range(1_000_000))
    return time.perf_counter() - began


def _pictures() -> Iterator[Callable[[], Drawing]]:
    english = translator_for("en")
    for kind in ChartKind:
        for span in SPANS:
            yield partial(draw, chart(kind, span, dark=span.days == 30), english)
    catalogue = load_machines()
    for asked in ("s19 7c", "s9 25c"):
        for dark in (False, True):
            now = answer(parse_command(asked, catalogue), JULY_2022).now
            yield partial(draw, ProfitChart(now, "kraken", dark), english)


def main() -> None:
    """Draw every picture twice and print p50 and p95 of the second time, and the largest file."""
    times: list[float] = []
    largest = 0
    loops = [_loop() for _ in range(5)]
    for picture in _pictures():
        picture()
        began = time.perf_counter()
        drawing = picture()
        times.append(time.perf_counter() - began)
        largest = max(largest, len(drawing.png))
    loops += [_loop() for _ in range(5)]
    cuts = quantiles(times, n=100)
    baseline = sorted(loops)[len(loops) // 2]
    sys.stdout.write(
        f"{len(times)} pictures: p50 {cuts[49]:.2f} s, p95 {cuts[94]:.2f} s "
        f"({cuts[94] / baseline:.1f} × a loop of {baseline:.3f} s); largest {largest / 1024:.0f} KiB\n"
        f"allowed: p95 {ALLOWED_LOOPS:.0f} loops "
        f"{'kept' if cuts[94] < ALLOWED_LOOPS * baseline else 'NOT KEPT'}, "
        f"{LARGEST_BYTES // 1024} KiB {'kept' if largest <= LARGEST_BYTES else 'NOT KEPT'}\n"
    )
