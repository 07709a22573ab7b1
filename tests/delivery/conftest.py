"""The engines that delivery runs on."""

from contextlib import nullcontext

import pytest

from storage.database import Database
from tests.delivery import simulation


@pytest.fixture
def on_both_engines(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the simulations of a test use SQLite, then PostgreSQL, where many hours take seconds."""
    monkeypatch.setattr(simulation, "open_database", lambda: nullcontext(db))
