"""The facade: what a poll gets from healthy, missing, hanging, quarrelling and recovering providers."""

import asyncio
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from bot.mining.power_market import ENDED_ZONES, ZONES
from bot.signals.history import History
from bot.signals.series import Reading
from bot.sources.series_config import PROVIDERS, SERIES_CONFIGS, power
from bot.sources.types import RejectedSeries, RoundResult, SourceReport
from tests.fakes.faults import Fault
from tests.fakes.providers import Providers
from tests.sources.conftest import NOW, Build
from tests.sources.truth import held_before, true_value, untrue

YESTERDAY = date(2026, 11, 17)
MINUTE = timedelta(minutes=1)


def newest(given: RoundResult) -> dict[str, Reading]:
    """The newest complete value of each series."""
    values: dict[str, Reading] = {}
    for reading in given.readings:
        if reading.complete and (
            reading.series not in values or reading.as_of >= values[reading.series].as_of
        ):
            values[reading.series] = reading
    return values


def report(given: RoundResult, name: str) -> SourceReport:
    return next(each for each in given.reports if each.source == name)


def refusal(given: RoundResult, series: str) -> RejectedSeries:
    return next(each for each in given.refused if each.series == series)


EVERY_SERIES = {
    "btc.price",
    "btc.price_high",
    "btc.hashrate",
    "btc.difficulty",
    "btc.fees",
    "btc.miner_outflow_gross",
    "power.DE-LU",
    "power.FR",
    "power.us_industrial",
    "gas.henry_hub",
    "fx.eur_usd",
}


async def test_a_first_round_reads_every_series_and_tells_the_truth(fakes: Providers, build: Build) -> None:
    round_result = await build().gather(NOW, {})
    assert round_result.refused == ()
    assert [each.error for each in round_result.reports if each.error] == []
    assert [reason for reading in round_result.readings if (reason := untrue(fakes.world, reading))] == []
    assert set(newest(round_result)) == EVERY_SERIES


async def test_days_are_labelled_by_the_utc_day_they_cover(fakes: Providers, build: Build) -> None:
    round_result = await build("mempool").gather(NOW, {})
    last = newest(round_result)["btc.hashrate"]
    assert (last.day, last.as_of) == (YESTERDAY, datetime.fromisoformat("2026-11-18T00:00+00:00"))
    assert last.value == pytest.approx(fakes.world.hashrate(YESTERDAY))


async def test_the_retarget_estimate(fakes: Providers, build: Build) -> None:
    world = fakes.world
    epoch = world.epoch(NOW)
    fakes.world.now = at = world.epoch_start(epoch) + timedelta(days=7)
    round_result = await build("mempool").gather(at, {})
    assert round_result.retarget is not None
    expected = world.difficulty_of_epoch(epoch + 1) / world.difficulty_of_epoch(epoch) - 1
    assert round_result.retarget.change == pytest.approx(expected)
    assert round_result.retarget.blocks_remaining == 1_008
    assert abs(round_result.retarget.estimated_at - world.epoch_start(epoch + 1)) < timedelta(seconds=1)
    fakes.world.now = at = world.epoch_start(epoch) + timedelta(days=2)
    early = (await build("mempool").gather(at, {})).retarget
    assert early is not None
    assert early.change is None, "below 15 % of an epoch the estimate is noise"


async def test_tomorrows_hours_are_kept_beside_the_daily_means(fakes: Providers, build: Build) -> None:
    round_result = await build("energy_charts", zones=("DE-LU",)).gather(NOW, {})
    (ahead,) = round_result.day_ahead
    assert ahead.slots[0].start == datetime.fromisoformat("2026-11-18T00:00+00:00")
    assert ahead.slots[-1].end == datetime.fromisoformat("2026-11-19T23:00+00:00")
    days = {reading.day: reading.complete for reading in round_result.readings}
    assert days[YESTERDAY]
    assert not days[date(2026, 11, 18)], "the day under way is never complete"


async def test_nothing_is_asked_again_before_it_can_have_changed(fakes: Providers, build: Build) -> None:
    feeds = build()
    await feeds.gather(NOW, {})
    before = len(fakes.asked)
    again = await feeds.gather(NOW + MINUTE / 2, {})
    assert len(fakes.asked) == before
    assert (again.readings, again.refused, again.reports) == ((), (), ())


