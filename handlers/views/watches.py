"""Personal watches as people read them: what they told, how they stand, how noisy they would have been."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from math import floor, log10

from bot.backtest.watch_backtest import WatchBacktest
from bot.i18n.durations import compact
from bot.i18n.message import N_, commas, named, origin, semicolons, sentence
from bot.i18n.translator import LocaleTranslator
from bot.mining import formatting
from bot.mining.answer import USD, Display
from bot.mining.errors import InvalidQuestion
from bot.signals.history import History
from bot.signals.indicators import Measured
from bot.watches.amounts import EXAMPLES
from bot.watches.formatter import format_watch
from bot.watches.metrics import Unit, metric
from bot.watches.parser import parse_watch
from bot.watches.watch import Comparison, Watch, WatchFigure
from handlers.html import MAX_LINES, fold, html, visible_units
from handlers.views.explanations import sparkline
from storage.chats.watches import FiredWatch, StoredWatch, WatchStanding

_LINES = 30  # of what was put off
_MONTH = 30  # days of a figure shown
_SEEN = 540  # UTF-16 units of what a phone shows at once
_ROOMY = 3_000  # UTF-16 units of one look at watches, above which their sources are left out
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


def fired(
    messages: Sequence[FiredWatch],
    now: datetime,
    t: LocaleTranslator,
    display: Display = USD,
    *,
    most_lines: int = MAX_LINES,
) -> str:
    """The watches of one chat that told in one look: at most so many lines, numbered when there are several.

    Where they don't have room, their figures' sources and what is beyond stand in a fold; of very many only
    what is beyond.
    """
    whole = [_lines(message, now, t, display) for message in messages]
    numbers = [f"{number}. " if len(messages) > 1 else "" for number in range(1, len(messages) + 1)]
    if len(messages) == 1 and len(whole[0]) <= most_lines:
        return "\n".join(whole[0])
    shown = len(messages) if len(messages) <= most_lines else most_lines - 1
    short = [
        number + named(f"<code>{html(words(message.text, t))}</code>", html(_values(message, t, display)), t)
        for number, message in zip(numbers, messages, strict=True)
    ]
    while shown > 1 and sum(visible_units(line) + 3 for line in short[:shown]) > _SEEN:
        shown = min(shown, most_lines) - 1
    lines = [f"👁 {line}" for line in short[:shown]]
    if more := len(messages) - shown:
        lines.append(t.plural("and {n} more", "and {n} more", more))
    details = [
        line
        for number, (head, *rest) in zip(numbers, whole, strict=True)
        for line in (f"{number}{head.removeprefix('👁 ')}", *rest)
    ]
    text = "\n".join([*lines, fold(details)])
    if visible_units(text) <= _ROOMY:
        return text
    return "\n".join([*lines, fold(short[shown:])]) if more else "\n".join(lines)


def _values(message: FiredWatch, t: LocaleTranslator, display: Display) -> str:
    return commas([figure_words(figure.metric, figure.value, t, display) for figure in message.figures], t)


def _lines(message: FiredWatch, now: datetime, t: LocaleTranslator, display: Display) -> list[str]:
    lines = [f"👁 <code>{html(words(message.text, t))}</code>"]
    for figure in message.figures:
        value = html(figure_words(figure.metric, figure.value, t, display))
        lines.append(t("Now: {title} <b>{value}</b>", title=html(_title(figure.metric, t)), value=value))
        lines.append(
            t(
                "Source: {source}, {age} (as of {moment})",
                source=html(origin(figure.source, t)),
                age=t.age(figure.as_of, now),
                moment=t.day_or_moment(figure.as_of),
            )
        )
    if message.ended:
        lines.append(t("This was its only time; the watch has ended."))
    return lines


def in_digest(
    standings: Sequence[WatchStanding], since: datetime, t: LocaleTranslator, display: Display = USD
) -> str | None:
    """A chat's watches in a line: how many, how many of them told since, and the one nearest its level."""
    if not standings:
        return None
    fired = sum(each.fired_at is not None and each.fired_at > since for each in standings)
    count = t.plural("{n} watch", "{n} watches", len(standings))
    # Translators: of the watches counted before: how many told something since the last digest.
    news = t.plural("{n} told you something", "{n} told you something", fired) if fired else t("all quiet")
    nearest = _nearest(standings, t, display)
    line = f"👁 {commas([count, news], t)}"
    # Translators: {watch} is in the words it was set with, {stands} its figure and how far that is.
    return line if nearest is None else semicolons([line, t("nearest: {watch} ({stands})", **nearest)], t)


