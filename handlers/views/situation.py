"""What an alert means, a line each: such alerts of the past, what a machine makes, what comes next."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.backtest.episodes import RuleHistory
from bot.backtest.index_record import IndexBand
from bot.i18n.message import N_
from bot.i18n.translator import LocaleTranslator
from bot.mining import assumptions, formatting
from bot.mining.answer import USD, Display, Input, display_in
from bot.mining.errors import InvalidQuestion
from bot.mining.fleet import Fleet, FleetBatch
from bot.mining.fleet_report import fleet_report
from bot.mining.hashrate_mix import Shutdowns
from bot.mining.machine_names import short_name
from bot.mining.machines import Catalogue
from bot.mining.market import Market
from bot.mining.parsing.units import Currency
from bot.mining.shutdown_text import shutdown_line
from bot.signals.alert import Alert, AlertKind
from bot.signals.forecast import Forecast
from bot.signals.history import History
from bot.signals.odds_text import odds_line
from bot.signals.phase import Phase
from bot.signals.stress_index import StressIndex
from handlers.views.evidence import evidence_of

REFERENCE_MACHINE = "s19"


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known beside the alerts themselves. `past` is None until it has been worked out.

    `link` gives the address that opens the private chat with a payload; None before the bot's name is known.
    Amounts are shown in `display`, by the `rates`; `fleet` is the chat's own.
    """

    catalogue: Catalogue
    market: Market
    history: History | None = None
    past: RuleHistory | None = None
    shutdowns: Callable[[], Shutdowns | None] = lambda: None
    odds: tuple[Forecast, ...] = ()
    link: Callable[[str], str | None] = lambda _: None
    stress: StressIndex | None = None
    index_record: IndexBand | None = None
    display: Display = USD
    rates: tuple[Input, ...] = ()
    fleet: Fleet | None = None

    def of_chat(self, currency: str | None, fleet: Fleet | None) -> "Situation":
        """The same for a chat with these machines, with amounts in its currency."""
        return replace(self.shown_in(currency), fleet=fleet)

    def shown_in(self, code: str | None) -> "Situation":
        """The same with amounts in a currency; in US dollars where its rate isn't known."""
        rates: list[Input] = []
        try:
            display = display_in(None if code is None else Currency(code), self.market, rates)
        except InvalidQuestion:
            return self
        return replace(self, display=display, rates=tuple(rates))

    def rate_line(self, t: LocaleTranslator) -> str | None:
        """The rate of the currency amounts are shown in, with its day; None for US dollars."""
        return assumptions.ages(self.rates, self.market.at, t) if self.rates else None


def past_line(alert: Alert, situation: Situation, t: LocaleTranslator) -> str | None:
    """“4th time since 2010; the others lasted 62 days in the median”; None where nothing is known."""
    if situation.past is None or alert.kind in (AlertKind.NO_DATA, AlertKind.DATA_BACK):
        return None
    record = situation.past.rules.get(alert.rule)
    if record is None or record.first is None or alert.began is None:
        return None
    before = [episode for episode in record.episodes if episode.fired < alert.began.date()]
    ended = sorted(episode.days(situation.past.last) for episode in before if episode.cleared is not None)
    if not ended:
        return t("The first time since {year}", year=record.first.year)
    return _times_before(ended, record.first.year, t)


