"""Hashrate and its ribbon, difficulty and its retargets, fees, the stress index, the difficulty ribbon."""

from datetime import date

from matplotlib.figure import Figure

from bot.charts.chart_data import ChartData
from bot.charts.chart_series import changes, history_of, known, newest, retargets, trailing_mean, visible_line
from bot.charts.drawing.canvas import Canvas, firing_key, threshold_label
from bot.charts.drawing.theme import DASHED
from bot.charts.drawing.wording import changed, figure, footer, joined, newest_label, signed, was
from bot.i18n.message import change
from bot.mining.network import subsidy_on
from bot.signals.rules import Severity
from bot.signals.stress_index import stress_indexes
from bot.signals.valuation_indicators import RIBBON_DAYS, compression_column

_TERA = 1e12
_TERAS = "T = 10¹²"
_SMALL_EHS = 0.02
_COMPRESSED = 0.05
_HIGH_STRESS = 80.0
_LONG_DAYS, _SMOOTHING_DAYS = 800, 30


def draw_hashrate(on: Canvas, data: ChartData) -> Figure:
    """Daily hashrate with its 30- and 60-day means; below the ribbon and the change in 30 days."""
    t, theme = on.t, on.theme
    above, below = on.add_panels(3, 2)
    column = data.columns["btc.hashrate"]
    daily = visible_line(data, column)
    small = min(known(daily[1])) < _SMALL_EHS
    scale, above.unit, above.suffix = (1e18, "H/s", "") if small else (1.0, "EH/s", "")
    days = daily[0]
    short, long = (
        visible_line(data, column, column.means(30))[1],
        visible_line(data, column, column.means(60))[1],
    )
    above.dots(days, [scale * value for value in daily[1]], t("day"))
    above.line(
        days, [scale * value for value in long], t("60-day mean"), colour=theme.second, style=DASHED, width=3
    )
    above.line(days, [scale * value for value in short], t("30-day mean"))
    above.between(
        days,
        [scale * value for value in short],
        [scale * value for value in long],
        t("ribbon inverted"),
        where=[a < b for a, b in zip(short, long, strict=True)],
        hatch="xx",
        colour=theme.critical,
    )
    above.log_when_wide([scale * value for value in daily[1]])
    ribbon = [100 * (a / b - 1) for a, b in zip(short, long, strict=True)]
    falls = visible_line(data, column, changes(column, 30))
    below.unit = "%"
    below.line(*falls, t("change in 30 days"))
    below.without_outliers(falls[1], known(ribbon))
    below.line(days, ribbon, t("ribbon"), colour=theme.second, style=DASHED, width=3)
    levels = {
        Severity.WARNING: (data.levels.get("hashrate_decline.warning"), t("ribbon")),
        Severity.CRITICAL: (data.levels.get("hashrate_decline.critical"), t("change")),
    }
    for severity, (level, of) in levels.items():
        if level is not None:
            below.include(100 * level)
            below.level(
                severity,
                100 * level,
                threshold_label(severity, f"{of} {signed(100 * level, t, 0)}{t.percent}", t),
            )
    last = newest((days, short))
    if last is not None:
        above.newest(last[0], scale * last[1], newest_label(data, t))
    on.mark(data.episodes)
    fall = newest(falls)
    headline = joined(
        "" if last is None else t("30-day mean {value} EH/s", value=figure(last[1], t)),
        changed((days, short), t),
        "" if fall is None else t("{change} in 30 days", change=change(fall[1] / 100, t)),
    )
    key = firing_key(data.episodes, t, of_phase=False) or t("no rule fired in this span")
    return on.finish(t("Network hashrate and its ribbon"), headline, key, footer(data, t))


def draw_difficulty(on: Canvas, data: ChartData) -> Figure:
    """Difficulty, and below the change of every retarget with the estimate of the next."""
    t, theme = on.t, on.theme
    estimate = data.retarget if data.last >= data.today else None
    if estimate is not None:
        on.last = max(on.last, estimate.day.toordinal())
    above, below = on.add_panels(3, 2)
    column = data.columns["btc.difficulty"]
    days, values = visible_line(data, column)
    if (live := data.live.get("btc.difficulty")) is not None and (not days or days[-1] < data.today):
        days, values = [*days, float(data.today)], [*values, live]
    above.unit = _TERAS
    above.line(days, values, t("difficulty"), steps=True)
    above.log_when_wide(values)
    last = newest((days, values))
    if last is not None:
        above.newest(*last, newest_label(data, t))
    below.unit = "%"
    when, by = retargets(column)
    recent = [(day, value) for day, value in zip(when, by, strict=True) if data.first <= day <= data.last]
    wide = max(1.5, (data.last - data.first) / 130)
    for rises, colour, label in (
        (True, theme.line, t("retarget up")),
        (False, theme.critical, t("retarget down")),
    ):
        chosen = [(day, value) for day, value in recent if (value >= 0) == rises]
        if chosen:
            when, by = [day for day, _ in chosen], [value for _, value in chosen]
            below.bars(when, by, label, width=wide, colour=colour)
    below.axes.axhline(0, color=theme.ink, linewidth=1)
    if estimate is not None and last is not None:
        label = t("estimate of the next")
        below.estimate(estimate.day.toordinal(), 100 * estimate.change, label)
        below.include(100 * estimate.change)
        above.estimate(estimate.day.toordinal(), last[1] * (1 + estimate.change), label)
    headline = joined(
        "" if last is None else f"{figure(last[1] / _TERA, t)} T",
        changed((days, values), t),
        ""
        if estimate is None
        else t(
            "retarget {day}: about {change}",
            day=t.day(estimate.day, "MMMd"),
            change=change(estimate.change, t),
        ),
    )
    return on.finish(t("Difficulty and its retargets"), headline, "", footer(data, t))


