"""One function a picture: what it shows and where the thresholds and firings are."""

from collections.abc import Callable, Sequence
from datetime import date
from math import isnan
from typing import TYPE_CHECKING, Final

from bot.charts.chart_data import ChartData, ChartEpisode, Level, hashprice_on, trailing_band, within
from bot.charts.fonts import writing
from bot.charts.spec import ChartKind
from bot.charts.style import Canvas, ChartTranslator, canvas, day_number, money, numbers
from bot.i18n.message import origin
from bot.signals.rules import Rule, Severity

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw(frame: ChartData, found: Sequence[ChartEpisode], t: ChartTranslator) -> bytes:
    """The picture of a frame as a PNG."""
    with writing(t.code):
        return _drawn(frame, found, t)


def _drawn(frame: ChartData, found: Sequence[ChartEpisode], t: ChartTranslator) -> bytes:
    first = date.fromordinal(frame.first)
    found = [one for one in found if one.last is None or one.last >= first]
    on = canvas(t, frame.first, frame.last, dark=frame.subject.dark)
    _DRAW[frame.subject.kind](on, frame, found)
    footer = t(
        "{source}, to {moment} UTC", source=origin(frame.source, t), moment=f"{frame.newest:%Y-%m-%d %H:%M}"
    )
    fired = {one.severity is Severity.CRITICAL for one in found}
    key = ["▲ " + t("shaded: warning fired")] if False in fired else []
    key += ["◆ " + t("hatched: critical fired")] if True in fired else []
    return on.png(footer, " · ".join(key) if key else t("no rule fired in this span") if frame.rules else "")


def _price(on: Canvas, frame: ChartData, found: Sequence[ChartEpisode]) -> None:
    t, theme = on.t, on.theme
    prices, highs = frame.columns["btc.price"], frame.columns["btc.price_high"]
    days, values = within(frame, prices, prices.values)
    records = _records(days, highs.first, highs.values, prices.first, prices.values)
    above, below = on.panels(3, 2)
    x = [day_number(day) for day in days]
    above.plot(x, records, color=theme.second, linewidth=1.4, linestyle="--", label=t("record high"))
    above.plot(x, values, color=theme.line, linewidth=1.9, label=t("price"))
    known = [value for value in values if not isnan(value)]
    if max(known) > 6 * min(known):
        above.set_yscale("log")
    money(above.yaxis, t)
    on.unit(above, "USD")
    on.mark(above, found)
    on.legend(above)
    falls = [100 * (value / record - 1) for value, record in zip(values, records, strict=True)]
    below.fill_between(x, falls, 0, color=theme.band, alpha=0.45, linewidth=0)
    below.plot(x, falls, color=theme.line, linewidth=1.4)
    below.set_ylim(min(-76.0, *(fall * 1.05 for fall in falls if not isnan(fall))), 0)
    _percent(below, t)
    _thresholds(on, below, frame.rules, 100.0)
    on.mark(below, found)
    on.title(
        t("Bitcoin price and drawdown"),
        t(
            "{price} USD, {change} % from the record; {span} % over the span shown",
            price=t.number(values[-1]),
            change=_signed(t, falls[-1]),
            span=_signed(t, 100 * (known[-1] / known[0] - 1)),
        ),
    )


def _records(
    days: Sequence[int], highs_first: int, highs: Sequence[float], first: int, prices: Sequence[float]
) -> list[float]:
    """The highest price up to and with each day drawn, intraday highs included."""
    record, records = 0.0, []
    for day in range(first, days[-1] + 1):
        for start, values in ((highs_first, highs), (first, prices)):
            index = day - start
            if 0 <= index < len(values) and values[index] > record:
                record = values[index]
        if day >= days[0]:
            records.append(record)
    return records


