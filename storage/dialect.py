"""How SQLite and PostgreSQL differ: everything else is one SQL text for both.

Texts are written so that both engines take them:

- parameters are `?` or `:name`; flags are bound as Python bools, written `true` and `false`, tested bare;
- `INSERT … ON CONFLICT (…) DO UPDATE SET a = excluded.a`; in its expressions columns carry the table's name;
- `RETURNING id` instead of the last row's id; `body ->> 'began'` for JSON; `count(*) FILTER (WHERE …)`;
- a name for every subquery in FROM; no column of a group that is neither grouped by nor aggregated;
- `max(a, b)` and `min(a, b)` of two values, which PostgreSQL is given as functions;
- what is left is a method here, reached as `db.dialect`.

Tables are declared in SQLite's words; their columns get PostgreSQL's types by their names, below.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, Protocol

_TYPES: Final = {
    "boolean": "active complete below_cost published_complete retired into_past by_balance any_of once "
    "a_above a_met b_above b_met critical_passes dark tell_outages alert_pictures",
    "date": "day from_day to_day gap_day top_day",
    "jsonb": "body payouts rule_states.state",
    "timestamptz": "at as_of told_until muted_at muted_until digest_next digest_last edit_due",
    "time": "quiet_from quiet_to digest_at",
}
_TYPE_OF_COLUMN: Final = {column: name for name, columns in _TYPES.items() for column in columns.split()}
_TYPE_OF_WORD: Final = {"INTEGER": "bigint", "REAL": "double precision", "TEXT": 'text COLLATE "C"'}

FUNCTIONS: Final = """
    CREATE FUNCTION {name}(a anycompatible, b anycompatible) RETURNS anycompatible
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT CASE WHEN a {sign} b THEN a WHEN a IS NOT NULL AND b IS NOT NULL THEN b END $$
"""
"""SQL: `max` or `min` of two values as SQLite has it, for PostgreSQL."""


class Dialect(Protocol):
    """What the engines say differently."""

    def later(self, moment: str, seconds: str) -> str:
        """SQL: a moment so many seconds later."""

    def end_of_day(self, moment: str) -> str:
        """SQL: what comes after every moment of the same UTC day."""

    def moment(self, parameter: str) -> str:
        """SQL: a parameter that is a moment, where nothing beside it says so (in CASE, in coalesce)."""

    def items(self, array: str, name: str) -> str:
        """SQL: a JSON array as a table of this name with a column `value`."""

    def indexed_by(self, index: str) -> str:
        """SQL: which index a table is to be read by, where the engine can be told."""

    @property
    def skipping_locked(self) -> str:
        """SQL, after SELECT: lock the rows, leaving out those that another transaction has locked."""

    def lock_number(self, number: str) -> str:
        """SQL: whether no other transaction has locked this number; until its end this one has."""

    def not_claimed_by_others(self, chat: str, replica: str) -> str:
        """SQL: whether no other replica than this one sends something to a chat."""

    def is_alive(self, replica: str) -> str:
        """SQL: whether a replica's number is its own still; where it was silent for too long nothing is."""

    @property
    def claimed_by_dead(self) -> str:
        """SQL: whether the replica that has claimed a row is dead; asked of SQLite only at a start."""

    def seconds_now(self) -> str:
        """SQL: the seconds since 1970, by the clock that all programs on the database have in common."""

    @property
    def locking(self) -> str:
        """SQL, after SELECT: lock the rows until the transaction ends, waiting for others that have."""


class _Sqlite:
    def later(self, moment: str, seconds: str) -> str:
        return f"strftime('%Y-%m-%dT%H:%M:%S+00:00', {moment}, {seconds} || ' seconds')"

    def end_of_day(self, moment: str) -> str:
        return f"substr({moment}, 1, 10) || 'U'"

    def moment(self, parameter: str) -> str:
        return parameter

    def items(self, array: str, name: str) -> str:
        return f"json_each({array}) AS {name}"

    def indexed_by(self, index: str) -> str:
        return f"INDEXED BY {index}"

    skipping_locked = ""

    def lock_number(self, _number: str) -> str:
        return "true"

    def not_claimed_by_others(self, _chat: str, _replica: str) -> str:
        return "true"

    def is_alive(self, _replica: str) -> str:
        return "true"

    claimed_by_dead = "true"

    def seconds_now(self) -> str:
        return "(julianday('now') - 2440587.5) * 86400.0"

    locking = ""


