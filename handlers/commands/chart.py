"""/chart: a picture of a series, with buttons for other spans, other series, light and dark."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto, Update
from telegram.constants import ParseMode
from telegram.error import BadRequest

from bot.charts.chart_data import Level, NoDataError, take
from bot.charts.picture_cache import DrawingBusyError
from bot.charts.profit import ProfitChart
from bot.charts.spec import ChartKind, ChartSpec, days_of, kind_of, span_word
from bot.i18n.message import N_, origin
from bot.i18n.translator import LocaleTranslator, translator_for
from bot.mining.answer import Answer
from bot.mining.errors import InvalidQuestion
from bot.signals.rules import Rule
from bot.signals.series import ZONES
from handlers.context import HandlerContext
from handlers.html import html
from handlers.permissions import address_of
from handlers.preferences import load_preferences
from handlers.routing import Permission, Request, button, command
from storage.chats import preferences

SPANS = (30, 90, 365, 4 * 365 + 1, 3653)
NAMES = {
    ChartKind.PRICE: N_("Price"),
    ChartKind.HASHRATE: N_("Hashrate"),
    ChartKind.ENERGY: N_("Energy"),
    ChartKind.OUTFLOW: N_("Outflow"),
    ChartKind.HASHPRICE: N_("Hashprice"),
}
IN_PLACE, ANEW = "c1:", "c2:"
BUSY: Final = N_("Many pictures are being drawn just now. Please ask again in a minute.")
"""Callback data: change the picture above the buttons, or send one under a message of another kind."""

_MACHINES = ("Antminer S9", "Antminer S19", "Antminer S21")


def data(subject: ChartSpec, action: str = ANEW) -> str:
    """The callback data that asks for a picture."""
    return f"{action}{subject.kind}:{subject.days}:{int(subject.dark)}:{subject.zone}"


def of_signal(signal: str, rule: str = "") -> ChartSpec:
    """The picture that shows what a signal is about; an energy rule names its zone."""
    kind = kind_of(signal) or ChartKind.PRICE
    return ChartSpec(kind, zone=rule.rsplit(".", 1)[-1] if kind is ChartKind.ENERGY else "")


async def profit_picture(
    context: HandlerContext, update: Update, answered: Answer, t: LocaleTranslator
) -> bytes:
    """A machine's profit against the bitcoin price, light or dark as the chat wants its pictures."""
    address = address_of(update)
    dark = address is not None and (await context.store.read(lambda db: preferences.load(db, address))).dark
    source = ", ".join(dict.fromkeys(used.fact.source for used in answered.inputs))
    return await context.charts.profit(ProfitChart(answered.now, source, dark), await _written(context, t))


async def _written(context: HandlerContext, t: LocaleTranslator) -> LocaleTranslator:
    """The language of the words in a picture: the chat's where this machine has its letters."""
    return t if await context.charts.can_write(t.code) else translator_for("en")


@command("chart", N_("a picture: /chart hashrate 90d"), Permission.ANYONE, in_group_menu=True, is_slow=True)
async def send_chart(request: Request) -> None:
    """Send the picture that the words name."""
    t, settings = request.t, await load_preferences(request)
    subject = ChartSpec(dark=settings.dark)
    for word in request.arguments:
        read = _read(word, subject)
        if read is None:
            await request.reply(
                t(
                    "I have no chart of “{word}”. There are {kinds}, over 30d to 10y, dark or light; for "
                    "example {example}.",
                    word=html(word[:40]),
                    kinds=", ".join(ChartKind),
                    example="<code>/chart hashrate 90d</code>",
                ),
            )
            return
        subject = read
    chart = await _chart(request, subject)
    if chart is not None:
        await _send(request, *chart)


async def _chart(request: Request, subject: ChartSpec) -> tuple[bytes, str, InlineKeyboardMarkup] | None:
    """The picture with caption and buttons; None when it can't be drawn now, which is said."""
    t = request.t
    try:
        return await _show(request.context, subject, t)
    except NoDataError as error:
        series = html(error.series(t))
        await request.reply(t("There is nothing to draw yet: no {series} is known.", series=series))
    except DrawingBusyError:
        await request.reply(t(BUSY))
    return None


async def _send(request: Request, picture: bytes, caption: str, keyboard: InlineKeyboardMarkup) -> None:
    message = request.update.effective_message
    if message is not None:
        await message.reply_photo(
            picture, caption=caption, parse_mode=ParseMode.HTML, reply_markup=keyboard, filename="chart.png"
        )


