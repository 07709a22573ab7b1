"""One provider among honest ones says whatever an adversary likes; what the rules then make of it.

A run is drawn from its seed: the world, who lies, and how, series by series. The real collector, backfill,
consensus, history, rules and phase are at work; only the answers are made up. What the ledger's two explorers
make of a day of outflow is modelled: a day on which they differ rests on one (tests/pipeline/ledger_sync has
the real ones). `python -m tests.sources.liars 0 1000` searches on.
"""

import argparse
import asyncio
import logging
import math
import random
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from typing import Final

import httpx

from bot.signals.derived import derived
from bot.signals.evaluation import RuleStates, evaluate
from bot.signals.history import History
from bot.signals.phase import Phase
from bot.signals.rules import Rule, Severity, default_rules
from bot.signals.series import Confidence, Reading, end_of_day
from bot.signals.state_machine import TransitionKind
from bot.sources.collector import Collector
from bot.sources.series_config import SERIES_CONFIGS, SeriesConfig, ValueKind, power
from bot.sources.source_error import FaultKind, SourceError
from bot.sources.types import FetchRequest, ProviderAnswer, ProviderApi, Query

ZONE: Final = "DE-LU"
POWER: Final = f"power.{ZONE}"
START: Final = datetime(2026, 11, 1, tzinfo=UTC)
DAY: Final = timedelta(days=1)
KNOWN_BEFORE: Final = 430
"""Days of the true past that the bot knows at the start."""
SIGNALS: Final = ("price_drawdown", "hashrate_decline", "miner_outflow", "energy_price")
OUTFLOW: Final = "btc.miner_outflow"
PHASE: Final = "phase capitulation"
CLEARLY_AFTER: Final = 3 * DAY
"""By how much an adversary may delay what is clear."""

CONFIGS: Final[tuple[SeriesConfig, ...]] = tuple(
    config
    for config in (*SERIES_CONFIGS, power(ZONE))
    if config.series in ("btc.price", "btc.price_high", "btc.hashrate", POWER)
)
LIARS: Final = ("mempool", "bitview", "kraken", "coinbase", "coingecko", "coinmetrics", "blockchain_info",
                "energy_charts", "awattar", "smard")  # fmt: skip
FIRST: Final = ("mempool", "kraken", "energy_charts", "coingecko")
"""Those asked first for something: their lies would do most harm."""
EXPLORERS: Final = ("mempool", "bitview")
"""Of whom the ledger reads wallets, and who is asked whether their history is the same."""
HIDEABLE: Final = ("miner_outflow.critical.pools",)
"""What one of two explorers can hold off, since nobody decides between them; it can't make it fire."""
_METHOD: Final = {("btc.hashrate", "coinmetrics"): 1.03, ("btc.hashrate", "blockchain_info"): 0.97}
_SPREAD: Final = {("btc.hashrate", "blockchain_info"): 0.04, ("btc.hashrate", "coinmetrics"): 0.02}


@cache
def _noise(*key: object) -> float:
    """A standard normal figure of its own for each key; drawing one takes long."""
    return random.Random(" ".join(map(str, key))).gauss(0, 1)


@dataclass(frozen=True)
class Truth:
    """What is so: calm, or a crash that begins at `crash` and takes `fall` days."""

    seed: int
    crash: date | None

    def fallen(self, day: date) -> float:
        """How much of the crash has happened by a day, 0 to 1."""
        if self.crash is None:
            return 0.0
        return min(1.0, max(0.0, ((day - self.crash).days + 1) / 10))

    def value(self, series: str, day: date) -> float:
        """The day's true value: a crash takes 78 % of price, 30 % of hashrate, triples power and outflow."""
        noise = _noise(self.seed, series, day)
        fallen = self.fallen(day)
        if series == "btc.price":
            return 100_000 * (1 - 0.78 * fallen) * math.exp(0.01 * noise)
        if series == "btc.hashrate":
            return 900 * (1 - 0.3 * fallen) * math.exp(0.015 * noise)
        if series == OUTFLOW:
            return (300 + 30 * noise) * (1 + 2 * fallen)
        return (80 + 12 * math.sin(day.toordinal() / 58)) * (1 + 2.2 * fallen) * math.exp(0.02 * noise)

    @property
    def record(self) -> float:
        """The highest price before the start."""
        return 112_000.0


Lie = Callable[[str, date | None, datetime, float], float | None]
"""From series, day (None for a spot value), moment and true value to what is said; None says nothing."""


def honest(_series: str, _day: date | None, _now: datetime, true: float) -> float:
    """The truth."""
    return true