def _nearest(
    standings: Sequence[WatchStanding], t: LocaleTranslator, display: Display
) -> dict[str, str] | None:
    """The watch with the least way to go, in the share of its figure, and where it stands."""
    gaps = [
        (abs(comparison.level / figure.value - 1), number, figure, comparison)
        for number, each in enumerate(standings)
        for figure in each.figures
        for comparison in each.watch.comparisons
        if comparison.metric == figure.metric and figure.value and not comparison.meets(figure.value)
    ]
    if not gaps:
        return None
    _, number, figure, comparison = min(gaps, key=lambda gap: gap[:2])
    value = figure_words(figure.metric, figure.value, t, display)
    return {
        "watch": f"<code>{html(words(standings[number].text, t))}</code>",
        "stands": html(commas([value, distance(comparison, figure.value, t)], t)),
    }


def put_off(
    messages: Sequence[tuple[FiredWatch, datetime]], t: LocaleTranslator, display: Display = USD
) -> str:
    """Watches that told while their chat wanted quiet, each with its moment, oldest first: a line each."""
    lines = [f"👁 <b>{t('Your watches')}</b>"]
    if len(messages) > _LINES:
        earlier = len(messages) - _LINES
        more = t.plural("and {n} earlier message", "and {n} earlier messages", earlier)
        lines.append(f"… {more}")
    for message, at in messages[-_LINES:]:
        values = html(_values(message, t, display))
        told = commas([f"<code>{html(words(message.text, t))}</code>", values], t)
        lines.append(f"• {named(html(t.moment(at)), told, t)}")
    return "\n".join(lines)


def why(
    stored: StoredWatch, backtest: WatchBacktest, history: History, now: datetime, t: LocaleTranslator
) -> str:
    """A watch explained: its figures now, its levels, the last month, and when it would have told."""
    lines = [f"👁 <b>{t('Why?')}</b> <code>{html(words(stored.text, t))}</code>"]
    for key in stored.watch.metrics:
        lines.append(_figure(key, history, now, t))
        levels = [comparison for comparison in stored.watch.comparisons if comparison.metric == key]
        lines += [_levels(comparison, t) for comparison in levels]
        values = [figures[key].value if key in figures else None for _, figures in backtest.days[-_MONTH:]]
        lines.append(_month(key, values, t))
    fire_days = backtest.fire_days(stored.watch)
    lines.append(past(len(fire_days) if backtest.is_known else None, t))
    if fire_days and backtest.is_known:
        days = t.listed([t.day(day, "yMMMd") for day in fire_days[-_SHOWN:]])
        lines.append(t("The last times: {days}.", days=days))
    return "\n".join(lines)


def _figure(key: str, history: History, now: datetime, t: LocaleTranslator) -> str:
    definition = metric(key)
    measured = definition.measure(history, now) if definition is not None else None
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


def _levels(comparison: Comparison, t: LocaleTranslator) -> str:
    tells, ready = ("≥", "≤") if comparison.above else ("≤", "≥")
    return t(
        "Tells at {level}; ready again at {clear}",
        level=html(f"{tells} {figure_words(comparison.metric, comparison.level, t)}"),
        clear=html(f"{ready} {figure_words(comparison.metric, comparison.clear, t)}"),
    )


def _month(key: str, values: Sequence[float | None], t: LocaleTranslator) -> str:
    numbers = [value for value in values if value is not None]
    ends = (
        " – ".join(html(figure_words(key, end, t)) for end in (min(numbers), max(numbers))) if numbers else ""
    )
    bars = f"<code>{sparkline(values)}</code>"
    return t.plural(
        "Last {n} day: {bars} {range}", "Last {n} days: {bars} {range}", len(values), bars=bars, range=ends
    )


def full(count: int, t: LocaleTranslator) -> str:
    """Why a chat gets no further watch."""
    return t.plural(
        "This chat has {n} watch, which is as many as I keep. /watches lets you delete one.",
        "This chat has {n} watches, which is as many as I keep. /watches lets you delete one.",
        count,
    )


def offer(
    watch: Watch,
    figures: Mapping[str, WatchFigure],
    fires: int | None,
    calm: tuple[Watch, int] | None,
    t: LocaleTranslator,
    *,
    noisy: int,
    display: Display = USD,
) -> str:
    """A watch before it is saved: how often it would have told, where it stands, and what could be done.

    `fires` is None where too little is known; `calm` is the quieter setting with its count; more than
    `noisy` is more than once a month.
    """
    lines = [f"👁 <code>{html(format_watch(watch, t))}</code>", past(fires, t)]
    lines.append(_stands(watch, figures, t, display))
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


def saved(
    stored: StoredWatch, figures: Mapping[str, WatchFigure], t: LocaleTranslator, display: Display = USD
) -> str:
    """A watch that was just saved."""
    where = t("Saved. /watches lists what you have.")
    stands = _stands(stored.watch, figures, t, display)
    return "\n".join((f"👁 <code>{html(words(stored.text, t))}</code>", stands, where))


