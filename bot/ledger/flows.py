"""The ledger's arithmetic: each transaction's flows, newest first, proved by the balances.

Net outflow of a day = rewards credited − change of balance over the registry. Change outputs, consolidations
and moves between registered wallets cancel by themselves. All amounts are whole satoshi.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final, Self

from bot.i18n.message import N_
from bot.ledger.blocks import Calendar, Output

SAT_PER_BTC: Final = 100_000_000
LARGE_SAT: Final = 50 * SAT_PER_BTC
"""A transaction that moves at least this much out of the registry is kept by its id."""


class MismatchError(ValueError):
    """A server's balances and transactions contradict each other; the text says how.

    `gap` is by how much they miss what the ledger holds. When the same gap comes back, the ledger is wrong.
    """

    def __init__(self, text: str, gap: str = "") -> None:
        """A contradiction as a sentence."""
        super().__init__(text)
        self.gap = gap


@dataclass(frozen=True, slots=True)
class Transaction:
    """One confirmed transaction; inputs carry what they spend."""

    txid: str
    height: int
    coinbase: bool
    inputs: tuple[Output, ...]
    outputs: tuple[Output, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """What happened to one or more wallets over a span, in satoshi.

    `reward_sat` came from coinbases, `received_sat` from other transactions, `spent_sat` left as inputs.
    `gross_sat` is what transactions carried out of the whole registry; each is counted at one wallet only.
    `by_balance` marks a span known by its balances alone: its net is exact, its gross a lower bound.
    """

    reward_sat: int = 0
    received_sat: int = 0
    spent_sat: int = 0
    gross_sat: int = 0
    transactions: int = 0
    by_balance: bool = False

    @property
    def net_sat(self) -> int:
        """Net outflow: what left less what came back, rewards aside. Negative when the wallets gained."""
        return self.spent_sat - self.received_sat

    @property
    def change_sat(self) -> int:
        """Change of the balance."""
        return self.reward_sat + self.received_sat - self.spent_sat

    def __add__(self, other: Self) -> "Flow":
        """Both flows together."""
        return Flow(
            self.reward_sat + other.reward_sat,
            self.received_sat + other.received_sat,
            self.spent_sat + other.spent_sat,
            self.gross_sat + other.gross_sat,
            self.transactions + other.transactions,
            self.by_balance or other.by_balance,
        )


@dataclass(frozen=True, slots=True)
class Balance:
    """What one wallet held at the end of a block, and how many transactions it had taken part in."""

    sat: int
    transactions: int


@dataclass(frozen=True, slots=True)
class Movement:
    """A large transaction out of the registry. `destination` is the outside address that got most of it."""

    txid: str
    height: int
    moved_sat: int
    destination: str | None
    destination_sat: int


def _total(outputs: Iterable[Output], addresses: Collection[str]) -> int:
    return sum(output.sat or 0 for output in outputs if output.address in addresses)


def flow(transaction: Transaction, wallet: str, registry: Collection[str]) -> Flow:
    """What one transaction does to one wallet.

    Its gross outflow (inputs from the registry less outputs back to it, fee included) is counted at the
    first of its registered input addresses in alphabetical order, so that wallets add up without repeats.
    """
    received = _total(transaction.outputs, (wallet,))
    if transaction.coinbase:
        return Flow(reward_sat=received, transactions=1)
    spent = _total(transaction.inputs, (wallet,))
    gross = moved(transaction, registry) if _leads(transaction, wallet, registry) else 0
    return Flow(received_sat=received, spent_sat=spent, gross_sat=max(0, gross), transactions=1)


def moved(transaction: Transaction, registry: Collection[str]) -> int:
    """Satoshi a transaction carries out of the registry, fee included; negative when it brings some in."""
    return _total(transaction.inputs, registry) - _total(transaction.outputs, registry)


def movement(transaction: Transaction, wallet: str, registry: Collection[str]) -> Movement | None:
    """The transaction as a large movement, told at its leading wallet only; None when it is none."""
    if transaction.coinbase or not _leads(transaction, wallet, registry):
        return None
    out = moved(transaction, registry)
    if out < LARGE_SAT:
        return None
    outside: dict[str, int] = {}
    for output in transaction.outputs:
        if output.address is not None and output.address not in registry:
            outside[output.address] = outside.get(output.address, 0) + (output.sat or 0)
    destination = max(outside, key=lambda address: outside[address], default=None)
    return Movement(
        transaction.txid,
        transaction.height,
        out,
        destination,
        outside[destination] if destination is not None else 0,
    )


def _leads(transaction: Transaction, wallet: str, registry: Collection[str]) -> bool:
    inputs = [
        item.address for item in transaction.inputs if item.address is not None and item.address in registry
    ]
    return bool(inputs) and min(inputs) == wallet


@dataclass(frozen=True, slots=True)
class WalletScan:
    """A scan down one wallet's history, newest transaction first, that can stop after any page.

    It began at a balance read at the tip and ends at `stop_height`: with `known`, where a balance is already
    held that the scan must arrive at; without, at the ledger's first block. `left` is the balance before all
    transactions met so far. `top` is the balance at the end of `top_day`, once the scan has come below it.
    """

    wallet: str
    top_day: date
    stop_height: int
    left: Balance
    known: Balance | None = None
    top: Balance | None = None
    cursor: str | None = None
    cursor_height: int | None = None
    pages: int = 0
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """What one page of a scan brought: where the scan stands now, flows by day, large movements."""

    scan: WalletScan
    flows: Mapping[date, Flow] = field(default_factory=dict)
    movements: tuple[Movement, ...] = ()


def begin(wallet: str, at_tip: Balance, top_day: date, stop_height: int, known: Balance | None) -> WalletScan:
    """A scan at its start; already finished when nothing has happened since `known`, or ever.

    Raises MismatchError when the balance at the tip rests on no more transactions than `known` and differs.
    """
    scan = WalletScan(wallet, top_day, stop_height, at_tip, known)
    stuck = known is not None and at_tip.transactions <= known.transactions
    return _stop(scan) if stuck else _arrive(scan)


def take(
    scan: WalletScan, page: Sequence[Transaction], calendar: Calendar, registry: Collection[str]
) -> Page:
    """Go one page further. Raises MismatchError when the page contradicts the scan's first balance."""
    if not page:
        raise MismatchError(
            f"the history of {scan.wallet} ends {scan.left.transactions} transactions before its count says"
        )
    top_height = calendar.last_height(scan.top_day)
    flows: dict[date, Flow] = {}
    large: list[Movement] = []
    scan = replace(scan, pages=scan.pages + 1)
    for transaction in page:
        if scan.cursor_height is not None and transaction.height > scan.cursor_height:
            raise MismatchError(
                f"the history of {scan.wallet} goes back up from block {scan.cursor_height} "
                f"to {transaction.height}"
            )
        if transaction.height <= top_height and scan.top is None:
            scan = replace(scan, top=scan.left)
        if transaction.height <= scan.stop_height:
            return Page(_stop(scan), flows, tuple(large))
        happened = flow(transaction, scan.wallet, registry)
        scan = replace(
            scan,
            left=Balance(scan.left.sat - happened.change_sat, scan.left.transactions - 1),
            cursor=transaction.txid,
            cursor_height=transaction.height,
        )
        day = calendar.day(transaction.height)
        if transaction.height <= top_height and day is not None:
            flows[day] = flows.get(day, Flow()) + happened
            if (large_movement := movement(transaction, scan.wallet, registry)) is not None:
                large.append(large_movement)
    return Page(_arrive(scan), flows, tuple(large))


