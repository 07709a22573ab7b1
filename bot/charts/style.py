"""How every picture looks: sizes for a phone, light and dark, and a small file."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from bot.charts.frame import Episode, Level
from bot.signals.rules import Severity
from bot.speech import Speech

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_EPOCH = date(1970, 1, 1).toordinal()
LARGEST_BYTES: Final = 60 * 1024
_COLOURS = (96, 48, 24)
SIZE_INCHES, DOTS_PER_INCH = (6.6, 4.8), 150


class Words(Speech, Protocol):
    """The language of a picture's words: its code, texts by their English wording, figures, and days."""

    code: str

    def day(self, at: date, skeleton: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours; warning and critical differ in hatching and words too, never by colour alone."""

    paper: str
    ink: str
    faint: str
    line: str
    second: str
    band: str
    warning: str
    critical: str


LIGHT: Final = Theme("#ffffff", "#16202a", "#8793a0", "#1d4ed8", "#6d28d9", "#bfd3f7", "#b45309", "#c81e1e")
DARK: Final = Theme("#0f1720", "#e8eef4", "#7d8b99", "#7cb3ff", "#d0b8ff", "#27425f", "#fbbf24", "#ff7b7b")


@dataclass(frozen=True, slots=True)
class Canvas:
    """A figure being drawn, in one language and theme."""

    figure: "Figure"
    theme: Theme
    t: Words
    first: int
    last: int

    def panels(self, *heights: int) -> list["Axes"]:
        """Axes above each other that share the days."""
        grid = {
            "height_ratios": heights, "left": 0.105, "right": 0.972, "top": 0.855, "bottom": 0.148,
            "hspace": 0.22,
        }  # fmt: skip
        made: Any = self.figure.subplots(len(heights), 1, sharex=True, squeeze=False, gridspec_kw=grid)
        axes: list[Axes] = [row[0] for row in made]
        for one in axes:
            self._dress(one)
        axes[-1].set_xlim(day_number(self.first) - 0.5, day_number(self.last) + 0.5)
        self._dates(axes[-1])
        return axes

    def title(self, text: str, beneath: str) -> None:
        """What the picture shows, and the newest figure."""
        self.figure.text(0.025, 0.93, text, fontsize=15, fontweight="bold", color=self.theme.ink)
        self.figure.text(0.025, 0.876, beneath, fontsize=12, color=self.theme.ink)

    def legend(self, axes: "Axes", place: Literal["best", "upper left"] = "best") -> None:
        """Names beside samples of what is drawn."""
        legend = axes.legend(
            loc=place, fontsize=10.5, framealpha=0.8, facecolor=self.theme.paper, edgecolor="none",
            labelcolor=self.theme.ink, borderpad=0.3, handlelength=1.6, labelspacing=0.25,
        )  # fmt: skip
        legend.set_zorder(9)

    def level(self, axes: "Axes", level: Level, *, colour: str | None = None) -> None:
        """A labelled line across; one outside the axes is left away."""
        low, high = axes.get_ylim()
        if not low < level.value < high:
            return
        colour = colour or self.theme.ink
        axes.axhline(level.value, color=colour, linewidth=1.1, linestyle=(0, (5, 3)), zorder=3)
        axes.annotate(
            level.name, (1.0, level.value), xycoords=("axes fraction", "data"), xytext=(-4, 2),
            textcoords="offset points", ha="right", va="bottom", fontsize=10.5, color=colour, zorder=8,
            bbox={"facecolor": self.theme.paper, "edgecolor": "none", "alpha": 0.75, "pad": 0.8},
        )  # fmt: skip

    def mark(self, axes: "Axes", found: Sequence[Episode]) -> None:
        """Shade when a rule fired: warning plain, critical hatched, each named where it begins."""
        for one in found:
            critical = one.severity is Severity.CRITICAL
            colour = self.theme.critical if critical else self.theme.warning
            begin = max(one.first.toordinal(), self.first)
            end = min(one.last.toordinal() if one.last else self.last + 1, self.last + 1)
            axes.axvspan(
                day_number(begin) - 0.5, day_number(end) - 0.5, facecolor=(colour, 0.16),
                edgecolor=(colour, 0.5), hatch="///" if critical else None, linewidth=0, zorder=0,
            )  # fmt: skip
            if one.first.toordinal() >= self.first:
                axes.annotate(
                    "▲", (day_number(begin), 0.0), xycoords=("data", "axes fraction"), ha="center",
                    va="bottom", fontsize=9, color=colour, zorder=8, annotation_clip=True,
                )  # fmt: skip

    def png(self, footer: str, key: str) -> bytes:
        """The finished picture, in few colours: at most 60 KiB."""
        from PIL import Image  # noqa: PLC0415 - comes with matplotlib and like it is loaded only to draw

        self.figure.text(0.025, 0.052, key, fontsize=10, color=self.theme.ink)
        self.figure.text(0.025, 0.014, footer, fontsize=9.5, color=self.theme.faint)
        drawn = io.BytesIO()
        self.figure.savefig(drawn, format="rgba", facecolor=self.theme.paper)
        size = tuple(round(side * DOTS_PER_INCH) for side in SIZE_INCHES)
        image = Image.frombuffer("RGBA", size, drawn.getvalue(), "raw", "RGBA", 0, 1).convert("RGB")  # type: ignore[arg-type]  # two sides
        for colours in _COLOURS:  # a busy picture makes do with fewer
            small = io.BytesIO()
            few = image.quantize(colours, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
            few.save(small, "PNG", compress_level=6)
            if small.tell() <= LARGEST_BYTES:
                break
        return small.getvalue()

    def _dress(self, axes: "Axes") -> None:
        theme = self.theme
        axes.set_facecolor(theme.paper)
        axes.tick_params(colors=theme.ink, labelsize=11, length=3)
        axes.grid(color=theme.faint, alpha=0.3, linewidth=0.7)
        for name, spine in axes.spines.items():
            spine.set_visible(name in ("left", "bottom"))
            spine.set_color(theme.faint)

    def _dates(self, axes: "Axes") -> None:
        from matplotlib.dates import AutoDateLocator  # noqa: PLC0415 - likewise
        from matplotlib.ticker import FuncFormatter  # noqa: PLC0415 - likewise

        days = self.last - self.first
        skeleton = "y" if days > 1100 else "yMMM" if days > 150 else "MMMd"
        axes.xaxis.set_major_locator(AutoDateLocator(minticks=3, maxticks=6))  # type: ignore[no-untyped-call]  # the library's
        axes.xaxis.set_major_formatter(FuncFormatter(lambda number, _: self.t.day(_day(number), skeleton)))


def _day(number: float) -> date:
    return date.fromordinal(int(number) + _EPOCH)


def day_number(ordinal: int) -> float:
    """A day as matplotlib counts them."""
    return float(ordinal - _EPOCH)


def canvas(t: Words, first: int, last: int, *, dark: bool) -> Canvas:
    """An empty picture from one day to another (ordinals)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - half a second and 50 MiB, when somebody first wants a picture
    from matplotlib.figure import Figure  # noqa: PLC0415 - likewise

    theme = DARK if dark else LIGHT
    figure = Figure(figsize=SIZE_INCHES, dpi=DOTS_PER_INCH)
    FigureCanvasAgg(figure)
    return Canvas(figure, theme, t, first, last)
