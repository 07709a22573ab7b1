"""An amount in another unit, as text (Telegram's HTML)."""

from datetime import datetime

from bot.i18n.translator import LocaleTranslator
from bot.mining import formatting
from bot.mining.conversion import Conversion
from bot.mining.parsing.units import Currency, Money
from handlers.html import html
from handlers.views.breakeven import readings

_UNITS = {"": "", "kwh": "/kWh", "mwh": "/MWh"}


def amount_in_unit(result: Conversion, at: datetime, t: LocaleTranslator) -> str:
    """Both amounts, and the rates."""
    request = result.request
    before = _amount(request.money, request.of, t)
    behind = _amount(result.money, request.into, t, in_hundredths=request.in_hundredths)
    equation = f"<b>{html(f'{before} = {behind}')}</b>"
    return f"{equation}\n{readings(result.inputs, at, t)}" if result.inputs else equation


def _amount(money: Money, energy: str, t: LocaleTranslator, *, in_hundredths: bool = False) -> str:
    value, unit = money.amount, _UNITS[energy]
    if money.currency is Currency.BTC:
        return f"{formatting.sats(value, t)}{unit}" + (
            f" ({formatting.number(value, 8, t, fixed=False)} BTC)" if not energy else ""
        )
    if in_hundredths and money.currency is Currency.USD:
        return f"{formatting.plain(100.0 * value, t, 3)} c{unit}"
    digits = 2 if abs(value) >= _SMALL else 5
    return f"{formatting.plain(value, t, digits)} {money.currency}{unit}"


_SMALL = 2.0
"""Amounts from here on need no more than two digits behind the point."""
