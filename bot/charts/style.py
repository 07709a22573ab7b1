"""How every picture looks: sizes for a phone, light and dark, and a small file."""

import io
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Protocol

from bot.charts.chart_data import ChartEpisode, Level
from bot.i18n.message import Translator
from bot.signals.rules import Severity

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

_EPOCH = date(1970, 1, 1).toordinal()
LARGEST_BYTES: Final = 60 * 1024
_COLOURS = (96, 48, 24)
_NEAR: Final = 24  # red, green and blue together: colours nearer than this are one
SIZE_INCHES, DOTS_PER_INCH = (6.6, 4.8), 150
_EDGE: Final = 0.025
_PLACE: Final = {"left": 0.105, "right": 0.972, "top": 0.815}


class ChartTranslator(Translator, Protocol):
    """The language of a picture's words: its code, texts by their English wording, figures, and days."""

    code: str

    def day(self, at: date, skeleton: str) -> str:
        """Return `at` in the form of a CLDR skeleton, for example `MMMd`."""
        ...


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours; warning and critical differ in hatching and words too, never by colour alone."""

    paper: str
    ink: str
    soft: str
    faint: str
    line: str
    second: str
    band: str
    warning: str
    critical: str


LIGHT: Final = Theme(
    paper="#ffffff", ink="#16202a", soft="#55626f", faint="#8793a0", line="#1d4ed8", second="#6d28d9",
    band="#bfd3f7", warning="#b45309", critical="#c81e1e",
)  # fmt: skip
DARK: Final = Theme(
    paper="#0f1720", ink="#e8eef4", soft="#a3afbb", faint="#7d8b99", line="#7cb3ff", second="#d0b8ff",
    band="#27425f", warning="#fbbf24", critical="#ff7b7b",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Canvas:
    """A figure being drawn, in one language and theme; `first` and `last` day where it goes over days."""

    figure: "Figure"
    theme: Theme
    t: ChartTranslator
    first: int = 0
    last: int = 0

    def panels(self, *heights: int) -> list["Axes"]:
        """Axes above each other that share the days."""
        grid = {"height_ratios": heights, "hspace": 0.3, **_PLACE, "bottom": 0.148}
        made: Any = self.figure.subplots(len(heights), 1, sharex=True, squeeze=False, gridspec_kw=grid)
        axes: list[Axes] = [row[0] for row in made]
        for one in axes:
            self._dress(one)
        axes[-1].set_xlim(day_number(self.first) - 0.5, day_number(self.last) + 0.5)
        self._dates(axes[-1])
        return axes

    def panel(self) -> "Axes":
        """Axes over something else than days, with room for its name beneath."""
        axes = self.figure.subplots(gridspec_kw={**_PLACE, "bottom": 0.205})
        self._dress(axes)
        return axes

    def title(self, text: str, beneath: str) -> None:
        """What the picture shows, and the newest figure."""
        self._line(0.93, text, 15, self.theme.ink, weight="bold")
        self._line(0.876, beneath, 12, self.theme.ink)

    def legend(self, axes: "Axes") -> None:
        """Names beside samples of what is drawn, in a row above the axes, where no data is."""
        legend = axes.legend(
            loc="lower left", bbox_to_anchor=(-0.01, 0.985), ncols=4, fontsize=9.5, frameon=False,
            labelcolor=self.theme.ink, borderpad=0.1, handlelength=1.3, columnspacing=1.0, handletextpad=0.5,
        )  # fmt: skip
        legend.set_zorder(9)

    def unit(self, axes: "Axes", unit: str) -> None:
        """The unit of the vertical axis, at its upper end on the right."""
        axes.annotate(
            unit, (1.0, 1.0), xycoords="axes fraction", xytext=(0, 3), textcoords="offset points",
            ha="right", va="bottom", fontsize=9.5, color=self.theme.soft,
        )  # fmt: skip

    def level(self, axes: "Axes", level: Level, *, place: int = 0, colour: str | None = None) -> None:
        """A labelled line across; one outside the axes is left away.

        The words stand at the left, where the newest figures are not; `place` moves them right, so that
        those of close levels don't meet.
        """
        low, high = axes.get_ylim()
        if not low < level.value < high:
            return
        colour = colour or self.theme.ink
        axes.axhline(level.value, color=colour, linewidth=1.3, linestyle=(0, (5, 3)), zorder=3)
        axes.annotate(
            level.name, (0.24 * place, level.value), xycoords=("axes fraction", "data"), xytext=(5, 2.5),
            textcoords="offset points", ha="left", va="bottom", fontsize=10.5, color=colour, zorder=8,
            bbox={"facecolor": self.theme.paper, "edgecolor": "none", "alpha": 0.88, "pad": 0.8},
        )  # fmt: skip

    def mark(self, axes: "Axes", found: Sequence[ChartEpisode]) -> None:
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
                axes.plot(
                    day_number(begin), 0.045, "D" if critical else "^", zorder=8, color=colour,
                    transform=axes.get_xaxis_transform(), markersize=6.5 if critical else 7.5,
                    markeredgecolor=self.theme.paper, markeredgewidth=0.8,
                )  # fmt: skip

    def png(self, footer: str, key: str) -> bytes:
        """The finished picture, in few colours: at most 60 KiB."""
        from PIL import Image  # noqa: PLC0415 - comes with matplotlib and like it is loaded only to draw

        self._line(0.052, key, 10, self.theme.ink)
        self._line(0.014, footer, 10, self.theme.soft)
        drawn = io.BytesIO()
        self.figure.savefig(drawn, format="rgba", facecolor=self.theme.paper)
        size = tuple(round(side * DOTS_PER_INCH) for side in SIZE_INCHES)
        image = Image.frombuffer("RGBA", size, drawn.getvalue(), "raw", "RGBA", 0, 1).convert("RGB")  # type: ignore[arg-type]  # two sides
        used = sorted(image.getcolors(image.width * image.height) or (), reverse=True)
        for colours in _COLOURS:  # a busy picture makes do with fewer
            small = io.BytesIO()
            palette = Image.new("P", (1, 1))
            palette.putpalette([part for one in self._palette(used, colours) for part in one])
            image.quantize(palette=palette, dither=Image.Dither.NONE).save(small, "PNG", compress_level=6)
            if small.tell() <= LARGEST_BYTES:
                break
        return small.getvalue()

    def _palette(self, used: Sequence[tuple[int, object]], most: int) -> list[tuple[int, ...]]:
        """The theme's colours, and those that cover most of the picture and differ from the ones before."""
        chosen = [tuple(bytes.fromhex(colour[1:])) for colour in astuple(self.theme)]
        for _, colour in used:
            if len(chosen) == most:
                break
            if isinstance(colour, tuple) and all(_distance(colour, other) > _NEAR for other in chosen):
                chosen.append(colour)
        return chosen

    def _line(self, height: float, words: str, size: float, colour: str, *, weight: str = "normal") -> None:
        """A line of text from the left edge on, smaller where it would not fit."""
        text = self.figure.text(_EDGE, height, words, fontsize=size, fontweight=weight, color=colour)
        room = (1 - 2 * _EDGE) * SIZE_INCHES[0] * DOTS_PER_INCH
        if words and (wide := text.get_window_extent().width) > room:
            text.set_fontsize(size * room / wide)

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