def _times_before(lengths: list[int], year: int, t: LocaleTranslator) -> str:
    """How often it happened before and how long that lasted; lengths in days, sorted."""
    values = {
        "which": ordinal(len(lengths) + 1, t),
        "year": year,
        "median": t.number(lengths[len(lengths) // 2]),
    }
    # Translators: {which} is “4th” and the like.
    if len(lengths) == 1:
        return t("{which} time since {year}; the one before lasted {median} days", **values)
    return t(
        "{which} time since {year}; the {count} before lasted a median of {median} days",
        count=t.number(len(lengths)),
        **values,
    )


def record_lines(alert: Alert, situation: Situation, t: LocaleTranslator) -> list[str]:
    """What followed such beginnings, and for phase and hashrate the odds now; plain text."""
    if alert.kind not in (AlertKind.FIRED, AlertKind.PHASE):
        return []
    lines = [] if situation.past is None else [evidence_of(alert, situation.past, t)]
    if alert.kind is AlertKind.PHASE or alert.signal == "hashrate_decline":
        lines.append(odds_line(situation.odds, t))
    return [line for line in lines if line is not None]


def capitulations_line(after: Phase, situation: Situation, t: LocaleTranslator) -> str | None:
    """How many capitulations there were before, and how long they lasted."""
    if situation.past is None or after is not Phase.CAPITULATION:
        return None
    spans = [span for span in situation.past.phases if span.phase is Phase.CAPITULATION and span.end]
    lengths = sorted((span.end - span.first).days for span in spans if span.end is not None)
    if not lengths:
        return None
    return _times_before(lengths, situation.past.phases[0].first.year, t)


def machine_line(situation: Situation, t: LocaleTranslator) -> str | None:
    """What the chat's machines make a day, else a well-known one; None without figures.

    A fleet without machines gives its tariff only.
    """
    fleet, display = situation.fleet, situation.display
    own = fleet is not None and bool(fleet.kinds)
    try:
        if fleet is None or not fleet.kinds:
            rig = situation.catalogue.find(REFERENCE_MACHINE).rig()
            sites = () if fleet is None else fleet.sites
            fleet = Fleet((FleetBatch(rig.name or REFERENCE_MACHINE, rig, 1),), sites)
        report = fleet_report(fleet, situation.market)
    except InvalidQuestion:
        return None
    breakeven = report.breakeven_btc_price_usd
    if breakeven is None:
        return None
    count = sum(kind.kind.count for kind in report.kinds)
    profit = report.profit_usd_per_day
    values = {
        "machine": short_name(fleet.kinds[0].rig.name or fleet.kinds[0].label),
        "price": _power_price(report.power_price_usd_per_kwh, display, t),
        "profit": formatting.money(abs(profit), display, t),
        "at": formatting.money(breakeven, display.of_btc_price, t),
    }
    if not own:
        return t(_REFERENCE[profit > 0], **values)
    if count == 1:
        return t(_OWN_MACHINE[profit > 0], **values)
    return t(_FLEET[profit > 0], count=t.number(count), **values)


_REFERENCE: Final = {
    True: N_("An {machine} at {price} makes {profit} a day; it stops paying at {at}"),
    False: N_("An {machine} at {price} loses {profit} a day; it pays again at {at}"),
}
_OWN_MACHINE: Final = {
    True: N_("Your {machine} at {price} still makes {profit} a day; it stops paying at {at}"),
    False: N_("Your {machine} at {price} now loses {profit} a day; it pays again at {at}"),
}
_FLEET: Final = {
    True: N_("Your {count} machines still make {profit} a day; they stop paying at {at}"),
    False: N_("Your {count} machines now lose {profit} a day; they pay again at {at}"),
}
"""By whether there is a profit. Translators: {at} is a price of bitcoin, {price} of power."""


def _power_price(usd_per_kwh: float, display: Display, t: LocaleTranslator) -> str:
    """“7 c”, or where amounts are in another currency “0.065 EUR/kWh”."""
    if display is not USD:
        return formatting.cents(usd_per_kwh, t, display)
    return f"{formatting.plain(100 * usd_per_kwh, t)} c"


def retarget_line(market: Market, now: datetime, t: LocaleTranslator) -> str | None:
    """When the next retarget comes and what it does to the difficulty; None without an estimate."""
    change = market.expected_retarget
    if change is None or market.retarget_at is None or market.retarget_at <= now:
        return None
    # Translators: {span} is like “in 3 days”, {change} like “−4.0 %”.
    return t(
        "Next difficulty adjustment {span}, about {change}",
        span=t.after(market.retarget_at - now),
        change=t.change(change),
    )


def shutdowns_line(situation: Situation, t: LocaleTranslator) -> str | None:
    """Which machine stopped paying last and which is next."""
    last = situation.shutdowns()
    return None if last is None else shutdown_line(last, t, situation.display)


def ordinal(number: int, t: LocaleTranslator) -> str:
    """“3rd”. English has four endings; another language may say the same for all."""
    ending = number % 10 if number % 100 not in (11, 12, 13) else 0
    # Translators: how many times something has happened, this time counted: “1st”, “22nd”.
    forms = {1: t("{number}st", number=number), 2: t("{number}nd", number=number)}
    forms[3] = t("{number}rd", number=number)
    return forms.get(ending) or t("{number}th", number=number)
