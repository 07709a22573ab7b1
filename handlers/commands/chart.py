"""/chart: a picture of a series, with buttons for other spans, other series, light and dark."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from telegram import InlineKeyboardMarkup, Update

from bot.backtest.episodes import RuleHistory
from bot.charts.alert_chart import spec_of
from bot.charts.chart_data import ChartSource, Level, NoDataError, take_chart
from bot.charts.job import DrawingError
from bot.charts.profit import ProfitChart
from bot.charts.spec import EXAMPLE, ChartKind, ChartSpec
from bot.i18n.message import N_
from bot.i18n.translator import LocaleTranslator, translator_for
from bot.mining import formatting
from bot.mining.answer import Answer, answer
from bot.mining.economics import Economics
from bot.mining.errors import InvalidQuestion
from bot.mining.parsing.command_request import CommandRequest
from bot.signals.alert import Alert
from bot.signals.rules import Rule
from handlers.context import HandlerContext
from handlers.html import html
from handlers.permissions import address_of
from handlers.preferences import asker_of, load_preferences
from handlers.routing import Permission, Request, button, command
from handlers.views import chart as chart_view
from handlers.views import refusals
from storage.chats import preferences

_MACHINES = ("Antminer S9", "Antminer S19", "Antminer S21")
_FILE = "chart.png"


def button_data(alert: Alert) -> str:
    """The callback data of a button that sends the chart of what an alert is about."""
    return chart_view.data(spec_of(alert))


async def profit_picture(
    context: HandlerContext, update: Update, answered: Answer, t: LocaleTranslator
) -> bytes:
    """A machine's profit against the bitcoin price, light or dark as the chat wants its pictures."""
    chat = address_of(update)
    dark = chat is not None and (await context.store.read(lambda db: preferences.load(db, chat))).dark
    source = ", ".join(dict.fromkeys(used.fact.source for used in answered.inputs))
    return await context.charts.picture(
        ProfitChart(answered.now, source, dark), await picture_language(context, t)
    )


async def picture_language(context: HandlerContext, t: LocaleTranslator) -> LocaleTranslator:
    """The language of the words in a picture: the chat's where this machine has its letters."""
    return t if await context.charts.can_write(t.code) else translator_for("en")


@command("chart", N_("a picture: /chart hashrate 90d"), Permission.ANYONE, in_group_menu=True, is_slow=True)
async def send_chart(request: Request) -> None:
    """Send the picture that the words name."""
    from bot.charts.chart_question import read_chart  # noqa: PLC0415 - as bot.mining.parsing.reader says

    context, t = request.context, request.t
    settings = await load_preferences(request)
    asker = await asker_of(context, request.update, t)
    zones = _zones(context.status().rules)
    try:
        spec = read_chart(request.text, context.catalogue, asker, zones, dark=settings.dark)
    except InvalidQuestion as failure:
        await request.reply_to_asker(refusals.refusal(failure, t))
        return
    shown = f"{spec.kind} {spec.span.word}" if not (spec.machine or spec.zone) else ""
    await context.note_command(request.address, CommandRequest("chart" if shown else "profit", shown))
    chart = await _chart(request, spec)
    if chart is not None:
        await _send(request, *chart)


async def _chart(request: Request, spec: ChartSpec) -> tuple[bytes, str, InlineKeyboardMarkup] | None:
    """The picture with caption and buttons; None when it can't be drawn now, which is said."""
    t = request.t
    try:
        return await _answer(request, spec)
    except NoDataError as error:
        reason = t("There is nothing to draw: {reason}.", reason=html(error.reason(t)))
        await request.reply_to_asker(
            f"{reason}\n{t('For example: {example}', example=f'<code>{EXAMPLE}</code>')}"
        )
    except InvalidQuestion as failure:
        await request.reply_to_asker(refusals.refusal(failure, t))
    except DrawingError as error:
        await request.reply_to_asker(chart_view.not_drawn(error, t))
    return None


