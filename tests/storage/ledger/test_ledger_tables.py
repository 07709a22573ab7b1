"""What the ledger's tables say of wallets, days and blocks, row by row."""

from datetime import date, timedelta

from bot.ledger.blocks import Block, Output, Pool, midnight
from bot.ledger.flows import Balance, Flow
from storage.database import Database
from storage.ledger import blocks, reorg, wallets

DAY = date(2026, 11, 17)
POOL = Pool("viabtc", "ViaBTC")


def block(height: int, address: str, pool: Pool | None = POOL) -> Block:
    return Block(
        height,
        f"{height:064x}",
        f"{height - 1:064x}",
        midnight(DAY) + 600 * height,
        pool,
        312_500_000,
        (Output(address, None),),
    )


def register(db: Database, address: str, height: int, spent_sat: int, day: date = DAY) -> None:
    """A wallet that a block has paid, read to the end of `DAY`, out of which something went on a day."""
    blocks.save_blocks(db, [block(height, address)])
    wallet = wallets.registry(db)[address]
    wallets.save_flows(db, wallet, {day: Flow(spent_sat=spent_sat, gross_sat=spent_sat, transactions=1)})
    wallets.reached(db, wallet, DAY, Balance(5, 1))


def test_a_block_registers_the_wallet_it_pays_once(db: Database) -> None:
    assert blocks.save_blocks(db, [block(1, "A"), block(2, "A"), block(3, "B"), block(4, "C", None)]) == 2
    assert blocks.save_blocks(db, [block(2, "A")]) == 0, "what is stored is not counted again"
    assert set(wallets.registry(db)) == {"A", "B"}, "nobody is known to have mined the last"
    assert blocks.payer(db, ["B"]) == POOL
    assert blocks.payer(db, ["C"]) is None


def test_the_wallets_out_of_which_most_went_stand_first(db: Database) -> None:
    for height, (address, spent) in enumerate({"A": 10, "B": 900, "C": 300}.items(), start=1):
        register(db, address, height, spent)
    register(db, "old", 7, 10_000, DAY - timedelta(days=7))
    first = DAY - timedelta(days=6)
    assert [w.address for w in wallets.most_moved(db, first, DAY, 8)] == ["B", "C", "A"]
    assert [w.address for w in wallets.most_moved(db, first, DAY, 2)] == ["B", "C"]
    later = DAY + timedelta(days=1)
    assert wallets.most_moved(db, first, later, 8) == [], "none is read to the end of that day"


def test_a_wallet_let_go_is_taken_back_by_the_next_block_that_pays_it(db: Database) -> None:
    register(db, "A", 1, 10)
    wallets.retire(db, wallets.registry(db)["A"])
    assert wallets.registry(db)["A"].retired
    blocks.save_blocks(db, [block(2, "A")])
    assert not wallets.registry(db)["A"].retired


def test_starting_over_leaves_nothing_of_the_chain_but_what_was_asked(db: Database) -> None:
    register(db, "A", 1, 10)
    blocks.write_note(db, "calls", "77")
    blocks.write_note(db, "source", "ledger:elsewhere")
    reorg.start_over(db)
    for table in ("blocks", "days", "wallets", "payers", "walks", "flows", "movements"):
        assert db.execute(f"SELECT count(*) FROM ledger_{table}").fetchone() == (0,), table
    assert (blocks.note(db, "calls"), blocks.note(db, "source")) == ("77", None)


def test_a_fork_takes_back_its_blocks_and_the_wallets_only_they_paid(db: Database) -> None:
    blocks.save_blocks(db, [block(1, "A"), block(2, "B"), block(3, "A")])
    assert reorg.roll_back(db, 1) == 2
    assert set(wallets.registry(db)) == {"A"}
    assert blocks.tip(db) == 1