def draw_lie(dice: random.Random, config: SeriesConfig, harm: int) -> Lie:
    """A way to lie about one series. `harm` is +1 to make values seem worse than they are, −1 better."""
    down = config.series in ("btc.price", "btc.hashrate")
    worse = -1 if down else 1
    sign = worse * harm
    edge = config.tolerance.value * dice.choice((0.5, 0.95, 0.99))
    size = dice.choice((edge, config.tolerance.week or edge, dice.uniform(0.02, 0.6), dice.uniform(0.5, 4.0)))
    factor = 1 + sign * size if sign > 0 or size < 0.95 else 0.05
    since = START + dice.uniform(-40, 20) * DAY
    recent = dice.choice((1, 3, 7, 40))
    opposite = 1 - (factor - 1) * dice.choice((0.0, 1.0))
    step = dice.uniform(0.001, 0.079)

    def shifted(_series: str, day: date | None, now: datetime, true: float) -> float:
        """Newest days one way, and perhaps those before them the other way."""
        age = 0 if day is None else (now.date() - day).days
        return true * (factor if age <= recent else opposite)

    def walking(_series: str, _day: date | None, now: datetime, true: float) -> float:
        """A little further off at each look."""
        steps = max(0.0, (now - since) / timedelta(hours=6))
        return float(true * min(20.0, (1 + sign * step) ** steps))

    def some_days(_series: str, day: date | None, now: datetime, true: float) -> float:
        """Wrong about some days, whatever their age."""
        wrong = random.Random(f"{since} {day}").random() < 0.4
        return true * (factor if wrong else 1.0)

    def silent(_series: str, _day: date | None, now: datetime, true: float) -> float | None:
        """Nothing at all from a moment on."""
        return None if now >= since else true

    def late(_series: str, day: date | None, now: datetime, true: float) -> float | None:
        """Without the newest days."""
        return None if day is not None and (now.date() - day).days <= recent else true

    def erratic(_series: str, day: date | None, now: datetime, true: float) -> float | None:
        """Another lie at every look."""
        chance = random.Random(f"{since} {now} {day}")
        return None if chance.random() < 0.2 else true * math.exp(chance.gauss(0, size))

    return dice.choice((shifted, shifted, walking, some_days, silent, late, erratic))


@dataclass
class Answers:
    """What every provider says."""

    truth: Truth
    liar: str
    lies: Mapping[str, Lie]

    def value(self, config: SeriesConfig, provider: str, day: date | None, now: datetime) -> float | None:
        """What a provider says of a day, or of now."""
        series = config.series
        if config.only_rises:
            true = self.truth.record
        else:
            true = self.truth.value(series, day or now.date())
            method = _METHOD.get((series, provider), 1.0)
            own = _noise(self.truth.seed, series, provider, day)
            true *= method * math.exp(_SPREAD.get((series, provider), 0.002) * own)
        return self.lies[f"{series} {config.kind}"](series, day, now, true) if provider == self.liar else true

    def outflow(self, day: date, now: datetime) -> Reading | None:
        """A day of the ledger: read from one explorer, borne out when the other has the same history."""
        reader, other = EXPLORERS
        true = self.truth.value(OUTFLOW, day)
        value: float | None = true
        if self.liar == reader:
            value = self.lies[OUTFLOW](OUTFLOW, day, now, true)
        text = self.lies[OUTFLOW](OUTFLOW, day, now, true) if self.liar == other else true
        if value is None:
            return None
        same = text is not None and abs(text - value) <= 1e-9 * abs(true)
        confidence = Confidence.CONFIRMED if same else Confidence.ALONE
        return Reading(OUTFLOW, value, end_of_day(day), reader, now, day, confidence=confidence)

    async def read(
        self, config: SeriesConfig, provider: str, _site: ProviderApi, request: FetchRequest
    ) -> ProviderAnswer:
        """An answer as `Query.read` gives it."""
        now = request.now
        rows: list[Reading] = []
        if config.kind is ValueKind.SPOT:
            value = self.value(config, provider, None, now)
            if value is not None:
                rows.append(Reading(config.series, value, now, provider, now))
        else:
            delay = timedelta(hours=3) if provider == "coinmetrics" else timedelta(minutes=10)
            last = (now - delay).date()
            day = request.first or now.date() - 70 * DAY
            while day < last and (request.last is None or day <= request.last):
                value = self.value(config, provider, day, now)
                if value is not None and value > 0:
                    rows.append(Reading(config.series, value, end_of_day(day), provider, now, day))
                day += DAY
        if not rows:
            raise SourceError("says nothing", FaultKind.UNREACHABLE)
        return ProviderAnswer(tuple(rows))


@dataclass(frozen=True)
class Run:
    """How a run went: when each critical rule fired first, after the start, and the capitulation began."""

    seed: int
    liar: str
    crash: date | None
    fired: Mapping[str, datetime]


def _query(answers: Answers, config: SeriesConfig, query: Query) -> Query:
    """A request like the real one, answered by what is made up."""
    read = partial(answers.read, config, query.provider)
    return Query(query.provider, f"{config.series} {config.kind}", read, history=query.history)


