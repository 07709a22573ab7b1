"""Personal watches: kept, listed, switched and deleted. `watch_evaluation.py` beside it evaluates them."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from bot.watches.watch import Comparison, Watch, WatchFigure, WatchState, begin
from storage.chats.chats import Address
from storage.engine import Database

WatchStatus = Literal["draft", "on", "paused", "done"]
SaveResult = Literal["saved", "already", "gone", "full", "withdrawn"]

OFFERED_FOR: Final = timedelta(days=7)
"""How long a watch that was offered can still be saved."""

_MOST_OFFERS = 20  # of one address at a time


@dataclass(frozen=True, slots=True)
class StoredWatch:
    """A watch as it is kept. `text` is the watch in words."""

    id: int
    watch: Watch
    text: str
    switch: WatchStatus
    state: WatchState
    fires: int


@dataclass(frozen=True, slots=True)
class FiredWatch:
    """What a watch tells: its words and the figures that made it tell."""

    id: int
    text: str
    ended: bool
    figures: tuple[WatchFigure, ...]


@dataclass(frozen=True, slots=True)
class WatchStanding:
    """How a watch stands: its words, when it last told, and the figures of its metrics at the last look."""

    watch: Watch
    text: str
    fired_at: datetime | None
    figures: tuple[WatchFigure, ...]


def add(
    db: Database,
    address: Address,
    watch: Watch,
    text: str,
    figures: Mapping[str, WatchFigure],
    now: datetime,
    switch: WatchStatus = "on",
) -> int:
    """Keep a watch of a remembered address and give its number.

    `figures` are those of its metrics now; they count for a metric that no watch looked at so far. What is
    met already is not told, only the next time it comes about.
    """
    for key in watch.metrics:
        figure = figures.get(key)
        db.execute(
            "INSERT INTO watch_figures (metric, value, as_of, source) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (metric) DO NOTHING",
            [key, None, None, ""] if figure is None else [key, *_row(figure)],
        )
    state = begin(watch, newest_figures(db, watch.metrics))
    values: dict[str, object] = {
        "chat_id": address.chat_id,
        "topic_id": address.topic_id,
        "state": switch,
        "text": text,
        "any_of": watch.any_of,
        "hold_s": int(watch.hold.total_seconds()),
        "once": watch.once,
        "every_s": None if watch.every is None else int(watch.every.total_seconds()),
        "ends_at": None if watch.ends_at is None else watch.ends_at.isoformat(),
        "created_at": now.isoformat(),
    }
    for side, comparison, met in zip("ab", watch.comparisons, state.met, strict=False):
        values |= {
            f"{side}_metric": comparison.metric,
            f"{side}_fire": comparison.level,
            f"{side}_clear": comparison.clear,
            f"{side}_above": comparison.above,
            f"{side}_met": met,
        }
    columns, marks = ", ".join(values), ", ".join("?" * len(values))
    row = db.execute(
        f"INSERT INTO watches ({columns}) VALUES ({marks}) RETURNING id", list(values.values())
    ).fetchone()
    return int(row[0])


def newest_figures(db: Database, metrics: Iterable[str]) -> dict[str, WatchFigure]:
    """The figures that these metrics had at the last look."""
    keys = list(metrics)
    marks = ",".join("?" * len(keys))
    rows = db.execute(
        "SELECT metric, value, as_of, source FROM watch_figures "
        f"WHERE value IS NOT NULL AND metric IN ({marks})",
        keys,
    ).fetchall()
    return {row[0]: WatchFigure(row[0], row[1], datetime.fromisoformat(row[2]), row[3]) for row in rows}


def of_chat(db: Database, address: Address) -> list[StoredWatch]:
    """The watches of an address that are on or paused, oldest first."""
    rows = db.query(
        "SELECT * FROM watches WHERE chat_id = ? AND topic_id = ? AND state IN ('on', 'paused') ORDER BY id",
        [address.chat_id, address.topic_id],
    )
    return [_stored_watch(row) for row in rows]


def standings(
    db: Database, addresses: Collection[tuple[int, int]]
) -> dict[tuple[int, int], tuple[WatchStanding, ...]]:
    """How the watches that are on stand at these addresses (chat, topic), oldest first."""
    chat_ids = list({chat_id for chat_id, _ in addresses})
    marks = ", ".join("?" * len(chat_ids))
    rows = list(
        db.query(f"SELECT * FROM watches WHERE state = 'on' AND chat_id IN ({marks}) ORDER BY id", chat_ids)
    )
    watch_list = [((row["chat_id"], row["topic_id"]), _stored_watch(row)) for row in rows]
    figures = newest_figures(db, {key for _, stored in watch_list for key in stored.watch.metrics})
    by_address: dict[tuple[int, int], list[WatchStanding]] = {}
    for address, stored in watch_list:
        if address in addresses:
            known = tuple(figures[key] for key in stored.watch.metrics if key in figures)
            standing = WatchStanding(stored.watch, stored.text, stored.state.fired, known)
            by_address.setdefault(address, []).append(standing)
    return {address: tuple(members) for address, members in by_address.items()}


def count(db: Database, chat_id: int) -> int:
    """How many watches a chat has, in all its topics; drafts and those that are done don't count."""
    cursor = db.execute(
        "SELECT count(*) FROM watches WHERE chat_id = ? AND state IN ('on', 'paused')", [chat_id]
    )
    return int(cursor.fetchone()[0])


