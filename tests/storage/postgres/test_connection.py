"""Errors of a PostgreSQL server, as operators read them."""

from contextlib import closing

import psycopg
import pytest
from psycopg import errors

from storage.errors import StorageError
from storage.postgres.connection import connect, explained
from tests.fakes.postgres_server import Server


@pytest.mark.parametrize(
    ("error", "says", "passing"),
    [
        (errors.DiskFull("could not extend file"), "can't grow: the server's disk is full", True),
        (errors.TooManyConnections("sorry"), "is out of connections or memory", True),
        (errors.ReadOnlySqlTransaction("cannot execute INSERT"), "is read-only", True),
        (errors.AdminShutdown("terminating connection"), "can't be reached", True),
        (errors.InsufficientPrivilege("permission denied"), "lacks rights", False),
        (errors.SyntaxError("near SELECT"), "can't be used (near SELECT)", False),
        (psycopg.OperationalError("connection refused"), "can't be reached (connection refused)", True),
        (
            psycopg.OperationalError('FATAL:  password authentication failed for user "bot"'),
            "refuses the user or password",
            False,
        ),
        (psycopg.OperationalError("FATAL:  the database system is starting up"), "can't be reached", True),
        (
            psycopg.OperationalError("FATAL:  unsupported startup parameter in options: timezone"),
            "is behind a pooler that takes no session settings",
            False,
        ),
    ],
)
def test_each_is_one_sentence_that_says_whether_waiting_helps(
    error: psycopg.Error, says: str, passing: bool
) -> None:
    with pytest.raises(StorageError) as told, explained():
        raise error
    assert str(told.value).startswith(f"the database of DATABASE_URL {says}")
    assert told.value.remedy
    assert told.value.passing == passing


def test_a_connection_for_reading_writes_nothing(postgres: Server) -> None:
    with (
        postgres.database() as url,
        closing(connect(url)) as connection,
        pytest.raises(StorageError, match="is read-only"),
        explained(),
    ):
        connection.execute("DELETE FROM chats")