async def test_one_cadence_for_all_when_the_settings_say_so(fakes: Providers, build: Build) -> None:
    feeds = build(refresh=timedelta(seconds=10))
    await feeds.gather(NOW, {})
    fakes.calls.clear()
    await feeds.gather(NOW + timedelta(seconds=9), {})
    assert not fakes.calls
    await feeds.gather(NOW + timedelta(seconds=10), {})
    assert fakes.calls["mempool"] >= 4
    assert fakes.calls["fred"] == 1


async def test_a_user_agent_with_the_contact_goes_with_every_request(fakes: Providers, build: Build) -> None:
    await build().gather(NOW, {})
    assert {headers["User-Agent"] for _, headers in fakes.headers} == {"minerwatch (+ops@example.org)"}


async def test_keys_travel_in_headers_where_the_provider_allows(fakes: Providers, build: Build) -> None:
    await build().gather(NOW, {})
    with_key = {name for name, address in fakes.asked if "secret-key" in address}
    assert with_key == {"eia"}


async def test_a_provider_that_is_off_is_never_asked(fakes: Providers, build: Build) -> None:
    feeds = build(without=("mempool", "kraken"))
    round_result = await feeds.gather(NOW, {})
    assert "mempool" not in fakes.calls
    assert "kraken" not in fakes.calls
    assert round_result.refused == ()
    assert {each.source for each in round_result.reports}.isdisjoint({"mempool", "kraken"})


GIVES = {
    name: {
        lane.series
        for lane in (*SERIES_CONFIGS, power("DE-LU"), power("FR"))
        for query in lane.offers
        if query.provider == name and (not lane.zone or not query.zones or lane.zone in query.zones)
    }
    for name in PROVIDERS
}


@pytest.mark.parametrize("name", list(PROVIDERS))
async def test_with_all_but_one_off_it_still_gives_all_it_can(
    name: str, fakes: Providers, build: Build
) -> None:
    round_result = await build(name).gather(NOW, held_before(fakes.world, name))
    read = {reading.series for reading in round_result.readings}
    estimate = {"btc.retarget"} if round_result.retarget else set()
    expected = GIVES[name] - ({"btc.price_high"} if name in ("kraken", "coingecko", "bitview") else set())
    assert (read | estimate) == expected, "a record that isn't higher is no news"
    required = {lane.series for lane in (*SERIES_CONFIGS, power("DE-LU"), power("FR")) if not lane.optional}
    assert {each.series for each in round_result.refused} >= required - GIVES[name], (
        "and says what it can't give"
    )


KEYED = tuple(name for name, facts in PROVIDERS.items() if facts.needs_key)


@pytest.mark.parametrize("name", [name for name in PROVIDERS if name not in KEYED])
async def test_without_any_key_whoever_is_off_every_series_is_still_read(
    name: str, fakes: Providers, build: Build
) -> None:
    round_result = await build(without=(name, *KEYED)).gather(NOW, {})
    assert round_result.refused == ()
    assert round_result.retarget is not None
    read = {reading.series for reading in round_result.readings}
    assert read | {"btc.miner_outflow_gross"} == EVERY_SERIES - {"power.us_industrial"}
    assert [reason for reading in round_result.readings if (reason := untrue(fakes.world, reading))] == []


TRADED = tuple(zone for zone in ZONES if zone not in ENDED_ZONES)


@pytest.mark.parametrize("name", ["energy_charts", "smard"])
async def test_with_one_power_host_off_every_zone_is_still_read(
    name: str, fakes: Providers, build: Build
) -> None:
    round_result = await build(without=(name,), zones=TRADED).gather(NOW, {})
    assert round_result.refused == ()
    days = {
        reading.series: reading.day for reading in round_result.readings if reading.complete and reading.day
    }
    assert {f"power.{zone}" for zone in TRADED} <= set(days)
    assert {days[f"power.{zone}"] for zone in TRADED} == {YESTERDAY}
    assert {prices.zone for prices in round_result.day_ahead} == set(TRADED)
    assert [reason for reading in round_result.readings if (reason := untrue(fakes.world, reading))] == []


