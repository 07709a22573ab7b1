"""The evidence behind a miner outflow alert: per-pool table, largest movements, other sources by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.i18n.message import commas, left, right, width
from bot.i18n.translator import LocaleTranslator
from bot.ledger.flows import SAT_PER_BTC, SeenMovement
from bot.ledger.pool_luck import WEEKS_BEFORE, PoolLuck, pool_luck
from bot.ledger.pool_table import PoolRow, pool_rows
from bot.ledger.treasuries import HoldingFall
from bot.mining.network import subsidy_on
from bot.signals.outflow_sources import PROXY, evidence_name
from bot.signals.outflow_stats import YEAR, ReserveChange, WarmingUp, mpi_ratio, mpi_z_score, reserve_change
from bot.signals.series import Reading
from handlers.html import html
from storage.database import Database
from storage.ledger import days as ledger_days
from storage.signals import readings

_WIDTHS = (13, 6, 7, 8)


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
    fallen_pools: Sequence[PoolLuck] = ()


def outflow_evidence(db: Database, last: date) -> OutflowEvidence:
    """Collect the evidence for the week that ends with `last`."""
    first = last - timedelta(days=6)
    whole = {day.day: day for day in ledger_days.daily(db) if day.complete}
    gross = {day: day_flows.gross_sat / SAT_PER_BTC for day, day_flows in whole.items()}
    reserves = {day: day_flows.reserve_sat / SAT_PER_BTC for day, day_flows in whole.items()}
    changes = [reserve_change(reserves, last, days) for days in (7, 30, 365)]
    price = {
        reading.day: reading.value
        for reading in readings.of_series(db, "btc.price", last - timedelta(days=2 * YEAR), last)
        if reading.day is not None and reading.complete
    }
    week = ledger_days.by_pool(db, first, last)
    earlier = ledger_days.by_pool(db, first - timedelta(weeks=WEEKS_BEFORE), first - timedelta(days=1))
    luck = pool_luck(week, earlier, subsidy_on(last))
    return OutflowEvidence(
        last,
        pool_rows(week),
        ledger_days.movements(db, first, last, most=3),
        [(name, blocks) for name, blocks, _ in ledger_days.apart(db)][:4],
        all(last - timedelta(days=n) in whole for n in range(7)),
        [change for change in changes if change is not None],
        mpi_ratio(gross, price, last),
        mpi_z_score(gross, price, last),
        [pool for pool in luck if pool.fell],
    )


def outflow_text(evidence: OutflowEvidence, t: LocaleTranslator, others: Sequence[Reading] = ()) -> str:
    """The evidence as Telegram HTML, 34 characters wide where columns must line up.

    `others` are readings of other providers of the same week; each is named as what it is.
    """
    # Translators: {proxy} is “pool wallets, a proxy for selling”.
    lines = [
        t(
            "<b>Pool wallets, 7 days to {day}</b> ({proxy})",
            day=t.day(evidence.last, "yMMMd"),
            proxy=html(t(PROXY)),
        )
    ]
    if not evidence.complete:
        lines.append(t("A day of this week is partial: the figures below are too."))
    if evidence.rows:
        lines.append(f"<pre>{html(table(evidence.rows, t))}</pre>")
        lines.append(t("BTC. Out: net, minus where wallets gained."))
    if evidence.reserve:
        lines.append(_reserve_words(evidence.reserve, t))
    lines.append(
        t(
            "Miner Position Index: {ratio} times the day's 365-day mean (definition a); "
            "365-day z-score {score} (definition b)",
            ratio=_index(evidence.mpi_ratio, t),
            score=_index(evidence.mpi_z_score, t),
        )
    )
    lines += [_movement(movement, t) for movement in evidence.movements]
    for luck in evidence.fallen_pools:
        line = t(
            "{pool} found {blocks} blocks in 7 days, fewer than luck explains ({low} to {high} at its pace "
            "before)",
            pool=html(luck.name),
            blocks=luck.blocks,
            low=luck.low,
            high=luck.high,
        )
        lines.append(line)
    if evidence.apart:
        # Translators: {blocks} is a list of pools with numbers, as in “OCEAN 9, Unknown 3”.
        pools_line = t(
            "Not counted, they pay miners directly or nobody knows whose: {blocks} blocks this week.",
            blocks=commas([f"{html(name)} {t.number(blocks)}" for name, blocks in evidence.apart], t),
        )
        lines.append(pools_line)
    for reading in others:
        # Translators: {source} says at length whose figure it is and what it measures.
        beside = t(
            "For comparison: {amount} BTC on {day} by {source}",
            amount=t.number(reading.value),
            day=t.utc(reading.as_of) if reading.day is None else t.day(reading.day, "yMMMd"),
            source=html(evidence_name(reading.source)(t)),
        )
        lines.append(beside)
    return "\n".join(lines)


def _reserve_words(reserve: Sequence[ReserveChange], t: LocaleTranslator) -> str:
    changes = [
        t.plural("{change} in {n} day", "{change} in {n} days", each.days, change=t.change(each.fraction))
        for each in reserve
        if each.fraction is not None
    ]
    # Translators: {changes} is a list like “−2.1 % in 7 days, +30.3 % in 30 days”.
    return t(
        "Held: {amount} BTC, {changes}", amount=t.number(reserve[0].reserve_btc), changes=commas(changes, t)
    )


def _movement(movement: SeenMovement, t: LocaleTranslator) -> str:
    link = f'<a href="https://mempool.space/tx/{html(movement.txid)}">{html(movement.txid[:8])}…</a>'
    # Translators: {destination} is like “many addresses, as a payout does”, {link} a transaction.
    return t(
        "{pool}: {amount} BTC on {day}, to {destination} ({link})",
        pool=html(movement.pool),
        amount=t.number(movement.moved_sat / SAT_PER_BTC),
        day=t.day(movement.day, "yMMMd"),
        destination=html(t(movement.label)),
        link=link,
    )


def _index(value: float | WarmingUp | None, t: LocaleTranslator) -> str:
    if value is None:
        return "–"
    if isinstance(value, WarmingUp):
        return t(
            "– ({held} of {days} days so far)",
            held=t.number(value.days_so_far),
            days=t.number(value.days_needed),
        )
    return t.number(value, 1, fixed=True).replace("-", "−")


def table(rows: Sequence[PoolRow], t: LocaleTranslator) -> str:
    """Rows as a fixed-width table, 34 characters wide."""
    # Translators: heads of narrow columns, at most 12, 5, 6 and 7 letters (Chinese: half as many).
    lines = [_row((t("pool"), t("mined"), t("out"), t("held")))]
    for row in rows:
        amounts = (t.number(value).replace("-", "−") for value in (row.mined_btc, row.net_btc, row.held_btc))
        lines.append(_row((row.name(t), *amounts)))
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    name, *amounts = (_cut(cell, room - 1) for cell, room in zip(cells, _WIDTHS, strict=True))
    return left(name, _WIDTHS[0]) + "".join(
        right(cell, room) for cell, room in zip(amounts, _WIDTHS[1:], strict=True)
    )


def _cut(cell: str, room: int) -> str:
    if width(cell) <= room:
        return cell
    while width(cell) >= room:
        cell = cell[:-1]
    return f"{cell}…"


def fall_text(fall: HoldingFall, t: LocaleTranslator) -> str:
    """The alert of a public miner that holds less: “Core Scientific: 9,618 → 1,959 BTC (−80 %)”."""
    change = t.number(100 * fall.change).replace("-", "−")
    before, after = t.number(fall.before_btc), t.number(fall.after_btc)
    source = html(evidence_name("coingecko")(t))
    return f"🟠 <b>{html(fall.name)}: {before} → {after} BTC</b> ({change}{t.percent})\n" + t(
        "A public miner's holdings fell. Source: {source}.", source=source
    )
