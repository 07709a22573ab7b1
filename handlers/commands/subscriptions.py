"""/subscribe and /unsubscribe: which signals a chat gets, from which severity on; by words or buttons."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import KeyboardButtonStyle

from bot.i18n.message import N_
from bot.i18n.translator import LocaleTranslator
from bot.signals.rules import BY_WORD, SUBSCRIPTIONS, Severity
from handlers.html import html
from handlers.preferences import former_subscriptions, remember_chat
from handlers.routing import Permission, Request, button, command
from handlers.views import alerts
from storage.chats import chats
from storage.database import Database

_UNDO = "s3:"
"""Callback data of what was given up: this, and the severity of each signal in order, “-” for none."""
_SEVERITIES = {severity.word: severity for severity in Severity}
_ONLY, _EXCEPT = "only", "except"
"""What may stand before the names behind /subscribe: these and no others, or all but these."""


def keyboard(subscribed: Mapping[str, int], t: LocaleTranslator) -> InlineKeyboardMarkup:
    """A button a signal that takes or gives it up, beside it its minimum severity, and one for all."""
    rows = []
    for signal in SUBSCRIPTIONS:
        name = SUBSCRIPTIONS[signal].title(t)
        if signal in subscribed:
            severity = Severity(subscribed[signal])
            rows.append(
                [
                    InlineKeyboardButton(f"✓ {name}", callback_data=f"s1:{signal}"),
                    InlineKeyboardButton(t(alerts.FROM[severity]), callback_data=f"s2:{signal}"),
                ]
            )
        else:
            rows.append([InlineKeyboardButton(name, callback_data=f"s1:{signal}")])
    has_all = all(signal in subscribed for signal in SUBSCRIPTIONS)
    last = InlineKeyboardButton(
        t("Stop everything") if has_all else t("Everything"),
        callback_data="s1:all",
        style=KeyboardButtonStyle.DANGER if has_all else KeyboardButtonStyle.SUCCESS,
    )
    return InlineKeyboardMarkup([*rows, [last]])


def parse(arguments: Sequence[str]) -> tuple[list[str], Severity | None]:
    """The names of signals and the severity among the words of a command."""
    words = [word.strip(",").lower().replace("-", "_") for word in arguments]
    words = [BY_WORD.get(word, word) for word in words]
    severity = next((_SEVERITIES[word] for word in words if word in _SEVERITIES), None)
    return [word for word in words if word not in _SEVERITIES], severity


def _choice(names: Sequence[str]) -> tuple[str, list[str]]:
    """“only” or “except” where the first of some names is that, and the other names."""
    word = names[0] if names and names[0] in (_ONLY, _EXCEPT) else ""
    return word, [name for name in names if name != word]


USUAL = {signal.name: signal.default for signal in SUBSCRIPTIONS.values() if signal.default is not None}
"""What /subscribe without a name takes: each of these signals from this severity on."""


async def refuse_unknown(request: Request, names: Sequence[str], command: str) -> bool:
    """Reply when a name is no signal's, with an example of the command; True when there was one."""
    unknown = [name for name in names if name not in (*SUBSCRIPTIONS, "all")]
    if not unknown:
        return False
    text = request.t(
        "I know no signal “{name}”. There are {names}; for example <code>{example}</code>.",
        name=html(unknown[0][:40]),
        names=", ".join(SUBSCRIPTIONS),
        example=f"{command} price_drawdown",
    )
    await request.reply_to_asker(text)
    return True


async def _change_by_words(request: Request, verb: str) -> None:
    t = request.t
    names, severity = parse(request.arguments)
    choice, names = _choice(names) if verb == "subscribe" else ("", names)
    if await refuse_unknown(request, names, f"/{verb}"):
        return
    signals = tuple(SUBSCRIPTIONS) if not names or "all" in names else tuple(names)
    if verb == "unsubscribe" or (choice and names):
        others = tuple(signal for signal in SUBSCRIPTIONS if signal not in signals)
        kept = {_ONLY: signals, _EXCEPT: others}.get(choice, ())
        removed = others if choice == _ONLY else signals
        before = await request.context.store.read(lambda db: chats.subscriptions(db, request.address))
        subscribed = await change_subscriptions(
            request, added=kept, removed=removed, severity=severity if kept else None, usual=USUAL
        )
        given_up = {signal: severity for signal, severity in before.items() if signal not in subscribed}
        buttons = keyboard(subscribed, t)
        await request.reply(alerts.subscriptions(subscribed, t), _with_undo(buttons, given_up, t))
        return
    if names or severity is not None:
        subscribed = await change_subscriptions(request, added=signals, severity=severity)
    else:
        subscribed = await change_subscriptions(request, added=tuple(USUAL), usual=USUAL)
    await request.reply(alerts.subscriptions(subscribed, t), keyboard(subscribed, t))


