"""The break-even widget: an answer whose power price, bitcoin price and network can be stepped through."""

import math
import re
from dataclasses import asdict, dataclass, replace
from typing import Final

from bot.i18n.message import bracketed
from bot.i18n.translator import LocaleTranslator
from bot.mining import answer_lines, formatting
from bot.mining.answer import USD, Answer, Display
from bot.mining.limits import BOUNDS
from bot.mining.network import Network
from bot.mining.parsing.units import Currency
from bot.mining.question import Focus
from handlers.html import html
from handlers.widgets.widget_document import document

_POWER_SHARE: Final = 0.05
_PRICE_SHARE: Final = 0.02
"""How far one step goes, as a fraction, before it is rounded to 1, 2 or 5 of a power of ten."""
_USUAL_USD_PER_KWH: Final = 0.07


@dataclass(frozen=True, slots=True)
class Stepper:
    """A value and how it is stepped through.

    It is `base` until a step is taken, then `(start + count · step) / scale · unit`: round numbers as people
    type them. Beyond `low` and `high` there is no step.
    """

    base: float
    start: int
    step: int
    scale: int
    unit: float
    low: float
    high: float

    def value(self, count: int) -> float:
        """The value after so many steps up, or down when negative."""
        return self.base if count == 0 else (self.start + count * self.step) / self.scale * self.unit


def breakeven_steppers(answer: Answer, network: Network, t: LocaleTranslator) -> str:
    """The document: what the answer says about one machine and one day, in the same words.

    `network` is what the answer was reckoned in. Raises WidgetTooLargeError.
    """
    now, display = answer.now, answer.display
    a_day = replace(answer, question=replace(answer.question, focus=Focus.PROFIT, count=1, period="day"))
    group, point = _separators(t)
    steppers = steppers_of(answer, network)
    values = {
        "hashrateThs": now.hashrate_ths,
        "powerW": now.power_w,
        "poolFee": answer.question.pool_fee,
        "uptime": answer.question.uptime,
        "overhead": answer.question.overhead,
        "fixedCost": now.fixed_cost_usd_per_day,
        "networkBtc": network.btc_per_day,
        "isShare": network.by_share,
        "currency": _currency(display),
        "priceCurrency": _currency(display.of_btc_price),
        "steppers": [asdict(stepper) for stepper in steppers],
        "words": {
            "group": group,
            "point": point,
            "percent": t.percent,
            "pays": t("It pays: {profit} profit a day.", profit="{}"),
            "loses": t("It doesn't pay: it loses {loss} a day.", loss="{}"),
            "even": t("It just breaks even."),
            "daily": t("{amount}/day", amount="{}"),
            "never": t("never, at any price"),
            "always": t("pays at any price"),
            "remark": bracketed("{}", "{}", t),
        },
    }
    shown = (
        formatting.cents(steppers[0].base, t, display),
        formatting.money(steppers[1].base, display.of_btc_price, t),
        f"{formatting.plain(steppers[2].base, t)} EH/s"
        if network.by_share
        else formatting.difficulty(steppers[2].base, t),
    )
    quantities = (
        "power_price_usd_per_kwh",
        "btc_price_usd",
        "network_hashrate_ehs" if network.by_share else "difficulty",
    )
    rows = [
        (
            t("Profit"),
            "profit",
            t("{amount}/day", amount=formatting.money(now.profit_usd_per_day, display, t)),
        ),
        (t("Break-even"), "price", answer_lines.breakeven_btc_price(now, t, display)),
        (t("Max power"), "power", answer_lines.breakeven_power_price(now, t, display)),
    ]
    as_of = None if now.as_of is None else t("As of {moment}", moment=t.utc(now.as_of))
    body = "".join(
        (
            f"<div>{html(formatting.machine(now, t))}</div>",
            f'<div><b id="verdict">{html(answer_lines.headline(a_day, t))}</b></div>',
            *(
                f'<div>{html(_sentence(t(BOUNDS[quantity].label)))}: <b id="v{index}">{html(text)}</b></div>'
                f'<div><button id="less{index}">−</button><button id="more{index}">+</button></div>'
                for index, (quantity, text) in enumerate(zip(quantities, shown, strict=True))
            ),
            *(f'<div>{html(label)}: <b id="{name}">{html(text)}</b></div>' for label, name, text in rows),
            "" if as_of is None else f"<div>{html(as_of)}</div>",
        )
    )
    return document(body, "breakeven_steppers.js", values, t.code)


def steppers_of(answer: Answer, network: Network) -> tuple[Stepper, Stepper, Stepper]:
    """Power price in USD/kWh, bitcoin price in USD, and difficulty, or network hashrate in EH/s by share.

    Prices step in the currency that they are shown in.
    """
    now, display = answer.now, answer.display
    currency = USD if display.currency is Currency.BTC else display
    if network.by_share:
        quantity, size, unit = "network_hashrate_ehs", now.network_hashrate_ehs, 1.0
    else:
        quantity, size = "difficulty", network.difficulty or 0.0
        unit = 1e12 if size >= 1e10 else 1.0
    price = now.power_price_usd_per_kwh
    power = _stepper("power_price_usd_per_kwh", price, currency.usd, _POWER_SHARE, _USUAL_USD_PER_KWH)
    return (
        replace(power, low=0.0) if price >= 0.0 else power,
        _stepper("btc_price_usd", now.btc_price_usd, currency.usd, _PRICE_SHARE),
        _stepper(quantity, size, unit, _PRICE_SHARE),
    )


def _stepper(quantity: str, base: float, unit: float, share: float, usual: float = 0.0) -> Stepper:
    """A stepper around a value; `usual` is what a step is a share of where the value is less."""
    amount = base / unit
    wanted = share * max(abs(base), usual) / unit
    exponent = math.floor(math.log10(wanted))
    digit = next(
        digit
        for limit, digit in ((1.5, 1), (3.5, 2), (7.5, 5), (11.0, 10))
        if wanted / 10.0**exponent < limit
    )
    scale = 10 ** max(-exponent, 0)
    step = digit * 10 ** max(exponent, 0)
    bound = BOUNDS[quantity]
    return Stepper(base, round(amount * scale / step) * step, step, scale, unit, bound.low, bound.high)


def _currency(display: Display) -> dict[str, object]:
    return {"code": display.currency.value, "usd": display.usd}


def _sentence(label: str) -> str:
    """A label as the beginning of a line."""
    return label[:1].upper() + label[1:]


def _separators(t: LocaleTranslator) -> tuple[str, str]:
    """What stands between thousands, and before decimals."""
    group, point = re.findall(r"\D+", t.number(1111.1, 1, fixed=True))
    return group, point
