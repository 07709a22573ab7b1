"""/share: a picture to pass on, of the phase, of the chat's fleet or of a break-even, with the bot's link."""

from dataclasses import replace

from bot.charts.job import DrawingError
from bot.charts.share_card import ShareCard, breakeven_card, fleet_card, phase_card
from bot.i18n.message import N_
from bot.i18n.translator import LocaleTranslator, closed_day
from bot.mining.answer import answer
from bot.mining.errors import InvalidQuestion
from bot.mining.fleet_report import fleet_report
from bot.mining.parsing.reader import understand
from bot.mining.question import Question
from handlers.commands.breakeven import refuse
from handlers.commands.chart import picture_language
from handlers.html import html
from handlers.preferences import asker_of, load_preferences
from handlers.routing import Permission, Request, command
from handlers.views import chart as chart_view
from storage.chats import fleets

_EXAMPLE = "/share s19 7c"


@command(
    "share",
    N_("a picture to pass on: /share, /share fleet, /share s19 7c"),
    Permission.ANYONE,
    is_slow=True,
)
async def share(request: Request) -> None:
    """Send the card that the words name: the phase without any, the fleet, or a machine's break-even."""
    context, t = request.context, request.t
    message = request.update.effective_message
    if message is None:
        return
    link = f"t.me/{message.get_bot().username}"
    dark = (await load_preferences(request)).dark
    try:
        card = await _card(request, link, await picture_language(context, t))
        picture = await context.charts.picture(replace(card, dark=dark), await picture_language(context, t))
    except InvalidQuestion as failure:
        await refuse(context, request.update, failure, t)
        return
    except DrawingError as error:
        await request.reply(chart_view.not_drawn(error, t))
        return
    caption = f"<b>{html(card.headline)}</b>\n{html(card.subtitle)}\n{link}"
    await context.asker_replies.reply_photo(request.update, picture, caption, filename="minerwatch.png")


async def _card(request: Request, link: str, t: LocaleTranslator) -> ShareCard:
    """The card in the language of pictures. Raises InvalidQuestion."""
    context, words = request.context, request.text
    market = context.market()
    if not words or words.lower() == "phase":
        view = context.status()
        phase = view.standing.phase
        since = None if phase.since is None else closed_day(phase.since) or phase.since.date()
        stress = None if view.stress is None else view.stress.value
        return phase_card(phase.phase, since, market, stress, link, t)
    if words.lower() == "fleet":
        fleet = await context.store.read(lambda db: fleets.load(db, request.address))
        report = fleet_report(fleet, market)
        return fleet_card(
            sum(batch.kind.count for batch in report.kinds),
            report.hashrate_ths,
            report.power_w,
            report.profit_usd_per_day,
            report.breakeven_btc_price_usd,
            report.at,
            link,
            t,
        )
    asker = await asker_of(context, request.update, request.t)
    question = understand(words, context.catalogue, asker, strict=True)
    if not isinstance(question, Question):
        raise InvalidQuestion(
            lambda t: t("I can share the phase, your fleet, or what one machine makes."), _EXAMPLE
        )
    answered = answer(question, market, asker.currency)
    return breakeven_card(answered.now, answered.at, link, t)


HANDLERS = (share,)
