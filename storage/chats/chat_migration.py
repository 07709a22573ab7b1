"""A chat that moves: everything kept about it goes along, whichever tables that is."""

from sqlite_utils import Database


def move_address(db: Database, old: tuple[int, int | None], new: tuple[int, int | None]) -> None:
    """Move everything kept about a chat to a new address in one go; topic None moves all its topics.

    Every table with a foreign key to `chats` moves along. What the new address already has (a subscription,
    a row for the same alert) stays as it is there.
    """
    tables = [("chats", "chat_id", "topic_id"), *_tables_about_chats(db)]
    for table, chat, topic in tables:
        change, where, values = _move(old, new, chat, topic)
        db.execute(f"UPDATE OR IGNORE {table} SET {change} WHERE {where}", values)
    if old[1] is None:
        db.execute("UPDATE destinations SET owner_chat_id = ? WHERE owner_chat_id = ?", [new[0], old[0]])
    change, where, values = _move(old, new, "chat_id", "topic_id")
    here = values[len(values) // 2 :]
    db.execute(f"DELETE FROM chats WHERE {where}", here)
    under_way = f"{where} AND state IN ('pending', 'leased')"
    db.execute(f"UPDATE OR IGNORE outbox SET {change} WHERE {under_way}", values)
    db.execute(
        f"UPDATE outbox SET state = 'cancelled', error = 'queued there already' WHERE {under_way}",
        here,
    )


def _move(
    old: tuple[int, int | None], new: tuple[int, int | None], chat: str, topic: str
) -> tuple[str, str, list[int | None]]:
    if old[1] is None:
        return f"{chat} = ?", f"{chat} = ?", [new[0], old[0]]
    return f"{chat} = ?, {topic} = ?", f"{chat} = ? AND {topic} = ?", [*new, *old]


def _tables_about_chats(db: Database) -> list[tuple[str, str, str]]:
    tables = []
    for table in db.table_names():
        columns = {
            row[4]: row[3]
            for row in db.execute(f"PRAGMA foreign_key_list([{table}])").fetchall()
            if row[2] == "chats"
        }
        if columns:
            tables.append((table, columns["chat_id"], columns["topic_id"]))
    return tables
