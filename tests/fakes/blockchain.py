"""A synthetic chain: pools, payouts, change, consolidations, reorganisations. It knows every day's truth."""

import hashlib
import random
from collections import defaultdict, deque
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache

COIN = 100_000_000
FIRST_HEIGHT = 700_000
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def digest(*parts: object) -> str:
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


@cache
def address(*parts: Hashable) -> str:
    """An address of the right shape, made of what it is for."""
    number = int(digest("address", *parts), 16)
    letters = []
    for _ in range(33):
        number, rest = divmod(number, 58)
        letters.append(_BASE58[rest])
    return "1" + "".join(letters)


@dataclass(frozen=True, slots=True)
class Coin:
    txid: str
    vout: int
    address: str
    sat: int
    height: int
    coinbase: bool


@dataclass(frozen=True, slots=True)
class Tx:
    txid: str
    height: int
    inputs: tuple[Coin, ...]  # none for a coinbase
    outputs: tuple[tuple[str | None, int], ...]

    @property
    def coinbase(self) -> bool:
        return not self.inputs

    def carried_out(self, registry: Iterable[str]) -> int:
        """What it takes out of the registry, fee included; a coinbase takes nothing."""
        own = set(registry)
        if self.coinbase:
            return 0
        return sum(coin.sat for coin in self.inputs if coin.address in own) - sum(
            sat for to, sat in self.outputs if to in own
        )


@dataclass(slots=True)
class Mined:
    """One block of the synthetic chain."""

    height: int
    hash: str
    previous: str
    time: int
    median_time: int
    slug: str
    name: str
    txs: list[Tx]
    bare: bool = False  # the explorer has no extras for it yet
    spent: list[Coin] = field(default_factory=list)
    made: list[Coin] = field(default_factory=list)


@dataclass(slots=True)
class Pool:
    """A pool of the synthetic world; `wallets` are what its coinbases pay now."""

    slug: str
    name: str
    share: int
    wallets: list[str]
    direct: bool = False
    payout_share: float = 0.9  # of what is spendable, each day
    used: set[str] = field(default_factory=set)


def pools() -> list[Pool]:
    """Sixteen: big and small, two-wallet, shared custody, direct, solo, unknown."""

    def own(slug: str, name: str, share: int, wallets: int = 1, payout_share: float = 0.9) -> Pool:
        return Pool(slug, name, share, [address(slug, n) for n in range(wallets)], payout_share=payout_share)

    antpool = own("antpool", "AntPool", 18)
    return [
        own("foundryusa", "Foundry USA", 24, wallets=2),
        antpool,
        Pool("btccom", "BTC.com", 4, antpool.wallets),  # custody shared with AntPool
        own("viabtc", "ViaBTC", 12),
        own("f2pool", "F2Pool", 11),
        own("spiderpool", "SpiderPool", 8),
        own("marapool", "MARA Pool", 6, payout_share=0.05),  # holds what it mines
        own("secpool", "SECPOOL", 6, wallets=2),
        own("luxor", "Luxor", 5),
        own("binancepool", "Binance Pool", 5),
        own("braiinspool", "Braiins Pool", 4),
        own("sbicrypto", "SBI Crypto", 4),
        own("whitepool", "WhitePool", 4),
        own("ultimuspool", "ULTIMUSPOOL", 3),
        Pool("ocean", "OCEAN", 3, [], direct=True),
        Pool("crowdpool", "Crowd Pool", 2, [address("crowd", n) for n in range(6)]),
        Pool("solock", "Solo CK", 1, [], direct=True),
        Pool("unknown", "Unknown", 1, [address("unknown", 0)]),
    ]


