"""Watches evaluated. A look costs by what crossed: the levels that a figure has passed since the last look.

`evaluate` does in SQL, to all watches at once, what `bot.watches.watch.step` does to one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.signals.rules import Severity
from bot.watches.watch import MIN_HOLD, WatchFigure
from storage import outbox
from storage.chats.watches import dump, newest_figures
from storage.engine import Database
from storage.outbox import EXPIRE_AFTER, PRIORITY_OF, NoticeKind

_SEVERITY: Final = Severity.WARNING
_BOTTOM, _TOP = -1e308, 1e308


def evaluate(
    db: Database, figures: Sequence[WatchFigure], now: datetime, alert_group: int | None = None
) -> int:
    """Take these figures in, and queue a message for every watch that tells; give their number.

    `alert_group` is that of the alerts queued in the same transaction, if there were any: who is told of one
    of them at `now` is told of the watches in the same message.

    Costs by what crossed: an index range for every figure and side, and what lies in it. What crossed is
    worked on in the order in which it is stored, and queued in the order of the chats, so that a million
    cost no more each than a hundred.
    """
    db.execute(
        "UPDATE watches SET state = 'done', due_at = NULL, ends_at = NULL WHERE ends_at <= ?",
        [now.isoformat()],
    )
    if not figures:
        return 0
    for table in (
        "crossed (id INTEGER PRIMARY KEY)",
        "telling (chat_id INTEGER, topic_id INTEGER, watch_id INTEGER, "
        "PRIMARY KEY (chat_id, topic_id, watch_id)) WITHOUT ROWID",
    ):
        db.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table}")
        db.execute(f"DELETE FROM {table.split()[0]}")
    before = newest_figures(db, [figure.metric for figure in figures])
    for figure in figures:
        _see(db, figure, now)
    for side, other in (("a", "b"), ("b", "a")):
        for figure in figures:
            _cross(db, side, other, figure, before.get(figure.metric))
    _come_due(db, figures, now)
    return _queue(db, figures, now, alert_group)


def _see(db: Database, figure: WatchFigure, now: datetime) -> None:
    as_of = figure.as_of.isoformat()
    db.execute(
        """
        INSERT INTO watch_figures (metric, value, as_of, source, seen_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (metric) DO UPDATE SET value = excluded.value, as_of = excluded.as_of,
            source = excluded.source, seen_at = excluded.seen_at
        """,
        [figure.metric, figure.value, as_of, figure.source, now.isoformat()],
    )
    if figure.after_gap:
        for side in "ab":
            db.execute(
                f"""
                UPDATE watches SET due_at = max(due_at, {db.dialect.later(":as_of", "hold_s")})
                WHERE {side}_metric = :metric AND due_at IS NOT NULL
                """,
                {"as_of": as_of, "metric": figure.metric},
            )


def _cross(db: Database, side: str, other: str, figure: WatchFigure, before: WatchFigure | None) -> None:
    """Change every comparison with a level between the last figure and this one."""
    last = before.value if before is not None else None
    if last is None or figure.value > last:
        _change(db, side, other, figure, _BOTTOM if last is None else last, above=True, met=True)
        _change(db, side, other, figure, _BOTTOM if last is None else last, above=False, met=False)
    if last is None or figure.value < last:
        _change(db, side, other, figure, _TOP if last is None else last, above=False, met=True)
        _change(db, side, other, figure, _TOP if last is None else last, above=True, met=False)


def _change(
    db: Database, side: str, other: str, figure: WatchFigure, last: float, *, above: bool, met: bool
) -> None:
    """Make met, or not met, the comparisons of one direction whose level lies between `last` and the figure.

    A watch of one metric without a hold tells at once; any other gets the time at which it is due.
    """
    values = {
        "metric": figure.metric,
        "above": above,
        "low": min(last, figure.value),
        "high": max(last, figure.value),
        "as_of": figure.as_of.isoformat(),
        "rested": (figure.as_of - MIN_HOLD).isoformat(),
    }
    level = "fire" if met else "clear"
    as_of = db.dialect.moment(":as_of")
    crossed = db.execute(
        f"""
        INSERT INTO crossed SELECT id FROM watches {db.dialect.indexed_by(f"watches_{side}_{level}")}
        WHERE {side}_metric = :metric AND {side}_above = :above AND {side}_{level} BETWEEN :low AND :high
        ORDER BY id
        """,
        values,
    ).rowcount
    if not crossed:
        return
    if met:
        floor = db.dialect.later("fired_at", str(int(MIN_HOLD.total_seconds())))
        at_once = """
            state = 'on' AND hold_s = 0 AND (any_of OR b_metric IS NULL)
            AND (fired_at IS NULL OR fired_at <= :rested)
        """
        db.execute(
            f"""
            INSERT INTO telling SELECT chat_id, topic_id, id FROM watches
            WHERE id IN (SELECT id FROM crossed) AND NOT {side}_met AND {at_once}
            ORDER BY chat_id, topic_id, id ON CONFLICT DO NOTHING
            """,
            values,
        )
        db.execute(
            f"""
            UPDATE watches SET {side}_met = true,
                due_at = CASE
                    WHEN state <> 'on' THEN NULL
                    WHEN {at_once} THEN {_again(db, db.dialect.moment(":as_of"))}
                    WHEN any_of OR {other}_metric IS NULL OR {other}_met THEN
                        max({db.dialect.later(":as_of", "hold_s")}, coalesce({floor}, {as_of}))
                END,
                fires = CASE WHEN {at_once} THEN fires + 1 ELSE fires END,
                fired_at = CASE WHEN {at_once} THEN {as_of} ELSE fired_at END,
                state = CASE WHEN once AND {at_once} THEN 'done' ELSE state END
            WHERE id IN (SELECT id FROM crossed) AND NOT {side}_met
            """,
            values,
        )
    else:
        db.execute(
            f"""
            UPDATE watches SET {side}_met = false, due_at = CASE WHEN any_of AND {other}_met THEN due_at END
            WHERE id IN (SELECT id FROM crossed) AND {side}_met
            """
        )
    db.execute("DELETE FROM crossed")


def _come_due(db: Database, figures: Sequence[WatchFigure], now: datetime) -> None:
    """Let every watch tell whose time has come by its figures' own time, all of them fresh.

    Watches of one metric are looked up to that metric's own moment, so that those whose day is not over yet
    are not read at every look; those of two up to the newest of all.
    """
    values = {
        "now": now.isoformat(),
        "newest": max(figure.as_of for figure in figures).isoformat(),
    }
    of_one, of_two = (db.dialect.indexed_by(index) for index in ("watches_due", "watches_due_of_two"))
    due = f"""
        SELECT w.id AS due_id, w.chat_id, w.topic_id, a.as_of AS clock
        FROM watch_figures AS a CROSS JOIN watches AS w {of_one}
        WHERE w.a_metric = a.metric AND a.seen_at = :now AND (w.b_metric IS NULL OR w.b_metric = w.a_metric)
            AND w.due_at <= a.as_of
        UNION ALL
        SELECT w.id, w.chat_id, w.topic_id, max(a.as_of, b.as_of) AS clock
        FROM watch_figures AS a CROSS JOIN watches AS w {of_two} CROSS JOIN watch_figures AS b
        WHERE w.a_metric = a.metric AND b.metric = w.b_metric AND w.b_metric <> w.a_metric
            AND a.seen_at = :now AND b.seen_at = :now
            AND w.due_at <= :newest AND w.due_at <= max(a.as_of, b.as_of)
    """
    fired = db.execute(
        f"INSERT INTO telling SELECT chat_id, topic_id, due_id FROM ({due}) AS due WHERE true "
        "ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING",
        values,
    ).rowcount
    if fired:
        db.execute(
            f"""
            UPDATE watches SET fires = fires + 1, fired_at = clock, due_at = {_again(db, "clock")},
                state = CASE WHEN once THEN 'done' ELSE state END
            FROM ({due}) AS due WHERE id = due_id
            """,
            values,
        )


def _queue(db: Database, figures: Sequence[WatchFigure], now: datetime, alert_group: int | None) -> int:
    """Queue a message for each that tells: with the chat's alerts of this group, else by themselves.

    The figures are kept once for all of them. Rows that go out together wait together: with the priority of
    the gravest among them.
    """
    if db.execute("SELECT 1 FROM telling LIMIT 1").fetchone() is None:
        return 0
    notice = outbox.add_notice(db, NoticeKind.WATCH, _SEVERITY, dump(figures), now)
    values: dict[str, object] = {
        "alert_group": alert_group,
        "notice": notice,
        "kind": NoticeKind.WATCH.value,
        "severity": _SEVERITY.word,
        "priority": int(PRIORITY_OF[_SEVERITY.word]),
        "now": now.isoformat(),
        "expires": (now + EXPIRE_AFTER).isoformat(),
    }
    alone = ":priority FROM telling"
    beside = """
        min(:priority, coalesce(alerted.priority, :priority)) FROM telling
        LEFT JOIN (SELECT chat_id, topic_id, min(priority) AS priority FROM outbox
                   WHERE alert_id IN (SELECT id FROM alerts WHERE bulletin = :alert_group)
                       AND state = 'pending' AND next_try_at = :now
                   GROUP BY chat_id, topic_id) AS alerted USING (chat_id, topic_id)
    """
    queued = db.execute(
        f"""
        INSERT INTO outbox (bulletin, notice_id, watch_id, kind, chat_id, topic_id, severity,
                            queued_at, next_try_at, expires_at, priority)
        SELECT coalesce(:alert_group, -:notice), :notice, watch_id, :kind, chat_id, topic_id, :severity,
               :now, :now, :expires, {alone if alert_group is None else beside}
        ORDER BY chat_id, topic_id, watch_id
        """,
        values,
    ).rowcount
    if alert_group is not None:
        db.execute(
            """
            UPDATE outbox SET priority = :priority
            WHERE alert_id IN (SELECT id FROM alerts WHERE bulletin = :alert_group)
                AND state = 'pending' AND next_try_at = :now AND priority > :priority
                AND (chat_id, topic_id) IN (SELECT chat_id, topic_id FROM telling)
            """,
            values,
        )
    db.execute("DELETE FROM telling")
    return int(queued)


def _again(db: Database, clock: str) -> str:
    """SQL: when a watch that told by the moment `clock` tells again while it is met; NULL: it doesn't."""
    later = db.dialect.later(clock, "every_s")
    return f"CASE WHEN every_s IS NOT NULL AND NOT once THEN {later} END"
