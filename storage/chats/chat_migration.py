"""A chat that moves: everything kept about it goes along, whichever tables that is."""

from storage.engine import Database


def move_address(db: Database, old: tuple[int, int | None], new: tuple[int, int | None]) -> None:
    """Move everything kept about a chat to a new address in one go; topic None moves all its topics.

    Every table with a foreign key to `chats` moves along. What the new address already has (a subscription,
    a row for the same alert) stays as it is there.
    """
    values: dict[str, object] = {"old_chat": old[0], "new_chat": new[0]}
    if old[1] is not None:
        values |= {"old_topic": old[1], "new_topic": new[1]}
    for table in ("chats", *(name for name in db.table_names() if db.references_chats(name))):
        _move(db, table, values)
    if old[1] is None:
        db.execute("UPDATE destinations SET owner_chat_id = ? WHERE owner_chat_id = ?", [new[0], old[0]])
    where = _at(values)
    old_values = {name: value for name, value in values.items() if name.startswith("old")}
    db.execute(f"DELETE FROM chats WHERE {where}", old_values)
    under_way = "state IN ('pending', 'leased')"
    _move(db, "outbox", values, under_way)
    db.execute(
        "UPDATE outbox SET state = 'cancelled', error = 'queued there already' "
        f"WHERE {where} AND {under_way}",
        old_values,
    )


def _at(values: dict[str, object]) -> str:
    return "chat_id = :old_chat" + (" AND topic_id = :old_topic" if "old_topic" in values else "")


def _move(db: Database, table: str, values: dict[str, object], only: str = "true") -> None:
    """Move a table's rows, except those that the new address has already by one of the table's keys."""
    moved = {"chat_id": ":new_chat"}
    if "new_topic" in values:
        moved["topic_id"] = ":new_topic"
    where = [_at(values), only]
    for key in db.unique_keys(table):
        if moved.keys() & set(key):
            same = " AND ".join(f"there.{name} = {moved.get(name, f'{table}.{name}')}" for name in key)
            where.append(f"NOT EXISTS (SELECT 1 FROM {table} AS there WHERE {same})")
    change = ", ".join(f"{name} = {value}" for name, value in moved.items())
    db.execute(f"UPDATE {table} SET {change} WHERE {' AND '.join(where)}", values)