async def _answer(request: Request, spec: ChartSpec) -> tuple[bytes, str, InlineKeyboardMarkup]:
    """The picture, its caption and its buttons. Raises NoDataError, InvalidQuestion, DrawingError."""
    context, t = request.context, request.t
    picture_t = await picture_language(context, t)
    source = await chart_source(context, picture_t)
    machine = await _economics(request, spec) if spec.kind is ChartKind.PROFIT else None
    data = take_chart(spec, source, machine, _released(context, machine))
    drawing = await context.charts.drawing(data, picture_t)
    age = formatting.ago(context.clock(), data.newest, t)
    headline = drawing.headline if picture_t.code == t.code else ""  # no second language in the caption
    caption = chart_view.caption(data, headline, age, t)
    return drawing.png, caption, chart_view.keyboard(spec, _zones(source.rules), t)


async def _economics(request: Request, spec: ChartSpec) -> Economics:
    from bot.charts.chart_question import machine_question  # noqa: PLC0415 - as above

    context = request.context
    asker = await asker_of(context, request.update, request.t)
    return answer(machine_question(spec.machine, context.catalogue, asker), context.market()).now


def _released(context: HandlerContext, machine: Economics | None) -> date | None:
    """When a machine came out: before that it earned nothing."""
    model = None if machine is None else machine.machine
    if model not in context.catalogue.models:
        return None
    return min(each.released for each in context.catalogue.bins(model))


async def chart_source(context: HandlerContext, t: LocaleTranslator) -> ChartSource:
    """What charts are taken from now; `t` names the machines' costs."""
    return source_with(context, await context.rule_history(), t)


def source_with(context: HandlerContext, past: RuleHistory | None, t: LocaleTranslator) -> ChartSource:
    """The same with the past as far as it has been worked out."""
    view = context.status()
    return ChartSource(
        context.clock(),
        context.history(),
        view.rules,
        view.standing.rules,
        past,
        context.market(),
        _costs(context, t),
    )


async def _send(request: Request, picture: bytes, caption: str, keyboard: InlineKeyboardMarkup) -> None:
    await request.context.asker_replies.reply_photo(
        request.update, picture, caption, keyboard, filename=_FILE
    )


@button(chart_view.IN_PLACE, chart_view.ANEW, permission=Permission.ANYONE, is_slow=True)
async def chart_button(request: Request) -> None:
    """Change the picture above the button, for who pressed where that can be, or send one."""
    query = request.query
    spec = chart_view.parse_data(request.data)
    if spec is None:
        await request.answer_old_button("/chart")
        return
    await request.answer()
    is_new = (query.data or "").startswith(chart_view.ANEW)
    if is_new:  # such buttons are made for many chats alike
        spec = replace(spec, dark=(await load_preferences(request)).dark)
    chart = await _chart(request, spec)
    if chart is None:
        return
    picture, caption, keyboard = chart
    if is_new:
        await _send(request, picture, caption, keyboard)
        return
    await request.context.asker_replies.step_photo(query, picture, caption, keyboard, filename=_FILE)


def _costs(context: HandlerContext, t: LocaleTranslator) -> Sequence[Level]:
    """What a PH/s of well-known machines costs a day: J/TH × 24 h × USD/kWh."""
    price = context.market().power_price_usd_per_kwh
    costs = []
    for name in _MACHINES:
        try:
            machine = context.catalogue.find(name)
        except InvalidQuestion:
            continue
        label = t(
            "{machine} at {price} c", machine=name.removeprefix("Antminer "), price=t.number(100 * price, 1)
        )
        costs.append(Level(machine.efficiency_j_per_th * 24 * price, label))
    return tuple(costs)


def _zones(rules: Sequence[Rule]) -> list[str]:
    return list(dict.fromkeys(rule.id.rsplit(".", 1)[-1] for rule in rules if rule.signal == "energy_price"))


HANDLERS = (send_chart, chart_button)
