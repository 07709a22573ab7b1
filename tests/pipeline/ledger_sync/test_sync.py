"""The whole ledger sync against a synthetic chain: exact, bounded, resumable, cheap."""

import asyncio
from datetime import date, timedelta

import httpx
import pytest

from bot.i18n.message import message
from bot.i18n.translator import translator_for
from bot.pipeline.ledger_sync.sync import make_ledger_sync
from bot.signals.series import end_of_day
from bot.sources.types import Endpoint
from handlers.views.outflow import outflow_evidence, outflow_text
from storage.database import Store
from storage.ledger import days as ledger_days
from storage.signals import readings
from tests.fakes.connections import read_now
from tests.pipeline.ledger_sync.conftest import START, grown, running


async def test_a_year_from_address_histories_is_exact_to_the_satoshi(store: Store) -> None:
    chain = grown(412, interval_s=7_200.0)
    chain_days = 400
    async with running(store, chain, days=chain_days) as run:
        report = await run.step()
        assert report.problem is None
        days = run.ledger()
        assert len(days) == chain_days
        assert all(day.complete for day in days)
        run.assert_true(chain_days)
        middle = days[200]
        assert middle.gross_sat == chain.gross(middle.day)
        assert set(
            read_now(store, lambda db: [p.name for p in ledger_days.by_pool(db, middle.day, middle.day)])
        )
        assert len(chain.pools) >= 12


async def test_days_become_readings_with_their_label_and_source(any_store: Store) -> None:
    async with running(any_store, grown(40), days=30) as run:
        report = await run.step()
        outflows = [r for r in report.readings if r.series == "btc.miner_outflow"]
        assert len(outflows) == 30
        newest = outflows[-1]
        assert newest.day is not None
        assert newest.as_of == end_of_day(newest.day)
        assert newest.complete
        assert newest.source == "ledger:127.0.0.1"
        assert newest.value == run.chain.net(newest.day) / 1e8
        stored = read_now(
            any_store, lambda db: list(readings.of_series(db, "btc.miner_reserve", START.date(), date.max))
        )
        assert len(stored) == 30
        assert stored[-1].value == run.chain.reserve(newest.day) / 1e8
        again = await run.step()
        assert again.readings == ()


async def test_following_for_weeks_stays_exact_and_adds_each_day_once(store: Store) -> None:
    async with running(store, grown(25), days=15) as run:
        await run.step()
        calls = [
            reading.day
            for report in await run.days(14, every=timedelta(hours=4))
            for reading in report.readings
            if reading.series == "btc.miner_outflow" and reading.complete
        ]
        assert calls == sorted(set(calls), key=lambda day: day or START.date())
        assert len(calls) == 14
        run.assert_true(29)


async def test_a_day_waits_for_six_confirmations(store: Store) -> None:
    async with running(store, grown(20), days=10) as run:
        await run.step()
        for _ in range(4 * 24):
            await run.step(timedelta(hours=1))
            newest = run.ledger()[-1].day
            last = run.chain.days()[newest][-1]
            assert run.server.height - last + 1 >= 6


async def test_a_normal_day_at_the_real_pace_of_blocks_costs_at_most_600_requests(store: Store) -> None:
    async with running(store, grown(12, interval_s=600.0), days=8) as run:
        await run.step()
        await run.step(timedelta(hours=6))
        run.server.calls.clear()
        await run.days(1, every=timedelta(minutes=10))
        assert run.server.total <= 600, run.server.calls
        run.assert_true(9)


async def test_a_server_without_attribution_stays_within_600_requests_too(store: Store) -> None:
    async with running(store, grown(12, interval_s=600.0), days=8) as run:
        run.server.plain = True
        await run.step()
        await run.step(timedelta(hours=6))
        run.server.calls.clear()
        await run.days(1, every=timedelta(minutes=10))
        assert run.server.total <= 600, run.server.calls


