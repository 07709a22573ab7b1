"""What must not change the capitulations found: other signals, outages, noise."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from random import Random

import pytest

from bot.backtest.verification import phases_by_day
from bot.data.bundle import bundled_readings
from bot.signals.phase import Phase
from bot.signals.rules import Rule, default_rules
from bot.signals.series import Reading, end_of_day

FIRST, LAST = date(2016, 1, 1), date(2026, 7, 3)
FORBIDDEN = (
    (date(2016, 8, 1), date(2018, 1, 31)),
    (date(2020, 10, 1), date(2021, 4, 30)),
    (date(2023, 2, 1), date(2025, 12, 31)),
)
RULES = default_rules(("DE-LU",))
CORE = tuple(rule for rule in RULES if rule.signal in ("price_drawdown", "hashrate_decline"))


@cache
def bundle() -> tuple[Reading, ...]:
    """The history from the year before on; what came earlier matters to no rule but the record price."""
    return tuple(r for r in bundled_readings() if r.as_of.date() >= FIRST - timedelta(days=400))


def phases(readings: Iterable[Reading], rules: Sequence[Rule] = RULES) -> dict[date, Phase]:
    """The phase of each day that a replay of these readings finds."""
    return {day: phase for day, phase in phases_by_day(readings, rules, LAST).items() if day >= FIRST}


def capitulation(phases: Mapping[date, Phase]) -> frozenset[date]:
    """The days of capitulation."""
    return frozenset(day for day, phase in phases.items() if phase is Phase.CAPITULATION)


@cache
def expected() -> dict[date, Phase]:
    return phases(bundle())


def outflow(kind: str) -> list[Reading]:
    """A ledger of four years: the same every day, or noise with bursts."""
    noise = Random(1)
    days = [date(2019, 1, 1) + timedelta(days=n) for n in range(2_000)]
    level = 0.0
    made = []
    for day in days:
        level = 0.9 * level + noise.gauss(0, 300)
        value = 100.0 if kind == "quiet" else 100.0 + level
        made.append(Reading("btc.miner_outflow", value, end_of_day(day), "test", end_of_day(day), day))
    return made


def test_a_warm_and_quiet_ledger_changes_no_phase() -> None:
    assert phases([*bundle(), *outflow("quiet")]) == expected()


def test_a_noisy_ledger_changes_no_capitulation() -> None:
    assert capitulation(phases([*bundle(), *outflow("noisy")])) == capitulation(expected())


def test_sales_of_public_miners_change_no_phase() -> None:
    """No live source publishes them: a replay without them is what a live program finds."""
    assert phases(r for r in bundle() if r.series != "btc.public_miner_sales") == expected()


def test_power_prices_change_no_phase() -> None:
    """Nor does an outage of any two weeks: tests/signals/test_phase.py shows that they are not looked at."""
    assert phases(r for r in bundle() if not r.series.startswith("power.")) == expected()


@pytest.mark.parametrize("first", [date(2018, 12, 1), date(2020, 4, 1), date(2022, 6, 20), date(2022, 12, 1)])
def test_an_outage_of_power_prices_changes_no_phase(first: date) -> None:
    gone = {first + timedelta(days=n) for n in range(14)}
    left = [r for r in bundle() if not (r.series.startswith("power.") and r.day in gone)]
    assert phases(left) == expected()


def test_nothing_but_price_and_hashrate_decides() -> None:
    needed = {name for rule in CORE for name in rule.inputs}
    core = phases((r for r in bundle() if r.series in needed), CORE)
    assert capitulation(core) == capitulation(expected())


def test_an_estimator_three_percent_off_makes_no_capitulation_in_quiet_times() -> None:
    needed = {name for rule in CORE for name in rule.inputs}
    core = [r for r in bundle() if r.series in needed]
    wrong = 0
    for seed in range(10):
        noise = Random(seed)
        noisy = [
            replace(r, value=r.value * (1 + noise.gauss(0, 0.03))) if r.series == "btc.hashrate" else r
            for r in core
        ]
        result = capitulation(phases(noisy, CORE))
        wrong += any(first <= day <= last for day in result for first, last in FORBIDDEN)
    assert wrong <= 1
