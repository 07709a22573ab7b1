"""The tables of both engines against what is declared in schemas/tables.txt, made from neither.

A line there is a column (`name kind`, `?` where it may be NULL, `= default`), the primary key, another unique
key, an index (`partial` where it has a condition), the tables that rows belong to, or the number of checks.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from storage.database import Database
from storage.sqlite.file_engine import SqliteConnection

DECLARED = Path(__file__).parent / "schemas" / "tables.txt"
OF_SQLITE = {
    **dict.fromkeys(("number", "whole", "flag"), "INTEGER"),
    **dict.fromkeys(("text", "moment", "day", "time", "json"), "TEXT"),
    "real": "REAL",
}
OF_POSTGRES = {
    "bigint": "whole",
    "boolean": "flag",
    "date": "day",
    "double precision": "real",
    "jsonb": "json",
    "text": "text",
    "time without time zone": "time",
    "timestamp with time zone": "moment",
}
OF_ONE_ENGINE = {"migrations", "lease", "pace", "recent_sends", "replicas"}

Tables = dict[str, list[str]]


def _declared() -> Tables:
    tables: Tables = {}
    table = ""
    for line in DECLARED.read_text(encoding="utf-8").splitlines():
        if line.startswith("  "):
            tables[table].append(line.strip())
        elif line:
            table = line
            tables[table] = []
    return tables


def _column(name: str, kind: str, *, may_be_null: bool, default: str | None) -> str:
    return f"{name} {kind}{'?' if may_be_null else ''}{f' = {default}' if default is not None else ''}"


def _index(columns: Iterable[str], *, partial: bool) -> str:
    return ", ".join(columns) + (" partial" if partial else "")


def _of_postgres(db: Database, table: str) -> Iterator[str]:
    for name, kind, nullable, default, identity, collation in db.execute(
        """
        SELECT column_name, data_type, is_nullable, column_default, is_identity, collation_name
        FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = ?
        ORDER BY ordinal_position
        """,
        [table],
    ).fetchall():
        assert (collation == "C") == (kind == "text"), f"{table}.{name} sorts otherwise than on SQLite"
        number = identity == "YES"
        plain = None if default is None else re.sub(r"::\w+$", "", default)
        yield _column(
            name, "number" if number else OF_POSTGRES[kind], may_be_null=nullable == "YES", default=plain
        )
    for unique, primary, partial, columns in db.execute(
        """
        SELECT indisunique, indisprimary, indpred IS NOT NULL,
            (SELECT array_agg(a.attname::text ORDER BY place)
             FROM unnest(indkey) WITH ORDINALITY AS k (number, place)
             JOIN pg_attribute a ON a.attrelid = indrelid AND a.attnum = k.number)
        FROM pg_index WHERE indrelid = to_regclass(?)
        """,
        [table],
    ).fetchall():
        yield f"{'key' if primary else 'unique' if unique else 'index'} {_index(columns, partial=partial)}"
    for kind, other in db.execute(
        "SELECT contype::text, confrelid::regclass::text FROM pg_constraint "
        "WHERE conrelid = to_regclass(?) AND contype IN ('c', 'f')",
        [table],
    ).fetchall():
        yield "check" if kind == "c" else f"belongs to {other}"


def _of_sqlite(db: SqliteConnection, table: str) -> Iterator[str]:
    key = {}
    (sql,) = db.execute("SELECT sql FROM sqlite_master WHERE name = ?", [table]).fetchone()
    for _, name, kind, not_null, default, place in db.execute(f"PRAGMA table_info({table})").fetchall():
        yield _column(name, kind, may_be_null=not not_null and not place, default=default)
        if place:
            key[place] = name
    yield f"key {_index((key[place] for place in sorted(key)), partial=False)}"
    for _, index, unique, origin, partial in db.execute(f"PRAGMA index_list({table})").fetchall():
        columns = [row[2] for row in db.execute(f"PRAGMA index_info({index})").fetchall()]
        if origin != "pk":
            yield f"{'unique' if unique else 'index'} {_index(columns, partial=bool(partial))}"
    others = {row[0]: row[2] for row in db.execute(f"PRAGMA foreign_key_list({table})").fetchall()}
    for other in others.values():
        yield f"belongs to {other}"
    for _ in re.findall(r"\bCHECK\b", re.sub(r"--[^\n]*", "", sql)):
        yield "check"


def _as_sqlite(line: str) -> str:
    """A declared line as SQLite says it: it knows three types, and writes flags as numbers."""
    match = re.fullmatch(r"(\w+) (\w+)(\??)( = .*)?", line)
    if match is None or match[2] not in OF_SQLITE or match[1] in ("key", "unique", "index"):
        return line
    name, kind, null, default = match.groups(default="")
    if kind == "flag":
        default = default.replace("true", "1").replace("false", "0")
    return f"{name} {OF_SQLITE[kind]}{null}{default}"


def test_postgresql_has_the_declared_tables_with_types_that_fit(postgres_db: Database) -> None:
    tables = sorted(set(postgres_db.table_names()) - OF_ONE_ENGINE)
    there = {table: sorted(_of_postgres(postgres_db, table)) for table in tables}
    assert there == {table: sorted(lines) for table, lines in _declared().items()}


def test_sqlite_has_the_declared_tables(sqlite_db: SqliteConnection) -> None:
    tables = sorted(name for name in sqlite_db.table_names() if not name.startswith(("_", "sqlite_")))
    there = {table: sorted(_of_sqlite(sqlite_db, table)) for table in tables}
    wanted = {table: sorted(map(_as_sqlite, lines)) for table, lines in _declared().items()}
    assert there == wanted
