"""What every repository may ask of the database, whichever engine it runs on.

Write one SQL text for both engines; `storage.dialect` says how, and holds the few differences.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from storage.dialect import Dialect

T = TypeVar("T")
Parameters = Sequence[Any] | Mapping[str, Any]


class Result(Protocol):
    """What a statement gave: its rows as tuples, and how many rows it changed.

    Moments and days come as ISO 8601 text on both engines, flags as something true or false.
    """

    @property
    def rowcount(self) -> int:
        """Rows that a statement changed."""

    def fetchone(self) -> Any:
        """The next row, None after the last."""

    def fetchall(self) -> list[Any]:
        """The rows that are left."""

    def __iter__(self) -> Iterator[Any]: ...


class Database(Protocol):
    """A connection, inside a transaction or reading."""

    @property
    def dialect(self) -> Dialect:
        """How the engine says what the engines say differently."""

    def execute(self, sql: str, parameters: Parameters | None = None) -> Result:
        """Run a statement; parameters are written `?` or `:name`."""

    def executemany(self, sql: str, rows: Iterable[Parameters]) -> Result:
        """Run a statement once for each row of parameters."""

    def query(self, sql: str, params: Parameters | None = None) -> Iterator[dict[str, Any]]:
        """The rows that a statement selects, by column."""

    def table_names(self) -> list[str]:
        """The tables, by name."""

    def columns(self, table: str) -> list[str]:
        """The columns of a table."""

    def unique_keys(self, table: str) -> list[tuple[str, ...]]:
        """The columns of each key that no two rows of a table share."""

    def references_chats(self, table: str) -> bool:
        """Whether rows of a table belong to one of `chats`."""


class Engine(Protocol):
    """An open database: whole transactions or nothing. Its functions are called from several threads."""

    name: str
    """What the database is, for people."""

    readers: int
    """How many threads may read at once."""

    @property
    def replica(self) -> int:
        """This program's number among those that use the database; 0 where there can be one only."""

    @property
    def leads(self) -> bool:
        """Whether this program is the one that polls."""

    @property
    def holds_lease(self) -> bool:
        """Whether this program leads and no other can have taken over yet, as far as can be known here."""

    def lead(self) -> None:
        """Become the program that polls. Raises StorageError while another is."""

    def transact(self, work: Callable[[Database], T]) -> T:
        """Run `work` in one transaction that excludes all others. Raises StorageError."""

    def transact_beside(self, work: Callable[[Database], T]) -> T:
        """Run `work`, which guards its own rows, in a transaction beside others' of its kind."""

    def exchange(self, work: Callable[[Database], T]) -> T:
        """Run one statement that waits for no transaction. Raises StorageError."""

    def read(self, work: Callable[[Database], T]) -> T:
        """Run `work` over what was committed. Raises StorageError."""

    def check_in_place(self) -> None:
        """Raise StorageError when what is written now would be lost."""

    def may_send(self, replica: int) -> bool:
        """Whether what was claimed under this number is still this program's."""

    def listen(self, callback: Callable[[], None]) -> None:
        """Call back, on any thread, when another program says that something new waits."""

    def announce(self) -> None:
        """Tell the other programs that something new waits."""

    def erase(self) -> None:
        """Leave nothing of what was deleted where somebody could find it."""

    def shrink(self) -> None:
        """Let go of cached memory."""

    def size(self) -> int:
        """Bytes that the database takes."""

    def disk_free(self) -> int | None:
        """Bytes free where the database is, None when that is not known here."""

    def close(self) -> None:
        """Close every connection."""
