"""What questions and alerts are answered from: the market and the rule states at one moment."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import isnan

from bot.backtest.episodes import RuleHistory
from bot.backtest.index_record import IndexBand
from bot.data.forecast_weights import load_model
from bot.i18n.message import LazyText
from bot.mining.hashrate_mix import (
    DayState,
    NetworkView,
    Shutdowns,
    day_states,
    network_now,
    shutdowns,
)
from bot.mining.machines import Catalogue
from bot.mining.market import Fact, Market, PowerSlot
from bot.ops.poll_facts import PollFacts
from bot.pipeline.poller import Poller
from bot.signals.derived import weekly_fees
from bot.signals.evaluation import RuleStates
from bot.signals.forecast import Forecast, forecasts
from bot.signals.history import History
from bot.signals.rules import Rule
from bot.signals.stress_index import StressIndex, stress_indexes
from bot.sources.types import CurrencyRates, DayAheadPrices, RejectedSeries, Retarget

_ESTIMATE_LASTS = timedelta(hours=1)
_RATES_LAST = timedelta(days=7)
_LOOK_BACK = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class StatusView:
    """The rules, their states, and when the last poll was (UTC).

    `ledger_progress` says how far the ledger has got while it reads its history, `refused` which series no
    provider can be trusted on, `shutdowns` which machine stopped paying last, `outage_since` since when there
    is no fresh data, `odds` how likely difficulty falls, `stress` the newest stress index, `index_record`
    what such values were followed by, `network` what a coin costs to make.
    """

    rules: tuple[Rule, ...]
    standing: RuleStates
    polled_at: datetime | None
    ledger_progress: LazyText | None = None
    refused: tuple[RejectedSeries, ...] = ()
    shutdowns: Shutdowns | None = None
    outage_since: datetime | None = None
    odds: tuple[Forecast, ...] = ()
    stress: StressIndex | None = None
    index_record: IndexBand | None = None
    network: NetworkView | None = None


def market(
    history: History,
    at: datetime,
    power_price_usd_per_kwh: float,
    retarget: Retarget | None = None,
    day_ahead: tuple[DayAheadPrices, ...] = (),
    rates: CurrencyRates | None = None,
) -> Market:
    """The newest of everything known at `at` (UTC); each figure keeps its own age and source.

    A retarget estimate over an hour old, or for a retarget that has come, is none; nor are past power prices.
    """
    if retarget is not None and (at - retarget.read_at > _ESTIMATE_LASTS or at >= retarget.estimated_at):
        retarget = None
    return Market(
        at=at,
        btc_price_usd=_fact(history, "btc.price"),
        difficulty=_fact(history, "btc.difficulty"),
        fees_btc_per_block=_weekly_fees(history),
        eur_usd=_fact(history, "fx.eur_usd"),
        rates={}
        if rates is None or at - rates.as_of > _RATES_LAST
        else {code: Fact(usd, rates.as_of, rates.source) for code, usd in rates.usd.items()},
        btc_high_usd=_fact(history, "btc.price_high"),
        hashrate_ehs=_weekly_hashrate(history),
        retarget_change=None
        if retarget is None or retarget.change is None
        else Fact(retarget.change, retarget.read_at, retarget.source),
        retarget_at=None if retarget is None else retarget.estimated_at,
        retarget_progress=None if retarget is None else retarget.progress,
        power_price_usd_per_kwh=power_price_usd_per_kwh,
        day_ahead={
            prices.zone: tuple(
                PowerSlot(slot.start, slot.end, slot.eur_per_mwh)
                for slot in prices.slots
                if slot.eur_per_mwh is not None and slot.end > at
            )
            for prices in day_ahead
        },
    )


def last_shutdowns(history: History, catalogue: Catalogue, now: Market) -> Shutdowns | None:
    """Which machine stopped paying last at the usual power price; None without price or difficulty."""
    if now.btc_price_usd is None or now.difficulty is None:
        return None
    today = now.at.date()
    fees = now.fees_btc_per_block.value if now.fees_btc_per_block else 0.0
    state = DayState(today, now.btc_price_usd.value, now.difficulty.value, fees, now.subsidy_btc)
    past = past_days(history, today - _LOOK_BACK, today - timedelta(days=1))
    return shutdowns(catalogue, (*past, state), now.power_price_usd_per_kwh)


def past_days(history: History, first: date, last: date) -> tuple[DayState, ...]:
    """The price and the network of the days from `first` to `last`, those of which both are held."""

    def days(series: str) -> Iterator[tuple[date, float]]:
        column = history.column(series)
        return ((day, column.at(day.toordinal())) for day in column.held_since(first) if day <= last)

    return day_states(days("btc.price"), days("btc.difficulty"), days("btc.fees"))


def _weekly_fees(history: History) -> Fact | None:
    newest, mean = _fact(history, "btc.fees"), weekly_fees(history)
    return newest if newest is None or mean is None else replace(newest, value=mean)


def _weekly_hashrate(history: History) -> Fact | None:
    newest, column = _fact(history, "btc.hashrate"), history.column("btc.hashrate")
    mean = column.mean(column.last, 7)
    return newest if newest is None or isnan(mean) else replace(newest, value=mean)


def _fact(history: History, series: str) -> Fact | None:
    newest = history.newest(series)
    return None if newest is None else Fact(newest.value, newest.as_of, newest.source)


class Snapshot:
    """The market and the standing of the rules at this moment.

    `power_price` in USD/kWh is the one of questions that name none; `facts` gives what is known of the newest
    poll, `past` the rules' history once it has been replayed.
    """

    def __init__(
        self,
        poller: Poller,
        catalogue: Catalogue,
        power_price: float,
        facts: Callable[[], PollFacts],
        clock: Callable[[], datetime],
        past: Callable[[], RuleHistory | None],
    ) -> None:
        self._poller = poller
        self._catalogue = catalogue
        self._power_price = power_price
        self._facts = facts
        self._clock = clock
        self._stress: tuple[int, StressIndex | None] | None = None
        self._shutdowns: tuple[tuple[datetime | None, date], Shutdowns | None] | None = None
        self._past = past

    def market(self) -> Market:
        """The newest readings."""
        answers = self._poller.answers
        return market(
            self._poller.history,
            self._clock(),
            self._power_price,
            answers.retarget,
            tuple(answers.day_ahead.values()),
            answers.rates,
        )

    def status(self) -> StatusView:
        """Where the rules stand, and what must be known beside it."""
        facts, rules = self._facts(), self._poller.rules
        needed = {series for rule in rules for series in rule.inputs}
        return StatusView(
            rules,
            self._poller.standing,
            facts.polled_at,
            facts.ledger_progress,
            tuple(each for each in facts.refused if each.series in needed),
            self.shutdowns(),
            facts.outage_since,
            self.odds(),
            self.stress(),
            self.index_record(),
            network_now(self._catalogue, self.market()),
        )

    def odds(self) -> tuple[Forecast, ...]:
        """How likely difficulty falls within 30 days; empty without fresh figures."""
        return forecasts(self._poller.history, load_model(), self._clock())

    def stress(self) -> StressIndex | None:
        """The newest stress index; worked out once a day."""
        newest = self._poller.history.column("btc.hashrate").last
        if self._stress is None or self._stress[0] != newest:
            indexes = stress_indexes(self._poller.history)
            self._stress = (newest, indexes[-1] if indexes else None)
        return self._stress[1]

    def index_record(self) -> IndexBand | None:
        """What values like the newest stress index were followed by; None until the past is replayed."""
        stress, past = self.stress(), self._past()
        if stress is None or past is None:
            return None
        return next((band for band in past.index if band.holds(stress.value)), None)

    def shutdowns(self) -> Shutdowns | None:
        """The machine that stopped paying last, and the share of the network that is unprofitable.

        It is worked out once for each poll and day: it takes 400 days.
        """
        key = self._facts().polled_at, self._clock().date()
        if self._shutdowns is None or self._shutdowns[0] != key or key[0] is None:
            newest = last_shutdowns(self._poller.history, self._catalogue, self.market())
            self._shutdowns = (key, newest)
        return self._shutdowns[1]
