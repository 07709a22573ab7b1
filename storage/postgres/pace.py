"""The pace that replicas share: one sequence of turns, and what each has sent lately.

A replica takes the next few turns of the sequence, and gives back those that it doesn't need while nobody has
taken later ones. With the same statement it says what it has sent and learns what others have. All of it
is of use for minutes only, so the tables are not logged: a server that crashed begins with empty ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from storage.engine import Database
from storage.outbox.recent_send import RecentSend

TABLES: Final = (
    """
    CREATE UNLOGGED TABLE IF NOT EXISTS pace (
        name text PRIMARY KEY,
        next_turn_at timestamptz NOT NULL,
        delay_s double precision NOT NULL,
        paused_until timestamptz NOT NULL
    )
    """,
    "ALTER TABLE pace ADD COLUMN IF NOT EXISTS began_at timestamptz NOT NULL DEFAULT clock_timestamp()",
    """
    CREATE UNLOGGED TABLE IF NOT EXISTS recent_sends (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        replica bigint NOT NULL,
        chat text NOT NULL,
        at timestamptz NOT NULL,
        is_edit boolean NOT NULL,
        retry_after_s double precision
    )
    """,
)
_NAME: Final = "telegram"

# Ids are given while the row of the sequence is locked, so that a smaller one is never seen later.
_EXCHANGE: Final = """
    WITH turns AS (
        INSERT INTO pace AS p (name, next_turn_at, delay_s, paused_until)
        VALUES (:name, clock_timestamp() + make_interval(secs => :taken_s), 0,
                clock_timestamp() + make_interval(secs => :pause_s))
        ON CONFLICT (name) DO UPDATE SET
            next_turn_at = greatest(
                p.next_turn_at - CASE WHEN p.next_turn_at = CAST(:block_end AS timestamptz)
                    THEN make_interval(secs => :unused_s) ELSE interval '0' END
                    + make_interval(secs => CASE WHEN p.began_at = CAST(:began_at AS timestamptz)
                        THEN greatest(0, :delay_s - p.delay_s) ELSE 0 END),
                p.paused_until, clock_timestamp()) + make_interval(secs => :taken_s),
            delay_s = CASE WHEN p.began_at = CAST(:began_at AS timestamptz)
                THEN greatest(p.delay_s, :delay_s) ELSE p.delay_s END,
            paused_until = greatest(p.paused_until, clock_timestamp() + make_interval(secs => :pause_s))
        RETURNING next_turn_at, delay_s, paused_until, began_at
    ), said AS (
        INSERT INTO recent_sends (replica, chat, at, is_edit, retry_after_s)
        SELECT :replica, mine.chat, clock_timestamp() - make_interval(secs => mine.age_s), mine.is_edit,
            mine.retry_after_s
        FROM turns, unnest(CAST(:chats AS text[]), CAST(:ages_s AS double precision[]),
            CAST(:edits AS boolean[]), CAST(:retries_s AS double precision[]))
            AS mine (chat, age_s, is_edit, retry_after_s)
    )
    SELECT CAST(extract(epoch FROM clock_timestamp()) AS double precision),
        CAST(extract(epoch FROM next_turn_at) AS double precision) - :taken_s,
        next_turn_at, began_at, delay_s,
        CAST(extract(epoch FROM paused_until - clock_timestamp()) AS double precision),
        (SELECT json_agg(json_build_array(id, chat,
            CAST(extract(epoch FROM clock_timestamp() - at) AS double precision), is_edit, retry_after_s)
            ORDER BY id)
         FROM recent_sends WHERE replica <> :replica
            AND id > CASE WHEN began_at = CAST(:began_at AS timestamptz) THEN :seen ELSE 0 END
            AND at > clock_timestamp() - interval '11 minutes')
    FROM turns
"""
_PRUNE: Final = """
    DELETE FROM recent_sends
    WHERE at < clock_timestamp() - CASE WHEN retry_after_s IS NULL
        THEN interval '62 seconds' ELSE interval '11 minutes' END
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a replica asks for and says.

    It wants `count` turns `gap_s` seconds apart, and gives back the last `unused` of those that ended with
    `block_end`. Nobody is to send anything for `pause_s`. In the sequence of `began_at` it knows of others up
    to the id `seen`, and this is to have come later by `delay_s` in all, because a message came late.
    """

    replica: int
    count: int
    gap_s: float
    seen: int
    sends: Sequence[RecentSend] = ()
    unused: int = 0
    block_end: str = "epoch"
    pause_s: float = 0.0
    delay_s: float = 0.0
    began_at: str = "epoch"


@dataclass(frozen=True, slots=True)
class Given:
    """The answer, given `at_s` by the server's clock, in seconds; by the same the first turn is `first_at_s`.

    The sequence began at `began_at`, and by `delay_s` it has come later in all. The last turn, and a gap, end
    at `block_end`. `paused_s` is negative while nothing is paused. `sends` are those of others that were not
    `seen`.
    """

    at_s: float
    first_at_s: float
    block_end: str
    began_at: str
    delay_s: float
    paused_s: float
    seen: int
    sends: tuple[RecentSend, ...]


def exchange(db: Database, wanted: Wanted) -> Given:
    """Take turns, give some back, and tell each other what was sent; one statement."""
    sends = wanted.sends
    at_s, first_at_s, block_end, began_at, delay_s, paused_s, others = db.execute(
        _EXCHANGE,
        {
            "name": _NAME,
            "taken_s": wanted.count * wanted.gap_s,
            "unused_s": wanted.unused * wanted.gap_s,
            "block_end": wanted.block_end,
            "began_at": wanted.began_at,
            "pause_s": wanted.pause_s,
            "delay_s": wanted.delay_s,
            "replica": wanted.replica,
            "seen": wanted.seen,
            "chats": [each.chat for each in sends],
            "ages_s": [each.age_s for each in sends],
            "edits": [each.is_edit for each in sends],
            "retries_s": [each.retry_after_s for each in sends],
        },
    ).fetchone()
    return Given(
        at_s,
        first_at_s,
        block_end,
        began_at,
        delay_s,
        paused_s,
        others[-1][0] if others else wanted.seen if began_at == wanted.began_at else 0,
        tuple(RecentSend(*each) for _, *each in others or ()),
    )


def prune(db: Database) -> None:
    """Forget what matters to no limit any more."""
    db.execute(_PRUNE)
