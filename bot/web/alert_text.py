"""An alert in plain words: a title of one line, and what stands behind it."""

from bot.i18n.message import origin
from bot.i18n.translator import LocaleTranslator
from bot.signals.alert import Alert, AlertKind
from bot.signals.headlines import headline
from bot.signals.labels import PHASE_MEANINGS, PHASE_NAMES, SEVERITY_NAMES
from bot.signals.phase import Phase
from bot.signals.quantities import level, quantity
from bot.signals.rules import SUBSCRIPTIONS


def title(told: Alert, t: LocaleTranslator) -> str:
    """What happened, in a line."""
    if told.kind is AlertKind.PHASE:
        before, after = told.before or Phase.UNKNOWN, told.after or Phase.UNKNOWN
        return t("phase {before} → {after}", before=t(PHASE_NAMES[before]), after=t(PHASE_NAMES[after]))
    if told.kind is AlertKind.NO_DATA:
        return t("No fresh data: {signal}", signal=SUBSCRIPTIONS[told.signal].title(t))
    # Translators: {headline} is what happened, in a sentence, {severity} is “warning” or “critical”.
    return t("{headline} ({severity})", headline=headline(told, t), severity=t(SEVERITY_NAMES[told.severity]))


def lines(told: Alert, t: LocaleTranslator) -> list[str]:
    """Value, threshold, since when, why, source: moments instead of ages, since a feed is read later."""
    if told.kind is AlertKind.PHASE:
        names = [leg for leg in told.evidence if leg.firing]
        return [
            t(PHASE_MEANINGS[told.after or Phase.UNKNOWN]),
            *(f"{SUBSCRIPTIONS[leg.signal].title(t)}: {leg.title(t)}; {leg.detail(t)}" for leg in names),
        ]
    said = []
    if told.value is not None:
        said.append(
            t(
                "{value} (threshold {threshold})",
                value=quantity(told.value, told.quantity, t),
                threshold=level(told.threshold, told.quantity, t),
            )
        )
    if told.began is not None:
        said.append(t("Since {moment}", moment=t.utc(told.began)))
    said.append(told.detail(t))
    if told.as_of is not None:
        # Translators: {source} is who a figure comes from, {moment} what moment it describes.
        said.append(
            t("Source: {source}, as of {moment}", source=origin(told.source, t), moment=t.utc(told.as_of))
        )
    return [line for line in said if line]
