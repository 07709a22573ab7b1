"""Attacks that once moved a critical rule, over real HTTP: walks, ratchets, a contradiction of two."""

from dataclasses import replace
from datetime import timedelta

from bot.signals.evaluation import RuleStates, evaluate
from bot.signals.history import History
from bot.signals.rules import Severity, default_rules
from bot.signals.series import Confidence, Reading
from bot.signals.state_machine import TransitionKind
from bot.sources.series_config import PROVIDERS
from tests.fakes.providers import Providers
from tests.fakes.world import World
from tests.sources.conftest import NOW, Build
from tests.sources.truth import held_before

MINUTES_5 = timedelta(minutes=5)


def newest(readings: tuple[Reading, ...], series: str, *, spot: bool) -> Reading:
    return [r for r in readings if r.series == series and (r.day is None) is spot][-1]


async def test_a_price_walked_down_by_the_only_provider_left_stays_near_the_last_confirmed(
    fakes: Providers, build: Build
) -> None:
    """Just inside the jump limit at each poll: the limit is measured from what was confirmed last."""
    known = held_before(fakes.world)
    history = History(known.values())
    true, polls = fakes.world.price, 0
    fakes.spoil["mempool"] = lambda world: replace(world, price=lambda at: true(at) * (1 - 0.079) ** polls)
    collector = build("mempool", zones=())
    states = RuleStates()
    rules = [rule for rule in default_rules(()) if rule.signal == "price_drawdown"]
    believed = []
    for polls in range(1, 25):
        fakes.world.now = NOW + polls * MINUTES_5
        gathered = await collector.gather(fakes.world.now, history.newest_confirmed())
        for reading in gathered.readings:
            history.add(reading)
            believed += [reading] if reading.series == "btc.price" and reading.day is None else []
        evaluation = evaluate(rules, states, history, fakes.world.now)
        states = evaluation.states
        fired = [t.rule for t in evaluation.transitions if t.kind is TransitionKind.FIRED]
        assert Severity.CRITICAL not in {rule.severity for rule in fired}
    assert believed
    assert all(reading.confidence is Confidence.ALONE for reading in believed)
    least = known["btc.price"].value * (1 - 0.25 * 1.1**0.5) * 0.98  # a day and more since it was confirmed
    assert all(reading.value >= least for reading in believed)


async def test_a_record_raised_a_little_every_day_is_never_believed(fakes: Providers, build: Build) -> None:
    history = History(held_before(fakes.world).values())
    record, at = fakes.world.record
    days = 0
    fakes.spoil["coingecko"] = lambda world: replace(world, record=(record * 1.0195**days, at))
    collector = build("coingecko", "kraken", "bitview", zones=(), refresh=timedelta(hours=1))
    for days in range(1, 15):
        fakes.world.now = NOW + days * timedelta(days=1)
        gathered = await collector.gather(fakes.world.now, history.newest_confirmed())
        for reading in gathered.readings:
            history.add(reading)
    stored = history.newest("btc.price_high")
    assert stored is not None
    assert stored.value <= record


async def test_a_third_decides_the_difficulty_of_the_hour(fakes: Providers, build: Build) -> None:
    """One of two that is a percent off can't keep the difficulty unknown."""
    fakes.world.now = NOW + timedelta(days=3)  # no day of a retarget
    true = fakes.world.difficulty

    def off(world: World) -> World:
        changed = replace(world)
        changed.difficulty = lambda at: true(at) * 1.01  # type: ignore[method-assign]
        return changed

    fakes.spoil["bitview"] = off
    gathered = await build().gather(fakes.world.now, {})
    reading = newest(gathered.readings, "btc.difficulty", spot=True)
    assert (reading.value, reading.confidence) == (true(fakes.world.now), Confidence.CONFIRMED)
    assert ("btc.difficulty", "spot") not in {(each.series, each.kind) for each in gathered.refused}


async def test_a_provider_a_day_behind_decides_nothing_about_today(fakes: Providers, build: Build) -> None:
    true = fakes.world.hashrate
    wrong = {NOW.date() - timedelta(days=n) for n in (1, 3, 4)}
    fakes.spoil["mempool"] = lambda world: replace(
        world, hashrate=lambda day: true(day) * (0.7 if day in wrong else 1)
    )
    fakes.world.now = NOW.replace(hour=1)  # Coin Metrics has yesterday's figures from three o'clock on
    gathered = await build("mempool", "bitview", "coinmetrics", zones=()).gather(fakes.world.now, {})
    days = {r.day: r for r in gathered.readings if r.series == "btc.hashrate"}
    assert NOW.date() - timedelta(days=1) not in days
    assert "bitview says" in str(next(r.reason for r in gathered.refused if r.series == "btc.hashrate"))
    for day in wrong & days.keys():
        assert days[day].value > 0.9 * true(day), "who has the day has decided it"


async def test_all_agree_all_is_confirmed(fakes: Providers, build: Build) -> None:
    gathered = await build().gather(NOW, {})
    since = NOW - timedelta(days=10)
    young = [r for r in gathered.readings if r.complete and r.as_of > since and r.series != "fx.eur_usd"]
    assert {r.series for r in young if r.confidence is Confidence.ALONE} == {
        "btc.miner_outflow_gross",
    }, "what only one gives by design"
    assert {report.source for report in gathered.reports if not report.ok} == set()
    assert PROVIDERS.keys() >= {report.source for report in gathered.reports}