def _arrive(scan: WalletScan) -> WalletScan:
    """End the scan when nothing is left above its stop."""
    if scan.known is None:
        return scan if scan.left.transactions > 0 else _stop(scan)
    met = scan.left == scan.known or scan.left.transactions <= 0
    return _stop(scan) if met else scan


def _stop(scan: WalletScan) -> WalletScan:
    """The scan at its end, proved against the balance it had to arrive at."""
    if scan.known is not None and scan.left != scan.known:
        raise MismatchError(
            f"the transactions of {scan.wallet} lead to {scan.left.sat} sat after {scan.left.transactions}, "
            f"the ledger holds {scan.known.sat} sat after {scan.known.transactions}",
            f"{scan.left.sat - scan.known.sat}/{scan.left.transactions - scan.known.transactions}",
        )
    if scan.left.sat < 0 or scan.left.transactions < 0 or (not scan.left.transactions and scan.left.sat):
        raise MismatchError(
            f"the transactions of {scan.wallet} leave {scan.left.sat} sat before the first of them"
        )
    return replace(scan, top=scan.top if scan.top is not None else scan.left, finished=True)


def covered_from(scan: WalletScan, calendar: Calendar, floor: date) -> date:
    """The oldest day whose every transaction the scan has met; the day after `top_day` if none yet."""
    if scan.finished:
        return floor
    none = scan.top_day + timedelta(days=1)
    if scan.top is None or scan.cursor_height is None:
        return none
    day = calendar.day(scan.cursor_height)
    return none if day is None else min(none, day + timedelta(days=1))


