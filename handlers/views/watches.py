"""Personal watches as people read them: what they told, how they stand, how noisy they would have been."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from math import floor, log10

from bot.backtest.watches import WatchBacktest
from bot.i18n.durations import compact
from bot.i18n.message import N_, origin
from bot.i18n.translator import LocaleTranslator
from bot.mining.errors import InvalidQuestion
from bot.signals.history import History
from bot.signals.indicators import Measured
from bot.watches.amounts import EXAMPLES
from bot.watches.formatter import format_watch
from bot.watches.metrics import Unit, metric
from bot.watches.parser import parse_watch
from bot.watches.watch import Comparison, Watch, WatchFigure
from handlers.html import html
from handlers.views.explanations import sparkline
from storage.chats.watches import StoredWatch, WatchTold

_LINES = 30  # of what was put off
_MONTH = 30  # days of a figure shown
_SHOWN = 3  # of the times it would have told


def howto(t: LocaleTranslator) -> str:
    """What can be watched, by examples."""
    return "\n".join(
        (
            t("<b>Watches of your own</b>: I tell you when a figure crosses your level."),
            *(f"• <code>/watch {html(example)}</code>" for example in EXAMPLES),
            t(
                "Add <code>once</code>, <code>every 1d</code>, <code>for 2d</code> or "
                "<code>until 2027-01-01</code>. /watches lists yours."
            ),
        )
    )


def words(text: str, t: LocaleTranslator) -> str:
    """A kept watch's words, with the language's own thousands and decimals, so that they can be typed."""
    try:
        return format_watch(parse_watch(text, date.min), t)
    except InvalidQuestion:  # what an earlier version understood
        return text


def told(messages: Sequence[WatchTold], now: datetime, t: LocaleTranslator) -> str:
    """The watches of one chat that told in one look, numbered when there are several."""
    numbered = len(messages) > 1
    return "\n\n".join(
        _told(one, number if numbered else None, now, t) for number, one in enumerate(messages, start=1)
    )


def _told(one: WatchTold, number: int | None, now: datetime, t: LocaleTranslator) -> str:
    lines = [f"👁 {'' if number is None else f'{number}. '}<code>{html(words(one.text, t))}</code>"]
    for figure in one.figures:
        value = html(figure_words(figure.metric, figure.value, t))
        lines.append(t("Now: {title} <b>{value}</b>", title=html(_title(figure.metric, t)), value=value))
        lines.append(
            t(
                "Source: {source}, {age} (as of {moment})",
                source=html(origin(figure.source, t)),
                age=t.age(figure.as_of, now),
                moment=t.day_or_moment(figure.as_of),
            )
        )
    if one.ended:
        lines.append(t("This was its only time; the watch has ended."))
    return "\n".join(lines)


def put_off(messages: Sequence[tuple[WatchTold, datetime]], t: LocaleTranslator) -> str:
    """Watches that told while their chat wanted quiet, each with its moment, oldest first: a line each."""
    lines = [f"👁 <b>{t('Your watches')}</b>"]
    if len(messages) > _LINES:
        left = len(messages) - _LINES
        more = t.plural("and {n} earlier message", "and {n} earlier messages", left)
        lines.append(f"… {more}")
    for one, at in messages[-_LINES:]:
        values = ", ".join(figure_words(figure.metric, figure.value, t) for figure in one.figures)
        lines.append(f"• {html(t.moment(at))}: <code>{html(words(one.text, t))}</code>, {html(values)}")
    return "\n".join(lines)


def why(
    held: StoredWatch, rehearsed: WatchBacktest, history: History, now: datetime, t: LocaleTranslator
) -> str:
    """A watch explained: its figures now, its levels, the last month, and when it would have told."""
    lines = [f"👁 <b>{t('Why?')}</b> <code>{html(words(held.text, t))}</code>"]
    for key in held.watch.metrics:
        lines.append(_figure(key, history, now, t))
        levels = [one for one in held.watch.comparisons if one.metric == key]
        lines += [_levels(one, t) for one in levels]
        values = [figures[key].value if key in figures else None for _, figures in rehearsed.days[-_MONTH:]]
        lines.append(_month(key, values, t))
    told = rehearsed.told(held.watch)
    lines.append(past(len(told) if rehearsed.known else None, t))
    if told and rehearsed.known:
        days = t.listed([t.day(day, "yMMMd") for day in told[-_SHOWN:]])
        lines.append(t("The last times: {days}.", days=days))
    return "\n".join(lines)


def _figure(key: str, history: History, now: datetime, t: LocaleTranslator) -> str:
    found = metric(key)
    measured = found.measure(history, now) if found is not None else None
    title = html(_title(key, t))
    if not isinstance(measured, Measured):
        return t("{title}: no data now", title=title)
    source = t(
        "Source: {source}, {age} (as of {moment})",
        source=html(origin(measured.source, t)),
        age=t.age(measured.as_of, now),
        moment=t.day_or_moment(measured.as_of),
    )
    value = html(figure_words(key, measured.value, t))
    return f"{t('Now: {title} <b>{value}</b>', title=title, value=value)}\n{source}"


def _levels(one: Comparison, t: LocaleTranslator) -> str:
    tells, ready = ("≥", "≤") if one.above else ("≤", "≥")
    return t(
        "Tells at {level}; ready again at {clear}",
        level=html(f"{tells} {figure_words(one.metric, one.level, t)}"),
        clear=html(f"{ready} {figure_words(one.metric, one.clear, t)}"),
    )


def _month(key: str, values: Sequence[float | None], t: LocaleTranslator) -> str:
    known = [value for value in values if value is not None]
    ends = " – ".join(html(figure_words(key, end, t)) for end in (min(known), max(known))) if known else ""
    bars = f"<code>{sparkline(values)}</code>"
    return t.plural(
        "Last {n} day: {bars} {range}", "Last {n} days: {bars} {range}", len(values), bars=bars, range=ends
    )


def full(held: int, t: LocaleTranslator) -> str:
    """Why a chat gets no further watch."""
    return t.plural(
        "This chat has {n} watch, which is as many as I keep. /watches lets you delete one.",
        "This chat has {n} watches, which is as many as I keep. /watches lets you delete one.",
        held,
    )


def offer(
    watch: Watch,
    figures: Mapping[str, WatchFigure],
    fires: int | None,
    calm: tuple[Watch, int] | None,
    t: LocaleTranslator,
    *,
    noisy: int,
) -> str:
    """A watch before it is saved: how often it would have told, where it stands, and what could be done.

    `fires` is None where too little is known; `calm` is the quieter setting with its count; more than
    `noisy` is more than once a month.
    """
    lines = [f"👁 <code>{html(format_watch(watch, t))}</code>", past(fires, t), _stands(watch, figures, t)]
    if calm is not None:
        lines.append(
            t(
                "That is more than once a month; waiting until it has lasted {hold} makes it {count}. "
                "Save it?",
                hold=compact(calm[0].hold),
                count=t.number(calm[1]),
            )
        )
    elif fires is not None and fires > noisy:
        lines.append(t("That is more than once a month, and waiting would not make it quieter. Save it?"))
    else:
        lines.append(t("Save it?"))
    return "\n".join(lines)


def saved(held: StoredWatch, figures: Mapping[str, WatchFigure], t: LocaleTranslator) -> str:
    """A watch that was just saved."""
    done = t("Saved. /watches lists what you have.")
    return "\n".join((f"👁 <code>{html(words(held.text, t))}</code>", _stands(held.watch, figures, t), done))


def past(fires: int | None, t: LocaleTranslator) -> str:
    """How often it would have told in the last five years."""
    if fires is None:
        return t("I hold too little history of this to say how often it would have told you.")
    if fires == 0:
        return t("In the last five years this would <b>not once</b> have told you, looking once a day.")
    return t.plural(
        "In the last five years this would have told you <b>{n} time</b>, looking once a day.",
        "In the last five years this would have told you <b>{n} times</b>, looking once a day.",
        fires,
    )


def listed(
    held: Sequence[StoredWatch],
    figures: Mapping[str, WatchFigure],
    first: int,
    total: int,
    t: LocaleTranslator,
) -> str:
    """A page of a chat's watches, each with its figure now and how far it is."""
    if not total:
        return howto(t)
    lines = [f"<b>{t('Your watches')}</b> ({t.number(total)})"]
    for number, one in enumerate(held, start=first):
        paused = f" ⏸ {t('paused')}" if one.switch == "paused" else ""
        fires = f", {t.plural('told {n} time', 'told {n} times', one.fires)}" if one.fires else ""
        said = f"<code>{html(words(one.text, t))}</code>"
        lines.append(f"{number}. {said}{paused}{fires}\n{_stands(one.watch, figures, t)}")
    return "\n".join(lines)


