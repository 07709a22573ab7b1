"""An alert as plain text: a title of one line, and the lines that explain it."""

from bot.i18n.message import named, origin, semicolons, sentence
from bot.i18n.translator import LocaleTranslator
from bot.signals.alert import Alert, AlertKind
from bot.signals.headlines import headline
from bot.signals.labels import PHASE_MEANINGS, SEVERITY_NAMES, phase_change
from bot.signals.phase import Phase
from bot.signals.quantities import level, quantity
from bot.signals.rules import SUBSCRIPTIONS


def title(alert: Alert, t: LocaleTranslator) -> str:
    """What happened, in a line."""
    if alert.kind is AlertKind.PHASE:
        return phase_change(alert.before, alert.after, t)
    if alert.kind is AlertKind.NO_DATA:
        return t("No fresh data: {signal}", signal=SUBSCRIPTIONS[alert.signal].title(t))
    # Translators: {headline} is what happened, in a sentence, {severity} is “warning” or “critical”.
    return t(
        "{headline} ({severity})", headline=headline(alert, t), severity=t(SEVERITY_NAMES[alert.severity])
    )


def lines(alert: Alert, t: LocaleTranslator) -> list[str]:
    """Value, threshold, since when, why, source: moments instead of ages, since a feed is read later."""
    if alert.kind is AlertKind.PHASE:
        names = [leg for leg in alert.evidence if leg.firing]
        return [
            t(PHASE_MEANINGS[alert.after or Phase.UNKNOWN]),
            *(
                named(SUBSCRIPTIONS[leg.signal].title(t), semicolons([leg.title(t), leg.detail(t)], t), t)
                for leg in names
            ),
        ]
    parts = []
    if alert.value is not None:
        parts.append(
            t(
                "{value} (threshold {threshold})",
                value=quantity(alert.value, alert.quantity, t),
                threshold=level(alert.threshold, alert.quantity, t),
            )
        )
    if alert.began is not None:
        parts.append(t("Since {moment}", moment=t.day_or_moment(alert.began)))
    parts.append(alert.detail(t))
    if alert.as_of is not None:
        # Translators: {source} is who a figure comes from, {moment} what moment it describes.
        parts.append(
            t(
                "Source: {source}, as of {moment}",
                source=origin(alert.source, t),
                moment=t.day_or_moment(alert.as_of),
            )
        )
    return [sentence(line) for line in parts if line]
