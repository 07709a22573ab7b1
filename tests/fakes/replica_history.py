"""What must hold of several replicas on one database, checked over Telegram's log and the database."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from handlers.views.alerts import REPEAT
from storage.engine import Database
from tests.fakes.telegram_chats import Sent


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that a chat has got, by Telegram's number of it in that chat."""

    chat_id: int
    text: str
    message_id: int

    @property
    def is_marked(self) -> bool:
        """Whether it says that it may be a copy."""
        return REPEAT in self.text


def arrivals_of(messages: Iterable[Sent]) -> list[Arrival]:
    """What the server took."""
    return [Arrival(sent.chat_id, sent.text, sent.message_id) for sent in messages]


@dataclass(frozen=True, slots=True)
class Row:
    """What the database says of an alert for a chat."""

    chat_id: int
    alert: int
    state: str
    message_id: int | None


@dataclass(frozen=True, slots=True)
class Written:
    """What the database says afterwards: outbox rows, and the polls' alerts (rule, kind, moment)."""

    rows: tuple[Row, ...]
    alerts: tuple[tuple[str, str, str], ...]


def written(db: Database) -> Written:
    """Read what the replicas have left in the database."""
    rows = db.execute(
        "SELECT chat_id, alert_id, state, message_id FROM outbox WHERE alert_id IS NOT NULL ORDER BY id"
    ).fetchall()
    alerts = db.execute("SELECT rule, kind, at FROM alerts ORDER BY id").fetchall()
    return Written(tuple(Row(*row) for row in rows), tuple(alerts))


def violations(arrivals: Sequence[Arrival], chats: Iterable[int], database: Written) -> list[str]:
    """What does not hold for alerts to these chats; empty when all does.

    Every chat gets each of its alerts, in their order; a second copy says that it may be one; every row is
    settled once, by the replica that sent last; an alert is written once.
    """
    by_chat: dict[int, list[Arrival]] = defaultdict(list)
    for arrival in arrivals:
        by_chat[arrival.chat_id].append(arrival)
    rows: dict[int, list[Row]] = defaultdict(list)
    for row in database.rows:
        rows[row.chat_id].append(row)
    found = [f"chat {chat} was told nothing" for chat in chats if chat not in by_chat]
    for chat in {*chats, *by_chat}:
        found += _of_chat(chat, by_chat[chat], rows[chat])
    twice = (key for key, count in Counter(database.alerts).items() if count > 1)
    return found + [f"the alert {key} was written twice" for key in sorted(twice)]


def _of_chat(chat: int, arrivals: Sequence[Arrival], rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        if row.state in ("pending", "leased"):
            yield f"the row of chat {chat} is {row.state}"
    sent = [row for row in rows if row.state == "sent"]
    if not sent:
        yield f"chat {chat} has no row that was sent"
        if arrivals:
            yield f"chat {chat} was told and no row says so"
        return
    if len({row.alert for row in rows}) < len(rows):
        yield f"chat {chat} has two rows of one alert"
    told = sorted({row.message_id or 0 for row in sent})
    unmarked = [arrival for arrival in arrivals if not arrival.is_marked]
    if len(unmarked) > len(told):
        yield f"chat {chat} got an unmarked copy"
    in_order = [row.message_id or 0 for row in sorted(sent, key=lambda row: row.alert)]
    if in_order != sorted(in_order):
        yield f"chat {chat} got its alerts in another order"
    got = {arrival.message_id for arrival in arrivals}
    for message in told:
        if arrivals and message not in got:
            yield f"chat {chat} never got the message {message} that its row names"
    newest = max(got, default=0)
    if arrivals and told[-1] != newest:
        yield f"the row of chat {chat} was settled by one who did not send last"
