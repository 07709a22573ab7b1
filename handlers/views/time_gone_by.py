"""What happened in a month, a season or a year: figures, phases and firings, as Telegram's HTML."""

from collections.abc import Sequence
from datetime import date, timedelta

from bot.backtest.episodes import Episode, RuleHistory, RuleRecord
from bot.i18n.message import bracketed, named
from bot.i18n.translator import LocaleTranslator
from bot.mining import formatting
from bot.signals.history import History
from bot.signals.labels import PHASE_NAMES, SEVERITY_NAMES
from bot.signals.phase import Phase
from handlers.html import html

_MOST_LINES = 8
_TOLD = (Phase.STRESS, Phase.CAPITULATION, Phase.RECOVERY)
_WEEK = 7


def time_gone_by(first: date, last: date, history: History, past: RuleHistory, t: LocaleTranslator) -> str:
    """The days from `first` to `last`: how price and network moved, which phases and signals were on."""
    if first > last:
        return t("That is still to come.")
    title = f"<b>{html(_name(first, last, t))}</b>"
    figures = [*_price(history, first, last, t), *_network(history, first, last, t)]
    if not figures:
        begin = next(iter(history.days("btc.price")), None)
        known = "" if begin is None else t("My figures begin on {day}.", day=t.calendar_day(begin[0]))
        return f"{title}\n{t('Of that time I hold no figures.')} {known}".strip()
    lines = [title, *map(html, figures), "", f"<b>{t('Phases')}</b>"]
    spans = [
        span for span in past.phases if span.phase in _TOLD and _overlap(span.first, span.end, first, last)
    ]
    lines += [
        f"• {html(named(t(PHASE_NAMES[span.phase]), _dates(span.first, span.end, t), t))}"
        for span in spans[:_MOST_LINES]
    ] or [_nothing_said(past, first, last, t)]
    fired = _fired(past, first, last)
    lines += ["", f"<b>{t('Signals')}</b>"]
    lines += [f"• {html(_firing(record, episode, t))}" for record, episode in fired[:_MOST_LINES]]
    if not fired:
        is_judged = any(record.first and record.first <= last for record in past.rules.values())
        lines.append(t("None fired.") if is_judged else t("I had too few figures then to say."))
    left_out = max(0, len(fired) - _MOST_LINES) + max(0, len(spans) - _MOST_LINES)
    if left_out:
        lines.append(t("… and {count} more.", count=left_out))
    return "\n".join(lines)


def _nothing_said(past: RuleHistory, first: date, last: date, t: LocaleTranslator) -> str:
    """What to say where no phase but the calm one was on: that it was, if that is known."""
    is_calm = any(
        span.phase is Phase.CALM and _overlap(span.first, span.end, first, last) for span in past.phases
    )
    return t("Calm all the time.") if is_calm else t("I had too few figures then to say.")


def _price(history: History, first: date, last: date, t: LocaleTranslator) -> list[str]:
    days = _days(history, "btc.price", first - timedelta(days=1), last)
    if len(days) < 2:
        return []
    begin, end, lowest = days[0][1], days[-1][1], min(value for _, value in days[1:])
    # Translators: {begin}, {end} and {lowest} are money, {change} is such as “−37.3 %”.
    line = t(
        "Bitcoin: {begin} → {end} ({change}), lowest close {lowest}",
        begin=formatting.usd(begin, t),
        end=formatting.usd(end, t),
        change=t.change(end / begin - 1),
        lowest=formatting.usd(lowest, t),
    )
    return [line]


def _network(history: History, first: date, last: date, t: LocaleTranslator) -> list[str]:
    lines = []
    hashrate = [value for _, value in _days(history, "btc.hashrate", first, last)]
    if len(hashrate) >= 2 * _WEEK:
        begin, end = sum(hashrate[:_WEEK]) / _WEEK, sum(hashrate[-_WEEK:]) / _WEEK
        lines.append(
            # Translators: means of the first and the last week of a time gone by.
            t(
                "Hashrate, weekly mean: {begin} → {end} EH/s ({change})",
                begin=formatting.plain(begin, t),
                end=formatting.plain(end, t),
                change=t.change(end / begin - 1),
            )
        )
    difficulty = [value for _, value in _days(history, "btc.difficulty", first, last)]
    if len(difficulty) >= 2:
        lines.append(
            t(
                "Difficulty: {begin} → {end} ({change})",
                begin=formatting.difficulty(difficulty[0], t),
                end=formatting.difficulty(difficulty[-1], t),
                change=t.change(difficulty[-1] / difficulty[0] - 1),
            )
        )
    return lines


def _days(history: History, series: str, first: date, last: date) -> list[tuple[date, float]]:
    column = history.column(series)
    held = (day for day in column.held_since(first) if day <= last)
    return [(day, column.at(day.toordinal())) for day in held]


def _fired(past: RuleHistory, first: date, last: date) -> Sequence[tuple[RuleRecord, Episode]]:
    """The firings of every rule that lasted into the time, in the order in which they began."""
    found = [
        (record, episode)
        for record in past.rules.values()
        for episode in record.episodes
        if _overlap(episode.fired, episode.cleared, first, last)
    ]
    return sorted(found, key=lambda each: each[1].fired)


def _firing(record: RuleRecord, episode: Episode, t: LocaleTranslator) -> str:
    rule = record.rule
    title = bracketed(rule.title(t), t(SEVERITY_NAMES[rule.severity]), t)
    return named(title, _dates(episode.fired, episode.cleared, t), t)


def _dates(begin: date, end: date | None, t: LocaleTranslator) -> str:
    """From one day to another; the second is None while it lasts."""
    return f"{t.calendar_day(begin)} – {t('now') if end is None else t.calendar_day(end)}"


def _overlap(begin: date, end: date | None, first: date, last: date) -> bool:
    return begin <= last and (end is None or end > first)


def _name(first: date, last: date, t: LocaleTranslator) -> str:
    """A day, a month or a year by its name, any other time by its days."""
    if first == last:
        return t.calendar_day(first)
    if first.day == 1 and (last + timedelta(days=1)).day == 1:
        if (first.year, first.month) == (last.year, last.month):
            return t.calendar_month(first)
        if (first.month, last.month, first.year) == (1, 12, last.year):
            return str(first.year)
    return f"{t.calendar_day(first)} – {t.calendar_day(last)}"
