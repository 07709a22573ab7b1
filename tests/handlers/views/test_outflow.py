"""What people read behind a miner outflow alert."""

from datetime import UTC, date, datetime

from bot.i18n.translator import translator_for
from bot.ledger.flows import SAT_PER_BTC, PoolFlow, SeenMovement
from bot.ledger.pool_table import pool_rows
from bot.ledger.treasuries import HoldingFall
from bot.signals.outflow_stats import ReserveChange, WarmingUp
from bot.signals.series import Reading, end_of_day
from handlers.views.outflow import OutflowEvidence, fall_text, outflow_text, table

DAY = date(2026, 9, 18)
ENGLISH = translator_for("en")


def pool(name: str, mined: int, net: int, held: int, *shared: str) -> PoolFlow:
    return PoolFlow(name, 1, mined * SAT_PER_BTC, net * SAT_PER_BTC, held * SAT_PER_BTC, shared)


POOLS = [
    pool("Foundry USA", 950, 1_210, 2_300),
    pool("MARA Pool", 150, -140, 52_000),
    pool("AntPool", 610, 640, 1_900, "BTC.com", "Poolin"),
    pool("A <b>name</b>", 1, 0, 0),
]

MOVEMENT = SeenMovement(
    "ab" * 32, DAY, 967_000, "F2<Pool>", 900 * SAT_PER_BTC, "x", 890 * SAT_PER_BTC,
    seen_before=False, registered=False,
)  # fmt: skip


def test_the_table_fits_a_phone() -> None:
    assert table(pool_rows(POOLS, most=3), ENGLISH) == (
        "pool          mined    out    held\n"
        "Foundry USA     950  1,210   2,300\n"
        "AntPool+BTC…    610    640   1,900\n"
        "A <b>name</…      1      0       0\n"
        "1 others        150   −140  52,000\n"
        "all           1,711  1,710  56,200"
    )  # fmt: skip
    assert max(len(line) for line in table(pool_rows(POOLS), ENGLISH).splitlines()) == 34


def test_no_pools_no_rows() -> None:
    assert pool_rows([]) == []


def test_the_evidence_names_everything_as_what_it_is_and_escapes_it() -> None:
    beside = Reading(
        "btc.miner_outflow_gross",
        8_123.4,
        end_of_day(DAY),
        "glassnode",
        datetime(2026, 9, 19, tzinfo=UTC),
        DAY,
    )
    text = outflow_text(
        OutflowEvidence(DAY, pool_rows(POOLS), [MOVEMENT], [("OCEAN", 9), ("Unknown", 3)], complete=False),
        ENGLISH,
        [beside],
    )
    assert "pool wallets, a proxy for selling" in text
    assert "A day of this week is partial" in text
    assert "<b>name" not in text
    assert "F2&lt;Pool&gt;: 900 BTC on 18 Sept 2026, to unlabelled: one address never seen before" in text
    assert "Not counted, they pay miners directly or nobody knows whose: OCEAN 9, Unknown 3 blocks" in text
    assert "8,123 BTC on 18 Sept 2026 by Glassnode&#x27;s transfers from miners" in text


def test_a_fall_of_holdings() -> None:
    text = fall_text(HoldingFall("CORZ", "Core Scientific", 9_618.0, 1_959.0), ENGLISH)
    assert text.startswith("🟠 <b>Core Scientific: 9,618 → 1,959 BTC</b> (−80 %)")
    assert "weeks late" in text


def test_reserve_and_both_indices_are_said_by_definition() -> None:
    text = outflow_text(
        OutflowEvidence(
            DAY,
            [],
            [],
            [],
            complete=True,
            reserve=[ReserveChange(DAY, 7, 43_000.0, -900.0), ReserveChange(DAY, 30, 43_000.0, 10_000.0)],
            mpi_ratio=1.42,
            mpi_z_score=WarmingUp(35, 365),
        ),
        ENGLISH,
    )
    assert "Held: 43,000 BTC, −2.1 % in 7 days, +30.3 % in 30 days" in text
    assert "Miner Position Index: 1.4 times the day's 365-day mean (definition a)" in text
    assert "365-day z-score – (35 of 365 days so far) (definition b)" in text
