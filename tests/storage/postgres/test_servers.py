"""Several servers in one address: the one that takes writes is used, an old primary is left alone."""

from collections.abc import Iterator
from contextlib import ExitStack, closing

import psycopg
import pytest

from storage.database import Store
from storage.errors import StorageError
from storage.postgres.connection import connect, explained
from storage.postgres.servers import ServerPool, Servers
from tests.fakes.failing_postgres import FailingServer, ended, failing_server, url_of
from tests.fakes.postgres_server import NoServerError

pytestmark = pytest.mark.postgresql


@pytest.fixture
def pair() -> Iterator[tuple[FailingServer, FailingServer]]:
    """A primary and the standby that follows it."""
    try:
        with failing_server() as primary:
            standby = primary.standby()
            with ended(standby):
                standby.start()
                yield primary, standby
    except NoServerError as error:
        pytest.skip(f"no PostgreSQL server: {error}")


def _folder(servers: Servers, *, read_only: bool = False) -> str:
    with closing(servers.connect(read_only=read_only)) as connection:
        return str(connection.info.host)


def test_the_one_that_takes_writes_is_used_and_an_old_primary_no_more(
    pair: tuple[FailingServer, FailingServer],
) -> None:
    first, second = pair
    either = Servers(url_of(second, first))
    assert _folder(either) == str(first.folder)
    assert _folder(either, read_only=True) == str(first.folder)
    with Store(url_of(second, first, target_session_attrs="read-write")) as store:
        assert str(first.folder) in store.name, "reading connections come about, too"
    with pytest.raises(StorageError, match=r"is read-only .*session is read-only"), explained():
        Servers(url_of(second, second)).connect(read_only=False)

    first.kill()
    with pytest.raises(psycopg.OperationalError, match=r"session is read-only; .*refused"):
        either.connect(read_only=False)
    second.promote()
    assert _folder(either) == str(second.folder)
    first.start()
    assert _folder(either) == str(second.folder), "one that has seen the promotion"
    assert _folder(Servers(url_of(first, second))) == str(second.folder), "one that starts afterwards"
    second.stop()
    with (
        pytest.raises(StorageError, match=r"is read-only .*is an old primary: its timeline is 1"),
        explained(),
    ):
        either.connect(read_only=False)


def test_who_waits_in_vain_for_a_connection_is_told_why(pair: tuple[FailingServer, FailingServer]) -> None:
    server, _ = pair
    with explained(), ServerPool(Servers(server.url), 2, read_only=False) as pool:
        pool.wait()
        server.stop()
        with pytest.raises(psycopg.OperationalError, match="connection to server"), pool.connection(1.5):
            pass
        server.start()
        with pool.connection(10) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_server_without_a_free_connection_says_so(pair: tuple[FailingServer, FailingServer]) -> None:
    server, _ = pair
    most = int(str(server.execute("SHOW max_connections")[0][0]))
    with ExitStack() as open_:
        for _ in range(most):
            open_.enter_context(closing(connect(server.url)))
        with pytest.raises(
            StorageError, match=r"is out of connections or memory .*too many clients"
        ) as refusal:
            connect(server.url)
    assert refusal.value.passing
