"""A watch in words that the grammar reads again."""

from datetime import timedelta

from bot.signals.metrics import Unit, metric
from bot.signals.watches import Comparison, Watch


def watch_words(watch: Watch) -> str:
    """The watch as its owner could have typed it."""
    parts = [_condition(watch)]
    if watch.hold:
        parts.append(f"for {duration(watch.hold)}")
    if watch.once:
        parts.append("once")
    if watch.every is not None:
        parts.append(f"every {duration(watch.every)}")
    if watch.until is not None:
        parts.append(f"until {watch.until}")
    return " ".join(parts)


def duration(length: timedelta) -> str:
    """A span in the shortest whole form: 2d, 12h, 30m."""
    minutes = round(length.total_seconds() / 60)
    if minutes % 1440 == 0:
        return f"{minutes // 1440}d"
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"


def _condition(watch: Watch) -> str:
    first = watch.comparisons[0]
    if len(watch.comparisons) == 1:
        return _comparison(first)
    second = watch.comparisons[1]
    if first.metric == second.metric and not first.above and second.above and watch.any_of:
        if first.level == second.level:
            return f"{_subject(first.metric)} crosses {_target(first)}"
        return f"{_subject(first.metric)} leaves {_range(first, second)}"
    if first.metric == second.metric and first.above and not second.above and first.level < second.level:
        return f"{_subject(first.metric)} enters {_range(first, second)}"
    return f"{_comparison(first)} and {_comparison(second)}"


def _comparison(one: Comparison) -> str:
    kind, _, rest = one.metric.partition(".")
    if kind == "change":
        base, _, days = rest.partition(".")
        return f"{base} {'rises' if one.above else 'drops'} {_fraction(abs(one.level))} in {days}d"
    if kind == "record":
        return f"{rest} record high"
    if one.metric == "drawdown":
        return f"drawdown {'below' if one.above else 'above'} {_fraction(-one.level)}"
    return f"{_subject(one.metric)} {'above' if one.above else 'below'} {_target(one)}"


def _subject(key: str) -> str:
    kind, _, rest = key.partition(".")
    if kind == "mean":
        return rest.partition(".")[0]
    return f"power {rest}" if kind == "power" else key


def _target(one: Comparison) -> str:
    kind, _, rest = one.metric.partition(".")
    return f"ma{rest.partition('.')[2]}" if kind == "mean" else _level(one.metric, one.level)


def _range(low: Comparison, high: Comparison) -> str:
    return f"{_bare(low.metric, low.level)}..{_level(high.metric, high.level)}"


def _level(key: str, level: float) -> str:
    found = metric(key)
    unit = found.unit if found is not None else Unit.PLAIN
    return _fraction(level) if unit is Unit.FRACTION else f"{_number(level)} {unit}".rstrip()


def _bare(key: str, level: float) -> str:
    found = metric(key)
    is_fraction = found is not None and found.unit is Unit.FRACTION
    return _fraction(level).rstrip(" %") if is_fraction else _number(level)


def _fraction(value: float) -> str:
    return f"{_number(round(100 * value, 6))} %"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.10g}"