async def play(seed: int, *, days: int, every: timedelta, lying: bool) -> Run:
    """Play one seed, with its liar or with everybody honest."""
    dice = random.Random(seed)
    liar = dice.choice((*LIARS, *FIRST, *FIRST))
    crash = (START + 2 * DAY).date() if dice.random() < 0.5 else None
    off = dice.choice((0, 0, 5, 25))
    harm = 1 if crash is None else -1
    lies = {f"{config.series} {config.kind}": draw_lie(dice, config, harm) for config in CONFIGS}
    lies[OUTFLOW] = draw_lie(dice, replace(power(ZONE), series=OUTFLOW), harm)
    truth = Truth(seed, crash)
    answers = Answers(truth, liar if lying else "", lies)
    async with httpx.AsyncClient() as client:
        collector = Collector({}, (ZONE,), contact="", client=client)
    configs = tuple(
        replace(config, offers=tuple(_query(answers, config, query) for query in config.offers))
        for config in CONFIGS
    )
    collector.configs = configs
    history = _known(truth, START.date() - off * DAY)
    rules = tuple(rule for rule in default_rules((ZONE,)) if rule.signal in SIGNALS)
    states = evaluate(rules, RuleStates(), history, START - off * DAY).states
    now = START + timedelta(hours=1)
    for config in configs:
        if config.kind is ValueKind.DAILY and off:
            request = FetchRequest(now, config.zone, START.date() - off * DAY, START.date() - DAY)
            for reading in await collector._backfill.days(config, collector.offers(config), request):
                history.add(reading)
    fired: dict[str, datetime] = {}
    while now < START + days * DAY:
        gathered = await collector.gather(now, history.newest_confirmed())
        outflow = answers.outflow(now.date() - DAY, now)
        for reading in (*gathered.readings, *(() if outflow is None else (outflow,))):
            history.add(reading)
        for reading in derived(history, now):
            history.add(reading)
        states = _evaluated(rules, states, history, now, fired)
        now += every
    return Run(seed, liar, crash, fired)


def _known(truth: Truth, until: date) -> History:
    """The true past, confirmed, up to the day before `until`; it ends when the bot was switched off."""
    history = History()
    at = end_of_day(until - DAY)
    for age in range(KNOWN_BEFORE, 0, -1):
        day = until - age * DAY
        for series in ("btc.price", "btc.hashrate", OUTFLOW, POWER):
            moment = end_of_day(day)
            history.add(Reading(series, truth.value(series, day), moment, "before", moment, day))
    history.add(Reading("btc.price_high", truth.record, at, "before", at))
    history.add(Reading("btc.price", truth.value("btc.price", until - DAY), at, "before", at))
    return history


def _evaluated(
    rules: tuple[Rule, ...], states: RuleStates, history: History, now: datetime, fired: dict[str, datetime]
) -> RuleStates:
    evaluation = evaluate(rules, states, history, now)
    for transition in evaluation.transitions:
        if transition.kind is TransitionKind.FIRED and transition.rule.severity is Severity.CRITICAL:
            fired.setdefault(transition.rule.id, now)
    change = evaluation.phase_change
    if change is not None and change.after is Phase.CAPITULATION:
        fired.setdefault(PHASE, now)
    return evaluation.states


async def violations(seed: int, *, days: int = 21, every: timedelta = timedelta(hours=6)) -> list[str]:
    """What the liar of a seed has brought about: critical alerts made, or held off for too long."""
    lied = await play(seed, days=days, every=every, lying=True)
    if lied.crash is None:
        return [f"seed {seed}: {lied.liar} made {rule} fire at {at}" for rule, at in lied.fired.items()]
    true = await play(seed, days=days, every=every, lying=False)
    end = START + days * DAY
    return [
        f"seed {seed}: {lied.liar} held {rule} off until {lied.fired.get(rule)}; truly it fires at {at}"
        for rule, at in true.fired.items()
        if not (rule in HIDEABLE and lied.liar in EXPLORERS)
        and at + CLEARLY_AFTER < end
        and lied.fired.get(rule, end) > at + CLEARLY_AFTER
    ]


async def search(first: int, last: int, seconds: float) -> int:
    """Play the seeds from `first` to before `last`, none after so long; give how many violations."""
    count, until = 0, time.monotonic() + seconds
    for seed in range(first, last):
        if time.monotonic() > until:
            last = seed
            break
        for violation in await violations(seed):
            count += 1
            sys.stdout.write(f"{violation}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{last - first} seeds, {count} violations\n")
    return count


if __name__ == "__main__":
    logging.disable()
    parser = argparse.ArgumentParser(description="Search for a liar that does harm.")
    parser.add_argument("first", type=int, help="the first seed")
    parser.add_argument("last", type=int, help="the seed before which to end")
    parser.add_argument("--seconds", type=float, default=math.inf, help="begin no seed after so long")
    options = parser.parse_args()
    sys.exit(min(1, asyncio.run(search(options.first, options.last, options.seconds))))
