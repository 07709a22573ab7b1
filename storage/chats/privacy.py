"""Everything kept about one chat, whichever tables that is: to hand out, and to forget."""

from storage.chats import destinations
from storage.engine import Database

_COLUMN = "chat_id"


def tables(db: Database) -> list[str]:
    """The tables that keep something about a chat: those with its id in a column."""
    return [table for table in db.table_names() if _COLUMN in db.columns(table)]


def export(db: Database, chat_id: int) -> dict[str, list[dict[str, object]]]:
    """Every row about a chat in all its topics, by table; tables without any are left out.

    The destinations that the chat has added count as part of it.
    """
    ids = _ids(db, chat_id)
    marks = ", ".join("?" * len(ids))
    rows_by_table = {
        table: list(db.query(f"SELECT * FROM {table} WHERE {_COLUMN} IN ({marks})", ids))
        for table in tables(db)
    }
    rows_by_table["notices"] = list(
        db.query(
            "SELECT * FROM notices WHERE id IN "
            f"(SELECT notice_id FROM outbox WHERE chat_id IN ({marks})) ORDER BY id",
            ids,
        )
    )
    return {table: rows for table, rows in rows_by_table.items() if rows}


def forget(db: Database, chat_id: int) -> int:
    """Delete every row about a chat in all its topics; returns how many there were.

    Notices that went to this chat alone (its fleet's figures are in them) go along, and so do the
    destinations that it has added.
    """
    ids = _ids(db, chat_id)
    marks = ", ".join("?" * len(ids))
    notices = db.execute(
        f"SELECT DISTINCT notice_id FROM outbox WHERE chat_id IN ({marks}) AND notice_id IS NOT NULL", ids
    ).fetchall()
    count = 0
    for table in sorted(tables(db), key=lambda name: name == "chats"):  # last, since others refer to it
        count += int(db.execute(f"DELETE FROM {table} WHERE {_COLUMN} IN ({marks})", ids).rowcount)
    unshared = (
        "DELETE FROM notices WHERE id = ? AND id NOT IN (SELECT notice_id FROM outbox WHERE notice_id = ?)"
    )
    for (notice,) in notices:
        count += int(db.execute(unshared, [notice, notice]).rowcount)
    return count


def _ids(db: Database, chat_id: int) -> list[int]:
    """The chat's own id and those of the destinations that it has added."""
    return [chat_id, *(destination.chat_id for destination in destinations.of_owner(db, chat_id))]
