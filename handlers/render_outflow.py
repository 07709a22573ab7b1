"""The evidence behind a miner outflow alert: per-pool table, largest movements, other sources by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlite_utils import Database

from bot.mining.ledger import SAT_PER_BTC, SeenMovement
from bot.mining.pool_table import PoolRow, pool_rows
from bot.mining.treasuries import HoldingFall
from bot.signals.outflow import YEAR, ReserveChange, WarmingUp, mpi_ratio, mpi_z_score, reserve_change
from bot.signals.outflow_sources import PROXY, evidence_name
from bot.signals.series import Reading
from handlers.words import html
from storage import outflow, readings

_NAME = 13


@dataclass(frozen=True, slots=True)
class OutflowEvidence:
    """What the ledger has on the seven days that end with `last`.

    `apart` are blocks of the newest week that pay no pool wallet: (name, blocks).
    """

    last: date
    rows: Sequence[PoolRow]
    movements: Sequence[SeenMovement]
    apart: Sequence[tuple[str, int]]
    complete: bool
    reserve: Sequence[ReserveChange] = ()
    mpi_ratio: float | WarmingUp | None = None
    mpi_z_score: float | WarmingUp | None = None


def outflow_evidence(db: Database, last: date) -> OutflowEvidence:
    """Collect the evidence for the week that ends with `last`."""
    first = last - timedelta(days=6)
    whole = {day.day: day for day in outflow.daily(db) if day.complete}
    gross = {day: found.gross_sat / SAT_PER_BTC for day, found in whole.items()}
    held = {day: found.reserve_sat / SAT_PER_BTC for day, found in whole.items()}
    changes = [reserve_change(held, last, days) for days in (7, 30, 365)]
    price = {
        reading.day: reading.value
        for reading in readings.of_series(db, "btc.price", last - timedelta(days=2 * YEAR), last)
        if reading.day is not None and reading.complete
    }
    return OutflowEvidence(
        last,
        pool_rows(outflow.by_pool(db, first, last)),
        outflow.movements(db, first, last, most=3),
        [(name, blocks) for name, blocks, _ in outflow.apart(db)][:4],
        all(last - timedelta(days=n) in whole for n in range(7)),
        [change for change in changes if change is not None],
        mpi_ratio(gross, price, last),
        mpi_z_score(gross, price, last),
    )


def outflow_text(evidence: OutflowEvidence, others: Sequence[Reading] = ()) -> str:
    """The evidence as Telegram HTML, 34 characters wide where columns must line up.

    `others` are readings of other providers of the same week; each is named as what it is.
    """
    lines = [f"<b>Pool wallets, 7 days to {evidence.last}</b> ({html(PROXY)})"]
    if not evidence.complete:
        lines.append("A day of this week is partial: the figures below are too.")
    if evidence.rows:
        lines.append(f"<pre>{html(table(evidence.rows))}</pre>")
        lines.append("BTC. Out: net, minus where wallets gained.")
    if evidence.reserve:
        spans = [
            f"{_signed(change.fraction)} in {change.days} days"
            for change in evidence.reserve
            if change.fraction is not None
        ]
        lines.append(f"Held: {evidence.reserve[0].reserve_btc:,.0f} BTC, {', '.join(spans)}")
    lines.append(
        f"Miner Position Index: {_index(evidence.mpi_ratio)} times the day's 365-day mean (definition a); "
        f"365-day z-score {_index(evidence.mpi_z_score)} (definition b)"
    )
    for movement in evidence.movements:
        lines.append(
            f"{html(movement.pool)}: {movement.moved_sat / SAT_PER_BTC:,.0f} BTC on {movement.day}, "
            f'to {html(movement.label)} (<a href="https://mempool.space/tx/{html(movement.txid)}">'
            f"{html(movement.txid[:8])}…</a>)"
        )
    if evidence.apart:
        told = ", ".join(f"{html(name)} {blocks}" for name, blocks in evidence.apart)
        lines.append(f"Not counted, they pay miners directly or nobody knows whose: {told} blocks this week.")
    for reading in others:
        lines.append(
            f"Beside it: {reading.value:,.0f} BTC on {reading.day} by {html(evidence_name(reading.source))}"
        )
    return "\n".join(lines)


def _index(value: float | WarmingUp | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, WarmingUp):
        return f"– ({value.days_so_far} of {value.days_needed} days so far)"
    return f"{value:.1f}".replace("-", "−")


def _signed(fraction: float) -> str:
    return f"{100 * fraction:+.1f} %".replace("-", "−")


def table(rows: Sequence[PoolRow]) -> str:
    """Rows as a fixed-width table, 34 characters wide."""
    lines = [f"{'pool':<{_NAME}}{'mined':>6}{'out':>7}{'held':>8}"]
    for row in rows:
        name = row.name if len(row.name) <= _NAME - 1 else row.name[: _NAME - 2] + "…"
        out = f"{row.net_btc:,.0f}".replace("-", "−")
        lines.append(f"{name:<{_NAME}}{row.mined_btc:>6,.0f}{out:>7}{row.held_btc:>8,.0f}")
    return "\n".join(lines)


def fall_text(fall: HoldingFall) -> str:
    """The alert of a public miner that holds less: “Core Scientific: 9,618 → 1,959 BTC (−80 %)”."""
    change = f"{100 * fall.change:.0f}".replace("-", "−")
    return (
        f"🟠 <b>{html(fall.text)}</b> ({change} %)\n"
        f"A public miner's holdings fell. Source: {html(evidence_name('coingecko'))}."
    )
