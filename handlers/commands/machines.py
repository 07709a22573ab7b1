"""/machines: what the catalogue holds."""

from collections.abc import Sequence
from math import inf

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.i18n.message import N_, left
from bot.i18n.translator import LocaleTranslator
from bot.mining.errors import InvalidQuestion
from bot.mining.machine_names import short_name
from bot.mining.machines import Catalogue, Machine, OwnMachine
from bot.mining.parsing.own_machine_parser import MOST, parse_own_machine
from bot.mining.parsing.tokens import normalize
from handlers.commands.breakeven import refuse
from handlers.html import html
from handlers.permissions import may_change
from handlers.preferences import remember_chat
from handlers.replies import reply
from handlers.routing import ONLY_ADMINS, Permission, Request, command
from handlers.views import breakeven
from storage.chats import own_machines
from storage.database import Database

_MOST_ROWS = 40
_MOST_BUTTONS = 6
_MOST_EFFICIENT = 15


@command("machines", N_("the catalogue: /machines s19"), Permission.ANYONE, in_group_menu=True)
async def machines_command(request: Request) -> None:
    """Search the catalogue, or say what it holds."""
    context, update, t = request.context, request.update, request.t
    text = " ".join(request.arguments)[:60]
    catalogue = context.catalogue
    if request.arguments and request.arguments[0].lower() in ("add", "remove"):
        await _change_own(request, request.arguments[0].lower(), " ".join(request.arguments[1:]))
        return
    if not text:
        named = await context.store.read(lambda db: own_machines.load(db, request.address))
        await reply(update, "\n".join((overview(catalogue, t), *own_listing(named, t))))
        return
    if text.lower() == "best":
        await reply(update, most_efficient(catalogue, t))
        return
    if (limits := _limits(request.arguments)) is not None:
        found = _within(catalogue, *limits)
        await reply(update, by_efficiency(found, *limits, t), _buttons(tuple(each.model for each in found)))
        return
    models = catalogue.search(text)
    if not models:
        failure = catalogue.unknown(text)
        failure_here = InvalidQuestion(failure.says, "/machines s19", failure.choices)
        await refuse(context, update, failure_here, t)
        return
    await reply(update, listing(catalogue, models, t), _buttons(models))


def _limits(words: Sequence[str]) -> tuple[float, float] | None:
    """The least and the most J/TH in “under 16”, “over 30”, “between 15 18”; None in any other words."""
    numbers = _numbers(words[1:])
    match words[0].lower(), numbers:
        case ("under", [most]):
            return 0.0, most
        case ("over", [least]):
            return least, inf
        case ("between", [one, other]):
            return min(one, other), max(one, other)
    return None


def _numbers(words: Sequence[str]) -> list[float]:
    try:
        return [float(word.replace(",", ".")) for word in words if word.lower() != "j/th"]
    except ValueError:
        return []


def _within(catalogue: Catalogue, least: float, most: float) -> list[Machine]:
    """The best bin of each model whose J/TH lie between two limits, the most efficient first."""
    best = [
        min(catalogue.bins(model), key=lambda each: each.efficiency_j_per_th) for model in catalogue.models
    ]
    found = [each for each in best if least <= each.efficiency_j_per_th <= most]
    return sorted(found, key=lambda each: each.efficiency_j_per_th)


async def _change_own(request: Request, verb: str, text: str) -> None:
    """Add or remove a machine that the chat names itself."""
    context, t = request.context, request.t
    if not await may_change(request.update):
        await request.refuse(t(ONLY_ADMINS))
        return
    address = request.address
    try:
        if verb == "remove":
            name = normalize(text).strip()
            if not await context.store.write(lambda db: own_machines.remove(db, address, name)):
                raise InvalidQuestion(
                    lambda t: t("You have no machine “{name}”.", name=name[:30]), "/machines"
                )
            await request.reply(t("Deleted"))
            return
        machine = parse_own_machine(text)
        known = await context.store.read(lambda db: own_machines.load(db, address))
        if len(known) >= MOST and machine.name not in {each.name for each in known}:
            raise InvalidQuestion(
                lambda t: t("I keep at most {most} machines of your own.", most=MOST),
                "/machines remove my s19",
            )

        def save(db: Database) -> None:
            remember_chat(db, request)
            own_machines.save(db, address, machine)

        await context.store.write(save)
        example = f"<code>/breakeven {html(machine.name)} 7c</code>"
        # Translators: {machine} is a name and its figures, {example} what to type.
        await request.reply(
            t(
                "Saved: {machine}. Ask with its name: {example}",
                machine=html(_own(machine, t)),
                example=example,
            )
        )
    except InvalidQuestion as failure:
        await refuse(context, request.update, failure, t)


def _own(machine: OwnMachine, t: LocaleTranslator) -> str:
    hashrate, power = t.number(machine.hashrate_ths, 2), t.number(machine.power_w, 0)
    return f"{machine.name} · {hashrate} TH/s · {power} W"