def _hashrate(on: Canvas, frame: ChartData, found: Sequence[ChartEpisode]) -> None:
    t, theme = on.t, on.theme
    column = frame.columns["btc.hashrate"]
    days, daily = within(frame, column, column.values)
    short = within(frame, column, column.means(30))[1]
    long = within(frame, column, column.means(60))[1]
    weekly = column.means(7)
    changes = [
        100 * (now / weekly[index - 30] - 1) if index >= 30 else float("nan")
        for index, now in enumerate(weekly)
    ]
    above, below = on.panels(3, 2)
    x = [day_number(day) for day in days]
    above.plot(x, daily, ".", color=theme.faint, markersize=2.5, label=t("day"))
    above.plot(x, long, color=theme.second, linewidth=1.6, linestyle="--", label=t("60-day mean"))
    above.plot(x, short, color=theme.line, linewidth=2.0, label=t("30-day mean"))
    inverted = [a < b for a, b in zip(short, long, strict=True)]
    above.fill_between(
        x, short, long, where=inverted, facecolor=(theme.critical, 0.35), hatch="xxx",
        edgecolor=theme.critical, linewidth=0, label=t("ribbon inverted"), interpolate=True,
    )  # fmt: skip
    known = [value for value in daily if not isnan(value)]
    if max(known) > 8 * min(known):
        above.set_yscale("log")
    numbers(above.yaxis, t)
    on.unit(above, "EH/s")
    on.mark(above, found)
    on.legend(above)
    falls = within(frame, column, changes)[1]
    below.axhline(0, color=theme.faint, linewidth=1)
    below.plot(x, falls, color=theme.line, linewidth=1.5)
    held = [fall for fall in falls if not isnan(fall)] or [0.0]
    low, high = min(-13.0, 1.1 * min(held)), max(held)
    below.set_ylim(low, high + 0.1 * (high - low))
    _percent(below, t)
    for rule in frame.rules:
        if rule.id.startswith("hashrate_decline.critical"):
            _thresholds(on, below, [rule], 100.0)
    on.mark(below, found)
    below.plot([], [], color=theme.line, label=t("7-day mean: change in 30 days"))
    on.legend(below)
    on.title(
        t("Network hashrate and its ribbon"),
        t(
            "30-day mean {short}, 60-day mean {long} EH/s",
            short=t.number(short[-1], 1),
            long=t.number(long[-1], 1),
        ),
    )


def _energy(on: Canvas, frame: ChartData, found: Sequence[ChartEpisode]) -> None:
    t, theme = on.t, on.theme
    column = frame.columns[frame.subject.series[0]]
    means = column.means(7, without_highest=True)
    low, high = trailing_band(means, 365, (0.05, 0.95))
    days, daily = within(frame, column, column.values)
    x = [day_number(day) for day in days]
    (axes,) = on.panels(1)
    axes.fill_between(
        x, within(frame, column, low)[1], within(frame, column, high)[1], color=theme.band, linewidth=0,
        label=t("its year: 5th to 95th percentile"),
    )  # fmt: skip
    axes.plot(x, daily, ".", color=theme.faint, markersize=2.5, label=t("day"))
    weekly = within(frame, column, means)[1]
    axes.plot(x, weekly, color=theme.line, linewidth=2.0, label=t("7-day mean"))
    _no_outliers(axes, daily, weekly)
    axes.yaxis.set_major_formatter(lambda value, _: t.number(value))
    on.unit(axes, "EUR/MWh")
    on.mark(axes, found)
    on.legend(axes)
    on.title(
        t("Day-ahead power price, {zone}", zone=frame.subject.zone),
        t("7-day mean {price} EUR/MWh; the rule fires above the band", price=t.number(weekly[-1], 1)),
    )


