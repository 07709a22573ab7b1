"""One panel of a chart: lines, areas and marks over days, each named in the legend."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from math import isfinite
from typing import Any, Final, Literal

from matplotlib.axes import Axes

from bot.charts.chart_data import ChartEpisode
from bot.charts.drawing.text import points
from bot.charts.drawing.theme import SEVERITY_LINE, SEVERITY_MARKER, Theme
from bot.charts.drawing.ticks import tick_writer
from bot.i18n.translator import LocaleTranslator
from bot.signals.rules import Severity

EPOCH: Final = date(1970, 1, 1).toordinal()
"""Ordinal of the day from which matplotlib counts."""

_MOST_SIGNS: Final = 16  # more of them at the lower edge would be a fringe
_MANY_DOTS: Final = 60


def day_number(ordinal: float) -> float:
    """A day as matplotlib counts them."""
    return float(ordinal - EPOCH)


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A legend's entry: what a style of line, marker or area stands for."""

    label: str
    colour: str
    style: Any = "-"
    marker: str = ""
    width: float = 4.0
    hatch: str | None = None
    is_area: bool = False


@dataclass(slots=True)
class Panel:
    """Axes over days. `unit` is that of the vertical axis."""

    axes: Axes
    theme: Theme
    t: LocaleTranslator
    height: int
    unit: str = ""
    suffix: str = ""
    entries: list[LegendEntry] = field(default_factory=list)

    def line(
        self,
        days: Sequence[float],
        values: Sequence[float],
        label: str,
        *,
        colour: str | None = None,
        style: Any = "-",
        width: float = 4.0,
        steps: bool = False,
    ) -> None:
        """A line; a gap in the values is a gap in the line."""
        colour = colour or self.theme.line
        self.axes.plot(
            [day_number(day) for day in days], values, color=colour, linewidth=points(width), linestyle=style,
            drawstyle="steps-post" if steps else "default", zorder=4, label=label,
        )  # fmt: skip
        self._name(LegendEntry(label, colour, style, width=width))

    def dots(self, days: Sequence[float], values: Sequence[float], label: str) -> None:
        """Single days, small; the fewer there are, the larger."""
        size = 6 if len(days) > _MANY_DOTS else 14
        self.axes.plot(
            [day_number(day) for day in days], values, ".", color=self.theme.faint, markersize=points(size),
            zorder=2, label=label,
        )  # fmt: skip
        self._name(LegendEntry(label, self.theme.faint, "", "."))

    def bars(
        self,
        days: Sequence[float],
        values: Sequence[float],
        label: str,
        *,
        width: float = 1.0,
        colour: str | None = None,
        align: Literal["center", "edge"] = "center",
    ) -> None:
        """Bars; `width` in days."""
        colour = colour or self.theme.line
        self.axes.bar(
            [day_number(day) for day in days], values, width=width, color=colour, align=align, zorder=3,
            label=label,
        )  # fmt: skip
        self._name(LegendEntry(label, colour, is_area=True))

    def between(
        self,
        days: Sequence[float],
        low: Sequence[float],
        high: Sequence[float],
        label: str,
        *,
        where: Sequence[bool] | None = None,
        hatch: str | None = None,
        colour: str | None = None,
    ) -> None:
        """The area between two lines."""
        self.area(
            [day_number(day) for day in days], low, high, label, where=where, hatch=hatch, colour=colour
        )

    def area(
        self,
        x: Sequence[float],
        low: Sequence[float],
        high: Sequence[float],
        label: str,
        *,
        where: Sequence[bool] | None = None,
        hatch: str | None = None,
        colour: str | None = None,
    ) -> None:
        """The area between two lines over something else than days."""
        colour = colour or self.theme.band
        self.axes.fill_between(
            x, low, high, where=None if where is None else list(where),
            facecolor=(colour, 0.35) if hatch else colour, edgecolor=colour if hatch else "none", hatch=hatch,
            linewidth=0, zorder=1, interpolate=True, label=label,
        )  # fmt: skip
        if where is None or any(where):
            self._name(LegendEntry(label, colour, hatch=hatch, is_area=True))

    def threshold(
        self, severity: Severity, days: Sequence[float], values: Sequence[float], label: str
    ) -> None:
        """The line at which a rule fires: dashed with triangles, or dash-dotted with diamonds.

        One that lies so far above everything else that it would flatten it stands in the legend alone, with
        its value.
        """
        newest = next((value for value in reversed(values) if isfinite(value)), None)
        low, high = self.axes.get_ylim()
        lowest = min(filter(isfinite, values), default=0.0)
        if newest is not None and lowest > high + 1.2 * (high - low):
            value = tick_writer(self.t)(float(round(newest)), None)
            colour, marker = self.theme.severity(severity), SEVERITY_MARKER[severity]
            self._name(LegendEntry(f"{label}, {value} ↑", colour, "", marker))
            return
        if not self.axes.get_autoscaley_on():
            self.include(*values, room=0.02)
        colour, style = self.theme.severity(severity), SEVERITY_LINE[severity]
        marker = SEVERITY_MARKER[severity]
        known = [index for index, value in enumerate(values) if isfinite(value)]
        every = [known[int(share * (len(known) - 1))] for share in (0.03, 0.35, 0.66, 0.97)] if known else []
        self.axes.plot(
            [day_number(day) for day in days], values, color=colour, linewidth=points(3), linestyle=style,
            marker=marker, markevery=sorted(set(every)), markersize=points(13), zorder=5, label=label,
        )  # fmt: skip
        self._name(LegendEntry(label, colour, style, marker, 3))

    def level(self, severity: Severity, value: float, label: str) -> None:
        """A threshold that is the same on every day shown."""
        low, high = (number + EPOCH for number in self.axes.get_xlim())
        steps = [low + (high - low) * step / 60 for step in range(61)]
        self.threshold(severity, steps, [value] * 61, label)

    def reference(self, value: float, label: str, *, style: Any = (0, (1, 1.6))) -> None:
        """A line to compare with that no rule fires at."""
        self.axes.axhline(value, color=self.theme.second, linewidth=points(3), linestyle=style, zorder=3)
        self._name(LegendEntry(label, self.theme.second, style, width=3))

    def upright(self, days: Sequence[float], label: str) -> None:
        """Upright lines on some days, where they are shown."""
        low, high = self.axes.get_xlim()
        visible_days = [number for number in map(day_number, days) if low <= number <= high]
        for number in visible_days:
            self.axes.axvline(
                number, color=self.theme.soft, linewidth=points(3), linestyle=(0, (1, 1.6)), zorder=2
            )
        if visible_days:
            self._name(LegendEntry(label, self.theme.soft, (0, (1, 1.6)), width=3))

    def newest(self, day: float, value: float, label: str, *, colour: str | None = None) -> None:
        """Mark the last point."""
        colour = colour or self.theme.line
        self.axes.plot(
            [day_number(day)], [value], "o", color=colour, markersize=points(17), zorder=7, clip_on=False,
            markeredgecolor=self.theme.paper, markeredgewidth=points(3), label=label,
        )  # fmt: skip
        self._name(LegendEntry(label, colour, "", "o"))

    def estimate(self, day: float, value: float, label: str) -> None:
        """Mark a point that is expected, not measured."""
        self.axes.plot(
            [day_number(day)], [value], "s", color=self.theme.paper, markersize=points(17), zorder=7,
            clip_on=False, markeredgecolor=self.theme.second, markeredgewidth=points(4), label=label,
        )  # fmt: skip
        self._name(LegendEntry(label, self.theme.second, "", "s"))

    def episodes(self, episodes: Sequence[ChartEpisode], first: int, last: int) -> None:
        """Shade when a rule fired: warning plain, critical hatched, with a sign where it began."""
        for episode in episodes:
            begin = max(episode.first.toordinal(), first)
            end = min(episode.last.toordinal() if episode.last else last + 1, last + 1)
            colour = self.theme.severity(episode.severity)
            critical = episode.severity is Severity.CRITICAL
            self.axes.axvspan(
                day_number(begin) - 0.5, day_number(max(end, begin + 1)) - 0.5, facecolor=(colour, 0.16),
                edgecolor=(colour, 0.45), hatch="//" if critical else None, linewidth=0, zorder=0,
            )  # fmt: skip
            if episode.first.toordinal() >= first and len(episodes) <= _MOST_SIGNS:
                self.axes.plot(
                    day_number(begin), 0.0, SEVERITY_MARKER[episode.severity], zorder=8, color=colour,
                    transform=self.axes.get_xaxis_transform(), markersize=points(17), clip_on=False,
                    markeredgecolor=self.theme.paper, markeredgewidth=points(2),
                )  # fmt: skip

    def log_when_wide(self, values: Sequence[float], times: float = 8.0) -> None:
        """A logarithmic axis where positive values differ by more than `times`."""
        known = [value for value in values if isfinite(value)]
        if known and min(known) > 0 and max(known) > times * min(known):
            self.axes.set_yscale("log")

    def include(self, *values: float, room: float = 0.05) -> None:
        """Make the vertical axis reach these values and a little beyond."""
        low, high = self.axes.get_ylim()
        known = [value for value in values if isfinite(value)]
        low, high = min(low, *known), max(high, *known)
        gap = room * (high - low)
        self.axes.set_ylim(low - gap, high + gap)

    def without_outliers(self, daily: Sequence[float], means: Sequence[float]) -> None:
        """Let single days leave the panel rather than flatten everything else."""
        days = sorted(value for value in daily if isfinite(value))
        lines = [value for value in means if isfinite(value)] or days
        low, high = min(days[len(days) // 100], *lines), max(days[-1 - len(days) // 100], *lines)
        gap = 0.06 * (high - low or 1.0)
        self.axes.set_ylim(low - gap, high + gap)

    def _name(self, entry: LegendEntry) -> None:
        if entry.label and all(other.label != entry.label for other in self.entries):
            self.entries.append(entry)