def draw_fees(on: Canvas, data: ChartData) -> Figure:
    """Fees of a block, and below their share of what a block pays."""
    t = on.t
    above, below = on.add_panels(3, 2)
    column = data.columns["btc.fees"]
    daily, weekly = visible_line(data, column), visible_line(data, column, column.means(7))
    above.unit, below.unit = t("BTC per block"), "%"
    above.dots(*daily, t("day"))
    above.line(*weekly, t("7-day mean"))
    above.without_outliers(daily[1], weekly[1])
    share = [
        100 * fees / (fees + subsidy_on(date.fromordinal(int(day))))
        for day, fees in zip(*weekly, strict=True)
    ]
    below.line(weekly[0], share, t("share of a block's reward, 7-day mean"), colour=on.theme.second)
    below.axes.set_ylim(bottom=0)
    last, part = newest(weekly), newest((weekly[0], share))
    if last is not None and part is not None:
        above.newest(*last, newest_label(data, t))
        below.newest(*part, "", colour=on.theme.second)
    headline = joined(
        "" if last is None else t("7-day mean {value} BTC per block", value=figure(last[1], t)),
        changed(weekly, t),
        "" if part is None else t("{share} % of a block's reward", share=t.number(part[1], 1)),
    )
    return on.finish(t("Transaction fees"), headline, "", footer(data, t))


def draw_stress(on: Canvas, data: ChartData) -> Figure:
    """The stress index, and below the ranks it is the mean of."""
    t, theme = on.t, on.theme
    above, below = on.add_panels(3, 2)
    indexes = [
        each for each in stress_indexes(history_of(data)) if data.first <= each.day.toordinal() <= data.last
    ]
    days = [float(each.day.toordinal()) for each in indexes]
    line = days, [each.value for each in indexes]
    above.unit, below.unit = t("index, 0 to 100"), t("rank, 0 to 100")
    above.axes.set_ylim(0, 100)
    below.axes.set_ylim(0, 100)
    ranks = [100 * each.ribbon for each in indexes], [100 * each.pace for each in indexes]
    if len(days) > _LONG_DAYS:  # two thousand days of daily ups and downs would be a wall
        mean = t("{days}-day mean", days=_SMOOTHING_DAYS)
        above.line(days, trailing_mean(line[1], _SMOOTHING_DAYS), mean)
        ranks = trailing_mean(ranks[0], _SMOOTHING_DAYS), trailing_mean(ranks[1], _SMOOTHING_DAYS)
    else:
        above.line(*line, t("stress index"))
    above.reference(_HIGH_STRESS, t("high from {level} on", level=t.number(_HIGH_STRESS)))
    below.line(days, ranks[0], t("hash ribbon"))
    below.line(days, ranks[1], t("pace of blocks"), colour=theme.second, style=DASHED, width=3)
    last = newest(line)
    if last is not None:
        above.newest(*last, newest_label(data, t))
    on.mark(data.episodes)
    headline = joined("" if last is None else t("{value} of 100", value=t.number(last[1])), was(line, t, 0))
    key = firing_key(data.episodes, t, of_phase=True) or t("no stress and no capitulation in this span")
    return on.finish(t("Stress index of miners"), headline, key, footer(data, t))


def draw_compression(on: Canvas, data: ChartData) -> Figure:
    """The difficulty ribbon, eight moving averages, and below how far it is compressed."""
    t, theme = on.t, on.theme
    above, below = on.add_panels(1, 1)
    column = data.columns["btc.difficulty"]
    above.unit, below.unit = _TERAS, t("deviation ÷ mean")
    values: list[float] = []
    for place, days in enumerate(RIBBON_DAYS):
        line = visible_line(data, column, column.means(days))
        edge = place in (0, len(RIBBON_DAYS) - 1)
        colour = theme.line if place == 0 else theme.second if edge else theme.faint
        label = t("{days}-day mean", days=days) if edge else ""
        above.line(
            *line, label, colour=colour, width=4 if edge else 2, style=DASHED if place and edge else "-"
        )
        values += line[1]
    above.log_when_wide(values)
    line = visible_line(data, compression_column(history_of(data)))
    below.line(*line, t("compression"))
    below.axes.set_ylim(0, 1.08 * max([0.1, *known(line[1])]))
    below.reference(_COMPRESSED, t("compressed below {level}", level=t.number(_COMPRESSED, 2)))
    last = newest(line)
    if last is not None:
        below.newest(*last, newest_label(data, t))
    headline = joined(
        "" if last is None else t("compression {value}", value=t.number(last[1], 3, fixed=True)),
        was(line, t, 3),
    )
    return on.finish(t("Difficulty ribbon and its compression"), headline, "", footer(data, t))
