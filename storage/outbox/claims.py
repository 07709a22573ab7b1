"""The relay's side of the outbox: rows are leased as messages, and their results recorded.

Several replicas may do so at once, on PostgreSQL: what is leased carries the number of its replica, whose
result alone counts, and while one sends something to a chat no other takes anything for it.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from bot.mining.fleet import Fleet
from storage.chats import fleets, watches
from storage.chats.chats import Address
from storage.engine import Database
from storage.outbox import sent_messages, silences
from storage.outbox.notices import NoticeKind, is_always_sent
from storage.outbox.silences import PUT_OFF
from storage.outbox.suppression import join
from storage.outbox.types import (
    PRIORITY_OF,
    QUEUED,
    ArrivedParts,
    Lane,
    MessageContent,
    MessageSubject,
    OutboxMessage,
    RecoveredRows,
    SendResult,
)

MAX_UNCONFIRMED_SENDS: Final = 3
"""Times a message is sent again at once after a crash that found it under way."""

_CRITICAL_WAIT: Final = timedelta(
    hours=2
)  # from then on, so that a program that crashes over one repeats it rarely

_SAME_ADDRESS_ROWS = 10_000  # rows of one address looked for beyond a claim's limit
_SOON: Final = timedelta(seconds=1)  # after which a row that must follow another one is looked at again
_NO_PARTS: Final = ArrivedParts()


class _Row(NamedTuple):
    """A leased row, with the preferences of its chat; from `alert_group` on what its text depends on."""

    id: int
    chat_id: int
    topic_id: int
    priority: int
    expires_at: str
    parts: int
    parts_digest: str
    active: bool | None
    has_fleet: bool
    claimed_by: int
    alert_group: int
    alert_id: int | None
    notice_id: int | None
    watch_id: int
    kind: str
    severity: str
    queued_at: str
    attempts: int
    unconfirmed_sends: int
    language: str | None
    silent_below: int
    in_channel: bool
    currency: str | None
    picture: bool
    dark: bool

    @property
    def watch_key(self) -> tuple[int, int]:
        """For a watch: the notice with the figures, and the watch."""
        return self.notice_id or 0, self.watch_id


_CONTENT_FROM: Final = _Row._fields.index("alert_group")


def claim(
    db: Database,
    now: datetime,
    limit: int,
    *,
    may_expire: bool = True,
    allowed: frozenset[int] = frozenset(),
    lane: Lane = Lane.TELEGRAM,
    replica: int = 0,
) -> list[OutboxMessage]:
    """Lease about `limit` due rows of a lane, gravest first, then longest due; groups whole per address.

    They are this replica's until it records their results, or is taken for dead; one that was already gets
    nothing under its old number.

    Rows that expired, or whose chat is known to be gone or not among the `allowed` ones (empty: all), are
    cancelled on the way. While the clock is not to be trusted (`may_expire` False) nothing expires.
    """
    messages: list[OutboxMessage] = []
    for priority in QUEUED:
        if limit <= 0:
            break
        rows = _lease(db, priority, now, limit, lane, replica)
        limit -= len(rows)
        rows = _without_strangers(db, rows, allowed, now)
        messages += _messages(db, _put_off_silenced(db, rows, now), now, may_expire=may_expire)
    return messages


def _without_strangers(db: Database, rows: list[_Row], allowed: frozenset[int], now: datetime) -> list[_Row]:
    """Cancel the rows of chats that a private bot no longer serves; returns the others."""
    strangers = [row.id for row in rows if row.chat_id not in allowed] if allowed else []
    if not strangers:
        return rows
    why = "not in ALLOWED_CHAT_IDS"
    record(db, [SendResult((row,), "cancelled", now, why) for row in strangers], rows[0].claimed_by)
    return [row for row in rows if row.chat_id in allowed]


def _put_off_silenced(db: Database, rows: list[_Row], now: datetime) -> list[_Row]:
    """Put off the rows of muted and quiet chats; returns the others."""
    preferences = silences.restricted(db, {row.chat_id for row in rows}) if rows else {}
    if not preferences:
        return rows
    until_by_row = {}
    for row in rows:
        settings = preferences.get(Address(row.chat_id, row.topic_id))
        if settings is not None and not is_always_sent(row.kind):
            until = silences.silent_until(settings, row.severity == "critical", now)
            if until is not None:
                until_by_row[row.id] = until
    silences.put_off(db, until_by_row)
    return [row for row in rows if row.id not in until_by_row]


def _lease(db: Database, priority: int, now: datetime, limit: int, lane: Lane, replica: int) -> list[_Row]:
    due = now.isoformat()
    is_free = db.dialect.not_claimed_by_others("chat_id", ":replica")
    if replica:
        is_free += f" AND {db.dialect.is_alive(':replica')}"
    values = {"priority": priority, "due": due, "limit": limit, "replica": replica}
    due_rows = db.execute(
        f"""
        SELECT id, next_try_at, chat_id, topic_id, {db.dialect.lock_number("chat_id")} FROM outbox
        WHERE state = 'pending' AND priority = :priority AND next_try_at <= :due AND {lane} AND {is_free}
        ORDER BY next_try_at, chat_id, topic_id, id LIMIT :limit {db.dialect.skipping_locked}
        """,
        values,
    ).fetchall()
    ids = [row[0] for row in due_rows if row[4]]
    if not ids:
        return []
    if len(due_rows) == limit and due_rows[-1][4]:  # the limit may have cut an address's rows in two
        last, *due_together, _ = due_rows[-1]
        beyond = db.execute(
            f"""
            SELECT id FROM outbox WHERE state = 'pending' AND priority = ? AND next_try_at = ?
                AND chat_id = ? AND topic_id = ? AND id > ? LIMIT ? {db.dialect.skipping_locked}
            """,
            [priority, *due_together, last, _SAME_ADDRESS_ROWS],
        )
        ids += [row[0] for row in beyond.fetchall()]
    marks = ",".join("?" * len(ids))
    db.execute(  # the chats are locked by now: what others have claimed for them meanwhile can be seen
        f"""
        UPDATE outbox SET state = 'leased', claimed_by = ?
        WHERE id IN ({marks}) AND {db.dialect.not_claimed_by_others("chat_id", str(int(replica)))}
        """,
        [replica, *ids],
    )
    rows = db.execute(
        f"""
        SELECT o.id, o.chat_id, o.topic_id, o.priority, o.expires_at, o.parts, o.parts_digest, c.active,
               EXISTS (SELECT 1 FROM fleets f WHERE f.chat_id = o.chat_id AND f.topic_id = o.topic_id),
               o.claimed_by, o.bulletin, o.alert_id, o.notice_id, o.watch_id, o.kind, o.severity,
               o.queued_at, o.attempts, o.doubts, coalesce(s.language, s.telegram_language),
               coalesce(s.silent_below, 1), coalesce(c.kind = 'channel', false), s.currency,
               coalesce(s.alert_pictures, true), coalesce(s.dark, false)
        FROM outbox o LEFT JOIN chats c ON c.chat_id = o.chat_id AND c.topic_id = o.topic_id
        LEFT JOIN chat_settings s ON s.chat_id = o.chat_id AND s.topic_id = o.topic_id
        WHERE o.id IN ({marks}) AND o.state = 'leased' ORDER BY o.next_try_at, o.id
        """,
        ids,
    ).fetchall()
    return list(map(_Row._make, rows))


def _messages(db: Database, rows: list[_Row], now: datetime, *, may_expire: bool) -> list[OutboxMessage]:
    if not rows:
        return []
    watch_bodies = watches.fired_bodies(db, [row.watch_key for row in rows if row.watch_id])
    cancelled, moment = {}, now.isoformat()
    for row in rows:
        if row.active is not None and not row.active:
            cancelled[row.id] = "the chat is gone"
        elif may_expire and row.expires_at <= moment:
            cancelled[row.id] = "expired"
        elif row.watch_id and row.watch_key not in watch_bodies:
            cancelled[row.id] = "the watch was deleted"
    record(
        db,
        [SendResult((row_id,), "cancelled", now, why) for row_id, why in cancelled.items()],
        rows[0].claimed_by,
    )
    alerts, continuing = _alerts(db, {row.alert_id for row in rows if row.alert_id is not None})
    if continuing:
        rows = _without_overtaking(db, rows, continuing, now)
    notices = _notices(db, {row.notice_id for row in rows if row.notice_id is not None})

    def subject(row: _Row) -> MessageSubject:
        if row.watch_id:
            at = datetime.fromisoformat(row.queued_at)
            return MessageSubject(row.kind, row.severity, at, watch_bodies[row.watch_key])
        return alerts[row.alert_id] if row.alert_id is not None else notices[row.notice_id or 0]

    together: dict[tuple[int, int, int], list[_Row]] = {}
    for row in rows:
        if row.id not in cancelled:
            together.setdefault((row.alert_group, row.chat_id, row.topic_id), []).append(row)
    going_on = [row.id for row in rows if row.alert_id in continuing]
    beginnings = sent_messages.beginnings(db, going_on) if going_on else {}
    owners = {
        (row.chat_id, row.topic_id)
        for row in rows
        if row.has_fleet and (row.alert_id is not None or row.kind == NoticeKind.DIGEST)
    }
    fleet_of = fleets.of_addresses(db, owners) if owners else {}
    readers = {(row.chat_id, row.topic_id) for row in rows if row.kind == NoticeKind.DIGEST}
    watches_of = watches.standings(db, readers) if readers else {}
    contents: dict[tuple[object, ...], MessageContent] = {}

    def content_of(members: list[_Row]) -> MessageContent:
        """What one address is told; one object for all that are told the same, as most of a broadcast are."""
        first = members[0]
        address = (first.chat_id, first.topic_id)
        fleet = fleet_of.get(address) if fleet_of else None
        watch_list = watches_of.get(address, ()) if first.kind == NoticeKind.DIGEST else ()
        if len(members) > 1 or fleet is not None or watch_list:
            return _content(members, tuple(map(subject, members)), fleet, watch_list)
        key = first[_CONTENT_FROM:]
        content = contents.get(key)
        if content is None:
            content = contents[key] = _content(members, (subject(first),), None, ())
        return content

    return [_message(members, content_of(members), beginnings) for members in together.values()]


def _without_overtaking(db: Database, rows: list[_Row], continuing: set[int], now: datetime) -> list[_Row]:
    """Give back the rows that would tell how an incident goes on before it was told; returns the others.

    Such a row has waited for its time, while the earlier message met failures. It goes in one message with
    that, or, while that is being sent, is looked at again in a moment.
    """
    ids = [row.id for row in rows if row.alert_id in continuing]
    marks = ",".join("?" * len(ids))
    earlier = db.execute(
        f"""
        SELECT o.id, earlier.id, earlier.state FROM outbox o
        JOIN alerts a ON a.id = o.alert_id
        JOIN alerts b ON b.incident = a.incident AND b.rule = a.rule AND b.id < a.id
        JOIN outbox earlier ON earlier.alert_id = b.id AND earlier.chat_id = o.chat_id
            AND earlier.topic_id = o.topic_id AND earlier.bulletin NOT IN (o.bulletin, {PUT_OFF})
        WHERE o.id IN ({marks}) AND o.state = 'leased' AND earlier.state IN ('pending', 'leased')
        ORDER BY earlier.id
        """,
        ids,
    ).fetchall()
    if not earlier:
        return rows
    states: dict[int, dict[int, str]] = {}
    for row, earlier_row, state in earlier:
        states.setdefault(row, {})[earlier_row] = state
    db.executemany(
        "UPDATE outbox SET state = 'pending', claimed_by = NULL, next_try_at = ? "
        "WHERE id = ? AND state = 'leased'",
        [((now + _SOON).isoformat(), row) for row in states],
    )
    for row, state_of in states.items():
        if "leased" not in state_of.values():
            join(db, next(iter(state_of)), row)
    return [row for row in rows if row.id not in states]


def _content(
    rows: list[_Row],
    subjects: tuple[MessageSubject, ...],
    fleet: Fleet | None,
    watch_list: tuple[watches.WatchStanding, ...],
) -> MessageContent:
    first = rows[0]
    unconfirmed_sends = max(row.unconfirmed_sends for row in rows)
    return MessageContent(
        subjects=subjects,
        alert_group=first.alert_group,
        kind=first.kind,
        severity=min((row.severity for row in rows), key=lambda severity: PRIORITY_OF[severity]),
        queued_at=datetime.fromisoformat(first.queued_at),
        language=first.language,
        silent_below=first.silent_below,
        repeat=unconfirmed_sends > 0,
        in_channel=bool(first.in_channel),
        currency=first.currency,
        fleet=fleet,
        watches=watch_list,
        picture=bool(first.picture) and first.alert_group > 0 and first.attempts + unconfirmed_sends == 0,
        dark=bool(first.dark) and bool(first.picture),
    )


def _message(rows: list[_Row], content: MessageContent, beginnings: Mapping[int, int]) -> OutboxMessage:
    """The message of these rows; `beginnings` gives rows the message that first told of their incident.

    Most messages are one row, whose values need no comparing: this is made for each of a broadcast.
    """
    first = furthest = rows[0]
    ids: tuple[int, ...] = (first.id,)
    attempts, unconfirmed_sends, expires_at = first.attempts, first.unconfirmed_sends, first.expires_at
    if len(rows) > 1:
        ids = tuple(row.id for row in rows)
        attempts = max(row.attempts for row in rows)
        unconfirmed_sends = max(row.unconfirmed_sends for row in rows)
        expires_at = min(row.expires_at for row in rows)
        furthest = max(rows, key=lambda row: row.parts)
    continued = [row for row in rows if row.id in beginnings] if beginnings else []
    return OutboxMessage(
        ids=ids,
        chat_id=first.chat_id,
        topic_id=first.topic_id,
        priority=first.priority,
        expires_at=datetime.fromisoformat(expires_at),
        content=content,
        attempts=attempts,
        unconfirmed_sends=unconfirmed_sends,
        arrived=ArrivedParts(furthest.parts, furthest.parts_digest) if furthest.parts else _NO_PARTS,
        reply_to=min(beginnings[row.id] for row in continued) if continued else None,
        continued=frozenset(row.alert_id for row in continued if row.alert_id is not None)
        if continued
        else frozenset(),
        claimed_by=first.claimed_by,
    )


def _alerts(db: Database, ids: set[int]) -> tuple[dict[int, MessageSubject], set[int]]:
    """What these alerts tell, and which of them continue an incident."""
    if not ids:
        return {}, set()
    marks = ",".join("?" * len(ids))
    rows = db.execute(
        "SELECT id, incident, kind, severity, at, body, rule, signal, value FROM alerts "
        f"WHERE id IN ({marks})",
        list(ids),
    ).fetchall()
    subjects = {
        id_: MessageSubject(kind, severity, datetime.fromisoformat(at), body, rule, signal, value, id_)
        for id_, _, kind, severity, at, body, rule, signal, value in rows
    }
    return subjects, {id_ for id_, incident, *_ in rows if incident not in (0, id_)}


def _notices(db: Database, ids: set[int]) -> dict[int, MessageSubject]:
    if not ids:
        return {}
    marks = ",".join("?" * len(ids))
    rows = db.execute(f"SELECT id, kind, severity, at, body FROM notices WHERE id IN ({marks})", list(ids))
    return {
        id_: MessageSubject(kind, severity, datetime.fromisoformat(at), body)
        for id_, kind, severity, at, body in rows.fetchall()
    }


def record(db: Database, results: Sequence[SendResult], replica: int = 0) -> None:
    """Record the results of messages; many in one transaction cost little more than one.

    The result of a row that was taken from this replica meanwhile is left out.
    """
    db.executemany(
        """
        UPDATE outbox SET state = ?, error = ?, message_id = ?, next_try_at = coalesce(?, next_try_at),
            attempts = ?, doubts = max(doubts, ?), parts = ?, parts_digest = ?,
            settled_at = ?
        WHERE id = ? AND state IN ('pending', 'leased') AND coalesce(claimed_by, 0) = ?
        """,
        [
            (
                result.state,
                result.error,
                result.message_id,
                result.next_try_at.isoformat() if result.next_try_at else None,
                result.attempts,
                result.unconfirmed_sends,
                result.arrived.count,
                result.arrived.digest,
                None if result.state == "pending" else result.at.isoformat(),
                row_id,
                replica,
            )
            for result in results
            for row_id in result.ids
        ],
    )
    sent = [result.sent for result in results if result.sent is not None]
    if sent:
        sent_messages.note_sent(db, sent, results[0].at)


def recover(db: Database, now: datetime, lane: Lane = Lane.TELEGRAM) -> RecoveredRows:
    """Return rows of a lane that a dead process has left leased, marked as possible repeats.

    They may have arrived or not. After MAX_UNCONFIRMED_SENDS crashes a row counts as sent (`uncertain`);
    a critical one goes again later, until it is answered or expires. A replica may be given up for dead
    between the two statements; what it has claimed is left to the next call then.
    """
    is_left, moment = f"state = 'leased' AND {lane} AND {db.dialect.claimed_by_dead}", db.dialect.moment
    goes_again = "(doubts < :most OR severity = 'critical')"
    again = db.execute(
        f"""
        UPDATE outbox SET state = 'pending', doubts = doubts + 1, claimed_by = NULL,
            next_try_at = CASE WHEN doubts < :most THEN {moment(":now")} ELSE {moment(":later")} END
        WHERE {is_left} AND {goes_again}
        """,
        {
            "now": now.isoformat(),
            "later": (now + _CRITICAL_WAIT).isoformat(),
            "most": MAX_UNCONFIRMED_SENDS,
        },
    ).rowcount
    uncertain = db.execute(
        f"""
        UPDATE outbox SET state = 'uncertain', doubts = doubts + 1, settled_at = :now, claimed_by = NULL,
            error = 'the program stopped while this was being sent' WHERE {is_left} AND NOT {goes_again}
        """,
        {"now": now.isoformat(), "most": MAX_UNCONFIRMED_SENDS},
    ).rowcount
    return RecoveredRows(int(again), int(uncertain))


def return_lost_leases(
    db: Database, known: Collection[int], now: datetime, lane: Lane = Lane.TELEGRAM, replica: int = 0
) -> int:
    """Return a lane's rows that this replica has leased and that are not `known` to be under way.

    Gives how many there were.
    """
    leased = db.execute(
        f"SELECT id FROM outbox WHERE state = 'leased' AND coalesce(claimed_by, 0) = ? AND {lane}", [replica]
    ).fetchall()
    lost = [(now.isoformat(), row, replica) for (row,) in leased if row not in known]
    db.executemany(
        "UPDATE outbox SET state = 'pending', doubts = doubts + 1, next_try_at = ? "
        "WHERE id = ? AND state = 'leased' AND coalesce(claimed_by, 0) = ?",
        lost,
    )
    return len(lost)
