"""The API's answers as data; the OpenAPI document is made of these models. Times are UTC, ISO 8601."""

from datetime import date

from pydantic import Field

from bot.delivery.alert_report import AlertReport, ApiModel, Moment


class Problem(ApiModel):
    """An error (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    suggestions: list[str] | None = None


class SignalReport(ApiModel):
    """Where a signal stands, by the rule that speaks for it. `value` is null without trusted data."""

    signal: str
    title: str
    state: str = Field(description="ok, pending, firing, recovering, stale or warming_up")
    active: bool = Field(description="it fired and has not cleared, which lack of data doesn't change")
    severity: str = Field(description="info, warning or critical")
    watches_for: str
    value: float | None
    quantity: str = Field(description="what kind of figure the value is: change, percentile, record, …")
    threshold: float
    clears: float
    since: Moment | None = Field(description="for one that fires: since when it is true")
    fired: Moment | None = Field(description="when it fired, where it has")
    as_of: Moment | None
    source: str
    reason: str


class ForecastReport(ApiModel):
    """A probability that was tested: docs/rules.md has its calibration."""

    name: str
    probability: float
    base_rate: float
    as_of: Moment


class RetargetReport(ApiModel):
    """The next change of difficulty as estimated; `change` is a fraction, null while it is noise."""

    change: float | None
    expected_at: Moment
    progress: float | None
    source: str | None


class StressReport(ApiModel):
    """The stress index of a day, 0 to 100, and the ranks it is the mean of, 0 to 1 (1: the most stress)."""

    day: date
    value: float
    ribbon: float
    pace: float


class ProductionCostReport(ApiModel):
    """The power cost of a coin at two power prices and the mean efficiency of an estimated machine mix."""

    low_usd_per_btc: float
    high_usd_per_btc: float
    low_power_price_usd_per_kwh: float
    high_power_price_usd_per_kwh: float
    mean_efficiency_j_per_th: float
    btc_price_usd: float
    mix_source: str


class StatusReport(ApiModel):
    """Phase, signals and forecasts. `phase_stale`: price or hashrate has no data, so it is the last known."""

    phase: str = Field(description="calm, stress, capitulation, recovery or unknown")
    phase_since: Moment | None
    phase_stale: bool
    polled_at: Moment | None
    signals: list[SignalReport]
    forecasts: list[ForecastReport]
    stress: StressReport | None
    production_cost: ProductionCostReport | None
    retarget: RetargetReport | None


class SignalsReport(ApiModel):
    """Every signal."""

    signals: list[SignalReport]


class ForecastsReport(ApiModel):
    """Every forecast."""

    forecasts: list[ForecastReport]


class SeriesSummary(ApiModel):
    """A series that is held: its newest value and its span of complete days."""

    series: str
    title: str
    unit: str
    cadence: str
    first_day: date | None
    last_day: date | None
    value: float | None
    as_of: Moment | None
    source: str | None


class SeriesList(ApiModel):
    """Every series held."""

    series: list[SeriesSummary]


class SourceTerms(ApiModel):
    """Who gave figures, and under which terms."""

    source: str
    title: str
    home: str
    licence: str


class SeriesDay(ApiModel):
    """One day's value; `complete` is false while the day isn't over or was only partly seen."""

    day: date
    value: float
    source: str
    complete: bool
    read_at: Moment


class SeriesValues(ApiModel):
    """The daily values of one series, oldest first, with the terms of every source among them.

    `withheld` counts the days whose source's terms forbid passing them on.
    """

    series: str
    title: str
    unit: str
    sources: list[SourceTerms]
    withheld: int
    values: list[SeriesDay]


class PhaseEpisode(ApiModel):
    """One stay in a phase; `end` is null while it lasts, `firing` every signal that fired in it."""

    phase: str
    first: date
    end: date | None
    firing: list[str]


class RuleEpisode(ApiModel):
    """One firing of a rule; `cleared` is null while it lasts."""

    rule: str
    signal: str
    severity: str
    fired: date
    cleared: date | None
    days: int
    worst: float | None


class EpisodesReport(ApiModel):
    """What the rules in force today would have said about this history, up to and with `until`."""

    until: date
    phases: list[PhaseEpisode]
    rules: list[RuleEpisode]


class AlertsReport(ApiModel):
    """Alerts, the newest first; ask again with `before` = `next` for older ones."""

    alerts: list[AlertReport]
    next: int | None


class MachineReport(ApiModel):
    """One bin of a machine, by its nameplate."""

    machine: str
    model: str
    maker: str
    hashrate_ths: float
    power_w: float
    efficiency_j_per_th: float
    release: str


class MachinesReport(ApiModel):
    """Machines in the order of the catalogue."""

    machines: list[MachineReport]


class EconomicsReport(ApiModel):
    """The keys of `breakeven --json`; null where a figure does not apply."""

    machine: str | None
    hashrate_ths: float
    power_w: float
    efficiency_j_per_th: float
    power_price_usd_per_kwh: float
    btc_price_usd: float
    difficulty: float | None
    network_hashrate_ehs: float
    btc_per_day: float
    revenue_usd_per_day: float
    power_cost_usd_per_day: float
    fixed_cost_usd_per_day: float
    profit_usd_per_day: float
    margin: float | None
    hashprice_usd_per_ph_day: float
    hashcost_usd_per_ph_day: float
    cost_per_btc_usd: float | None
    breakeven_btc_price_usd: float | None
    breakeven_power_price_usd_per_kwh: float | None
    breakeven_difficulty: float | None
    payback_days: float | None
    profit_change_per_usd_of_btc_price: float
    as_of: Moment | None


class InputReport(ApiModel):
    """A reading an answer rests on."""

    reading: str
    value: float
    as_of: Moment
    source: str


class WhatIfReport(ApiModel):
    """One machine now, at once as supposed, and after the retarget that answers it.

    `retarget_change` is the change of difficulty assumed, `income_change` how much more a TH/s then earns.
    """

    now: EconomicsReport
    then: EconomicsReport
    after_retarget: EconomicsReport | None
    retarget_change: float | None
    income_change: float | None
    inputs: list[InputReport]


class MonthReport(ApiModel):
    """A month on the path: the economics of its last day, and the profit since now."""

    day: date
    halved: bool
    total_profit_usd: float
    economics: EconomicsReport


class ProjectionReport(ApiModel):
    """A machine month by month on the path asked for; `payback_day` is when its price is earned."""

    months: list[MonthReport]
    payback_day: date | None


class UnprofitableReport(ApiModel):
    """The share of hashrate that loses money on power alone at a power price, with its range."""

    power_price_usd_per_kwh: float
    share: float
    low: float
    high: float


class NetworkReport(ApiModel):
    """What mining earns and costs now. The shares rest on an estimated machine mix, see `mix_source`."""

    btc_price_usd: float
    difficulty: float
    fees_btc_per_block: float
    block_subsidy_btc: float
    network_hashrate_ehs: float
    hashprice_usd_per_ph_day: float
    cost_low_usd_per_btc: float | None
    cost_high_usd_per_btc: float | None
    mean_efficiency_j_per_th: float | None
    unprofitable: list[UnprofitableReport]
    mix_source: str | None
    next_halving: date
    retarget: RetargetReport | None
    inputs: list[InputReport]
