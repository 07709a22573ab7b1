"""Figures in words: how amounts, shares and ages are written, in chat and on the command line.

Every function ends with the language that is spoken (`t`).
"""

from datetime import datetime, timedelta
from typing import Final

from bot.i18n.message import Translator, left, width
from bot.mining.answer import USD, Display
from bot.mining.economics import Economics
from bot.mining.parsing.units import SATS_PER_BTC, Currency

MINUS: Final = "−"
_E_FROM: Final = 1e15
"""From here on numbers are written in powers of ten."""


def usd(value: float, t: Translator, digits: int | None = None) -> str:
    """US dollars: cents below 1,000, whole dollars above: `1,234 USD`, `0.41 USD`."""
    if digits is None:
        digits = 0 if abs(value) >= 999.5 else 2 if abs(value) >= 0.095 or value == 0.0 else 4
    return f"{number(value, digits, t)} USD"


def money(value_usd: float, display: Display, t: Translator, digits: int | None = None) -> str:
    """An amount of US dollars in the currency to show: `1,234 EUR`, `0.0041 BTC`."""
    if display.currency is Currency.USD:
        return usd(value_usd, t, digits)
    value = value_usd / display.usd
    if display.currency is Currency.BTC:
        return f"{number(value, 8, t)} BTC"
    return usd(value, t, digits).removesuffix("USD") + display.currency


def sats(btc: float, t: Translator) -> str:
    """An amount of bitcoin in its hundred-millionths: `5,123 sats`."""
    value = btc * SATS_PER_BTC
    return f"{number(value, 0 if abs(value) >= 99.5 else 1, t)} sats"


def number(value: float, digits: int, t: Translator, *, fixed: bool = True) -> str:
    """A number with thousands marks, a real minus sign, no negative nought, huge ones in powers of ten."""
    if abs(value) >= _E_FROM:
        return f"{value:.3e}".replace("-", MINUS)
    negative = value < 0.0 and not _is_nought(value, digits)
    return (MINUS if negative else "") + t.number(abs(value), digits, fixed=fixed)


def signed(value: float, digits: int, t: Translator) -> str:
    """A number that always shows its sign unless it is nought."""
    return ("+" if value > 0.0 and not _is_nought(value, digits) else "") + number(value, digits, t)


def plain(value: float, t: Translator, digits: int = 2) -> str:
    """A number with at most so many digits after the point and none to spare: `7`, `6.5`."""
    return number(value, digits, t, fixed=False)


def percent(fraction: float, t: Translator, digits: int = 1) -> str:
    """A share: `12.3 %`."""
    return f"{number(100.0 * fraction, digits if abs(fraction) < 10 else 0, t)}{t.percent}"


def change(fraction: float, t: Translator, digits: int = 1) -> str:
    """A change: `+12.3 %`, `−4.0 %`."""
    return f"{signed(100.0 * fraction, digits if abs(fraction) < 10 else 0, t)}{t.percent}"


def cents(usd_per_kwh: float, t: Translator, display: Display = USD) -> str:
    """A power price: `7.0 c/kWh` of a dollar, or `0.065 EUR/kWh`."""
    if display.currency is Currency.BTC:
        return f"{sats(usd_per_kwh / display.usd, t)}/kWh"
    if display.currency is not Currency.USD:
        return f"{number(usd_per_kwh / display.usd, 4, t, fixed=False)} {display.currency}/kWh"
    return f"{number(100.0 * usd_per_kwh, 2 if 0.0 < abs(usd_per_kwh) < 0.0095 else 1, t)} c/kWh"


def column(value: float, digits: int, t: Translator) -> str:
    """A number for a narrow column: from a million on in millions, `12.73M`."""
    return f"{number(value / 1e6, 2, t)}M" if abs(value) >= 999_500 else number(value, digits, t)


