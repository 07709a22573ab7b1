"""Where a server for the tests comes from."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.fakes import postgres_server
from tests.fakes.postgres_server import NoServerError, Server


def test_programs_that_cannot_be_used_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> Iterator[Path]:
        yield tmp_path / "nowhere"

    monkeypatch.setattr(postgres_server, "_places", none)
    with pytest.raises(NoServerError, match="No such file"):
        postgres_server.initialise(tmp_path / "data", None)


def test_a_database_that_was_used_is_given_empty(postgres: Server) -> None:
    with postgres.database() as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO notices (kind, severity, at, body) VALUES ('k', 'info', now(), '{}')")
    with postgres.database() as again, psycopg.connect(again) as connection:
        assert connection.execute("SELECT count(*) FROM notices").fetchone() == (0,)
    assert again == url