class _Postgres:
    def later(self, moment: str, seconds: str) -> str:
        return f"(CAST({moment} AS timestamptz) + make_interval(secs => {seconds}))"

    def end_of_day(self, moment: str) -> str:
        return f"(date_trunc('day', {moment}) + interval '1 day')"

    def moment(self, parameter: str) -> str:
        return f"CAST({parameter} AS timestamptz)"

    def items(self, array: str, name: str) -> str:
        return f"jsonb_array_elements({array}) AS {name} (value)"

    def indexed_by(self, _index: str) -> str:
        return ""

    skipping_locked = "FOR UPDATE SKIP LOCKED"

    def lock_number(self, number: str) -> str:
        return f"pg_try_advisory_xact_lock({number})"

    def not_claimed_by_others(self, chat: str, replica: str) -> str:
        return (
            f"{chat} NOT IN (SELECT chat_id FROM outbox WHERE state = 'leased' "
            f"AND claimed_by IS DISTINCT FROM {replica})"
        )

    def is_alive(self, replica: str) -> str:
        return f"EXISTS (SELECT 1 FROM replicas WHERE id = {replica})"

    claimed_by_dead = "(claimed_by IS NULL OR claimed_by NOT IN (SELECT id FROM replicas))"

    def seconds_now(self) -> str:
        return "extract(epoch FROM clock_timestamp())::float8"

    locking = "FOR UPDATE"


SQLITE: Final[Dialect] = _Sqlite()
POSTGRES: Final[Dialect] = _Postgres()

_TOKEN = re.compile(r"'(?:[^']|'')*'|--[^\n]*|::|:([a-z_]\w*)|\?|%")
_DEFINES = re.compile(r"\s*(?:CREATE|ALTER)\s+(?:TEMP\s+)?TABLE\s+(?:IF NOT EXISTS\s+)?(\w+)")
_COLUMN = re.compile(r"\b(\w+) (INTEGER|REAL|TEXT)\b( PRIMARY KEY)?( NOT NULL)?(?: DEFAULT ([^,;\s)]+))?")
_COMMENT = re.compile(r"--[^\n]*")
_STORAGE = re.compile(r"\)\s*(?:(?:STRICT|WITHOUT ROWID)\s*,?\s*)+;?\s*$")


@lru_cache(maxsize=1024)
def for_postgres(sql: str) -> str:
    """A statement as psycopg takes it: parameters `%s` or `%(name)s`, tables with PostgreSQL's types."""
    if table := _DEFINES.match(sql):
        sql = _STORAGE.sub(")", _COMMENT.sub("", sql))
        sql = _COLUMN.sub(lambda column: _column(table[1], column), sql)
    sql = sql.replace("NOT IN ()", "<> ALL ('{}')").replace("IN ()", "= ANY ('{}')")  # an empty list's marks
    return _TOKEN.sub(_token, sql)


def _token(match: re.Match[str]) -> str:
    text = match[0]
    if match[1]:
        return f"%({match[1]})s"
    if text == "?":
        return "%s"
    return "" if text.startswith("--") else text.replace("%", "%%")


def _column(table: str, match: re.Match[str]) -> str:
    name, word, key, not_null, default = match.groups()
    if (name, word, bool(key)) == ("id", "INTEGER", True):
        return "id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"
    kind = column_type(table, name) or _TYPE_OF_WORD[word]
    if default and kind == "boolean":
        default = {"0": "false", "1": "true"}[default]
    return f"{name} {kind}{key or ''}{not_null or ''}{f' DEFAULT {default}' if default else ''}"


def column_type(table: str, column: str) -> str | None:
    """PostgreSQL's type of a column whose name says more than SQLite's type does; None when it doesn't.

    A name has one meaning in every table. Those that end in `_at` are moments, those that begin with `is_` or
    `has_` are flags.
    """
    known: Mapping[str, str] = _TYPE_OF_COLUMN
    named = known.get(f"{table}.{column}") or known.get(column)
    if named is None and column.endswith("_at"):
        return "timestamptz"
    if named is None and column.startswith(("is_", "has_")):
        return "boolean"
    return named
