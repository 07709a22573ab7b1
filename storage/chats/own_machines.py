"""Machines that a chat has named itself."""

from bot.mining.machines import OwnMachine
from storage.chats.chats import Address
from storage.engine import Database


def load(db: Database, address: Address) -> tuple[OwnMachine, ...]:
    """The machines of an address by name."""
    rows = db.query(
        "SELECT name, hashrate_ths, power_w FROM own_machines "
        "WHERE chat_id = ? AND topic_id = ? ORDER BY name",
        [address.chat_id, address.topic_id],
    )
    return tuple(OwnMachine(row["name"], row["hashrate_ths"], row["power_w"]) for row in rows)


def save(db: Database, address: Address, machine: OwnMachine) -> None:
    """Keep a machine at a remembered address in place of one of the same name."""
    db.execute(
        "INSERT INTO own_machines (chat_id, topic_id, name, hashrate_ths, power_w) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (chat_id, topic_id, name) DO UPDATE SET hashrate_ths = excluded.hashrate_ths, "
        "power_w = excluded.power_w",
        [address.chat_id, address.topic_id, machine.name, machine.hashrate_ths, machine.power_w],
    )


def remove(db: Database, address: Address, name: str) -> bool:
    """Forget a machine; False when there was none of that name."""
    cursor = db.execute(
        "DELETE FROM own_machines WHERE chat_id = ? AND topic_id = ? AND name = ?",
        [address.chat_id, address.topic_id, name],
    )
    return int(cursor.rowcount) > 0
