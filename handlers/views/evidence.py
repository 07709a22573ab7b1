"""Evidence cards and scores as people read them: counts with their interval, never adjectives."""

from collections.abc import Sequence

from bot.backtest.evidence import EvidenceCard, Return
from bot.backtest.statistics import Share
from bot.i18n.translator import LocaleTranslator
from bot.signals.labels import PHASE_NAMES
from bot.signals.phase import Phase
from handlers.html import html
from storage.signals.alert_scores import ScoreSummary


def evidence_line(card: EvidenceCard, t: LocaleTranslator) -> str | None:
    """How often difficulty fell by 5 % within 30 days of such a beginning, in a sentence."""
    if card.fell.n == 0:
        return None
    line = t(
        "Of {n} such beginnings {hits} were followed by a fall of difficulty of 5 % within 30 days ({range}; "
        "on any day {base} %)",
        n=card.fell.n,
        hits=card.fell.hits,
        range=_range(card.fell, t),
        base=t.number(100 * card.base_rate),
    )
    return f"{line}: {t('too few to tell from chance')}" if card.by_chance else line


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
        lines.append(t("Price after {returns}", returns="; ".join(returns)))
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
    return f"{t.number(100 * share.low)}–{t.number(100 * share.high)} %"


def scores(summaries: Sequence[ScoreSummary], t: LocaleTranslator) -> list[str]:
    """What came of this program's own alerts; lines of HTML, none while nothing is old enough."""
    if not summaries:
        return []
    lines = [f"<b>{t('What came of my alerts')}</b>"]
    names = {phase.value: name for phase, name in PHASE_NAMES.items()}
    for summary in summaries:
        name = t(names[Phase(summary.rule)]) if summary.rule in names else summary.rule
        # Translators: {name} is a rule or phase; counts of its alerts.
        line = t(
            "{name}, {days} days later: of {n} difficulty fell by 5 % after {fell}, the price was higher "
            "after {rose}",
            name=name,
            days=summary.days,
            n=summary.n,
            fell=summary.difficulty_fell,
            rose=summary.price_rose,
        )
        lines.append(f"• {html(line)}")
    return lines
