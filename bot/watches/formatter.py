"""A watch in words that the grammar reads again."""

from math import floor, log10
from typing import Final

from bot.i18n.durations import compact
from bot.i18n.message import ENGLISH, Translator
from bot.watches.metrics import Unit, metric
from bot.watches.watch import Comparison, Watch


def format_watch(watch: Watch, t: Translator = ENGLISH) -> str:
    """The watch as its owner could have typed it, with the language's own thousands and decimals."""
    parts = [_condition(watch, t)]
    if watch.hold:
        parts.append(f"for {compact(watch.hold)}")
    if watch.once:
        parts.append("once")
    if watch.every is not None:
        parts.append(f"every {compact(watch.every)}")
    if watch.until is not None:
        parts.append(f"until {watch.until}")
    return " ".join(parts)


def _condition(watch: Watch, t: Translator) -> str:
    first = watch.comparisons[0]
    if len(watch.comparisons) == 1:
        return _comparison(first, t)
    second = watch.comparisons[1]
    if first.metric == second.metric and not first.above and second.above and watch.any_of:
        if first.level == second.level:
            return f"{_subject(first.metric)} crosses {_target(first, t)}"
        return f"{_subject(first.metric)} leaves {_range(first, second, t)}"
    if first.metric == second.metric and first.above and not second.above and first.level < second.level:
        return f"{_subject(first.metric)} enters {_range(first, second, t)}"
    joined = "or" if watch.any_of else "and"
    return f"{_comparison(first, t)} {joined} {_comparison(second, t)}"


def _comparison(side: Comparison, t: Translator) -> str:
    kind, _, rest = side.metric.partition(".")
    if kind == "change":
        base, _, days = rest.rpartition(".")
        turn = "rises" if side.above else "drops"
        return f"{_subject(base)} {turn} {_fraction(abs(side.level), t)} in {days}d"
    if kind == "record":
        return f"{rest} record high"
    if side.metric == "drawdown":
        return f"drawdown {'below' if side.above else 'above'} {_fraction(-side.level, t)}"
    return f"{_subject(side.metric)} {'above' if side.above else 'below'} {_target(side, t)}"


def _subject(key: str) -> str:
    kind, _, rest = key.partition(".")
    if kind == "mean":
        return _subject(rest.rpartition(".")[0])
    return f"power {rest}" if kind == "power" else key


def _target(side: Comparison, t: Translator) -> str:
    kind, _, rest = side.metric.partition(".")
    return f"ma{rest.rpartition('.')[2]}" if kind == "mean" else _level(side.metric, side.level, t)


def _range(low: Comparison, high: Comparison, t: Translator) -> str:
    return f"{_without_unit(low.metric, low.level, t)}..{_level(high.metric, high.level, t)}"


def _level(key: str, level: float, t: Translator) -> str:
    definition = metric(key)
    unit = definition.unit if definition is not None else Unit.PLAIN
    return _fraction(level, t) if unit is Unit.FRACTION else f"{_number(level, t)} {unit.label}".rstrip()


def _without_unit(key: str, level: float, t: Translator) -> str:
    definition = metric(key)
    is_fraction = definition is not None and definition.unit is Unit.FRACTION
    return _fraction(level, t).rstrip(" %") if is_fraction else _number(level, t)


def _fraction(value: float, t: Translator) -> str:
    return f"{_number(round(100 * value, 6), t)} %"


_TRILLION: Final = 1e12


def _number(value: float, t: Translator) -> str:
    """To ten figures; in trillions where these have two decimals at most: `190 T`.

    A third one could be read as thousands: “130,123 T”.
    """
    trillions = value / _TRILLION
    if abs(trillions) >= 1 and f"{trillions:.10g}" == f"{round(trillions, 2):.10g}":
        return f"{t.number(trillions, 2, fixed=False)} T"
    if value == int(value):
        return t.number(value)
    return t.number(value, max(0, 9 - floor(log10(abs(value)))))
