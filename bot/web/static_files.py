"""The page's styles and scripts, read once; the chart library is there when `make web` has built it."""

from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from bot.web.http_cache import Body

_TYPES: Final = {
    "svg": "image/svg+xml; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
}
_OWN: Final = ("icon.svg", "page.css", "page.js", "charts.js", "breakeven.js", "mini_app.js", "theme.js")
_CHARTS: Final = ("uplot.js", "uplot.css")


@dataclass(frozen=True, slots=True)
class StaticFiles:
    """Bodies by file name; `charts` is True when the browser can draw."""

    bodies: dict[str, Body]
    charts: bool

    def address(self, name: str) -> str:
        """Where a file is; the address changes when the file does, so that it can be kept for good."""
        return f"/static/{name}?v={self.bodies[name].etag[1:13]}"


def load_static_files() -> StaticFiles:
    """Read everything there is."""
    room = files(__package__)
    bodies = {name: _body(name, (room / "static" / name).read_bytes()) for name in _OWN}
    built = {name: room / "vendor" / name for name in _CHARTS}
    charts = all(path.is_file() for path in built.values())
    if charts:
        bodies |= {name: _body(name, path.read_bytes()) for name, path in built.items()}
    return StaticFiles(bodies, charts)


def _body(name: str, content: bytes) -> Body:
    return Body(content, _TYPES[name.rpartition(".")[2]])