def switch(db: Database, address: Address, watch: int, to: Literal["on", "paused"]) -> bool:
    """Turn an address's kept watch on, or pause it; False when it has no such watch."""
    cursor = db.execute(
        "UPDATE watches SET state = ?, due_at = NULL WHERE id = ? AND chat_id = ? AND topic_id = ? "
        "AND state IN ('on', 'paused')",
        [to, watch, address.chat_id, address.topic_id],
    )
    return bool(cursor.rowcount)


def load_watch(db: Database, address: Address, numbers: Iterable[int]) -> StoredWatch | None:
    """The first of these that the address keeps, on or paused."""
    ids = set(numbers)
    return next((watch for watch in of_chat(db, address) if watch.id in ids), None)


def find(db: Database, address: Address, number: int) -> StoredWatch | None:
    """An address's watch, also one that has ended; None when it is gone."""
    rows = db.query(
        "SELECT * FROM watches WHERE id = ? AND chat_id = ? AND topic_id = ? AND state <> 'draft'",
        [number, address.chat_id, address.topic_id],
    )
    return next((_stored_watch(row) for row in rows), None)


def withdraw(db: Database, address: Address, offers: Iterable[int]) -> bool:
    """Delete these of an address's offers; False when none of them was open."""
    ids = list(offers)
    marks = ", ".join("?" * len(ids))
    cursor = db.execute(
        f"DELETE FROM watches WHERE id IN ({marks}) AND chat_id = ? AND topic_id = ? AND state = 'draft'",
        [*ids, address.chat_id, address.topic_id],
    )
    delete_unused_metrics(db)
    return bool(cursor.rowcount)


def remove(db: Database, address: Address, watch: int) -> bool:
    """Delete an address's watch; False when it has no such watch."""
    cursor = db.execute(
        "DELETE FROM watches WHERE id = ? AND chat_id = ? AND topic_id = ?",
        [watch, address.chat_id, address.topic_id],
    )
    delete_unused_metrics(db)
    return bool(cursor.rowcount)


def plan_anew(db: Database, now: datetime, jump: timedelta) -> None:
    """After a jump of the clock: let every watch that waits do so for as long as before.

    That is for the end of its hold, and for the time in which it does not tell again.
    """
    clocks = {
        "now": now.replace(microsecond=0).isoformat(),
        "before": (now - jump).isoformat(),
        "earlier": min(now, now - jump).isoformat(),
    }
    seconds = str(round(jump.total_seconds()))
    db.execute(
        f"""
        UPDATE watches SET due_at = CASE WHEN due_at > :before THEN {db.dialect.later("due_at", seconds)}
            ELSE {db.dialect.moment(":now")} END
        WHERE due_at > :earlier
        """,
        clocks,
    )
    if jump < timedelta(0):
        db.execute(
            f"UPDATE watches SET fired_at = {db.dialect.later('fired_at', seconds)} WHERE fired_at > :now",
            {"now": clocks["now"]},
        )


def last_seen(db: Database) -> dict[str, datetime | None]:
    """The metrics that watches look at, each with the moment its last figure describes, if it had one."""
    rows = db.execute("SELECT metric, as_of FROM watch_figures").fetchall()
    return {key: None if as_of is None else datetime.fromisoformat(as_of) for key, as_of in rows}


def save_offer(db: Database, address: Address, watch: int, others: Iterable[int], most: int) -> SaveResult:
    """Keep a watch that was offered, and forget the others of its offer.

    "already": this one, another of the offer or one of the same words is kept; "gone": the offer was
    cancelled, or is too old; "full": the chat keeps `most` already, and the offer stands.
    """
    offer = [watch, *others]
    marks = ", ".join("?" * len(offer))
    rows = db.execute(
        f"SELECT id, state, text FROM watches WHERE id IN ({marks}) AND chat_id = ? AND topic_id = ?",
        [*offer, address.chat_id, address.topic_id],
    ).fetchall()
    state_and_text = {row[0]: row[1:] for row in rows}
    state, text = state_and_text.get(watch, ("done", ""))
    if any(load_watch in ("on", "paused") for load_watch, _ in state_and_text.values()):
        return "already"
    if state != "draft":
        return "gone"
    here = [address.chat_id, address.topic_id]
    same = db.execute(
        "SELECT 1 FROM watches WHERE chat_id = ? AND topic_id = ? AND state IN ('on', 'paused') AND text = ?",
        [*here, text],
    ).fetchone()
    if same is None and count(db, address.chat_id) >= most:
        return "full"
    if same is None:
        db.execute("UPDATE watches SET state = 'on', due_at = NULL WHERE id = ?", [watch])
    withdraw(db, address, offer)
    return "saved" if same is None else "already"


