"""The status page in the reader's language: every figure with its threshold, source and age, as text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.backtest.episodes import RuleHistory
from bot.backtest.index_record import record_line
from bot.i18n.message import origin, sentence
from bot.i18n.translator import LocaleTranslator
from bot.mining import formatting
from bot.mining.answer import USD
from bot.mining.cost_text import cost_line
from bot.mining.hashrate_mix import NetworkView, network_now
from bot.mining.machines import Catalogue
from bot.mining.market import Fact, Market
from bot.mining.network import next_halving
from bot.mining.shutdown_text import shutdown_line
from bot.signals.episode_dates import episode_dates
from bot.signals.labels import PHASE_MEANINGS, PHASE_NAMES, SEVERITY_NAMES, STATE_NAMES, state_text
from bot.signals.odds_text import index_line, odds_line
from bot.signals.phase import Phase
from bot.signals.quantities import level, quantity
from bot.signals.rules import SIGNALS, Rule
from bot.signals.state_machine import State
from bot.signals.status import SignalStatus, phase_is_stale, signal_statuses
from bot.snapshot import StatusView

_EPISODES = 12


@dataclass(frozen=True, slots=True)
class SignalCard:
    """One signal. `tone` is its colour: ok, pending, info, warning, critical or stale."""

    name: str
    tone: str
    state: str
    title: str
    value: str
    levels: str
    since: str
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class FactLine:
    """A figure of the market, and where it comes from."""

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class ShareRow:
    """The share of hashrate that loses money at a power price; `percent` is for its bar."""

    power: str
    share: str
    span: str
    percent: int


@dataclass(frozen=True, slots=True)
class EpisodeRow:
    """One stay in a phase, or one firing of a rule."""

    name: str
    tone: str
    first: str
    last: str
    length: str
    figure: str


@dataclass(frozen=True, slots=True)
class StatusText:
    """The whole page; `phase_tone` is the colour of the phase."""

    phase: str
    phase_tone: str
    meaning: str
    since: str
    outlook: tuple[str, ...]
    signals: tuple[SignalCard, ...]
    facts: tuple[FactLine, ...]
    cost: str
    mix: str
    shares: tuple[ShareRow, ...]
    phases: tuple[EpisodeRow, ...]
    firings: tuple[EpisodeRow, ...]
    notes: tuple[str, ...]
    polled: str


def status_text(
    view: StatusView, market: Market, past: RuleHistory | None, catalogue: Catalogue, t: LocaleTranslator
) -> StatusText:
    """The page at `market.at`; without `past` there are no episodes yet."""
    statuses = signal_statuses(view.rules, view.standing)
    state = view.standing.phase
    phase, meaning, tone = t(PHASE_NAMES[state.phase]), state.phase, str(state.phase)
    if state.phase is not Phase.UNKNOWN and phase_is_stale(statuses):
        phase, meaning, tone = f"{phase} ({t(STATE_NAMES[State.STALE])})", Phase.UNKNOWN, "unknown"
    network = network_now(catalogue, market)
    return StatusText(
        phase=phase,
        phase_tone=tone,
        meaning=t(PHASE_MEANINGS[meaning]),
        since=""
        if state.since is None or state.phase is Phase.UNKNOWN
        else t("Since {moment}", moment=t.day_or_moment(state.since)),
        outlook=tuple(_outlook(view, t)),
        signals=tuple(_card(each, market.at, t) for each in statuses),
        facts=tuple(_facts(market, t)),
        cost="" if network is None else cost_line(network, t),
        mix=""
        if network is None
        else t(
            "Machine mix: {source}; each share ±{percent} %, in brackets the range that leaves.",
            source=t(network.mix.source),
            percent=f"{100 * network.mix.uncertainty:.0f}",
        ),
        shares=() if network is None else tuple(_shares(network, t)),
        phases=() if past is None else tuple(_phases(past, t)),
        firings=() if past is None else tuple(_firings(past, t)),
        notes=tuple(_notes(view, t)),
        polled=t("Last looked: not yet.")
        if view.polled_at is None
        else t("Last looked: {span} ago.", span=formatting.ago(market.at, view.polled_at, t)),
    )


def _outlook(view: StatusView, t: LocaleTranslator) -> list[str]:
    """The odds and the stress index in a sentence each; what isn't known is left out."""
    odds = odds_line(view.odds, t)
    lines = [] if odds is None else [odds]
    if view.stress is not None:
        lines.append(index_line(view.stress, t))
    if view.index_record is not None and (record := record_line(view.index_record, t)) is not None:
        lines.append(record)
    return lines