async def test_with_fred_off_henry_hub_is_still_read(fakes: Providers, build: Build) -> None:
    round_result = await build(without=("fred", *KEYED)).gather(NOW, {})
    gas = newest(round_result)["gas.henry_hub"]
    assert (gas.source, gas.day) == ("eia_web", date(2026, 11, 13))
    assert gas.value == fakes.world.gas(date(2026, 11, 13))


async def test_a_wrong_tomorrow_is_never_handed_on(fakes: Providers, build: Build) -> None:
    true, tomorrow = fakes.world.power, NOW + timedelta(hours=12)
    fakes.spoil["energy_charts"] = lambda world: replace(
        world, power=lambda zone, at: true(zone, at) * (0.5 if at > tomorrow else 1)
    )
    round_result = await build().gather(NOW, {})
    (ahead,) = round_result.day_ahead
    assert (ahead.zone, ahead.source) == ("DE-LU", "awattar"), "a third has decided"
    assert "smard says" in str(refusal(round_result, "power.FR").reason)
    assert "2026-11-19" in str(refusal(round_result, "power.FR").reason)
    assert not report(round_result, "energy_charts").ok


async def test_a_hanging_provider_delays_no_other(fakes: Providers, build: Build) -> None:
    fakes.hold["mempool"] = asyncio.Event()
    feeds = build(timeout_s=30.0)
    running = asyncio.create_task(feeds.gather(NOW, {}))
    wanted = set(PROVIDERS) - {"mempool", "coingecko", "ecb", "glassnode", "bgeometrics"}
    wanted -= {"blockchain_info", "eia_web"}
    await fakes.asked_of(wanted)
    assert not running.done()
    fakes.hold["mempool"].set()
    assert (await running).refused == ()


async def test_two_that_agree_are_believed(fakes: Providers, build: Build) -> None:
    round_result = await build("mempool", "kraken").gather(NOW, {})
    assert newest(round_result)["btc.price"].source == "mempool"
    assert report(round_result, "kraken").ok


async def test_on_a_quarrel_a_third_decides(fakes: Providers, build: Build) -> None:
    true = fakes.world.price
    fakes.spoil["mempool"] = lambda world: replace(world, price=lambda at: true(at) * 1.05)
    round_result = await build("mempool", "kraken", "coinbase").gather(NOW, {})
    spot = next(
        reading for reading in round_result.readings if reading.series == "btc.price" and not reading.day
    )
    assert spot.source == "kraken"
    source_report = report(round_result, "mempool")
    assert not source_report.ok
    assert source_report.error
    assert "kraken says" in str(source_report.error)
    assert report(round_result, "coinbase").ok


async def test_a_quarrel_that_nobody_decides_refuses_the_series(fakes: Providers, build: Build) -> None:
    true = fakes.world.price
    fakes.spoil["mempool"] = lambda world: replace(world, price=lambda at: true(at) * 1.05)
    round_result = await build("mempool", "kraken").gather(NOW, {})
    assert all(reading.day for reading in round_result.readings if reading.series == "btc.price")
    rejection = refusal(round_result, "btc.price")
    assert rejection.kind == "spot"
    assert "mempool says" in str(rejection.reason)
    assert "kraken says" in str(rejection.reason)


async def test_a_quarrel_is_looked_into_ever_less_often(fakes: Providers, build: Build) -> None:
    true = fakes.world.power
    fakes.spoil["smard"] = lambda world: replace(world, power=lambda zone, at: true(zone, at) * 1.3)
    feeds = build("energy_charts", "smard", zones=("FR",))
    asked_at = []
    for minute in range(200):
        before = fakes.calls["smard"]
        await feeds.gather(NOW + minute * MINUTE, {})
        if fakes.calls["smard"] > before:
            asked_at.append(minute)
    assert asked_at == [0, 1, 3, 7, 15, 31, 61, 91, 121, 151, 181]
    fakes.spoil.clear()
    again = await feeds.gather(NOW + 211 * MINUTE, {})
    assert "power.FR" not in {each.series for each in again.refused}
    assert "power.FR" in newest(again)


