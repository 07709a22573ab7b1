"""The core's answers as the API's data."""

from collections.abc import Iterable, Sequence
from datetime import date

from bot.backtest.episodes import RuleHistory
from bot.delivery.alert_report import alert_report
from bot.mining.answer import Input
from bot.mining.economics import Economics
from bot.mining.hashrate_mix import BAND_USD_PER_KWH, NetworkView, mix_on, network_view
from bot.mining.machines import Catalogue, Machine
from bot.mining.market import Fact, Market
from bot.mining.network import Network, next_halving
from bot.mining.projection import MonthAhead, payback_month
from bot.mining.whatif import WhatIfResult
from bot.signals.alert import Alert
from bot.signals.history import History
from bot.signals.rules import SIGNALS, Severity
from bot.signals.series import SERIES, Reading
from bot.signals.status import SignalStatus, phase_is_stale, signal_statuses
from bot.snapshot import StatusView
from bot.web import schema
from bot.web.licences import is_withheld, terms


def status(view: StatusView, market: Market) -> schema.StatusReport:
    """Phase, signals, forecasts and the next retarget."""
    statuses = signal_statuses(view.rules, view.standing)
    phase = view.standing.phase
    return schema.StatusReport(
        phase=phase.phase.value,
        phase_since=phase.since,
        phase_stale=phase_is_stale(statuses),
        polled_at=view.polled_at,
        signals=[signal(each) for each in statuses],
        forecasts=forecasts(view),
        stress=None
        if view.stress is None
        else schema.StressReport.model_validate(view.stress, from_attributes=True),
        production_cost=None if view.network is None else _production_cost(view.network),
        retarget=retarget(market),
    )


def _production_cost(network: NetworkView) -> schema.ProductionCostReport:
    low, high = BAND_USD_PER_KWH
    return schema.ProductionCostReport(
        low_usd_per_btc=network.cost_low_usd,
        high_usd_per_btc=network.cost_high_usd,
        low_power_price_usd_per_kwh=low,
        high_power_price_usd_per_kwh=high,
        mean_efficiency_j_per_th=network.mean_efficiency_j_per_th,
        btc_price_usd=network.btc_price_usd,
        mix_source=network.mix.source,
    )


def signal(status: SignalStatus) -> schema.SignalReport:
    """One signal."""
    return schema.SignalReport(
        signal=status.signal,
        title=str(SIGNALS[status.signal].title),
        state=status.state.value,
        active=status.active,
        severity=status.severity.word,
        watches_for=str(status.title),
        value=status.value,
        quantity=status.quantity.value,
        threshold=status.threshold,
        clears=status.clears,
        since=status.since,
        fired=status.fired,
        as_of=status.as_of,
        source=status.source,
        reason=str(status.reason),
    )


def forecasts(view: StatusView) -> list[schema.ForecastReport]:
    """The odds on the newest day; none without fresh figures."""
    return [
        schema.ForecastReport(
            name=odds.name, probability=odds.probability, base_rate=odds.base_rate, as_of=odds.as_of
        )
        for odds in view.odds
    ]


def retarget(market: Market) -> schema.RetargetReport | None:
    """The next retarget; None without an estimate of when it is due."""
    if market.retarget_at is None:
        return None
    return schema.RetargetReport(
        change=market.expected_retarget,
        expected_at=market.retarget_at,
        progress=market.retarget_progress,
        source=None if market.retarget_change is None else market.retarget_change.source,
    )


def series_list(history: History) -> schema.SeriesList:
    """Every series of which something is known and whose figures may be passed on."""
    newest = history.newest_readings()
    return schema.SeriesList(
        series=[
            _summary(name, history, newest.get(name))
            for name in SERIES
            if name in newest or history.column(name).values
        ]
    )


def _summary(name: str, history: History, newest: Reading | None) -> schema.SeriesSummary:
    about, column = SERIES[name], history.column(name)
    public = None if newest is None or is_withheld(newest.source) else newest
    days = bool(column.values)
    return schema.SeriesSummary(
        series=name,
        title=str(about.title),
        unit=about.unit,
        cadence=about.cadence.value,
        first_day=date.fromordinal(column.first) if days else None,
        last_day=date.fromordinal(column.last) if days else None,
        value=None if public is None else public.value,
        as_of=None if public is None else public.as_of,
        source=None if public is None else public.source,
    )


def series_values(name: str, readings: Iterable[Reading]) -> schema.SeriesValues:
    """The days of one series; those whose source forbids it are counted instead of shown."""
    about = SERIES[name]
    values: list[schema.SeriesDay] = []
    sources: dict[str, None] = {}
    withheld = 0
    for reading in readings:
        if reading.day is None:
            continue
        if is_withheld(reading.source):
            withheld += 1
            continue
        sources[reading.source] = None
        values.append(
            schema.SeriesDay(
                day=reading.day,
                value=reading.value,
                source=reading.source,
                complete=reading.complete,
                read_at=reading.read_at,
            )
        )
    return schema.SeriesValues(
        series=name,
        title=str(about.title),
        unit=about.unit,
        sources=[terms(source) for source in sources],
        withheld=withheld,
        values=values,
    )


