"""Personal watches as people read them: what they told, how they stand, how noisy they would have been."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.signals.metrics import Unit, metric
from bot.signals.watch_amounts import EXAMPLES, WatchError
from bot.signals.watch_words import figure_words, watch_words
from bot.signals.watches import Comparison, Figure, Watch
from handlers.words import age, html, moment
from storage.watches import Held, WatchTold

HOWTO = "\n".join(
    (
        "<b>Watches of your own</b>: I tell you when a figure crosses your level.",
        *(f"• <code>/watch {html(example)}</code>" for example in EXAMPLES),
        "Add <code>once</code>, <code>every 1d</code>, <code>for 2d</code> or "
        "<code>until 2027-01-01</code>. /watches lists yours.",
    )
)


def told(messages: Sequence[WatchTold], now: datetime, *, repeat: bool = False, delayed: bool = False) -> str:
    """The watches of one chat that told in one look, as one message."""
    notes = []
    if repeat:
        notes.append("<i>Possible repeat: Telegram did not confirm the first try.</i>")
    if delayed:
        notes.append("<i>Delayed: this is late; the ages below are counted to now.</i>")
    return "\n\n".join([*notes, *(_told(one, now) for one in messages)])


def _told(one: WatchTold, now: datetime) -> str:
    lines = [f"👁 <b>{html(one.text)}</b>"]
    for figure in one.figures:
        found = metric(figure.metric)
        title = found.title if found is not None else figure.metric
        lines.append(f"Now: {html(title)} <b>{html(figure_words(figure.metric, figure.value))}</b>")
        lines.append(
            f"Source: {html(figure.source)}, {age(figure.as_of, now)} (as of {moment(figure.as_of)})"
        )
    if one.ended:
        lines.append("This was its only time; the watch has ended.")
    return "\n".join(lines)


def refusal(error: WatchError) -> str:
    """What was wrong, and the nearest right line."""
    return f"{html(error.sentence)}\nDid you mean <code>/watch {html(error.nearest)}</code>?"


def offer(watch: Watch, figures: Mapping[str, Figure], past: str, end: str) -> str:
    """A new watch: how often it would have told, where it stands, and what became of it."""
    return "\n".join((f"👁 <b>{html(watch_words(watch))}</b>", past, _stands(watch, figures), end))


def past(fires: int, *, is_known: bool) -> str:
    """How often it would have told in the last five years."""
    if not is_known:
        return "I hold too little history of this to say how often it would have told you."
    times = {0: "not once", 1: "once"}.get(fires, f"{fires} times")
    return f"In the last five years this would have told you <b>{times}</b>, looking once a day."


def listed(held: Sequence[Held], figures: Mapping[str, Figure], first: int, total: int) -> str:
    """A page of a chat's watches, each with its figure now and how far it is."""
    if not total:
        return HOWTO
    lines = [f"<b>Your watches</b> ({total})"]
    for number, one in enumerate(held, start=first):
        paused = " ⏸ paused" if one.switch == "paused" else ""
        fires = f", told {one.fires}×" if one.fires else ""
        lines.append(f"{number}. <b>{html(one.text)}</b>{paused}{fires}\n{_stands(one.watch, figures)}")
    return "\n".join(lines)


def _stands(watch: Watch, figures: Mapping[str, Figure]) -> str:
    parts = []
    for key in watch.metrics:
        figure = figures.get(key)
        found = metric(key)
        title = found.title if found is not None else key
        if figure is None:
            parts.append(f"{html(title)}: no data now")
            continue
        near = [distance(one, figure.value) for one in watch.comparisons if one.metric == key]
        parts.append(f"{html(title)} now {html(figure_words(key, figure.value))}, {', '.join(near)}")
    return "; ".join(parts)


def distance(one: Comparison, value: float) -> str:
    """How far a figure is from the level: of the figure, or in points where it is a share itself."""
    if one.meets(value):
        return "reached: it tells the next time"
    found = metric(one.metric)
    gap = abs(one.level - value)
    way = "up" if one.above else "down"
    if found is not None and found.unit is Unit.FRACTION:
        return f"{100 * gap:.3g} points {way} to go"
    return f"{100 * gap / abs(value):.3g} % {way} to go" if value else f"{gap:.3g} {way} to go"