def _with_undo(
    buttons: InlineKeyboardMarkup, given_up: Mapping[str, int], t: LocaleTranslator
) -> InlineKeyboardMarkup:
    """The buttons under one that takes back what was given up, each signal from the same severity on."""
    if not given_up:
        return buttons
    taken = "".join(str(given_up.get(signal, "-")) for signal in SUBSCRIPTIONS)
    undo = InlineKeyboardButton(f"↩ {t('Undo')}", callback_data=f"{_UNDO}{taken}")
    return InlineKeyboardMarkup([[undo], *buttons.inline_keyboard])


@button(_UNDO, permission=Permission.ADMIN)
async def undo_button(request: Request) -> None:
    """Subscribe again to what was just given up; a signal taken in between stays as it is."""
    t = request.t
    if len(request.data) != len(SUBSCRIPTIONS):
        await request.answer_old_button("/subscribe")
        return
    for severity in Severity:
        signals = tuple(
            signal
            for signal, taken in zip(SUBSCRIPTIONS, request.data, strict=True)
            if taken == str(severity.value)
        )
        await change_subscriptions(request, added=signals, usual=dict.fromkeys(signals, severity))
    subscribed = await request.context.store.read(lambda db: chats.subscriptions(db, request.address))
    await request.answer(t("Subscribed"))
    await request.edit(alerts.subscriptions(subscribed, t), keyboard(subscribed, t))


@command("subscribe", N_("subscribe to a signal, or to all: /subscribe price_drawdown"), Permission.ADMIN)
async def subscribe(request: Request) -> None:
    """Subscribe to the signals named, or to all."""
    await _change_by_words(request, "subscribe")


@command("unsubscribe", N_("unsubscribe from a signal, or from all"), Permission.ADMIN, aliases=("stop",))
async def unsubscribe(request: Request) -> None:
    """Unsubscribe from the signals named, or from all."""
    await _change_by_words(request, "unsubscribe")


@button("s1:", permission=Permission.ADMIN)
async def subscribe_button(request: Request) -> None:
    """Take a signal or give it up, or all of them."""
    t, name = request.t, request.data
    if name != "all" and name not in SUBSCRIPTIONS:
        await request.answer_old_button("/subscribe")
        return
    before = await request.context.store.read(lambda db: chats.subscriptions(db, request.address))
    signals = tuple(SUBSCRIPTIONS) if name == "all" else (name,)
    gives_up = all(signal in before for signal in signals)
    added, removed = ((), signals) if gives_up else (signals, ())
    subscribed = await change_subscriptions(request, added=added, removed=removed)
    await request.answer(t("Unsubscribed") if gives_up else t("Subscribed"))
    await request.edit(alerts.subscriptions(subscribed, t), keyboard(subscribed, t))


@button("s2:", permission=Permission.ADMIN)
async def severity_button(request: Request) -> None:
    """From warning → critical only → all → from warning."""
    t, signal = request.t, request.data
    before = await request.context.store.read(lambda db: chats.subscriptions(db, request.address))
    if signal not in before:
        await request.answer_old_button("/subscribe")
        return
    severity = Severity((before[signal] + 1) % len(Severity))
    subscribed = await change_subscriptions(request, added=(signal,), severity=severity)
    await request.answer(t(alerts.FROM[severity]))
    await request.edit(alerts.subscriptions(subscribed, t), keyboard(subscribed, t))


async def change_subscriptions(
    request: Request,
    *,
    added: tuple[str, ...] = (),
    removed: tuple[str, ...] = (),
    severity: Severity | None = None,
    usual: Mapping[str, Severity] = MappingProxyType({}),
) -> dict[str, int]:
    """Change what the chat hears of.

    Without a severity existing subscriptions keep their own, and new ones take theirs from `usual`.

    Returns the minimum severity by signal, as it is then.
    """

    def work(db: Database) -> tuple[dict[str, int], dict[str, int]]:
        remember_chat(db, request)
        before = chats.subscriptions(db, request.address)
        new = added if severity is not None else tuple(name for name in added if name not in before)
        for name in new:
            lowest = usual.get(name, Severity.WARNING) if severity is None else severity
            chats.subscribe(db, request.address, (name,), lowest)
        chats.unsubscribe(db, request.address, removed)
        return before, chats.subscriptions(db, request.address)

    before, after = await request.context.store.write(work)
    if before != after:
        await request.context.note_former(request.address, former_subscriptions(before))
    return after


async def restore_subscriptions(request: Request, former: Mapping[str, int]) -> dict[str, int]:
    """Subscribe the chat to these signals, each from this severity on, and to no others."""

    def work(db: Database) -> dict[str, int]:
        remember_chat(db, request)
        before = chats.subscriptions(db, request.address)
        chats.unsubscribe(db, request.address, before.keys() - former.keys())
        for signal, severity in former.items():
            chats.subscribe(db, request.address, (signal,), severity)
        return before

    before = await request.context.store.write(work)
    await request.context.note_former(request.address, former_subscriptions(before))
    return dict(former)


HANDLERS = (subscribe, unsubscribe, subscribe_button, severity_button, undo_button)
