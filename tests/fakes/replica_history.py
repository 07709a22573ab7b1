"""What must hold of several replicas on one database, checked over Telegram's log and the database."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from handlers.views.alerts import REPEAT
from storage.engine import Database


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that a chat has got."""

    chat_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Written:
    """What the database says afterwards: outbox rows (chat, state), polls' alerts (rule, kind, moment)."""

    rows: tuple[tuple[int, str], ...]
    alerts: tuple[tuple[str, str, str], ...]


def written(db: Database) -> Written:
    """Read what the replicas have left in the database."""
    return Written(
        tuple(
            db.execute("SELECT chat_id, state FROM outbox WHERE alert_id IS NOT NULL ORDER BY id").fetchall()
        ),
        tuple(db.execute("SELECT rule, kind, at FROM alerts ORDER BY id").fetchall()),
    )


def violations(arrivals: Sequence[Arrival], chats: Iterable[int], database: Written) -> list[str]:
    """What does not hold for one alert to these chats; empty when all does.

    Every chat gets it; a second copy says that it may be one; every row is settled; an alert is written once.
    """
    copies: dict[int, list[str]] = defaultdict(list)
    for arrival in arrivals:
        copies[arrival.chat_id].append(arrival.text)
    found = [f"chat {chat} was told nothing" for chat in chats if chat not in copies]
    found += [
        f"chat {chat} got an unmarked copy"
        for chat, texts in copies.items()
        if sum(REPEAT not in text for text in texts) > 1
    ]
    told = {chat for chat, state in database.rows if state == "sent"}
    found += [
        f"the row of chat {chat} is {state}"
        for chat, state in database.rows
        if state in ("pending", "leased")
    ]
    found += [f"chat {chat} was told and no row says so" for chat in copies if chat not in told]
    found += [f"chat {chat} has no row that was sent" for chat in set(chats) - told]
    twice = {key for key in database.alerts if database.alerts.count(key) > 1}
    return found + [f"the alert {key} was written twice" for key in sorted(twice)]
