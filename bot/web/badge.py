"""The phase as a small picture (SVG) for other people's pages."""

from typing import Final
from xml.sax.saxutils import escape, quoteattr

from bot.i18n.message import width
from bot.i18n.translator import LocaleTranslator
from bot.signals.labels import PHASE_NAMES, STATE_NAMES
from bot.signals.phase import Phase
from bot.signals.state_machine import State
from bot.web.http_cache import Body

SVG_TYPE: Final = "image/svg+xml; charset=utf-8"
_COLOURS = {
    Phase.CALM: "#1a7f45",
    Phase.STRESS: "#a85a00",
    Phase.CAPITULATION: "#b81c1c",
    Phase.RECOVERY: "#1d4ed8",
    Phase.UNKNOWN: "#55626f",
}
_COLUMN_PX, _MARGIN_PX = 7.0, 8.0
_LABEL = "minerwatch"


def badge(phase: Phase, *, stale: bool, t: LocaleTranslator) -> Body:
    """The badge; a phase that no data bears out any more is called stale and grey."""
    name = t(PHASE_NAMES[phase])
    if stale and phase is not Phase.UNKNOWN:
        name = f"{name} ({t(STATE_NAMES[State.STALE])})"
    colour = _COLOURS[Phase.UNKNOWN if stale else phase]
    left, right = _px(_LABEL), _px(name)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right:g}" height="20" role="img" '
        f"aria-label={quoteattr(f'{_LABEL}: {name}')}>"
        f"<title>{escape(f'{_LABEL}: {name}')}</title>"
        f'<clipPath id="r"><rect width="{left + right:g}" height="20" rx="3"/></clipPath>'
        f'<g clip-path="url(#r)"><rect width="{left:g}" height="20" fill="#32404d"/>'
        f'<rect x="{left:g}" width="{right:g}" height="20" fill="{colour}"/></g>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">'
        f'<text x="{left / 2:g}" y="14">{_LABEL}</text>'
        f'<text x="{left + right / 2:g}" y="14">{escape(name)}</text></g></svg>'
    )
    return Body(svg.encode(), SVG_TYPE)


def _px(text: str) -> float:
    return width(text) * _COLUMN_PX + 2 * _MARGIN_PX
