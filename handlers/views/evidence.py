"""Evidence cards and scores as people read them: counts with their interval, never adjectives."""

from collections.abc import Sequence

from bot.backtest.episodes import RuleHistory
from bot.backtest.evidence import EvidenceCard, Return
from bot.backtest.statistics import Share, share
from bot.i18n.message import named, semicolons
from bot.i18n.translator import LocaleTranslator
from bot.signals.alert import Alert
from bot.signals.labels import PHASE_NAMES
from bot.signals.phase import Phase
from bot.signals.rules import FROZEN
from handlers.html import html
from storage.signals.alert_scores import ScoreSummary


def evidence_line(card: EvidenceCard, t: LocaleTranslator) -> str | None:
    """How often difficulty fell by 5 % within 30 days of such a beginning, in a sentence."""
    if card.fell.n == 0:
        return None
    line = t(
        "After {hits} of {n} such beginnings difficulty fell by 5 % within 30 days ({range}; "
        "on any day {base} %)",
        n=card.fell.n,
        hits=card.fell.hits,
        range=_range(card.fell, t),
        base=t.number(100 * card.base_rate),
    )
    return named(line, t("too few to tell from chance"), t) if card.by_chance else line


def evidence_card(card: EvidenceCard, t: LocaleTranslator) -> list[str]:
    """The whole card: what followed, how far and when, and what the price did; lines of plain text."""
    line = evidence_line(card, t)
    if line is None:
        return []
    lines = [line]
    if card.further_fall is not None and card.days_to_low is not None:
        lines.append(
            t(
                "Difficulty's low of the next 60 days: {fall} ({worst} to {best}) after {days} days "
                "({few} to {many})",
                fall=t.change(card.further_fall.median),
                worst=t.change(card.further_fall.low),
                best=t.change(card.further_fall.high),
                days=t.number(card.days_to_low.median),
                few=t.number(card.days_to_low.low),
                many=t.number(card.days_to_low.high),
            )
        )
    returns = [_return(each, t) for each in card.returns if each.median is not None]
    if returns:
        lines.append(t("Price after {returns}", returns=semicolons(returns, t)))
    return lines


def _return(after: Return, t: LocaleTranslator) -> str:
    # Translators: the price some days after an alert: how often it was higher, and the median change.
    return t(
        "{days} days: higher {rose} of {n} times, median {change}",
        days=after.days,
        rose=after.rose.hits,
        n=after.rose.n,
        change=t.change(after.median or 0.0),
    )


def _range(share: Share, t: LocaleTranslator) -> str:
    return f"{t.number(100 * share.low)}–{t.number(100 * share.high)}{t.percent}"


def evidence_of(alert: Alert, past: RuleHistory, t: LocaleTranslator) -> str | None:
    """What followed beginnings like an alert's; of a price of the day what followed closes, said so."""
    if alert.after is not None:
        card = past.cards.get(alert.after.value)
        return None if card is None else evidence_line(card, t)
    record = past.rules.get(alert.rule)
    card = past.cards.get(alert.rule if record is None else record.rule.tested_as)
    line = None if card is None else evidence_line(card, t)
    if line is None or record is None or not record.rule.intraday:
        return line
    # Translators: {evidence} is a sentence that counts what followed; it is about daily closing prices.
    return t("Of closes at that level, since touches can't be tested: {evidence}", evidence=line)


def since_frozen(subject: str, past: RuleHistory, t: LocaleTranslator) -> list[str]:
    """The evidence of what began after levels and holds were frozen; none while nothing is old enough."""
    card = past.cards_since.get(subject)
    line = None if card is None else evidence_line(card, t)
    if line is None:
        return []
    # Translators: {day} is when the rules were last changed; {evidence} counts what followed since.
    return [t("Since the rules were frozen on {day}: {evidence}", day=t.day(FROZEN, "yMMMd"), evidence=line)]


def all_since_frozen(past: RuleHistory, t: LocaleTranslator) -> list[str]:
    """What followed each rule and phase that began after the freeze; HTML, none while all is too young."""
    lines = []
    for name, card in past.cards_since.items():
        line = evidence_line(card, t)
        if line is not None:
            lines.append(f"• {named(html(_subject(name, past, t)), html(line), t)}")
    if not lines:
        return []
    # Translators: {day} is when levels and holds of the rules were last changed.
    title = t("What began since the rules were frozen on {day}", day=t.day(FROZEN, "yMMMd"))
    return [f"<b>{title}</b>", *lines]


def scores(summaries: Sequence[ScoreSummary], past: RuleHistory, t: LocaleTranslator) -> list[str]:
    """What came of this program's own alerts, a line each rule and time; HTML, none before the first."""
    if not summaries:
        return []
    lines = [f"<b>{t('What came of my alerts')}</b>"]
    for summary in summaries:
        fell = share(summary.difficulty_fell, summary.n)
        rose = share(summary.price_rose, summary.n)
        any_day = past.any_day.get(summary.days)
        # Translators: {name} is a rule or phase; {fell} and {rose} are such as “2 of 3 (likely share …)”.
        line = t(
            "{name}, {days} days later: difficulty at least 5 % lower in {fell}; price higher in {rose}",
            name=_subject(summary.rule, past, t),
            days=summary.days,
            fell=_counted(fell, None if any_day is None else any_day.fell, t),
            rose=_counted(rose, None if any_day is None else any_day.rose, t),
        )
        lines.append(f"• {html(line)}")
    return lines


def _subject(name: str, past: RuleHistory, t: LocaleTranslator) -> str:
    """A phase, or a rule, as people know it."""
    record = past.rules.get(name)
    if record is not None:
        return record.rule.title(t)
    return t(PHASE_NAMES[Phase(name)]) if name in PHASE_NAMES else name


def _counted(value: Share, base_rate: float | None, t: LocaleTranslator) -> str:
    """“2 of 3 (likely share 17–83 %; after any day 13 %)”."""
    if base_rate is None:
        # Translators: of {n} alerts; {share} is the range in which the true share lies, such as 17–83 %.
        return t("{hits} of {n} (likely share {share})", hits=value.hits, n=value.n, share=_range(value, t))
    return t(
        # Translators: {base} is how often the same came after any day.
        "{hits} of {n} (likely share {share}; after any day {base} %)",
        hits=value.hits,
        n=value.n,
        share=_range(value, t),
        base=t.number(100 * base_rate),
    )
