"""What the doctor says of a PostgreSQL server."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.ops import database_server
from bot.ops.database_server import findings
from storage.database import Store
from storage.postgres.server_check import ServerFacts
from tests.fakes.connections import write_now
from tests.fakes.postgres_server import Server

WELL = ServerFacts("17.2", False, True, 0.001, timedelta(seconds=0.1), None, ())


def _now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def url(postgres: Server) -> Iterator[str]:
    with postgres.database() as address:
        yield address


def test_a_server_that_is_well(url: str) -> None:
    found, holder, _ = findings(url, _now)
    assert [finding.ok for finding in found] == [True, True, True]
    assert "PostgreSQL" in found[0].detail
    assert holder is None


def test_who_leads_is_told(url: str) -> None:
    with Store(url) as store:
        asyncio.run(store.lead())
        _, holder, _ = findings(url, _now)
    assert holder is not None
    assert ":" in holder
    assert findings(url, _now)[1] is None


def test_a_clock_that_is_off_is_told(url: str) -> None:
    found, *_ = findings(url, lambda: _now() + timedelta(minutes=5))
    assert "the server's clock is 300 s behind this machine's" in [finding.detail for finding in found]


def test_a_newer_schema_is_told(postgres: Server) -> None:
    url = postgres.bare_database()
    with Store(url) as store:
        write_now(store, lambda db: db.execute("INSERT INTO migrations VALUES ('m999_future', now())"))
    found, *_ = findings(url, _now)
    assert "m999_future" in found[0].detail


def test_a_server_that_is_not_there_is_one_finding_without_the_password() -> None:
    (finding,), holder, has_answered = findings(
        "postgresql://minerwatch:hunter2@127.0.0.1:1/minerwatch", _now
    )
    assert (finding.ok, holder, has_answered) == (False, None, False)
    assert "can't be reached" in finding.detail
    assert "hunter2" not in finding.detail + finding.remedy


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        (replace(WELL, is_replica=True), "read-only replica"),
        (replace(WELL, is_writable=False), "may not make tables"),
        (replace(WELL, latency_s=0.08), "answers in 80.0 ms"),
    ],
)
def test_what_would_not_do_is_told(facts: ServerFacts, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_server, "look", lambda *_: facts)
    found, *_ = findings("postgresql://…", _now)
    (bad,) = [finding for finding in found if not finding.ok]
    assert says in bad.detail
    assert bad.remedy
