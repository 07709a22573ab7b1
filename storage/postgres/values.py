"""Values of a PostgreSQL server as repositories know them from SQLite."""

from datetime import datetime
from typing import Any

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.types.string import StrDumperUnknown


def configure(connection: psycopg.Connection[Any]) -> None:
    """Have values come and go as repositories know them from SQLite."""
    connection.adapters.register_dumper(str, _Text)
    connection.adapters.register_loader("timestamptz", _Moment)
    connection.adapters.register_loader("numeric", _Number)
    for name in ("date", "time", "jsonb"):
        connection.adapters.register_loader(name, _Word)


class _Text(StrDumperUnknown):
    """Text goes as the type of whatever it is compared with; NUL, which PostgreSQL refuses, is replaced."""

    def dump(self, obj: str) -> Buffer | None:
        if "\0" in obj or "\\u0000" in obj:
            obj = obj.replace("\0", "\ufffd").replace("\\u0000", "\\ufffd")
        return super().dump(obj)


class _Moment(Loader):
    """A moment in UTC as ISO 8601 text."""

    def load(self, data: Buffer) -> str:
        return datetime.fromisoformat(bytes(data).decode()).isoformat()


class _Number(Loader):
    """A sum: whole, or a float."""

    def load(self, data: Buffer) -> int | float:
        text = bytes(data).decode()
        return int(text) if text.lstrip("-").isdecimal() else float(text)


class _Word(Loader):
    """A day, a time of day or JSON as text."""

    def load(self, data: Buffer) -> str:
        return bytes(data).decode()
