"""Destinations outside Telegram as operators read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.delivery.destinations.destination_transport import ROTATION, where
from bot.i18n.message import N_, bracketed, commas, named, semicolons
from bot.i18n.translator import LocaleTranslator
from bot.signals.rules import SUBSCRIPTIONS, Severity
from handlers.html import html, moment
from handlers.views.alerts import FROM
from storage.chats.destinations import DeliveryRecord, Destination, DestinationKind

# Translators: what a destination is.
_KINDS = {DestinationKind.WEBHOOK: N_("webhook"), DestinationKind.SERVICE: N_("service")}


@dataclass(frozen=True, slots=True)
class Listed:
    """A destination with its subscriptions and what became of its messages."""

    destination: Destination
    subscriptions: Mapping[str, int]
    record: DeliveryRecord


def listing(listed: Sequence[Listed], services: Sequence[str], t: LocaleTranslator) -> str:
    """Every destination, and how to add one."""
    lines = [f"<b>{t('Alerts also go to')}</b>"] if listed else [t("Alerts go to Telegram only.")]
    for each in listed:
        lines += _entry(each, t)
    lines.append("")
    lines.append(
        t("To add a webhook: {example}; signals and a severity may follow.", example=_code("/hook https://…"))
    )
    if services:
        examples = ", ".join(_code(f"/hook {name}") for name in services)
        lines.append(t("Services of NOTIFY_SERVICES: {examples}", examples=examples))
    if listed:
        actions = ", ".join(_code(f"/hook {action} 1") for action in ("test", "secret", "rotate", "remove"))
        lines.append(t("With one of them: {examples}", examples=actions))
    return "\n".join(lines)


def _entry(listed: Listed, t: LocaleTranslator) -> list[str]:
    record, destination = listed.record, listed.destination
    heard = named(_name(destination, t), _subscribed(listed.subscriptions, t), t)
    lines = [f"{destination.number}. {heard}"]
    if destination.inactive_reason is not None:
        reason = html(destination.inactive_reason)
        lines.append(f"   ✋ {t('switched off: {why}; add it again to go on', why=reason)}")
    parts = []
    if record.arrived_at is not None:
        parts.append(t("last arrived {moment}", moment=moment(record.arrived_at, t)))
    waiting = record.states.get("pending", 0) + record.states.get("leased", 0)
    if waiting:
        parts.append(t.plural("{n} waits", "{n} wait", waiting))
    if dead := record.states.get("dead", 0):
        parts.append(t.plural("{n} was refused for good", "{n} were refused for good", dead))
    if record.error is not None:
        parts.append(t("the last refusal: {why}", why=html(record.error)))
    lines.append(f"   {semicolons(parts, t) or t('nothing sent yet')}")
    return lines


def _subscribed(subscriptions: Mapping[str, int], t: LocaleTranslator) -> str:
    names = [html(SUBSCRIPTIONS[name].title(t)) for name in subscriptions if name in SUBSCRIPTIONS]
    hears_all = set(subscriptions) >= set(SUBSCRIPTIONS)
    severity = Severity(min(subscriptions.values(), default=0))
    lowest = [t(FROM[severity])] if severity > Severity.INFO else []
    return commas([*([t("every signal")] if hears_all else names), *lowest], t)


def added(destination: Destination, secret: str | None, t: LocaleTranslator) -> str:
    """A destination was added, or its subscription changed."""
    lines = [t("Alerts go to {name} from now on.", name=_name(destination, t))]
    if destination.kind is DestinationKind.WEBHOOK:
        lines.append(secret_of(destination, secret, t))
    lines.append(t("Try it: {example}", example=_code(f"/hook test {destination.number}")))
    return "\n".join(lines)


def secret_of(destination: Destination, secret: str | None, t: LocaleTranslator) -> str:
    """The secret its receiver checks signatures with; None where others would read it."""
    if secret is None:
        example = _code(f"/hook secret {destination.number}")
        return t("Its secret I tell in a private chat named in ADMIN_CHAT_IDS: {example}", example=example)
    hidden = f"<tg-spoiler>{_code(secret)}</tg-spoiler>"
    return t("Its receiver checks the signature with this secret: {secret}", secret=hidden)


def rotated(destination: Destination, secret: str | None, t: LocaleTranslator) -> str:
    """The secret of a webhook was changed."""
    return "\n".join(
        (
            t("{name} has a new secret.", name=_name(destination, t)),
            secret_of(destination, secret, t),
            t("For {span} I sign with the former one too.", span=t.span(ROTATION)),
        )
    )


def removed(destination: Destination, waiting: int, t: LocaleTranslator) -> str:
    """A destination was removed with what waited for it."""
    lines = [t("No alerts go to {name} any more.", name=_name(destination, t))]
    if waiting:
        lines.append(
            t.plural("{n} message that waited is dropped.", "{n} messages that waited are dropped.", waiting)
        )
    return "\n".join(lines)


def refusal(facts: Mapping[str, object], t: LocaleTranslator) -> str:
    """What operators are told when a destination refuses."""
    numbered = f"{t(_KINDS[DestinationKind(str(facts['kind']))])} {html(facts['number'])}"
    name = bracketed(numbered, html(facts["where"]), t)
    lines = [
        f"✋ {t('<b>A destination refuses alerts</b>: {name}: {why}', name=name, why=html(facts['why']))}"
    ]
    if facts["is_gone"]:
        lines.append(t("It gets nothing more. Adding it again with /hook switches it on."))
    elif facts["is_lost"]:
        lines.append(t("This message is lost to it; the next ones are tried."))
    else:
        lines.append(t("I try what waits for it every 10 minutes for a day."))
    return "\n".join(lines)


def _name(destination: Destination, t: LocaleTranslator) -> str:
    return f"{t(_KINDS[destination.kind])} <b>{html(where(destination))}</b>"


def _code(text: str) -> str:
    return f"<code>{html(text)}</code>"