def _distance(one: Sequence[int], other: Sequence[int]) -> int:
    return sum(abs(mine - theirs) for mine, theirs in zip(one, other, strict=True))


def _day(number: float) -> date:
    return date.fromordinal(int(number) + _EPOCH)


def day_number(ordinal: int) -> float:
    """A day as matplotlib counts them."""
    return float(ordinal - _EPOCH)


def money(axis: "Axis", t: ChartTranslator) -> None:
    """Amounts along an axis, short."""

    def said(value: float, _: object) -> str:
        if value >= 1e6:
            return f"{t.number(value / 1e6, 1)}M"
        return f"{t.number(value / 1000, 1)}k" if value >= 1000 else t.number(value, 2)

    axis.set_major_formatter(said)
    axis.set_minor_formatter(lambda value, _: "")


def numbers(axis: "Axis", t: ChartTranslator) -> None:
    """Plain numbers along an axis, also between the powers of ten of a logarithmic one."""

    def written(value: float, _: object) -> str:
        return t.number(value) if value >= 1 else f"{value:g}"

    def between(value: float, _: object) -> str:
        return written(value, _) if f"{value:e}"[0] in "25" else ""

    axis.set_major_formatter(written)
    axis.set_minor_formatter(between)


def canvas(t: ChartTranslator, first: int = 0, last: int = 0, *, dark: bool) -> Canvas:
    """An empty picture, where it goes over days from one to another (ordinals)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - half a second and 50 MiB, when somebody first wants a picture
    from matplotlib.figure import Figure  # noqa: PLC0415 - likewise

    theme = DARK if dark else LIGHT
    figure = Figure(figsize=SIZE_INCHES, dpi=DOTS_PER_INCH)
    FigureCanvasAgg(figure)
    return Canvas(figure, theme, t, first, last)
