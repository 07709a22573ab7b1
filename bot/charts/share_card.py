"""Share cards: one finding with a few figures and the bot's link, as a picture to pass on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from bot.i18n.translator import LocaleTranslator
from bot.mining import formatting
from bot.mining.economics import Economics
from bot.mining.machine_names import short_name
from bot.mining.market import Market
from bot.signals.labels import PHASE_NAMES
from bot.signals.phase import Phase

MOST_FIGURES: Final = 4


class Tone(StrEnum):
    """What a card's finding is for a miner, shown by the colour and the sign of its edge."""

    NEUTRAL = "neutral"
    GOOD = "good"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class CardFigure:
    """One figure of a card, both in the reader's language: what it is, and its value."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class ShareCard:
    """A card; plain texts in the reader's language, at most `MOST_FIGURES` figures."""

    headline: str
    subtitle: str
    figures: tuple[CardFigure, ...]
    link: str
    footer: str = ""
    tone: Tone = Tone.NEUTRAL
    dark: bool = False

    @property
    def key(self) -> "ShareCard":
        """Equal keys: the same picture."""
        return self


_TONES: Final[Mapping[Phase, Tone]] = {
    Phase.CALM: Tone.GOOD,
    Phase.STRESS: Tone.WARNING,
    Phase.CAPITULATION: Tone.CRITICAL,
    Phase.RECOVERY: Tone.GOOD,
}


def phase_card(
    phase: Phase, since: date | None, market: Market, stress: float | None, link: str, t: LocaleTranslator
) -> ShareCard:
    """The phase the miners are in, with price, its distance from the record, hashprice and stress index."""
    figures = []
    price, high = market.btc_price_usd, market.btc_high_usd
    if price is not None:
        figures.append(CardFigure(t("Bitcoin"), formatting.usd(price.value, t)))
        if high is not None and high.value > 0:
            below = min(price.value / high.value - 1, 0.0)
            figures.append(CardFigure(t("from its record"), formatting.change(below, t)))
    hashprice = market.hashprice_usd_per_ph_day
    if hashprice is not None:
        figures.append(CardFigure(t("Hashprice"), f"{t.number(hashprice, 1)} USD/PH"))
    if stress is not None:
        figures.append(CardFigure(t("Stress index"), t("{value} of 100", value=t.number(stress))))
    # Translators: the headline of a picture; {phase} is such as “capitulation”.
    headline = t("Bitcoin miners: {phase}", phase=t(PHASE_NAMES[phase]))
    # Translators: on a picture: since when the phase lasts.
    subtitle = "" if since is None else t("since {day}", day=t.calendar_day(since))
    tone = _TONES.get(phase, Tone.NEUTRAL)
    return ShareCard(headline, subtitle, tuple(figures[:MOST_FIGURES]), link, _known_at(market.at, t), tone)


def breakeven_card(now: Economics, at: datetime, link: str, t: LocaleTranslator) -> ShareCard:
    """What a machine makes a day, and where it breaks even."""
    machine = short_name(now.machine) if now.machine else formatting.figures(now, t)
    title = t("{machine} at {price}", machine=machine, price=formatting.cents(now.power_price_usd_per_kwh, t))
    figures = [CardFigure(t("bitcoin price"), formatting.usd(now.btc_price_usd, t))]
    breakeven = now.breakeven_btc_price_usd
    if breakeven:
        figures.append(CardFigure(t("break-even"), formatting.usd(breakeven, t)))
    figures.append(CardFigure(t("Hashprice"), f"{t.number(now.hashprice_usd_per_ph_day, 1)} USD/PH"))
    highest = now.breakeven_power_price_usd_per_kwh
    if highest is not None and highest > 0:
        figures.append(CardFigure(t("pays up to"), formatting.cents(highest, t)))
    return ShareCard(
        title,
        _verdict(now.profit_usd_per_day, t),
        tuple(figures[:MOST_FIGURES]),
        link,
        _known_at(at, t),
        Tone.GOOD if now.pays else Tone.CRITICAL,
    )


def fleet_card(
    machines: int,
    hashrate_ths: float,
    power_w: float,
    profit_usd_per_day: float,
    breakeven_btc_price_usd: float | None,
    at: datetime,
    link: str,
    t: LocaleTranslator,
) -> ShareCard:
    """What a fleet makes a day: nothing that tells whose it is or where."""
    headline = t.plural("{n} machine", "{n} machines", machines)
    figures = [
        CardFigure(t("Hashrate"), f"{t.number(hashrate_ths / 1000, 2)} PH/s"),
        CardFigure(t("Power"), f"{t.number(power_w / 1000, 1)} kW"),
    ]
    if breakeven_btc_price_usd:
        figures.append(CardFigure(t("break-even"), formatting.usd(breakeven_btc_price_usd, t)))
    return ShareCard(
        headline,
        _verdict(profit_usd_per_day, t),
        tuple(figures),
        link,
        _known_at(at, t),
        Tone.GOOD if profit_usd_per_day > 0 else Tone.CRITICAL,
    )


def _verdict(profit_usd_per_day: float, t: LocaleTranslator) -> str:
    amount = formatting.usd(abs(profit_usd_per_day), t)
    # Translators: the finding on a picture about a machine or a fleet; {profit} is money.
    return (
        t("makes {profit} a day", profit=amount)
        if profit_usd_per_day > 0
        else t("loses {profit} a day", profit=amount)
    )


def _known_at(at: datetime, t: LocaleTranslator) -> str:
    return t.utc(at)
