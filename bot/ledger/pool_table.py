"""The per-pool table of miner outflow: who mined, sent and holds how much."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.i18n.message import Message, NumberValue, message
from bot.ledger.flows import SAT_PER_BTC, PoolFlow


@dataclass(frozen=True, slots=True)
class PoolRow:
    """One line, in BTC. `net_btc` is net outflow, negative when the pool's wallets gained."""

    name: Message
    mined_btc: float
    net_btc: float
    held_btc: float


def pool_rows(pools: Sequence[PoolFlow], most: int = 8) -> list[PoolRow]:
    """The pools with the largest net outflow first; beyond `most` the rest together, then all together.

    A wallet several pools pay is one line under the newest payer's name, the others after a plus.
    """
    ordered = sorted(pools, key=lambda pool: (-pool.net_sat, pool.name))
    rows = [_row(_name(pool), [pool]) for pool in ordered[:most]]
    if len(ordered) > most:
        # Translators: this and the next text end a table of pools: at most 12 letters (Chinese: 6).
        rows.append(_row(message("{count} others", count=NumberValue(len(ordered) - most)), ordered[most:]))
    return [*rows, _row(message("all"), ordered)] if ordered else []


def _name(pool: PoolFlow) -> Message:
    return Message("{name}", (("name", "+".join((pool.name, *pool.shared_with))),))


def _row(name: Message, pools: Sequence[PoolFlow]) -> PoolRow:
    return PoolRow(
        name,
        sum(pool.reward_sat for pool in pools) / SAT_PER_BTC,
        sum(pool.net_sat for pool in pools) / SAT_PER_BTC,
        sum(pool.balance_sat for pool in pools) / SAT_PER_BTC,
    )