def own_listing(machines: Sequence[OwnMachine], t: LocaleTranslator) -> list[str]:
    """The machines a chat has named itself; nothing without any."""
    if not machines:
        return []
    return [f"<b>{t('Your own')}</b>", *(f"• {html(_own(machine, t))}" for machine in machines)]


def overview(catalogue: Catalogue, t: LocaleTranslator) -> str:
    """How many models of each maker are held, and how to see them."""
    makers: dict[str, int] = {}
    for model in catalogue.models:
        maker = catalogue.bins(model)[0].maker
        makers[maker] = makers.get(maker, 0) + 1
    lines = [
        f"{maker:<12} {count:>3}"
        for maker, count in sorted(makers.items(), key=lambda item: (-item[1], item[0]))
    ]
    count_line = t.plural(
        "I know <b>{n} model</b> of SHA-256 machines, 2016 to 2026:",
        "I know <b>{n} models</b> of SHA-256 machines, 2016 to 2026:",
        len(catalogue.models),
    )
    # Translators: {search} and {example} are what to type.
    hint = t(
        "Search with {search}. For another machine give its figures: {example}",
        search="<code>/machines s19</code>",
        example="<code>/breakeven 270TH 3645W 0.06</code>",
    )
    return f"{count_line}\n<pre>{html(chr(10).join(lines))}</pre>\n{hint}"


def listing(catalogue: Catalogue, models: tuple[str, ...], t: LocaleTranslator) -> str:
    """Every bin of some models: TH/s, W, J/TH, release."""
    bins = [
        machine for model in models for machine in sorted(catalogue.bins(model), key=lambda m: m.hashrate_ths)
    ]
    text = _table(bins[:_MOST_ROWS], t)
    left_out = len(bins) - _MOST_ROWS
    if left_out <= 0:
        return text
    return f"{text}\n{t('… and {count} more; search more narrowly.', count=left_out)}"


def most_efficient(catalogue: Catalogue, t: LocaleTranslator) -> str:
    """The models that take least power for their hashrate, each with its best bin."""
    best = [
        min(catalogue.bins(model), key=lambda each: each.efficiency_j_per_th) for model in catalogue.models
    ]
    best.sort(key=lambda each: each.efficiency_j_per_th)
    head = t("The most efficient machines; for what one earns: /breakeven")
    return f"{head}\n{_table(best[:_MOST_EFFICIENT], t)}"


def by_efficiency(found: Sequence[Machine], least: float, most: float, t: LocaleTranslator) -> str:
    """The machines between two limits in J/TH, each model with its best bin."""
    low, high = t.number(least, 1), t.number(most, 1) if most < inf else ""
    limit = f"{low}–{high} J/TH" if least and high else f"≤ {high} J/TH" if high else f"≥ {low} J/TH"
    if not found:
        # Translators: {limit} is “≤ 16 J/TH”, “≥ 30 J/TH” or “15–18 J/TH”.
        return t("I know no machine of {limit}.", limit=html(limit))
    head = t.plural(
        "{n} model of {limit}, in its best version:",
        "{n} models of {limit}, each in its best version:",
        len(found),
        limit=html(limit),
    )
    text = f"{head}\n{_table(found[:_MOST_ROWS], t)}"
    left_out = len(found) - _MOST_ROWS
    return (
        text if left_out <= 0 else f"{text}\n{t('… and {count} more; search more narrowly.', count=left_out)}"
    )


def _table(bins: Sequence[Machine], t: LocaleTranslator) -> str:
    rows = [
        f"{_row_name(machine.model)[:14]:<14} {t.number(machine.hashrate_ths, 2):>5} "
        f"{machine.power_w:>4.0f} {t.number(machine.efficiency_j_per_th, 1, fixed=True):>5} "
        f"{machine.release[:4]}"
        for machine in bins
    ]
    # Translators: /machines table, up to 12 letters (Chinese: 6): the machine's model.
    model = left(t("model"), 14)
    # Translators: /machines table, up to 6 letters (Chinese: 3): the year of the machine's release.
    year = t("year")
    head = f"{model} {'TH/s':>5} {'W':>4} {'J/TH':>5} {year}"
    return f"<pre>{html(chr(10).join([head, *rows]))}</pre>"


def _row_name(model: str) -> str:
    """A model's name without its maker's, for a narrow table."""
    name = short_name(model)
    for maker in ("SEALMINER ", "AvalonMiner ", "Bitaxe ", "Avalon "):
        name = name.removeprefix(maker)
    return name


def _buttons(models: tuple[str, ...]) -> InlineKeyboardMarkup:
    buttons = [
        InlineKeyboardButton(short_name(model), callback_data=f"{breakeven.ASK}{short_name(model)}")
        for model in models[:_MOST_BUTTONS]
    ]
    return InlineKeyboardMarkup([buttons[start : start + 3] for start in range(0, len(buttons), 3)])


HANDLERS = (machines_command,)
