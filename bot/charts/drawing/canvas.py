"""The layout of a chart: title, headline, panels above each other with a legend outside each, key, footer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, FuncFormatter

from bot.charts.chart_data import ChartEpisode
from bot.charts.drawing.panel import EPOCH, LegendEntry, Panel, day_number
from bot.charts.drawing.text import HEADLINE, LABEL, SMALL, TITLE, blank, points, put, width_of, wrapped
from bot.charts.drawing.theme import DARK, LIGHT, SEVERITY_SIGN, Theme
from bot.charts.drawing.ticks import plain_ticks
from bot.i18n.translator import LocaleTranslator
from bot.signals.labels import SEVERITY_NAMES
from bot.signals.rules import Severity

WIDTH, HEIGHT = 1080, 1000
_EDGE: Final = 26
_RIGHT: Final = 30
_LINE: Final = 1.22  # height of a line of text in its size
DATE_HEIGHT: Final = LABEL * _LINE + 20
_SAMPLE: Final = 52  # width of a legend's sample of a line


@dataclass(slots=True)
class Canvas:
    """A chart being drawn over the days from `first` to `last` (ordinals)."""

    figure: Figure
    theme: Theme
    t: LocaleTranslator
    first: int = 0
    last: int = 0
    panels: list[Panel] = field(default_factory=list)
    below_axes: float = DATE_HEIGHT

    def add_panels(self, *heights: int, over_days: bool = True) -> list[Panel]:
        """Panels above each other that share the days; heights are relative."""
        grid: Any = self.figure.subplots(len(heights), 1, squeeze=False)
        self.panels = [
            Panel(row[0], self.theme, self.t, height) for row, height in zip(grid, heights, strict=True)
        ]
        room = max(0.5, 0.012 * (self.last - self.first))
        for panel in self.panels:
            dress(panel.axes, self.theme)
            if not over_days:
                continue
            panel.axes.set_xlim(day_number(self.first) - 0.5, day_number(self.last) + room)
        for panel in self.panels[:-1]:
            panel.axes.tick_params(labelbottom=False)
        return self.panels

    def mark(self, episodes: Sequence[ChartEpisode]) -> None:
        """Shade in every panel when a rule fired, or a phase lasted."""
        for panel in self.panels:
            panel.episodes(episodes, self.first, self.last)

    def finish(self, title: str, headline: str, key: str, footer: str) -> Figure:
        """Lay everything out from the top, so that no text ever lies on data."""
        figure, theme, t = self.figure, self.theme, self.t
        figure.set_label(headline)
        room = WIDTH - 2 * _EDGE
        for panel in self.panels:
            plain_ticks(panel.axes.yaxis, t, panel.suffix)
        y = 20.0
        y = write(figure, title, y, TITLE, theme.ink, weight="bold", gid="title")
        y = write(figure, headline, y + 6, HEADLINE, theme.ink, gid="headline") + 8
        footer_lines = wrapped(figure, footer, SMALL, room)
        key_lines = wrapped(figure, key, SMALL, room)
        below = (len(footer_lines) + len(key_lines)) * SMALL * _LINE + 22
        bottom = HEIGHT - below
        left = max(self._label_width(panel) for panel in self.panels) + _EDGE + 14
        strips = [self._strip_rows(panel) for panel in self.panels]
        free = bottom - y - self.below_axes - sum(len(rows) * LABEL * _LINE + 26 for rows in strips)
        total = sum(panel.height for panel in self.panels)
        for panel, rows in zip(self.panels, strips, strict=True):
            y = self._legend(panel, rows, y) + 8
            height = free * panel.height / total
            panel.axes.set_position(
                (left / WIDTH, 1 - (y + height) / HEIGHT, 1 - (left + _RIGHT) / WIDTH, height / HEIGHT)
            )
            y += height + 18
        if self.last:
            self._dates(self.panels[-1].axes, left)
        y = bottom + 4
        y = write(figure, key, y, SMALL, theme.ink, gid="key") if key else y
        write(figure, footer, y, SMALL, theme.soft, gid="footer")
        return figure

    def _label_width(self, panel: Panel) -> float:
        low, high = sorted(panel.axes.get_ylim())
        axis = panel.axes.yaxis
        ticks = [tick for tick in axis.get_majorticklocs() if low <= tick <= high]
        return max(
            (width_of(self.figure, axis.get_major_formatter()(tick), LABEL) for tick in ticks), default=0.0
        )

    def _strip_rows(self, panel: Panel) -> list[list[tuple[LegendEntry | None, str]]]:
        """The unit and the legend's entries in rows that fit the width."""
        rows: list[list[tuple[LegendEntry | None, str]]] = [[]]
        used = 0.0
        for entry, label in ((None, panel.unit), *((entry, entry.label) for entry in panel.entries)):
            wide = width_of(self.figure, label, LABEL) + 26 + (0 if entry is None else _SAMPLE + 10)
            if used + wide > WIDTH - 2 * _EDGE + 26 and rows[-1]:
                rows.append([])
                used = 0.0
            rows[-1].append((entry, label))
            used += wide
        return rows

    def _legend(
        self, panel: Panel, rows: Sequence[Sequence[tuple[LegendEntry | None, str]]], y: float
    ) -> float:
        """Write the unit and the legend above a panel; gives the height where they end."""
        for row in rows:
            x = float(_EDGE)
            for entry, label in row:
                if entry is not None:
                    self._sample(entry, x, y + LABEL * _LINE / 2)
                    x += _SAMPLE + 10
                colour = self.theme.soft if entry is None else self.theme.ink
                put(self.figure, x, y, label, LABEL, colour, gid="unit" if entry is None else "legend")
                x += width_of(self.figure, label, LABEL) + 26
            y += LABEL * _LINE
        return y

    def _sample(self, entry: LegendEntry, x: float, y: float) -> None:
        """A sample of a line or an area at pixels from the upper left corner."""
        left, right, height = x / WIDTH, (x + _SAMPLE) / WIDTH, 1 - y / HEIGHT
        if entry.is_area:
            tall = 22 / HEIGHT
            self.figure.add_artist(
                Rectangle(
                    (left, height - tall / 2), right - left, tall, transform=self.figure.transFigure,
                    facecolor=(entry.colour, 0.35) if entry.hatch else entry.colour, edgecolor=entry.colour,
                    hatch=entry.hatch, linewidth=0,
                )
            )  # fmt: skip
            return
        self.figure.add_artist(
            Line2D(
                [left, (left + right) / 2, right], [height] * 3, transform=self.figure.transFigure,
                color=entry.colour, linewidth=points(entry.width), linestyle=entry.style or "none",
                marker=entry.marker or None, markevery=[1], markersize=points(16),
                markerfacecolor=self.theme.paper if entry.marker == "s" else entry.colour,
                markeredgewidth=points(4) if entry.marker == "s" else 0,
            )
        )  # fmt: skip

    def _dates(self, axes: Axes, left: float) -> None:
        """Dates below the lowest panel, as many as find room beside each other and in the picture."""
        days = self.last - self.first
        skeleton = "y" if days > 1100 else "yMMM" if days > 150 else "MMMd"
        low, high = axes.get_xlim()
        scale = (WIDTH - left - _RIGHT) / (high - low)
        locator = AutoDateLocator(minticks=3, maxticks=7)  # type: ignore[no-untyped-call]  # the library's
        axis = axes.xaxis
        axis.set_major_locator(locator)
        ticks = [float(tick) for tick in axis.get_majorticklocs() if low <= tick <= high]
        names = {tick: self.t.day(date.fromordinal(int(tick) + EPOCH), skeleton) for tick in ticks}
        half = {tick: width_of(self.figure, name, LABEL) / 2 for tick, name in names.items()}
        ticks = [
            tick
            for tick in ticks
            if left + (tick - low) * scale - half[tick] > 4
            and left + (tick - low) * scale + half[tick] < WIDTH - 4
        ]
        while any(
            (after - before) * scale < half[before] + half[after] + 24 for before, after in pairwise(ticks)
        ):
            ticks = ticks[::2]
        axis.set_major_locator(FixedLocator(ticks))
        axis.set_major_formatter(FuncFormatter(lambda tick, _: names.get(tick, "")))
        for panel in self.panels[:-1]:
            panel.axes.xaxis.set_major_locator(FixedLocator(ticks))