def by_balance(before: Balance, after: Balance, reward_sat: int) -> Flow:
    """A day of a wallet too busy to scan: net outflow = rewards credited − change of balance."""
    net = reward_sat - (after.sat - before.sat)
    return Flow(
        reward_sat=reward_sat,
        received_sat=max(0, -net),
        spent_sat=max(0, net),
        gross_sat=max(0, net),
        transactions=after.transactions - before.transactions,
        by_balance=True,
    )


def rewind(balance: Balance, later: Iterable[Flow]) -> Balance:
    """The balance before flows that are taken back."""
    total = sum(later, Flow())
    return Balance(balance.sat - total.change_sat, balance.transactions - total.transactions)


@dataclass(frozen=True, slots=True)
class LedgerDay:
    """One UTC day of the ledger, in satoshi. `complete` only when every wallet was read and proved.

    The gross is a lower bound where a wallet was too busy to be read. `source` names the server, as in
    "ledger:mempool.space".
    """

    day: date
    net_sat: int
    gross_sat: int
    reward_sat: int
    reserve_sat: int
    complete: bool
    source: str


@dataclass(frozen=True, slots=True)
class PoolFlow:
    """One pool over a span, in satoshi; `shared_with` names other pools whose blocks pay the same wallets."""

    name: str
    wallets: int
    reward_sat: int
    net_sat: int
    balance_sat: int
    shared_with: tuple[str, ...]


UNLABELLED_SHARE: Final = 0.8
"""A movement that sends more than this share to one address never seen before has nobody's name on it."""


@dataclass(frozen=True, slots=True)
class SeenMovement:
    """A large movement with what is known of its destination now.

    `seen_before`: an earlier large movement went there too. `registered`: it is itself a pool wallet.
    """

    txid: str
    day: date
    height: int
    pool: str
    moved_sat: int
    destination: str | None
    destination_sat: int
    seen_before: bool
    registered: bool

    @property
    def unlabelled(self) -> bool:
        """More than 80 % went to one address never seen: a cold wallet or a buyer, nobody can tell."""
        return (
            self.destination is not None
            and not self.seen_before
            and not self.registered
            and self.destination_sat > UNLABELLED_SHARE * self.moved_sat
        )

    @property
    def label(self) -> str:
        """Where it went, in words for the catalogues."""
        if self.registered:
            return N_("other pool wallets")
        if self.unlabelled:
            return N_("unlabelled: one address never seen before")
        if self.destination_sat > UNLABELLED_SHARE * self.moved_sat:
            return N_("one address used before")
        return N_("many addresses, as a payout does")