async def test_hashrates_must_agree_over_the_month_too(fakes: Providers, build: Build) -> None:
    true = fakes.world.hashrate
    fakes.spoil["mempool"] = lambda world: replace(world, hashrate=lambda day: true(day) * 1.05)
    round_result = await build("mempool", "bitview").gather(NOW, {})
    assert "7-day mean" in str(refusal(round_result, "btc.hashrate").reason)


async def test_a_jump_that_nobody_confirms_is_held_back(fakes: Providers, build: Build) -> None:
    result = held_before(fakes.world)
    true = fakes.world.price
    fakes.world.price = lambda at: true(at) * 0.7
    round_result = await build("mempool").gather(NOW, result)
    assert "btc.price" not in {reading.series for reading in round_result.readings}
    assert "no second provider confirms it" in str(refusal(round_result, "btc.price").reason)
    confirmed = await build("mempool", "coingecko").gather(NOW, result)
    price = next(reading for reading in confirmed.readings if reading.series == "btc.price")
    assert price.value == pytest.approx(true(NOW) * 0.7, rel=0.01)


async def test_a_jump_is_confirmed_even_where_one_provider_is_usual(fakes: Providers, build: Build) -> None:
    result = held_before(fakes.world)
    true = fakes.world.gas
    fakes.world.gas = lambda day: true(day) * 4
    alone = await build("fred").gather(NOW, result)
    assert "gas.henry_hub" in {each.series for each in alone.refused}
    both = await build("fred", "eia").gather(NOW, result)
    assert newest(both)["gas.henry_hub"].source == "fred"


async def test_a_record_only_rises(fakes: Providers, build: Build) -> None:
    result = held_before(fakes.world)
    fakes.world.record = (90_000.0, fakes.world.record[1])
    lower = await build("coingecko").gather(NOW, result)
    assert "btc.price_high" not in {reading.series for reading in lower.readings}
    assert "btc.price_high" not in {each.series for each in lower.refused}
    fakes.world.record = (127_000.0, NOW - timedelta(hours=1))
    alone = await build("coingecko").gather(NOW, result)
    assert "btc.price_high" not in newest(alone), "one provider's record is none"
    higher = await build("coingecko", "bitview").gather(NOW, result)
    assert newest(higher)["btc.price_high"].value == 127_000.0 * 0.999, "two have reached that"
    whole = await build().gather(NOW, result)
    assert report(whole, "coingecko").as_of is None, "a record says nothing of how fresh a provider is"


@pytest.mark.parametrize("name", ["kraken", "coinbase"])
async def test_a_price_without_time_that_never_moves_is_refused(
    name: str, fakes: Providers, build: Build
) -> None:
    feeds = build(name)
    fakes.world.price = lambda _: 81_000.0
    for minutes in range(0, 130, 5):
        round_result = await feeds.gather(NOW + minutes * MINUTE, {})
    assert "very same figures since 2026-11-18 14:07 UTC" in str(refusal(round_result, "btc.price").reason)


async def test_what_is_refused_and_how_each_provider_did_stays_known(fakes: Providers, build: Build) -> None:
    feeds = build("frankfurter", zones=())
    fakes.faults["frankfurter"] = Fault.NULL
    await feeds.gather(NOW, {})
    assert str(feeds.refusals["fx.eur_usd", "daily"].reason) == "frankfurter sent null as the rate"
    del fakes.faults["frankfurter"]
    await feeds.gather(NOW + 2 * MINUTE, {})
    assert ("fx.eur_usd", "daily") not in feeds.refusals
    await feeds.gather(NOW + 4 * MINUTE, {})
    assert feeds.reports["frankfurter"].ok


async def test_retry_after_is_obeyed(fakes: Providers, build: Build) -> None:
    feeds = build("kraken")
    fakes.faults["kraken"], fakes.retry_after = Fault.TOO_MANY, "3600"
    first = await feeds.gather(NOW, {})
    assert "429" in str(report(first, "kraken").error)
    asked = fakes.calls["kraken"]
    del fakes.faults["kraken"]
    for minutes in (10, 30, 59):
        resting = await feeds.gather(NOW + minutes * MINUTE, {})
        assert fakes.calls["kraken"] == asked
        source_report = report(resting, "kraken")
        assert (source_report.ok, source_report.asked) == (False, False)
        assert "rests until 15:07 UTC" in str(source_report.error)
    fakes.world.now = NOW + 61 * MINUTE
    assert report(await feeds.gather(fakes.world.now, {}), "kraken").ok