def _stands(watch: Watch, figures: Mapping[str, WatchFigure], t: LocaleTranslator) -> str:
    parts = []
    for key in watch.metrics:
        figure, title = figures.get(key), html(_title(key, t))
        if figure is None:
            parts.append(t("{title}: no data now", title=title))
            continue
        near = [distance(one, figure.value, t) for one in watch.comparisons if one.metric == key]
        value = html(figure_words(key, figure.value, t))
        parts.append(t("{title} now {value}, {distance}", title=title, value=value, distance=", ".join(near)))
    return "; ".join(parts)


def distance(one: Comparison, value: float, t: LocaleTranslator) -> str:
    """How far a figure is from the level: of the figure, or in points where it is a share itself."""
    if one.meets(value):
        return t("reached: it tells the next time")
    found = metric(one.metric)
    gap = abs(one.level - value)
    if found is not None and found.unit is Unit.FRACTION:
        points = _rounded(100 * gap, 3, t)
        if one.above:
            return t("{points} points up to go", points=points)
        return t("{points} points down to go", points=points)
    size = f"{_rounded(100 * gap / abs(value), 3, t)} %" if value else _rounded(gap, 3, t)
    return t("{size} up to go", size=size) if one.above else t("{size} down to go", size=size)


def figure_words(key: str, value: float, t: LocaleTranslator) -> str:
    """A metric's value with its unit."""
    found = metric(key)
    unit = found.unit if found is not None else Unit.PLAIN
    sign = "−" if value < 0 else ""
    if unit is Unit.FRACTION:
        return f"{sign}{_rounded(abs(100 * value), 4, t)} %"
    size = t.number(abs(value)) if abs(value) >= 10_000 else _rounded(abs(value), 6, t)
    return f"{sign}{size} {t(_UNITS[unit]) if unit in _UNITS else unit.label}".rstrip()


_UNITS = {
    Unit.HASHPRICE: N_("USD/PH/day"),
    Unit.OUTFLOW: N_("BTC/day"),
    Unit.FEES: N_("BTC/block"),
    Unit.GAS: N_("USD/MMBtu"),
}


def _rounded(value: float, figures: int, t: LocaleTranslator) -> str:
    """To so many significant figures."""
    return t.number(value, max(0, figures - 1 - floor(log10(value))) if value else 0)


def _title(key: str, t: LocaleTranslator) -> str:
    found = metric(key)
    return found.title(t) if found is not None else key
