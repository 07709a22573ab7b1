"""The ledger's arithmetic against transactions made up at random."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ledger.blocks import Calendar, Output
from bot.ledger.flows import (
    LARGE_SAT,
    Balance,
    Flow,
    MismatchError,
    SeenMovement,
    Transaction,
    WalletScan,
    begin,
    by_balance,
    covered_from,
    flow,
    moved,
    movement,
    rewind,
    take,
)

DAY = date(2026, 3, 1)
CALENDAR = Calendar([(DAY + timedelta(days=n), 100 + 10 * n) for n in range(8)])
LAST = CALENDAR.last_height(DAY + timedelta(days=6))
REGISTRY = ("a", "b", "c")
BTC = 100_000_000

outputs = st.lists(
    st.builds(Output, st.sampled_from([*REGISTRY, "x", "y", None]), st.integers(0, 100 * BTC)), min_size=1
)
transactions = st.builds(
    Transaction,
    txid=st.uuids().map(str),
    height=st.integers(90, LAST + 15),
    coinbase=st.booleans(),
    inputs=outputs.map(tuple),
    outputs=outputs.map(tuple),
).map(lambda tx: Transaction(tx.txid, tx.height, tx.coinbase, () if tx.coinbase else tx.inputs, tx.outputs))


def touching(txs: list[Transaction], wallet: str) -> list[Transaction]:
    """A wallet's history, newest first."""
    mine = [
        tx for tx in txs if any(part.address == wallet for part in (*tx.inputs, *tx.outputs))
    ]  # fmt: skip
    return sorted(mine, key=lambda tx: (-tx.height, tx.txid))


def balance(history: list[Transaction], wallet: str, opening: int, up_to: int) -> Balance:
    """What a wallet holds after block `up_to`, with `opening` satoshi and two transactions from before."""
    calls = [tx for tx in history if tx.height <= up_to]
    return Balance(opening + sum(flow(tx, wallet, REGISTRY).change_sat for tx in calls), 2 + len(calls))


def scanned(
    history: list[Transaction], wallet: str, opening: int, page: int
) -> tuple[WalletScan, dict[date, Flow]]:
    """Walk a history down to the calendar's first day."""
    older = [Transaction(f"old{n}", 50, True, (), (Output(wallet, 1),)) for n in (1, 2)]
    everything = history + older
    scan = begin(wallet, balance(history, wallet, opening, 10**9), DAY + timedelta(days=6), 99, None)
    flows: dict[date, Flow] = {}
    while not scan.finished:
        taken = take(scan, everything[:page], CALENDAR, REGISTRY)
        scan, everything = taken.scan, everything[page:]
        for day, each in taken.flows.items():
            flows[day] = flows.get(day, Flow()) + each
    return scan, flows


@given(st.lists(transactions, max_size=40), st.integers(1, 9))
@settings(max_examples=150, deadline=None)
def test_the_wallets_flows_add_up_to_what_the_transactions_carry_out(
    txs: list[Transaction], page: int
) -> None:
    total: dict[date, Flow] = {}
    for wallet in REGISTRY:
        _, flows = scanned(touching(txs, wallet), wallet, 10**15, page)
        for day, each in flows.items():
            total[day] = total.get(day, Flow()) + each
    for day in (DAY + timedelta(days=n) for n in range(7)):
        own = [tx for tx in txs if CALENDAR.day(tx.height) == day and tx.height <= LAST]
        spending = [tx for tx in own if any(part.address in REGISTRY for part in tx.inputs)]
        each = total.get(day, Flow())
        assert each.net_sat == sum(moved(tx, REGISTRY) for tx in own if not tx.coinbase)
        assert each.gross_sat == sum(max(0, moved(tx, REGISTRY)) for tx in spending if not tx.coinbase)
        assert each.reward_sat == sum(-moved(tx, REGISTRY) for tx in own if tx.coinbase)
        assert each.net_sat == each.reward_sat - each.change_sat