def past(fires: int | None, t: LocaleTranslator) -> str:
    """How often it would have told in the last five years."""
    if fires is None:
        return t("I have too little history of this to say how often it would have told you.")
    if fires == 0:
        return t("In the last five years this would <b>not once</b> have told you, looking once a day.")
    return t.plural(
        "In the last five years this would have told you <b>{n} time</b>, looking once a day.",
        "In the last five years this would have told you <b>{n} times</b>, looking once a day.",
        fires,
    )


def listed(
    stored: Sequence[StoredWatch],
    figures: Mapping[str, WatchFigure],
    first: int,
    total: int,
    t: LocaleTranslator,
    display: Display = USD,
) -> str:
    """A page of a chat's watches, each with its figure now and how far it is."""
    if not total:
        none = t("You have no watches. What alerts you hear, /settings shows; /unsubscribe ends them.")
        return f"{none}\n\n{howto(t)}"
    lines = [f"<b>{t('Your watches')}</b> ({t.number(total)})"]
    for number, each in enumerate(stored, start=first):
        paused = f" ⏸ {t('paused')}" if each.switch == "paused" else ""
        fires = [t.plural("told {n} time", "told {n} times", each.fires)] if each.fires else []
        text = commas([f"<code>{html(words(each.text, t))}</code>{paused}", *fires], t)
        lines.append(f"{number}. {text}\n{_stands(each.watch, figures, t, display)}")
    return "\n".join(lines)


def _stands(watch: Watch, figures: Mapping[str, WatchFigure], t: LocaleTranslator, display: Display) -> str:
    parts = []
    for key in watch.metrics:
        figure, title = figures.get(key), sentence(html(_title(key, t)))
        if figure is None:
            parts.append(t("{title}: no data now", title=title))
            continue
        comparisons = [each for each in watch.comparisons if each.metric == key]
        ahead = [each for each in comparisons if not each.meets(figure.value)] or comparisons[:1]
        near = [distance(comparison, figure.value, t) for comparison in ahead]
        value = html(figure_words(key, figure.value, t, display))
        together = t.either(near) if watch.any_of else t.listed(near)
        parts.append(t("{title} now {value}, {distance}", title=title, value=value, distance=together))
    return semicolons(parts, t)


def distance(comparison: Comparison, value: float, t: LocaleTranslator) -> str:
    """How far a figure is from the level: of the figure, or in points where it is a share itself."""
    if comparison.meets(value):
        return t("already there: I tell you the next time")
    definition = metric(comparison.metric)
    gap = abs(comparison.level - value)
    if definition is not None and definition.unit is Unit.FRACTION:
        points = _rounded(100 * gap, 3, t)
        if comparison.above:
            return t("has to rise {points} points", points=points)
        return t("has to fall {points} points", points=points)
    if definition is not None and definition.unit is Unit.DAYS:
        size = formatting.days(round(gap), t)
    else:
        size = f"{_rounded(100 * gap / abs(value), 3, t)}{t.percent}" if value else _rounded(gap, 3, t)
    return t("has to rise {size}", size=size) if comparison.above else t("has to fall {size}", size=size)


def figure_words(key: str, value: float, t: LocaleTranslator, display: Display = USD) -> str:
    """A metric's value with its unit; money also in the currency to show, since levels are in US dollars."""
    words, definition = _in_own_unit(key, value, t), metric(key)
    if display is USD or definition is None:
        return words
    if definition.unit is Unit.USD and display.of_btc_price is not USD:
        return f"{words} ({formatting.money(value, display, t)})"
    if definition.unit is Unit.HASHPRICE:
        return f"{words} ({formatting.hashprice(value, display, t)})"
    return words


def _in_own_unit(key: str, value: float, t: LocaleTranslator) -> str:
    definition = metric(key)
    unit = definition.unit if definition is not None else Unit.PLAIN
    if unit is Unit.DAYS:
        return formatting.days(round(value), t)
    sign = "−" if value < 0 else ""
    if unit is Unit.FRACTION:
        return f"{sign}{_rounded(abs(100 * value), 4, t)}{t.percent}"
    if abs(value) >= _TRILLION:
        return f"{sign}{_rounded(abs(value) / _TRILLION, 4, t)} T"
    size = t.number(abs(value)) if abs(value) >= 10_000 else _rounded(abs(value), 6, t)
    return f"{sign}{size} {t(_UNITS[unit]) if unit in _UNITS else unit.label}".rstrip()


_TRILLION = 1e12  # from here on plain numbers are told in trillions, as in /difficulty
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
    definition = metric(key)
    return definition.title(t) if definition is not None else key