class Chain:
    """Mines block after block from `start`, deterministically from `seed`.

    `interval_s` is the mean time between blocks; stamps are skewed by up to two hours both ways as far as
    consensus allows. Every pool pays out daily with change, consolidates, moves between its wallets, sweeps
    to never-seen addresses and receives crumbs from strangers.
    """

    def __init__(
        self,
        start: datetime,
        *,
        interval_s: float = 3_600.0,
        seed: int = 1,
        first_height: int = FIRST_HEIGHT,
        players: list[Pool] | None = None,
    ) -> None:
        self.first_height = first_height
        self.pools = pools() if players is None else players
        self.blocks: list[Mined] = []
        self.history: dict[str, list[Tx]] = defaultdict(list)
        self.by_hash: dict[str, Mined] = {}
        self.by_txid: dict[str, Tx] = {}
        self._coins: dict[str, deque[Coin]] = defaultdict(deque)
        self._random = random.Random(seed)
        self._interval_s = interval_s
        self._clock = start.timestamp()
        self._reward = round(3.125 * COIN * interval_s / 600)
        self._fork = 0
        self.quiet = False  # True: no pool does anything but mine

    @property
    def tip(self) -> Mined:
        return self.blocks[-1]

    def at(self, height: int) -> Mined:
        return self.blocks[height - self.first_height]

    def pool(self, slug: str) -> Pool:
        return next(pool for pool in self.pools if pool.slug == slug)

    def mine(self, count: int = 1, slug: str | None = None) -> None:
        """Find `count` blocks, all by one pool when it is named."""
        for _ in range(count):
            self._mine(slug)

    def mine_until(self, moment: datetime) -> None:
        """Find blocks until the chain's own clock has passed `moment`."""
        while not self.blocks or self._clock < moment.timestamp():
            self._mine(None)

    def reorganise(self, depth: int, longer_by: int = 1) -> None:
        """Replace the newest `depth` blocks by others, and more of them."""
        for _ in range(depth):
            self._undo(self.blocks.pop())
        self._clock = float(self.blocks[-1].time)
        self._fork += 1
        self.mine(depth + longer_by)

    def pay(self, sender: str, outputs: list[tuple[str | None, int]], slug: str | None = None) -> str:
        """Mine one block with this payment, change back to the sender; gives its transaction id."""
        self._mine(slug, extra=[(sender, outputs)])
        return self.blocks[-1].txs[1].txid

    def receive(self, wallet: str, sat: int) -> None:
        """Mine one block in which a stranger sends a wallet something."""
        self._mine(None, gifts=[(wallet, sat)])

    def spendable(self, wallet: str) -> int:
        """What a wallet could spend in the next block."""
        return sum(
            coin.sat
            for coin in self._coins[wallet]
            if not coin.coinbase or self.tip.height + 1 - coin.height >= 100
        )

    # ---- what is true

    def registry(self) -> set[str]:
        """Every address that belongs in the registry: of pools that keep what their coinbases pay."""
        return {
            wallet
            for pool in self.pools
            if not pool.direct and pool.slug != "unknown" and len(pool.wallets) <= 4
            for wallet in pool.used
        }

    def days(self) -> dict[date, range]:
        """The heights of each whole day: the median of the 11 stamps around a block says its day."""
        stamps = [block.time for block in self.blocks]
        heights: dict[date, list[int]] = defaultdict(list)
        for index in range(5, len(stamps) - 5):
            clock = sorted(stamps[index - 5 : index + 6])[5]
            heights[datetime.fromtimestamp(clock, UTC).date()].append(self.first_height + index)
        return {day: range(each[0], each[-1] + 1) for day, each in heights.items()}

    def net(self, day: date) -> int:
        return sum(tx.carried_out(self.registry()) for tx in self._of(day))

    def gross(self, day: date) -> int:
        own = self.registry()
        return sum(
            max(0, tx.carried_out(own)) for tx in self._of(day) if any(c.address in own for c in tx.inputs)
        )

    def reserve(self, day: date) -> int:
        """What the registry held after the day's last block."""
        last = self.days()[day][-1]
        return sum(self.balance_at(wallet, last) for wallet in self.registry())

    def balance_at(self, wallet: str, height: int) -> int:
        total = 0
        for tx in self.history[wallet]:
            if tx.height <= height:
                total += sum(sat for to, sat in tx.outputs if to == wallet)
                total -= sum(coin.sat for coin in tx.inputs if coin.address == wallet)
        return total

    def _of(self, day: date) -> Iterable[Tx]:
        return (tx for height in self.days()[day] for tx in self.at(height).txs)

    # ---- mining

    def _mine(
        self,
        slug: str | None,
        extra: Sequence[tuple[str, list[tuple[str | None, int]]]] = (),
        gifts: Sequence[tuple[str, int]] = (),
    ) -> None:
        self._clock += self._random.expovariate(1.0) * self._interval_s
        height = self.first_height + len(self.blocks)
        pool = self._finder() if slug is None else self.pool(slug)
        past = sorted(block.time for block in self.blocks[-11:])
        median = past[len(past) // 2] if past else 0
        skew = self._random.choice((0, 0, 0, 0, -7_000, -1_800, 1_800, 7_000))
        stamp = max(median + 1, round(self._clock) + skew)
        window = sorted([*(block.time for block in self.blocks[-10:]), stamp])
        block = Mined(
            height,
            digest("block", self._fork, height),
            self.blocks[-1].hash if self.blocks else digest("genesis"),
            stamp,
            window[len(window) // 2],
            pool.slug,
            pool.name,
            [],
        )
        self._add(block, (), self._coinbase(block, pool))
        for sender, outputs in extra:
            self._spend(block, sender, outputs)
        for wallet, sat in gifts:
            self._receive(block, wallet, sat)
        if not self.quiet:
            self._business(block)
        self.blocks.append(block)
        self.by_hash[block.hash] = block

    def _finder(self) -> Pool:
        return self._random.choices(self.pools, [pool.share for pool in self.pools])[0]

    def _coinbase(self, block: Mined, pool: Pool) -> list[tuple[str | None, int]]:
        reward = self._reward + self._random.randrange(5_000_000)
        if pool.slug == "ocean":
            part = reward // 12
            paid = [(address("miner", self._random.randrange(400)), part) for _ in range(11)]
            return [*paid, (address("ocean", "fee"), reward - 11 * part), (None, 0)]
        if pool.direct:
            return [(address(pool.slug, block.height), reward), (None, 0)]
        pool.used.update(pool.wallets)
        if len(pool.wallets) == 1:
            return [(pool.wallets[0], reward), (None, 0)]
        part = reward // 3
        rest = [(wallet, part // (len(pool.wallets) - 1)) for wallet in pool.wallets[1:]]
        return [(pool.wallets[0], reward - sum(sat for _, sat in rest)), *rest, (None, 0)]

    def _business(self, block: Mined) -> None:
        """About once a day each wallet pays; now and then it does something else."""
        chance = self._interval_s / 86_400
        for pool in self.pools:
            if pool.direct:
                continue
            for index, wallet in enumerate(pool.wallets):
                if self._random.random() < chance:
                    self._payout(block, wallet, pool.payout_share)
                if self._random.random() < chance / 5:
                    self._spend(block, wallet, [(wallet, 0)])  # consolidation
                if self._random.random() < chance / 6 and len(pool.wallets) > 1:
                    other = pool.wallets[1 - index]
                    self._spend(block, wallet, [(other, self._spendable(block, wallet) // 2)])
                if self._random.random() < chance / 10:
                    seldom = address("cold", block.height, wallet)
                    self._spend(block, wallet, [(seldom, self._spendable(block, wallet) * 9 // 10)])
                if self._random.random() < chance / 4:
                    self._receive(block, wallet, self._random.choice((546, 1_000, 25_000_000)))

    def _payout(self, block: Mined, wallet: str, share: float) -> None:
        total = round(self._spendable(block, wallet) * share)
        count = self._random.randrange(2, 9)
        paid: list[tuple[str | None, int]] = [
            (address("miner", self._random.randrange(400)), total // count) for _ in range(count)
        ]
        self._spend(block, wallet, paid)

    def _spendable(self, block: Mined, wallet: str) -> int:
        return sum(coin.sat for coin in self._ripe(block, wallet))

    def _ripe(self, block: Mined, wallet: str) -> list[Coin]:
        return [
            coin
            for coin in self._coins[wallet]
            if (block.height - coin.height >= 100 if coin.coinbase else coin.height < block.height)
        ]

    def _spend(self, block: Mined, wallet: str, outputs: list[tuple[str | None, int]]) -> None:
        """A transaction from a wallet's ripe coins, oldest first; what is over goes back, less a fee."""
        coins = self._ripe(block, wallet)
        fee = 1_000 + self._random.randrange(20_000)
        if outputs == [(wallet, 0)]:
            outputs = [(wallet, sum(coin.sat for coin in coins) - fee)]
        outputs = [(to, sat) for to, sat in outputs if sat > 0]
        over = sum(coin.sat for coin in coins) - sum(sat for _, sat in outputs) - fee
        if not coins or not outputs or over < 0 - fee:
            return
        if over > 1_000:
            outputs.append((wallet, over))
        self._add(block, tuple(coins), outputs)

    def _receive(self, block: Mined, wallet: str, sat: int) -> None:
        stranger = Coin(
            digest("stranger", self._random.random()), 0, address("stranger"), sat + 500, 0, False
        )
        self._add(block, (stranger,), [(wallet, sat)])

    def _add(self, block: Mined, inputs: tuple[Coin, ...], outputs: list[tuple[str | None, int]]) -> None:
        tx = Tx(digest("tx", self._fork, block.height, len(block.txs)), block.height, inputs, tuple(outputs))
        for coin in inputs:
            if coin in self._coins[coin.address]:
                self._coins[coin.address].remove(coin)
            block.spent.append(coin)
        for vout, (to, sat) in enumerate(outputs):
            if to is not None and sat:
                made = Coin(tx.txid, vout, to, sat, block.height, not inputs)
                self._coins[to].append(made)
                block.made.append(made)
        for touched in dict.fromkeys([*(c.address for c in inputs), *(to for to, _ in outputs if to)]):
            self.history[touched].append(tx)
        block.txs.append(tx)
        self.by_txid[tx.txid] = tx

    def _undo(self, block: Mined) -> None:
        for coin in block.made:
            if coin in self._coins[coin.address]:
                self._coins[coin.address].remove(coin)
        for coin in reversed(block.spent):
            if coin.height and coin.height < block.height:
                self._coins[coin.address].appendleft(coin)
        for tx in block.txs:
            for touched in {*(c.address for c in tx.inputs), *(to for to, _ in tx.outputs if to)}:
                self.history[touched].remove(tx)
            del self.by_txid[tx.txid]
        del self.by_hash[block.hash]