@given(st.lists(transactions, max_size=40), st.integers(1, 9))
@settings(max_examples=100, deadline=None)
def test_a_walk_finds_the_balance_at_the_end_of_its_day_whatever_came_after(
    txs: list[Transaction], page: int
) -> None:
    history = touching(txs, "a")
    scan, flows = scanned(history, "a", 10**15, page)
    assert scan.top == balance(history, "a", 10**15, LAST)
    assert scan.left == balance(history, "a", 10**15, 99)
    assert rewind(scan.top, flows.values()) == scan.left
    assert covered_from(scan, CALENDAR, DAY) == DAY


@given(st.lists(transactions, min_size=1, max_size=30), st.integers(-3, 3).filter(bool))
@settings(max_examples=100, deadline=None)
def test_a_balance_one_satoshi_off_is_never_taken_for_proved(txs: list[Transaction], off: int) -> None:
    history = touching(txs, "a")
    known = balance(history, "a", 10**15, 130)
    wrong = Balance(known.sat + off, known.transactions)
    older = Transaction("old", 50, True, (), (Output("a", 1),))
    with pytest.raises(MismatchError) as caught:
        prove(balance(history, "a", 10**15, 10**9), wrong, [*history, older])
    assert caught.value.gap == f"{-off}/0"


def prove(at_tip: Balance, known: Balance, history: list[Transaction]) -> None:
    scan = begin("a", at_tip, DAY + timedelta(days=6), 130, known)
    if not scan.finished:
        assert take(scan, history, CALENDAR, REGISTRY).scan.finished


def test_a_wallet_where_nothing_happened_needs_no_history() -> None:
    known = Balance(7, 3)
    scan = begin("a", known, DAY, 99, known)
    assert scan.finished
    assert scan.top == known


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ([], "ends 3 transactions before"),
        ([Transaction("1", 120, True, (), (Output("a", 9),))], "leave -1 sat"),
        (
            [
                Transaction("1", 120, True, (), (Output("a", 1),)),
                Transaction("2", 121, True, (), (Output("a", 1),)),
            ],
            "goes back up",
        ),
    ],
)
def test_a_history_that_contradicts_its_balance_is_refused(page: list[Transaction], reason: str) -> None:
    scan = begin("a", Balance(8, 3), DAY + timedelta(days=6), 99, None)
    older = [Transaction("9", 50, True, (), (Output("a", 1),))]
    with pytest.raises(MismatchError, match=reason):
        take(scan, [*page, *older] if page else [], CALENDAR, REGISTRY)


def test_a_day_known_by_balances_alone() -> None:
    result = by_balance(Balance(500, 10), Balance(350, 900), reward_sat=70)
    assert result.net_sat == 220
    assert result.change_sat == -150
    assert result.by_balance
    gained = by_balance(Balance(500, 10), Balance(600, 11), reward_sat=70)
    assert gained.net_sat == -30
    assert gained.gross_sat == 0


def test_a_movement_is_told_once_at_its_first_wallet_with_the_largest_destination() -> None:
    sent = Transaction(
        "t",
        120,
        False,
        (Output("b", 40 * BTC), Output("a", 30 * BTC)),
        (Output("x", 50 * BTC), Output("y", 5 * BTC), Output("x", 4 * BTC), Output("a", 11 * BTC)),
    )
    result = movement(sent, "a", REGISTRY)
    assert result is not None
    assert (result.moved_sat, result.destination, result.destination_sat) == (59 * BTC, "x", 54 * BTC)
    assert movement(sent, "b", REGISTRY) is None
    small = Transaction("s", 120, False, (Output("a", LARGE_SAT - 1),), (Output("x", 1),))
    assert movement(small, "a", REGISTRY) is None


@pytest.mark.parametrize(
    ("share", "record", "registered", "label"),
    [
        (90, False, False, "unlabelled: one address never seen before"),
        (80, False, False, "many addresses, as a payout does"),
        (90, True, False, "one address used before"),
        (90, False, True, "other pool wallets"),
    ],
)
def test_what_a_movement_is_called(share: int, record: bool, registered: bool, label: str) -> None:
    result = SeenMovement("t", DAY, 120, "ViaBTC", 100, "x", share, seen_before=record, registered=registered)
    assert result.label == label


def test_an_input_of_nothing_still_leads() -> None:
    tx = Transaction("t", 100, False, (Output("a", 0), Output("b", 1)), (Output("x", 1),))
    assert [flow(tx, wallet, REGISTRY).gross_sat for wallet in ("a", "b")] == [1, 0]