async def test_a_step_makes_no_more_requests_than_it_may_and_the_next_goes_on(any_store: Store) -> None:
    async with running(any_store, grown(40), days=30) as run:
        run.calls_per_step = 7
        run.restart()
        left, asked = [], 0
        while (report := await run.step(timedelta(seconds=10))).busy or not report.readings:
            assert run.server.total - asked <= 7
            asked = run.server.total
            left.append((await run.ledger_sync.progress()).calls_left)
        assert left[-1] < left[len(left) // 2] < left[0]
        await run.step()
        progress = await run.ledger_sync.progress()
        assert progress.calls_left == 0
        assert progress.days_complete == 30
        assert not progress.reading
        assert progress.calls_made == run.server.total
        run.assert_true(30)


async def test_progress_tells_how_long_the_rest_will_take(store: Store) -> None:
    async with running(store, grown(40), days=30) as run:
        run.calls_per_step = 10
        run.restart()
        first = await run.step(timedelta(seconds=10))
        assert first.busy
        finding = await run.ledger_sync.progress()
        assert finding.reading
        assert "days found" in str(finding.text)
        assert finding.time_left == timedelta(seconds=finding.calls_left)
        while not (await run.ledger_sync.progress()).wallets_read:
            await run.step(timedelta(seconds=10))
        reading = await run.ledger_sync.progress()
        assert "pool wallets read" in str(reading.text)
        assert 0 < reading.calls_left < 500


async def test_history_is_read_evenly_so_that_recent_days_are_complete_first(store: Store) -> None:
    async with running(store, grown(40), days=30) as run:
        run.calls_per_step = 5
        run.restart()
        partial_seen = False
        for _ in range(200):
            await run.step(timedelta(seconds=10))
            whole = [day.complete for day in run.ledger()]
            if any(whole) and not all(whole):
                partial_seen = True
                assert whole[-1]
                assert whole == sorted(whole)
                run.assert_true(1)
        assert partial_seen
        assert all(day.complete for day in run.ledger())


async def test_after_weeks_away_the_missing_days_are_filled_exactly(store: Store) -> None:
    async with running(store, grown(25), days=15) as run:
        await run.step()
        run.restart()
        await run.step(timedelta(days=17))
        assert len(run.ledger()) == 32
        run.assert_true(32)


@pytest.mark.parametrize("depth", [1, 3])
async def test_a_shallow_reorganisation_leaves_no_trace(store: Store, depth: int) -> None:
    async with running(store, grown(20), days=10) as run:
        await run.step()
        for _ in range(6):
            run.chain.reorganise(depth)
            report = await run.step(timedelta(hours=8))
            assert report.problem is None
        run.assert_true(11)


async def test_a_deep_reorganisation_takes_back_the_days_it_touched(any_store: Store) -> None:
    async with running(any_store, grown(20), days=10) as run:
        await run.step()
        before = run.ledger()[-1]
        run.chain.reorganise(70, longer_by=3)
        await run.step()
        run.now += timedelta(hours=1)
        await run.days(3)
        run.assert_true(12)
        assert run.day(before.day).net_sat == run.chain.net(before.day)


async def test_another_chain_is_refused(store: Store) -> None:
    async with running(store, grown(20), days=10) as run:
        await run.step()
        run.server.chain = grown(20, seed=2)
        run.server.chain.reorganise(300)
        report = await run.step()
        assert report.problem == "ledger:127.0.0.1 shows another chain than the one the ledger holds"
        assert report.retry_at is not None


async def test_a_server_that_fell_behind_is_waited_for(store: Store) -> None:
    async with running(store, grown(20), days=10) as run:
        await run.step()
        run.server.tip = run.chain.tip.height - 2
        report = await run.ledger_sync.step(run.now + timedelta(minutes=15))
        assert report.problem == "ledger:127.0.0.1 is 2 blocks behind what it showed before"


async def test_a_chain_younger_than_the_history_wanted_gives_the_days_it_has(store: Store) -> None:
    async with running(store, grown(12, first_height=0), days=30) as run:
        report = await run.step()
        assert report.problem is None
        assert run.ledger()[0].day == START.date() + timedelta(days=1)
        run.assert_true(10)


@pytest.mark.parametrize(
    ("url", "calls"), [(None, 45), ("https://example.com", 45), ("http://umbrel.local", 900)]
)
async def test_a_step_lasts_under_a_minute_whoever_is_asked(
    store: Store, url: str | None, calls: int
) -> None:
    async with httpx.AsyncClient() as http:
        ledger_sync = make_ledger_sync(store, Endpoint("mempool", url), http, lambda: START, rules=None)
        assert ledger_sync is not None
        assert ledger_sync.calls_per_step == calls
        assert make_ledger_sync(store, Endpoint("mempool", ""), http, lambda: START, rules=None) is None


async def test_every_request_waits_its_turn(store: Store) -> None:
    async with running(store, grown(20), days=10) as run:
        waited = []

        async def pace() -> None:
            waited.append(run.server.total)

        run.restart(pace=pace)
        await run.step()
        assert waited == list(range(run.server.total))


async def test_the_evidence_of_a_week_is_at_hand(any_store: Store) -> None:
    async with running(any_store, grown(40), days=30) as run:
        await run.step()
        last = run.ledger()[-1].day
        evidence = read_now(any_store, lambda db: outflow_evidence(db, last))
        assert evidence.complete
        assert evidence.rows[-1].name == message("all")
        week = run.ledger()[-7:]
        assert evidence.rows[-1].net_btc == pytest.approx(sum(day.net_sat for day in week) / 1e8)
        assert evidence.rows[-1].held_btc == pytest.approx(week[-1].reserve_sat / 1e8)
        assert [each.moved_sat for each in evidence.movements] == sorted(
            (each.moved_sat for each in evidence.movements), reverse=True
        )
        text = outflow_text(evidence, translator_for("en"))
        assert "Foundry USA" in text
        assert "partial" not in text


async def test_a_step_can_be_given_up_at_any_moment(store: Store) -> None:
    """The program stops while the year is being read and the server hangs: nothing is waited for."""
    async with running(store, grown(40), days=30) as run:
        asked = asyncio.Event()

        async def never() -> None:
            if run.server.total >= 20:
                asked.set()
                await asyncio.Event().wait()

        run.restart(pace=never)
        step = asyncio.create_task(run.step())
        await asked.wait()
        step.cancel()
        with pytest.raises(asyncio.CancelledError):
            await step
        run.restart()
        await run.step()
        run.assert_true(30)
