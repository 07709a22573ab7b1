"""/currency: the currency of amounts."""

from dataclasses import replace
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.i18n.message import N_
from bot.i18n.translator import LocaleTranslator
from bot.mining.answer import rate_usd
from bot.mining.errors import InvalidQuestion
from bot.mining.market import Market
from bot.mining.parsing.reader import currency_of
from bot.mining.parsing.units import Currency
from handlers.commands.breakeven import refuse
from handlers.preferences import load_preferences, update_preferences
from handlers.routing import Permission, Request, button, command

_SET = "cu1:"
_OFFERED: Final = (Currency.USD, Currency.EUR, Currency.GBP, Currency.CHF, Currency.CNY)


@command("currency", N_("the currency of amounts: /currency EUR"), Permission.ANYONE_TO_READ)
async def currency_command(request: Request) -> None:
    """Show or choose the currency amounts are shown in."""
    t, market = request.t, request.context.market()
    if not request.arguments:
        currency = Currency((await load_preferences(request)).currency or Currency.USD.value)
        # Translators: {currency} is a code such as EUR, {example} what to type.
        text = t(
            "Amounts are in {currency}. Another: {example}",
            currency=currency.value,
            example="<code>/currency EUR</code>",
        )
        await request.reply_to_asker(text, _keyboard(currency, market))
        return
    try:
        currency = _currency(request.text)
        rate_usd(currency, market, [])
    except InvalidQuestion as failure:
        await refuse(request.context, request.update, failure, t)
        return
    await _keep(request, currency)
    await request.reply(said(currency, t), _keyboard(currency, market))


@button(_SET, permission=Permission.ADMIN)
async def currency_button(request: Request) -> None:
    """Choose the currency of the button; the others stay."""
    currency = next((each for each in _OFFERED if each.value == request.data), None)
    if currency is None or not _has_rate(currency, request.context.market()):
        await request.answer_old_button("/currency")
        return
    await _keep(request, currency)
    await request.answer(request.t("Done"))
    await request.edit(said(currency, request.t), _keyboard(currency, request.context.market()))


def _currency(name: str) -> Currency:
    code = currency_of(name)
    if code is None:
        raise InvalidQuestion(
            lambda t: t("I don't know the currency “{name}”.", name=name[:20]), "/currency EUR"
        )
    return code


async def _keep(request: Request, currency: Currency) -> None:
    stored = None if currency is Currency.USD else currency.value
    await update_preferences(request, lambda before: replace(before, currency=stored))


def said(currency: Currency, t: LocaleTranslator) -> str:
    """In what amounts are shown."""
    # Translators: {currency} is a code such as EUR.
    return t("Amounts are shown in {currency} from now on.", currency=currency.value)


def _keyboard(now: Currency, market: Market) -> InlineKeyboardMarkup:
    """The usual currencies that have a rate, with the chosen one marked: the way back is among them."""
    offered = [each for each in _OFFERED if _has_rate(each, market)]
    return InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton(
                    f"✓ {each.value}" if each is now else each.value, callback_data=f"{_SET}{each.value}"
                )
                for each in offered
            ]
        ]
    )


def _has_rate(currency: Currency, market: Market) -> bool:
    return currency is Currency.USD or market.rate(currency) is not None


HANDLERS = (currency_command, currency_button)