def _outflow(on: Canvas, frame: ChartData, found: Sequence[ChartEpisode]) -> None:
    t, theme = on.t, on.theme
    sales, outflow = frame.columns["btc.public_miner_sales"], frame.columns["btc.miner_outflow"]
    months = [
        (sales.first + index, 100 * value)
        for index, value in enumerate(sales.values)
        if not isnan(value) and sales.first + index >= frame.first - 31
    ]
    panels = on.panels(*((3, 2) if outflow.values and months else (1,)))
    beneath = t("no figures in this span")
    if months:
        axes = panels[0]
        axes.bar(
            [day_number(day) for day, _ in months], [value for _, value in months], width=26, align="edge",
            color=theme.line, label=t("public miners' sales, % of what they mined"),
        )  # fmt: skip
        axes.set_ylim(0, max(230.0, 1.15 * max(value for _, value in months)))
        axes.yaxis.set_major_formatter(lambda value, _: f"{t.number(value)} %")
        _thresholds(on, axes, [rule for rule in frame.rules if rule.id.endswith(".public")], 100.0)
        on.mark(axes, found)
        on.legend(axes)
        month, share = months[-1]
        beneath = t(
            "{month}: {share} % of production (company reports, a sample)",
            month=t.day(date.fromordinal(month), "yMMMM"),
            share=t.number(share),
        )
    if outflow.values:
        axes = panels[-1]
        days, daily = within(frame, outflow, outflow.values)
        week = [value for value in daily[-7:] if not isnan(value)]
        if week:
            beneath = t("{amount} BTC net left pool wallets in the last 7 days", amount=t.number(sum(week)))
        on.unit(axes, t("BTC a day"))
        x = [day_number(day) for day in days]
        axes.bar(x, daily, width=1.0, color=theme.faint, label=t("pool wallets, net BTC a day"))
        axes.plot(x, within(frame, outflow, outflow.means(7))[1], color=theme.second, label=t("7-day mean"))
        axes.yaxis.set_major_formatter(lambda value, _: t.number(value))
        on.legend(axes)
    on.title(t("Miner outflow: a proxy for selling"), beneath)


def _hashprice(on: Canvas, frame: ChartData, found: Sequence[ChartEpisode]) -> None:
    t, theme = on.t, on.theme
    prices = frame.columns["btc.price"]
    days, _ = within(frame, prices, prices.values)
    values = [hashprice_on(frame, day) for day in days]
    x = [day_number(day) for day in days]
    (axes,) = on.panels(1)
    axes.plot(
        x, values, color=theme.line, linewidth=1.9, label=t("hashprice by difficulty, USD a day per PH/s")
    )
    known = [value for value in values if not isnan(value)]
    if not known:
        known = [1.0]
    levels = [level.value for level in frame.levels if level.value > 0]
    if max(known) > 8 * min(known):
        axes.set_yscale("log")
    else:
        axes.set_ylim(0, 1.1 * max(known + levels))
    money(axes.yaxis, t)
    on.unit(axes, "USD/PH/d")
    for place, level in enumerate(sorted(frame.levels, key=lambda level: level.value)):
        on.level(axes, level, place=place, colour=theme.second)
    on.mark(axes, found)
    on.legend(axes)
    newest = next((value for value in reversed(values) if not isnan(value)), 0.0)
    on.title(
        t("Hashprice: what one PH/s earns"),
        t("{price} USD a day; dashed: what machines cost to run", price=t.number(newest, 1)),
    )


def _no_outliers(axes: "Axes", daily: Sequence[float], weekly: Sequence[float]) -> None:
    """Let single days leave the picture rather than flatten everything else."""
    held = sorted(value for value in daily if not isnan(value))
    means = [value for value in weekly if not isnan(value)] or held
    low, high = held[len(held) // 100], held[-1 - len(held) // 100]
    low, high = min(low, *means), max(high, *means)
    room = 0.06 * (high - low or 1.0)
    axes.set_ylim(low - room, high + 3 * room)


def _thresholds(on: Canvas, axes: "Axes", rules: Sequence[Rule], scale: float) -> None:
    for rule in rules:
        critical = rule.severity is Severity.CRITICAL
        name = on.t("critical") if critical else on.t("warning")
        value = f"{on.t.number(scale * rule.fire).replace('-', '−')} %"
        colour = on.theme.critical if critical else on.theme.warning
        on.level(axes, Level(scale * rule.fire, f"{name} {value}"), colour=colour)


def _percent(axes: "Axes", t: ChartTranslator) -> None:
    axes.yaxis.set_major_formatter(lambda value, _: f"{t.number(value)} %".replace("-", "−"))


def _signed(t: ChartTranslator, value: float) -> str:
    return ("+" if value > 0 else "") + t.number(value, 1).replace("-", "−")


_DRAW: Final[dict[ChartKind, Callable[[Canvas, ChartData, Sequence[ChartEpisode]], None]]] = {
    ChartKind.PRICE: _price,
    ChartKind.HASHRATE: _hashrate,
    ChartKind.ENERGY: _energy,
    ChartKind.OUTFLOW: _outflow,
    ChartKind.HASHPRICE: _hashprice,
}