def write(
    figure: Figure, words: str, y: float, size: float, colour: str, *, weight: str = "normal", gid: str = ""
) -> float:
    """Write words in as many lines as they need; gives the height where they end."""
    width = figure.canvas.get_width_height()[0]
    for line in wrapped(figure, words, size, width - 2 * _EDGE, weight):
        put(figure, _EDGE, y, line, size, colour, weight=weight, gid=gid)
        y += size * _LINE
    return y


def dress(axes: Axes, theme: Theme) -> None:
    """Give axes the theme's colours and ticks that a phone can show."""
    axes.set_facecolor(theme.paper)
    axes.tick_params(colors=theme.ink, labelsize=points(LABEL), length=points(8), pad=points(8))
    axes.grid(color=theme.faint, alpha=0.3, linewidth=points(1.5))
    for name, spine in axes.spines.items():
        spine.set_visible(name in ("left", "bottom"))
        spine.set_color(theme.faint)


def canvas(t: LocaleTranslator, first: int = 0, last: int = 0, *, dark: bool) -> Canvas:
    """An empty chart over the days from `first` to `last` (ordinals)."""
    theme = DARK if dark else LIGHT
    return Canvas(blank(WIDTH, HEIGHT, theme.paper), theme, t, first, last)


def firing_key(episodes: Sequence[ChartEpisode], t: LocaleTranslator, *, of_phase: bool) -> str:
    """What the shading stands for: only what is shown."""
    severities = {episode.severity for episode in episodes}
    if of_phase:
        names = {Severity.WARNING: t("shaded: stress"), Severity.CRITICAL: t("hatched: capitulation")}
    else:
        names = {
            Severity.WARNING: t("shaded: warning fired"),
            Severity.CRITICAL: t("hatched: critical fired"),
        }
    return " · ".join(f"{SEVERITY_SIGN[each]} {names[each]}" for each in names if each in severities)


def threshold_label(severity: Severity, value: str, t: LocaleTranslator) -> str:
    """“critical: −70 %”."""
    return f"{t(SEVERITY_NAMES[severity])}: {value}"