async def test_a_failing_provider_is_rested_longer_each_time_and_its_return_noticed(
    fakes: Providers, build: Build, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "bot.sources")
    feeds = build("frankfurter")
    fakes.faults["frankfurter"] = Fault.BROKEN
    asked_at = []
    for minute in range(200):
        before = fakes.calls["frankfurter"]
        await feeds.gather(NOW + minute * MINUTE, {})
        if fakes.calls["frankfurter"] > before:
            asked_at.append(minute)
    assert asked_at == [0, 1, 3, 7, 15, 31, 61, 91, 121, 151, 181]
    del fakes.faults["frankfurter"]
    again = await feeds.gather(NOW + 211 * MINUTE, {})
    assert report(again, "frankfurter").ok
    assert "frankfurter answers again after 11 failures" in caplog.messages


async def test_a_clock_set_back_neither_blocks_nor_breaks(fakes: Providers, build: Build) -> None:
    feeds = build("kraken")
    fakes.faults["kraken"] = Fault.BROKEN
    await feeds.gather(NOW, {})
    del fakes.faults["kraken"]
    fakes.world.now = NOW - timedelta(days=2)
    round_result = await feeds.gather(fakes.world.now, {})
    assert report(round_result, "kraken").ok
    assert "btc.price" in newest(round_result)


async def test_what_a_clock_ahead_has_read_keeps_no_price_from_being_news(
    fakes: Providers, build: Build
) -> None:
    feeds, history = build(), History()
    for reading in (await feeds.gather(NOW, {})).readings:
        history.add(reading)
    fakes.world.now = NOW - timedelta(hours=2)
    set_back = await feeds.gather(fakes.world.now, history.newest_confirmed())
    assert "btc.price" in {each.series for each in set_back.readings if each.day is None}


async def test_days_given_by_another_provider_are_not_written_over(fakes: Providers, build: Build) -> None:
    result = held_before(fakes.world)
    result["btc.hashrate"] = replace(result["btc.hashrate"], source="coinmetrics")
    before = result["btc.hashrate"]
    for source, each in (("coinmetrics", before.value), ("mempool", before.value * 1.01)):
        history = History([replace(before, source=source)])
        true = fakes.world.hashrate
        fakes.world.hashrate = lambda day, true=true: true(day) * 1.01  # type: ignore[misc]
        round_result = await build("mempool", "bitview").gather(NOW, history.newest_confirmed())
        for reading in round_result.readings:
            history.add(reading)
        assert before.day is not None
        assert history.column("btc.hashrate").at(before.day.toordinal()) == pytest.approx(each)
        fakes.world.hashrate = true


async def test_an_ended_zone_says_so(fakes: Providers, build: Build) -> None:
    round_result = await build(zones=("DE-AT-LU",)).gather(NOW, {})
    assert "ended on 2018-09-30" in str(refusal(round_result, "power.DE-AT-LU").reason)
    assert not [address for _, address in fakes.asked if "DE-AT-LU" in address]


async def test_calls_are_counted_by_provider_and_day(fakes: Providers, build: Build) -> None:
    feeds = build()
    await feeds.gather(NOW, {})
    assert feeds.calls(NOW.date()) == {name: fakes.calls[name] for name in PROVIDERS}
    assert set(feeds.calls(YESTERDAY).values()) == {0}


async def test_an_unchanged_answer_is_not_sent_twice(fakes: Providers, build: Build) -> None:
    fakes.etags = True
    feeds = build("frankfurter", refresh=timedelta(0))
    await feeds.gather(NOW, {})
    round_result = await feeds.gather(NOW + MINUTE, {})
    assert fakes.not_modified == {"frankfurter": 1}
    assert newest(round_result)["fx.eur_usd"].value == true_value(
        fakes.world, newest(round_result)["fx.eur_usd"]
    )