def episodes(past: RuleHistory, signal: str | None, severity: Severity, limit: int) -> schema.EpisodesReport:
    """The newest episodes first, of a signal where one is given, of this severity or graver."""
    rules = [
        schema.RuleEpisode(
            rule=record.rule.id,
            signal=record.rule.signal,
            severity=record.rule.severity.word,
            fired=episode.fired,
            cleared=episode.cleared,
            days=episode.days(past.last),
            worst=episode.worst,
        )
        for record in past.rules.values()
        if (signal is None or record.rule.signal == signal) and record.rule.severity >= severity
        for episode in record.episodes
    ]
    rules.sort(key=lambda episode: (episode.fired, episode.rule), reverse=True)
    phases = [
        schema.PhaseEpisode(
            phase=span.phase.value, first=span.first, end=span.end, firing=sorted(span.firing)
        )
        for span in reversed(past.phases)
    ]
    return schema.EpisodesReport(until=past.last, phases=phases[:limit], rules=rules[:limit])


def alerts(rows: Sequence[tuple[int, Alert]], limit: int) -> schema.AlertsReport:
    """A page of alerts out of at most one more than `limit`."""
    page = rows[:limit]
    return schema.AlertsReport(
        alerts=[alert_report(number, alert) for number, alert in page],
        next=page[-1][0] if len(rows) > limit else None,
    )


def machines(catalogue: Catalogue, text: str) -> schema.MachinesReport:
    """The machines whose maker or model holds every word of a text."""
    return schema.MachinesReport(
        machines=[_machine(machine) for model in catalogue.search(text) for machine in catalogue.bins(model)]
    )


def _machine(machine: Machine) -> schema.MachineReport:
    return schema.MachineReport(
        machine=machine.name,
        model=machine.model,
        maker=machine.maker,
        hashrate_ths=machine.hashrate_ths,
        power_w=machine.power_w,
        efficiency_j_per_th=machine.efficiency_j_per_th,
        release=machine.release,
    )


def economics(result: Economics) -> schema.EconomicsReport:
    """The keys of `breakeven --json`."""
    return schema.EconomicsReport.model_validate(result, from_attributes=True)


def what_if(result: WhatIfResult) -> schema.WhatIfReport:
    """A supposition's answer."""
    after = result.after_retarget
    return schema.WhatIfReport(
        now=economics(result.now),
        then=economics(result.then),
        after_retarget=None if after is None else economics(after),
        retarget_change=result.retarget_change,
        income_change=result.income_change,
        inputs=[_input(used) for used in result.inputs],
    )


def projection(path: tuple[MonthAhead, ...], machine_price_usd: float | None) -> schema.ProjectionReport:
    """The months of a path, and when the machine has earned its price."""
    payback = None if machine_price_usd is None else payback_month(path, machine_price_usd)
    return schema.ProjectionReport(
        months=[
            schema.MonthReport(
                day=month.day,
                halved=month.halved,
                total_profit_usd=month.total_profit_usd,
                economics=economics(month.economics),
            )
            for month in path
        ],
        payback_day=None if payback is None else payback.day,
    )


def network(market: Market, catalogue: Catalogue, price: Fact, difficulty: Fact) -> schema.NetworkReport:
    """What mining earns and costs at a price and a difficulty."""
    fees = market.fees_btc_per_block
    state = Network(difficulty.value, market.subsidy_btc, fees.value if fees else 0.0)
    mix = mix_on(market.at.date())
    view = None if mix is None else network_view(catalogue, mix, state, price.value)
    used = [Input("BTC price", price), Input("difficulty", difficulty)]
    if fees is not None:
        used.append(Input("fees per block", fees))
    return schema.NetworkReport(
        btc_price_usd=price.value,
        difficulty=difficulty.value,
        fees_btc_per_block=state.fees_btc_per_block,
        block_subsidy_btc=state.subsidy_btc,
        network_hashrate_ehs=state.hashrate_ths / 1e6,
        hashprice_usd_per_ph_day=state.hashprice_usd_per_ph_day(price.value),
        cost_low_usd_per_btc=None if view is None else view.cost_low_usd,
        cost_high_usd_per_btc=None if view is None else view.cost_high_usd,
        mean_efficiency_j_per_th=None if view is None else view.mean_efficiency_j_per_th,
        unprofitable=[]
        if view is None
        else [
            schema.UnprofitableReport(
                power_price_usd_per_kwh=each.power_price_usd_per_kwh,
                share=each.share,
                low=each.low,
                high=each.high,
            )
            for each in view.under_water
        ],
        mix_source=None if view is None else view.mix.source,
        next_halving=next_halving(market.at.date()),
        retarget=retarget(market),
        inputs=[_input(each) for each in used],
    )


def _input(used: Input) -> schema.InputReport:
    return schema.InputReport(
        reading=used.label, value=used.fact.value, as_of=used.fact.as_of, source=used.fact.source
    )