def power_unit(display: Display) -> str:
    """What `power_number` counts in: `c/kWh`, `sats/kWh`, `EUR/kWh`."""
    if display.currency is Currency.USD:
        return "c/kWh"
    return "sats/kWh" if display.currency is Currency.BTC else f"{display.currency}/kWh"


def power_number(usd_per_kwh: float, display: Display, t: Translator) -> str:
    """A power price in `power_unit`, for a column."""
    if display.currency is Currency.USD:
        return number(100.0 * usd_per_kwh, 1, t)
    if display.currency is Currency.BTC:
        return number(usd_per_kwh / display.usd * SATS_PER_BTC, 1, t)
    return number(usd_per_kwh / display.usd, 3, t)


def money_unit(display: Display) -> str:
    """What `money_number` counts in: `$`, `sats`, `EUR`."""
    if display.currency is Currency.USD:
        return "$"
    return "sats" if display.currency is Currency.BTC else display.currency.value


def money_number(value_usd: float, display: Display, t: Translator) -> str:
    """An amount of a day in `money_unit`, for a column: hundredths only where they matter."""
    value = value_usd / display.usd * (SATS_PER_BTC if display.currency is Currency.BTC else 1.0)
    return column(value, 0 if abs(value) >= 100 else 2, t)


def hashprice_number(usd_per_ph_day: float, display: Display, t: Translator) -> str:
    """A hashprice in `money_unit` a PH/s and day, for a column."""
    if display.currency is Currency.BTC:
        return column(usd_per_ph_day / display.usd * SATS_PER_BTC, 0, t)
    value = usd_per_ph_day / display.usd
    return column(value, 1 if abs(value) < 1_000 else 0, t)


def difficulty(value: float, t: Translator) -> str:
    """A difficulty in trillions: `126.3 T`; small and huge ones in powers of ten."""
    if 1e10 <= value < 1e15:
        return f"{number(value / 1e12, 2, t)} T"
    return f"{value:.3e}"


def days(count: int, t: Translator) -> str:
    """So many days: `1 day`, `928 days`."""
    # Translators: {days} is a number. In a table, and as {age} in “{reading}: {source}, {age} old”.
    return t.plural("{days} day", "{days} days", count, days=number(count, 0, t))


def ago(at: datetime, as_of: datetime, t: Translator) -> str:
    """How old a reading is: `less than a minute`, `4 min`, `3 h`, `2 days`."""
    # Translators: how long ago something was, put where others have “4 min”.
    return t("less than a minute") if at - as_of < timedelta(minutes=1) else t.span(at - as_of)


def figures(result: Economics, t: Translator) -> str:
    """The machine's figures: `95 TH/s · 3,250 W · 34.2 J/TH`."""
    watts = plain(result.power_w, t, 0 if result.power_w >= 10 else 3)
    efficiency = number(result.efficiency_j_per_th, 1, t)
    return f"{plain(result.hashrate_ths, t)} TH/s · {watts} W · {efficiency} J/TH"


def machine(result: Economics, t: Translator) -> str:
    """The machine of a result: `Antminer S19 · 95 TH/s · 3,250 W · 34.2 J/TH`."""
    return " · ".join((result.machine, figures(result, t))) if result.machine else figures(result, t)


def hashprice(usd_per_ph_day: float, display: Display, t: Translator) -> str:
    """The hashprice with its unit, spelled the same everywhere: `51.48 USD/PH/day`."""
    # Translators: the hashprice; {amount} is money. Keep “/PH/day”: it can be typed.
    return t("{amount}/PH/day", amount=money(usd_per_ph_day, display, t))


def table(pairs: list[tuple[str, str]]) -> str:
    """Rows as aligned lines of text."""
    widest = max(width(label) for label, _ in pairs)
    return "\n".join(f"{left(label, widest)} {value}" for label, value in pairs)


def _is_nought(value: float, digits: int) -> bool:
    return not any(digit in "123456789" for digit in f"{value:.{digits}f}")
