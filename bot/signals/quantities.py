"""A rule's figures as text, each in its own unit."""

from bot.i18n.message import N_, Translator
from bot.signals.rules import Quantity

_TEXTS = {
    Quantity.PERCENTILE: N_("higher than on {percent} % of days in the past year"),
    Quantity.RECORD: N_("{percent} % of the earlier record"),
    Quantity.OF_PRODUCTION: N_("{percent} % of production"),
}
_EXTREMES = {
    0.0: N_("lower than on any day in the past year"),
    1.0: N_("higher than on any day in the past year"),
}


def quantity(value: float | None, kind: Quantity | None, t: Translator) -> str:
    """A rule's figure in its own unit; a dash when it is not known."""
    if value is None:
        return "–"
    if kind is None:
        return t.number(value, 2)
    if kind is Quantity.CHANGE:
        return t.change(value)
    if kind is Quantity.PERCENTILE and value in _EXTREMES:
        return t(_EXTREMES[value])
    return t(_TEXTS[kind], percent=t.number(100 * value))


def level(value: float | None, kind: Quantity | None, t: Translator) -> str:
    """A rule's level beside its figure, which has said of what the per cent are."""
    if value is None or kind is None or kind is Quantity.CHANGE:
        return quantity(value, kind, t)
    return f"{t.number(100 * value)}{t.percent}"
