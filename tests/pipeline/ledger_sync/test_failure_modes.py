"""Every known way in which an outflow ledger goes wrong, with what this one does about it."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from aiohttp import web

from bot.ledger.flows import PoolFlow, SeenMovement
from bot.ledger.pool_wallets import RETIRE_AFTER
from bot.ledger.proof_of_work import ChainRules, Header
from bot.pipeline.ledger_sync import wallet_scan
from bot.pipeline.ledger_sync.sync import LedgerReport
from storage.database import Store
from storage.ledger import days as ledger_days
from storage.ledger import wallets
from storage.signals import readings
from tests.fakes import blockchain
from tests.fakes.blockchain import COIN, Chain
from tests.fakes.chain import ChainServer
from tests.fakes.connections import read_now, write_now
from tests.pipeline.ledger_sync.conftest import START, Running, grown, running


def pool_row(run: Running, name: str) -> PoolFlow:
    days = run.ledger()
    rows = read_now(run.store, lambda db: ledger_days.by_pool(db, days[0].day, days[-1].day))
    return next(row for row in rows if row.name == name)


def seen(run: Running) -> list[SeenMovement]:
    days = run.ledger()
    return read_now(run.store, lambda db: ledger_days.movements(db, days[0].day, days[-1].day, most=1_000))


# (a) pool payouts follow the week: tests/signals/test_outflow_stats.py, by the 7-day sums


async def test_b_custody_shared_by_pools_is_one_wallet_under_the_newest_name(store: Store) -> None:
    chain = grown(20)
    chain.quiet = True
    chain.mine(30)
    chain.mine(12, slug="btccom")
    async with running(store, chain, days=10) as run:
        await run.ledger_sync.step(run.now)
        row = pool_row(run, "BTC.com")
        assert row.shared_with == ("AntPool",)
        assert row.wallets == 1
        assert not [
            p for p in read_now(store, lambda db: ledger_days.by_pool(db, START.date(), START.date()))
            if p.name == "AntPool"
        ]  # fmt: skip
        run.assert_true(10)


async def test_b_a_move_between_two_pools_wallets_is_no_outflow(store: Store) -> None:
    chain = grown(20)
    chain.quiet = True
    [viabtc], [f2pool] = chain.pool("viabtc").wallets, chain.pool("f2pool").wallets
    chain.mine(120, slug="viabtc")
    txid = chain.pay(viabtc, [(f2pool, chain.spendable(viabtc) - COIN)])
    chain.mine(40)
    async with running(store, chain, days=10) as run:
        await run.step()
        moved = next(day for day, heights in chain.days().items() if chain.by_txid[txid].height in heights)
        fee = chain.by_txid[txid].carried_out(chain.registry())
        assert 0 < fee < 25_000
        assert run.day(moved).net_sat == fee
        run.assert_true(10)


async def test_c_a_new_payout_address_is_registered_before_the_day_is_measured(store: Store) -> None:
    async with running(store, grown(20), days=10) as run:
        await run.step()
        run.chain.pool("foundryusa").wallets[0] = blockchain.address("foundryusa", "new")
        await run.days(3)
        assert blockchain.address("foundryusa", "new") in read_now(store, wallets.registry)
        run.assert_true(13)


async def test_c_coins_sent_ahead_to_a_later_payout_address_are_put_right(store: Store) -> None:
    async with running(store, grown(20), days=10) as run:
        await run.step()
        run.chain.quiet = True
        [old], new = run.chain.pool("viabtc").wallets, blockchain.address("viabtc", "next")
        run.chain.mine(110, slug="viabtc")
        txid = run.chain.pay(old, [(new, run.chain.spendable(old) - COIN)])
        run.chain.mine(48, slug="luxor")
        run.now += timedelta(days=6)
        await run.days(2)
        height = run.chain.by_txid[txid].height
        moved = next(day for day, heights in run.chain.days().items() if height in heights)
        assert run.day(moved).net_sat > 100 * COIN  # as far as anybody could tell
        run.chain.pool("viabtc").wallets = [new]
        run.chain.mine(20, slug="viabtc")
        reports = await run.days(2)
        assert run.day(moved).net_sat < COIN
        restated = [r for report in reports for r in report.readings if r.day == moved]
        assert {r.series for r in restated} >= {"btc.miner_outflow"}
        run.assert_true(14)


async def test_d_a_large_move_to_one_address_never_seen_is_unlabelled(store: Store) -> None:
    chain = grown(20)
    chain.quiet = True
    [wallet] = chain.pool("viabtc").wallets
    chain.mine(130, slug="viabtc")
    part = chain.spendable(wallet) // 4
    cold = blockchain.address("cold", "of viabtc")
    first = chain.pay(wallet, [(cold, part)])
    second = chain.pay(wallet, [(cold, part)])
    third = chain.pay(wallet, [(blockchain.address("miner", n), part // 10) for n in range(10)])
    chain.mine(40)
    async with running(store, chain, days=10) as run:
        await run.step()
        values = {movement.txid: movement for movement in seen(run)}
        assert values[first].unlabelled
        assert values[first].label == "unlabelled: one address never seen before"
        assert values[first].pool == "ViaBTC"
        assert values[first].destination == cold
        assert values[second].label == "one address used before"
        assert values[third].label == "many addresses, as a payout does"


async def test_d_consolidations_and_change_are_no_outflow(store: Store) -> None:
    chain = grown(20)
    chain.quiet = True
    [wallet] = chain.pool("f2pool").wallets
    chain.mine(110, slug="f2pool")
    txid = chain.pay(wallet, [(wallet, 0)])
    chain.mine(60)
    async with running(store, chain, days=7) as run:
        await run.step()
        tx = chain.by_txid[txid]
        assert len(tx.inputs) > 20
        when = next(day for day, heights in chain.days().items() if tx.height in heights)
        assert run.day(when).complete
        assert run.day(when).net_sat == tx.carried_out([wallet]) < COIN
        assert txid not in {movement.txid for movement in seen(run)}


async def test_e_direct_payout_solo_and_crowded_coinbases_stay_out_and_are_told_apart(store: Store) -> None:
    chain = grown(20)
    chain.mine(3, slug="ocean")
    chain.mine(2, slug="solock")
    chain.mine(2, slug="crowdpool")
    chain.mine(8, slug="viabtc")
    async with running(store, chain, days=10) as run:
        await run.step()
        assert set(read_now(store, wallets.registry)) <= chain.registry()
        apart = {name: blocks for name, blocks, _ in read_now(store, ledger_days.apart)}
        assert apart.keys() <= {"OCEAN", "Solo CK", "Crowd Pool", "Unknown"}
        assert apart["OCEAN"] >= 3


async def test_f_a_renamed_pool_keeps_its_wallet_and_unknown_miners_stay_out(store: Store) -> None:
    async with running(store, grown(20), days=10) as run:
        await run.step()
        pool = run.chain.pool("secpool")
        pool.slug, pool.name = "secpoolnew", "SECPOOL 2"
        run.chain.mine(5, slug="secpoolnew")
        run.chain.mine(5, slug="unknown")
        await run.days(1)
        assert pool_row(run, "SECPOOL 2").wallets == 2
        assert blockchain.address("unknown", 0) not in read_now(store, wallets.registry)
        run.assert_true(11)


async def test_g_a_block_without_extras_has_its_coinbase_read(any_store: Store) -> None:
    async with running(any_store, grown(20), days=10) as run:
        await run.step()
        run.chain.pool("luxor").wallets = [blockchain.address("luxor", "new")]
        run.chain.mine(2, slug="luxor")
        for block in run.chain.blocks[-2:]:
            block.bare = True
        run.server.calls.clear()
        await run.step()
        assert run.server.calls["coinbase"] == 4
        assert blockchain.address("luxor", "new") in read_now(any_store, wallets.registry)


async def test_g_a_server_without_attribution_names_pools_by_their_tag(store: Store) -> None:
    async with running(store, grown(20), days=10) as run:
        run.server.plain = True
        report = await run.step()
        assert report.problem is None
        await run.days(3)
        names = set(read_now(store, wallets.registry))
        assert names
        assert names <= run.chain.registry()
        assert blockchain.address("unknown", 0) not in names
        assert run.ledger()[-1].complete


async def test_h_rewards_ripen_for_100_blocks_and_count_as_reserve_until_spent(store: Store) -> None:
    chain = grown(20)
    chain.quiet = True
    chain.mine(72, slug="sbicrypto")
    async with running(store, chain, days=2) as run:
        run.chain.quiet = True
        await run.step()
        before, day = run.ledger()[-2:]
        assert day.net_sat == 0
        assert day.reserve_sat - before.reserve_sat == day.reward_sat > 0


async def test_h_an_orphaned_block_takes_its_new_address_with_it(store: Store) -> None:
    async with running(store, grown(20), days=10) as run:
        await run.step()
        luxor = run.chain.pool("luxor")
        result, luxor.wallets = luxor.wallets, [blockchain.address("luxor", "orphan")]
        run.chain.mine(1, slug="luxor")
        await run.ledger_sync.step(run.now + timedelta(hours=1))
        assert blockchain.address("luxor", "orphan") in read_now(store, wallets.registry)
        luxor.wallets = result
        run.chain.reorganise(1)
        luxor.used.discard(blockchain.address("luxor", "orphan"))
        await run.ledger_sync.step(run.now + timedelta(hours=2))
        assert blockchain.address("luxor", "orphan") not in read_now(store, wallets.registry)


def too_many(after: int) -> tuple[list[int], object]:
    left = [after]

    def fault(kind: str, request: web.Request) -> web.Response | None:
        if kind in ("address", "history"):
            left[0] -= 1
            if left[0] < 0:
                return web.Response(status=429, text="Too Many Requests", headers={"Retry-After": "120"})
        return None

    return left, fault


async def test_i_a_scan_cut_off_by_429_leaves_the_day_partial_until_it_is_whole(store: Store) -> None:
    async with running(store, grown(20), days=10) as run:
        await run.step()
        whole = run.ledger()[-1].day
        _, run.server.fault = too_many(9)  # type: ignore[assignment]  # a plain function
        reports: list[LedgerReport] = []
        while not reports or not reports[-1].readings:
            reports.append(await run.step(timedelta(hours=2)))
        report = reports[-1]
        assert report.problem is not None
        assert "429" in report.problem
        assert report.retry_at == run.now + timedelta(minutes=2)
        assert {(r.day, r.complete) for r in report.readings} == {(whole + timedelta(days=1), False)}
        asked = run.server.total
        assert await run.ledger_sync.step(run.now + timedelta(minutes=1)) == LedgerReport(
            retry_at=report.retry_at
        )
        assert run.server.total == asked
        run.server.fault = lambda kind, request: None
        done = await run.ledger_sync.step(run.now + timedelta(minutes=3))
        assert {(r.day, r.complete) for r in done.readings} == {(whole + timedelta(days=1), True)}
        run.assert_true(11)
        stored = read_now(
            store,
            lambda db: list(readings.of_series(db, "btc.miner_reserve", whole, whole + timedelta(days=1))),
        )
        assert [reading.complete for reading in stored] == [True, True]


async def test_i_a_wallet_too_busy_to_walk_is_settled_by_its_balances(
    any_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wallet_scan, "BUSY_PAGES", 1)
    async with running(any_store, grown(20), days=10) as run:
        await run.step()
        run.server.page = 2
        await run.days(2)
        run.assert_true(12)
        newest = run.ledger()[-1]
        assert newest.gross_sat <= run.chain.gross(newest.day)


async def test_i_one_wallet_the_server_refuses_keeps_the_day_partial_and_the_others_go_on(
    store: Store,
) -> None:
    async with running(store, grown(20), days=10) as run:
        await run.step()
        [refused] = run.chain.pool("viabtc").wallets

        def fault(kind: str, request: web.Request) -> web.Response | None:
            if kind == "history" and request.match_info["address"] == refused:
                return web.Response(status=400, text="Too many history entries")
            return None

        run.server.fault = fault
        reports = await run.days(1)
        problem = next(report.problem for report in reports if report.problem)
        assert problem.startswith(f"{refused}: the server answered 400")
        assert not run.ledger()[-1].complete
        stored = read_now(store, wallets.registry)
        assert {w.to_day for w in stored.values() if w.address != refused} == {run.ledger()[-1].day}
        run.server.fault = lambda kind, request: None
        await run.days(1)
        run.assert_true(12)


async def test_j_dust_from_strangers_is_counted_to_the_satoshi_and_keeps_no_wallet_alive(
    store: Store,
) -> None:
    chain = grown(30, interval_s=7_200.0)
    chain.quiet = True
    gone = blockchain.address("viabtc", 0)
    chain.pool("viabtc").wallets = [blockchain.address("ultimuspool", "new")]
    chain.mine(110)
    chain.pay(gone, [(blockchain.address("cold", "all"), chain.spendable(gone) - 30_000)])
    chain.receive(gone, 546)
    chain.quiet = False
    chain.mine_until(START + RETIRE_AFTER + timedelta(days=42))
    async with running(store, chain, days=150) as run:
        await run.step()
        run.assert_true(150)
        stored = read_now(store, wallets.registry)
        assert stored[gone].retired
        balance = stored[gone].balance
        assert balance is not None
        assert 0 < balance.sat < 100_000
        run.server.asked.clear()
        await run.days(1)
        assert not [path for path in run.server.asked if gone in path]
        run.assert_true(151)
        run.chain.pool("viabtc").wallets = [gone]  # and back again
        run.chain.mine(1, slug="viabtc")
        await run.days(2)
        assert not read_now(store, wallets.registry)[gone].retired
        run.assert_true(153)


async def test_k_another_server_begins_the_day_anew(store: Store) -> None:
    async with running(store, grown(20), days=10) as run:
        await run.step()
        _, run.server.fault = too_many(9)  # type: ignore[assignment]  # a plain function
        while not (await run.step(timedelta(hours=2))).readings:
            pass
        half = run.ledger()[-1]
        assert not half.complete
        async with ChainServer(run.chain) as other:
            run.restart(other.url.replace("127.0.0.1", "localhost"))
            await run.step()
            asked = {path.split("/")[3] for path in other.asked if path.startswith("/api/address/")}
            assert asked == {w.address for w in read_now(store, wallets.registry).values()}
        newest = run.day(half.day)
        assert newest.complete
        assert newest.source == "ledger:localhost"
        assert run.ledger()[0].source == "ledger:127.0.0.1"
        run.assert_true(11)


async def test_k_a_first_reading_begun_with_one_server_is_not_finished_with_another(store: Store) -> None:
    async with running(store, grown(30), days=20) as run:
        run.calls_per_step = 70
        run.restart()
        await run.step()
        assert read_now(store, wallets.scans)
        run.calls_per_step = 100_000
        run.restart(run.server.url.replace("127.0.0.1", "localhost"))
        await run.step()
        run.assert_true(20)


async def test_k_a_balance_and_a_history_from_two_tips_are_never_put_together(store: Store) -> None:
    async with running(store, grown(20), days=10) as run:
        grow = [3]

        def fault(kind: str, request: web.Request) -> web.Response | None:
            if kind == "history" and grow[0]:
                grow[0] -= 1
                run.chain.mine(1)
            return None

        run.server.fault = fault
        assert (await run.step()).problem is not None
        await run.step(timedelta(minutes=20))
        run.assert_true(10)


async def test_k_figures_that_contradict_each_other_never_make_a_complete_day(store: Store) -> None:
    async with running(store, grown(20), days=10) as run:
        await run.step()
        [wallet] = run.chain.pool("viabtc").wallets
        whole = run.ledger()[-1].day

        def fault(kind: str, request: web.Request) -> web.Response | None:
            if kind == "address" and request.match_info["address"] == wallet:
                stats = {"funded_txo_sum": 90_000 * COIN, "spent_txo_sum": COIN, "tx_count": 4_000}
                return web.json_response({"address": wallet, "chain_stats": stats})
            return None

        run.server.fault = fault
        reports = await run.days(2)
        assert any(report.problem and "lead to" in report.problem for report in reports)
        assert {day.day for day in run.ledger() if day.complete} <= {
            START.date() + timedelta(days=n) for n in range((whole - START.date()).days + 1)
        }
        run.server.fault = lambda kind, request: None
        await run.days(1)
        run.assert_true(13)


async def test_l_stamps_that_run_backwards_never_put_a_block_in_two_days(store: Store) -> None:
    chain = grown(20, interval_s=900.0)
    stamps = [block.time for block in chain.blocks]
    assert any(later < earlier for earlier, later in pairwise(stamps))
    async with running(store, chain, days=15) as run:
        await run.step()
        heights = sorted(height for day in run.ledger() for height in chain.days()[day.day])
        assert heights == list(range(heights[0], heights[-1] + 1))
        assert len(heights) == len(set(heights))
        run.assert_true(15)


async def test_a_ledger_that_took_in_something_false_mends_itself_in_three_days(any_store: Store) -> None:
    async with running(any_store, grown(20), days=10) as run:
        await run.step()
        [wallet] = run.chain.pool("viabtc").wallets
        write_now(
            any_store,
            lambda db: db.execute(
                "UPDATE ledger_wallets SET balance_sat = balance_sat + 5, transactions = transactions + 1 "
                "WHERE address = ?",
                [wallet],
            ),
        )
        reports = await run.days(2)
        assert any(report.problem and wallet in report.problem for report in reports)
        assert not run.ledger()[-1].complete
        await run.days(3)
        run.assert_true(15)


def foreign() -> Chain:
    """Another chain: only its first blocks are the same."""
    chain = grown(20, seed=9)
    chain.reorganise(chain.tip.height - chain.first_height - 20)
    chain.mine_until(START + timedelta(days=40))
    return chain


class Unworked(ChainRules):
    """Rules for a chain that nobody has worked for."""

    def proves(self, block_hash: str, header: Header) -> bool:
        return True

    def is_plausible_tip(self, height: int, now: datetime) -> bool:
        return True


def rules_of(run: Running) -> ChainRules:
    """Know a block of the chain being served, but ask for no work: a synthetic chain has none."""
    height = run.chain.first_height + 50  # both chains have the same first block
    return Unworked({height: run.chain.at(height).hash})


async def test_a_server_of_another_chain_is_refused_at_the_door(store: Store) -> None:
    async with running(store, grown(20), days=5) as run:
        run.rules = rules_of(run)
        run.restart()
        await run.step()
        run.assert_true(5)
        before = read_now(store, lambda db: db.execute("SELECT * FROM ledger_blocks").fetchall())
        async with ChainServer(foreign()) as other:
            run.restart(other.url)
            report = await run.step()
            assert "another chain than bitcoin's" in str(report.problem)
            assert report.readings == ()
        assert read_now(store, lambda db: db.execute("SELECT * FROM ledger_blocks").fetchall()) == before
        run.restart()
        await run.days(1)
        run.assert_true(6)


async def test_a_ledger_that_once_took_another_chain_is_read_anew_without_a_hand(store: Store) -> None:
    async with ChainServer(foreign()) as other, running(store, grown(20), days=5) as run:
        run.restart(other.url)
        await run.step()
        run.rules = rules_of(run)
        run.restart()
        await run.step()
        await run.days(1)
        run.assert_true(5)


async def test_blocks_without_work_are_refused(store: Store) -> None:
    async with running(store, grown(20), days=5) as run:
        run.rules = ChainRules(rules_of(run).known)
        run.restart()
        report = await run.step()
        assert "without the work that bitcoin's blocks show" in str(report.problem)
        assert read_now(store, lambda db: db.execute("SELECT count(*) FROM ledger_blocks").fetchone()) == (0,)


async def test_half_a_character_in_a_pools_name_stops_nothing(store: Store) -> None:
    async with running(store, grown(20), days=5) as run:
        run.chain.at(run.chain.tip.height - 3).name = "Half \ud83d a fish"
        run.chain.at(run.chain.tip.height - 9).name = "Whole \U0001f41f fish"
        await run.step()
        run.assert_true(5)