def _read(word: str, subject: ChartSpec) -> ChartSpec | None:
    """The subject with one more word of the command understood."""
    word = word.strip(",")
    if (days := days_of(word)) is not None:
        return replace(subject, days=days)
    if (kind := kind_of(word)) is not None:
        return replace(subject, kind=kind)
    zone = next((zone for zone in ZONES if zone.lower() == word.lower().removeprefix("power.")), None)
    if zone is not None:
        return replace(subject, kind=ChartKind.ENERGY, zone=zone)
    if word.lower() in ("dark", "light"):
        return replace(subject, dark=word.lower() == "dark")
    return None


@button(IN_PLACE, ANEW, permission=Permission.ANYONE, is_slow=True)
async def chart_button(request: Request) -> None:
    """Change the picture above the button, or send one."""
    query = request.query
    subject = _parse(request.data)
    if subject is None:
        await request.answer_old_button("/chart")
        return
    await request.answer()
    chart = await _chart(request, subject)
    if chart is None:
        return
    picture, caption, keyboard = chart
    if (query.data or "").startswith(ANEW):
        await _send(request, picture, caption, keyboard)
        return
    media = InputMediaPhoto(picture, caption, ParseMode.HTML, filename="chart.png")
    try:
        await query.edit_message_media(media, reply_markup=keyboard)
    except BadRequest as error:
        if "not modified" not in str(error).lower():  # two quick taps may ask for the same picture
            raise


def _parse(text: str) -> ChartSpec | None:
    try:
        kind, days, dark, zone = text.split(":")
        subject = ChartSpec(ChartKind(kind), days_of(f"{days}d") or 0, zone, dark == "1")
    except ValueError:
        return None
    return subject if subject.days and (not zone or zone in ZONES) else None


async def _show(
    context: HandlerContext, subject: ChartSpec, t: LocaleTranslator
) -> tuple[bytes, str, InlineKeyboardMarkup]:
    """The picture, its caption and its buttons. Raises NoDataError."""
    rules = context.status().rules
    zones = _zones(rules)
    if subject.kind is ChartKind.ENERGY and not subject.zone:
        subject = replace(subject, zone=zones[0] if zones else "DE-LU")
    if subject.kind is not ChartKind.ENERGY:
        subject = replace(subject, zone="")
    levels = await _costs(context, t) if subject.kind is ChartKind.HASHPRICE else ()
    frame = take(subject, context.history(), rules, levels)
    picture = await context.charts.picture(frame, await _written(context, t))
    name = t(NAMES[subject.kind]) + (f" {subject.zone}" if subject.zone else "")
    age = t.span(context.clock() - frame.newest)
    caption = f"<b>{html(name)}</b> · {span_word(subject.days)}\n" + t(
        "Newest figure: {source}, {age} old.", source=html(origin(frame.source, t)), age=age
    )
    return picture, caption, _keyboard(subject, zones, t)


async def _costs(context: HandlerContext, t: LocaleTranslator) -> Sequence[Level]:
    """What a PH/s of well-known machines costs a day: J/TH × 24 h × USD/kWh."""
    price = context.market().power_price_usd_per_kwh
    found = []
    for name in _MACHINES:
        try:
            machine = context.catalogue.find(name)
        except InvalidQuestion:
            continue
        label = t(
            "{machine} at {price} c", machine=name.removeprefix("Antminer "), price=t.number(100 * price, 1)
        )
        found.append(Level(machine.efficiency_j_per_th * 24 * price, label))
    return tuple(found)


def _zones(rules: Sequence[Rule]) -> list[str]:
    return list(dict.fromkeys(rule.id.rsplit(".", 1)[-1] for rule in rules if rule.signal == "energy_price"))


def _keyboard(subject: ChartSpec, zones: Sequence[str], t: LocaleTranslator) -> InlineKeyboardMarkup:
    def button(label: str, other: ChartSpec) -> InlineKeyboardButton:
        chosen = f"• {label} •" if other == subject else label
        return InlineKeyboardButton(chosen, callback_data=data(other, IN_PLACE))

    spans = [button(span_word(days), replace(subject, days=days)) for days in SPANS]
    kinds = [
        button(t(name), replace(subject, kind=kind, zone=subject.zone if kind is ChartKind.ENERGY else ""))
        for kind, name in NAMES.items()
    ]
    places = [
        button(zone, replace(subject, zone=zone))
        for zone in zones
        if subject.kind is ChartKind.ENERGY and len(zones) > 1
    ]
    other = replace(subject, dark=not subject.dark)
    theme = InlineKeyboardButton(
        t("Light") if subject.dark else t("Dark"), callback_data=data(other, IN_PLACE)
    )
    rows = [spans, kinds[:3], [*kinds[3:], theme], places[:4], places[4:8]]
    return InlineKeyboardMarkup([row for row in rows if row])


HANDLERS = (send_chart, chart_button)