def prune_drafts(db: Database, address: Address) -> None:
    """Keep only the newest offers of an address, so that asking again and again fills nothing."""
    db.execute(
        """
        DELETE FROM watches WHERE chat_id = :chat AND topic_id = :topic AND state = 'draft' AND id NOT IN (
            SELECT id FROM watches WHERE chat_id = :chat AND topic_id = :topic AND state = 'draft'
            ORDER BY id DESC LIMIT :most)
        """,
        {"chat": address.chat_id, "topic": address.topic_id, "most": _MOST_OFFERS},
    )


def sweep(db: Database, now: datetime, limit: int) -> int:
    """Delete up to `limit` offers that nobody took, and watches that ended and told all they had to tell."""
    cursor = db.execute(
        """
        DELETE FROM watches WHERE id IN (
            SELECT id FROM watches WHERE state <> 'on' AND state <> 'paused'  -- which the index is made for
                AND (state = 'draft' AND created_at < :offered OR state = 'done' AND id NOT IN (
                    SELECT watch_id FROM outbox WHERE state = 'pending'
                    UNION ALL SELECT watch_id FROM outbox WHERE state = 'leased'))
            LIMIT :limit)
        """,
        {"offered": (now - OFFERED_FOR).isoformat(), "limit": limit},
    )
    if cursor.rowcount:
        delete_unused_metrics(db)
    return int(cursor.rowcount)


def delete_unused_metrics(db: Database) -> None:
    """Look no longer at metrics that no watch is left for."""
    db.execute(
        """
        DELETE FROM watch_figures
        WHERE NOT EXISTS (SELECT 1 FROM watches WHERE a_metric = watch_figures.metric)
            AND NOT EXISTS (SELECT 1 FROM watches WHERE b_metric = watch_figures.metric)
        """
    )


def dump(figures: Iterable[WatchFigure]) -> str:
    """The figures of one look (JSON), as the notice keeps them that its watches' messages share."""
    return json.dumps({figure.metric: _row(figure) for figure in figures})


def fired_bodies(db: Database, rows: Iterable[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """What watches tell, as JSON for `parse`, by the notice with the figures and the watch.

    A watch deleted since has no entry.
    """
    keys = list(rows)
    looks = _by_id(db, "SELECT id, body FROM notices", {notice for notice, _ in keys})
    watches = _by_id(
        db, "SELECT id, text, once, a_metric, b_metric FROM watches", {watch for _, watch in keys}
    )
    figures = {notice: json.loads(body) for notice, (body,) in looks.items()}
    bodies = {}
    for notice, number in keys:
        if notice in figures and number in watches:
            text, once, *metrics = watches[number]
            values = [
                [key, *figures[notice][key]] for key in dict.fromkeys(metrics) if key in figures[notice]
            ]
            bodies[notice, number] = json.dumps(
                {"watch": number, "text": text, "once": bool(once), "figures": values}
            )
    return bodies


def parse(body: str) -> FiredWatch:
    """What a watch tells, from the body of the message's subject."""
    facts: dict[str, Any] = json.loads(body)
    figures = tuple(
        WatchFigure(str(key), float(value), datetime.fromisoformat(as_of), str(source))
        for key, value, as_of, source in facts["figures"]
    )
    return FiredWatch(int(facts["watch"]), str(facts["text"]), bool(facts["once"]), figures)


def _row(figure: WatchFigure) -> list[object]:
    return [figure.value, figure.as_of.isoformat(), figure.source]


def _by_id(db: Database, query: str, ids: set[int]) -> dict[int, tuple[Any, ...]]:
    if not ids:
        return {}
    marks = ",".join("?" * len(ids))
    return {row[0]: row[1:] for row in db.execute(f"{query} WHERE id IN ({marks})", list(ids)).fetchall()}


def _stored_watch(row: dict[str, Any]) -> StoredWatch:
    sides = [side for side in "ab" if row[f"{side}_metric"] is not None]
    comparisons = tuple(
        Comparison(row[f"{side}_metric"], row[f"{side}_fire"] > row[f"{side}_clear"], row[f"{side}_fire"])
        for side in sides
    )
    ends_at = None if row["ends_at"] is None else datetime.fromisoformat(row["ends_at"])
    watch = Watch(
        comparisons,
        bool(row["any_of"]),
        timedelta(seconds=row["hold_s"]),
        bool(row["once"]),
        None if row["every_s"] is None else timedelta(seconds=row["every_s"]),
        None if ends_at is None else (ends_at - timedelta(days=1)).date(),
    )
    state = WatchState(
        tuple(bool(row[f"{side}_met"]) for side in sides),
        _moment(row["due_at"]),
        _moment(row["fired_at"]),
        row["state"] == "done",
    )
    return StoredWatch(row["id"], watch, row["text"], row["state"], state, row["fires"])


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