def _card(signal: SignalStatus, at: datetime, t: LocaleTranslator) -> SignalCard:
    title = signal.title(t)
    levels = {
        "threshold": level(signal.threshold, signal.quantity, t),
        "clears": level(signal.clears, signal.quantity, t),
    }
    if signal.value is None:
        text = ""
    elif signal.active:
        # Translators: each is a level of a rule, such as “−50.0 %”.
        text = t("threshold {threshold}, clears past {clears}", **levels)
    else:
        # Translators: {threshold} is the level at which a rule fires, such as “−50.0 %”.
        text = t("threshold {threshold}", threshold=levels["threshold"])
    moving = signal.state in (State.PENDING, State.FIRING, State.RECOVERING)
    return SignalCard(
        name=SIGNALS[signal.signal].title(t),
        tone=_tone(signal),
        state=state_text(signal, t),
        title=sentence(title if signal.active else t("watches for: {title}", title=title)),
        value="" if signal.value is None else quantity(signal.value, signal.quantity, t),
        levels=text,
        since=sentence(episode_dates(signal.since, signal.fired, t, t.day_or_moment))
        if moving and signal.since is not None
        else "",
        reason=sentence(signal.reason(t))
        if signal.value is not None
        else t("No figure: {reason}", reason=signal.reason(t)),
        source=""
        if signal.value is None
        else t("Source: {source}, {age}", source=origin(signal.source, t), age=t.age(signal.as_of, at)),
    )


def _tone(signal: SignalStatus) -> str:
    if signal.state is State.FIRING:
        return signal.severity.word
    if signal.state in (State.STALE, State.WARMING_UP):
        return "stale"
    return "ok" if signal.state is State.OK else "pending"


def _facts(market: Market, t: LocaleTranslator) -> list[FactLine]:
    lines = []
    price, difficulty = market.btc_price_usd, market.difficulty
    if price is not None:
        lines.append(FactLine(t("Bitcoin price"), formatting.usd(price.value, t), _age(price, market, t)))
    if price is not None and difficulty is not None:
        hashprice = formatting.hashprice(market.hashprice_usd_per_ph_day or 0.0, USD, t)
        lines.append(FactLine(t("Hashprice"), hashprice, t("by difficulty, with the fees of seven days")))
    if difficulty is not None:
        text = formatting.difficulty(difficulty.value, t)
        lines.append(FactLine(t("Difficulty"), text, _age(difficulty, market, t)))
    if market.retarget_at is not None:
        change = market.expected_retarget
        # Translators: an estimate of the next change of difficulty that means nothing yet.
        words = t("too early to say") if change is None else f"~{formatting.change(change, t)}"
        lines.append(FactLine(t("Next retarget"), words, t.utc(market.retarget_at)))
    halving = next_halving(market.at.date())
    # Translators: the day of a future halving, at one block in ten minutes.
    lines.append(FactLine(t("Next halving"), t.day(halving, "yMMM"), t("at one block in ten minutes")))
    return lines


def _age(fact: Fact, market: Market, t: LocaleTranslator) -> str:
    return t("{source}, {age}", source=origin(fact.source, t), age=t.age(fact.as_of, market.at))


def _shares(network: NetworkView, t: LocaleTranslator) -> list[ShareRow]:
    return [
        ShareRow(
            power=formatting.cents(each.power_price_usd_per_kwh, t),
            share=formatting.percent(each.share, t, 0),
            span=f"{100 * each.low:.0f}–{100 * each.high:.0f}{t.percent}",
            percent=round(100 * each.share),
        )
        for each in network.under_water
    ]


def _phases(past: RuleHistory, t: LocaleTranslator) -> list[EpisodeRow]:
    spans = [span for span in past.phases if span.phase not in (Phase.CALM, Phase.UNKNOWN)]
    return [
        EpisodeRow(
            name=t(PHASE_NAMES[span.phase]),
            tone=span.phase.value,
            first=t.calendar_day(span.first),
            last=t("lasts") if span.end is None else t.calendar_day(span.end),
            length=formatting.days(((span.end or past.last) - span.first).days, t),
            figure=t.listed([SIGNALS[signal].title(t) for signal in SIGNALS if signal in span.firing]),
        )
        for span in reversed(spans[-_EPISODES:])
    ]


def _firings(past: RuleHistory, t: LocaleTranslator) -> list[EpisodeRow]:
    episodes = [(record.rule, episode) for record in past.rules.values() for episode in record.episodes]
    episodes.sort(key=lambda pair: (pair[1].fired, pair[0].id), reverse=True)
    return [
        EpisodeRow(
            name=_rule_name(rule, t),
            tone=rule.severity.word,
            first=t.calendar_day(episode.fired),
            # Translators: in place of the day when an episode ended, which it hasn't.
            last=t("lasts") if episode.cleared is None else t.calendar_day(episode.cleared),
            length=formatting.days(episode.days(past.last), t),
            figure=quantity(episode.worst, rule.quantity, t),
        )
        for rule, episode in episodes[:_EPISODES]
    ]


def _rule_name(rule: Rule, t: LocaleTranslator) -> str:
    return f"{SIGNALS[rule.signal].title(t)} ({t(SEVERITY_NAMES[rule.severity])})"


def _notes(view: StatusView, t: LocaleTranslator) -> Sequence[str]:
    notes = [] if view.shutdowns is None else [shutdown_line(view.shutdowns, t)]
    if view.ledger_progress is not None:
        notes.append(view.ledger_progress(t))
    for each in view.refused:
        reason = each.reason(t)
        # Translators: {series} is a name like btc.price, {reason} what is wrong with the providers' answers.
        notes.append(t("{series} has no trustworthy value: {reason}", series=each.series, reason=reason))
    return notes
