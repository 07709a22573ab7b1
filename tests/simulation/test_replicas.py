"""The search over several replicas on PostgreSQL: a seed is one history, and good seeds stay good."""

from pathlib import Path

import pytest

from tests.fakes.postgres_server import Server
from tests.simulation.__main__ import check_replicas
from tests.simulation.replicas.cluster import simulate

pytestmark = pytest.mark.postgresql


def test_a_seed_is_one_history_of_replicas(postgres: Server, tmp_path: Path) -> None:
    told = []
    for run in ("first", "second"):
        (tmp_path / run).mkdir()
        with postgres.database() as url:
            history = simulate(28, url, tmp_path / run)
        deliveries = history.of_people.api.deliveries
        told.append(([(each.at_s, each.chat_id, each.text) for each in deliveries], history.writes))
    assert told[0] == told[1]
    assert all(told[0]), "a history in which nobody wrote or was told anything shows nothing"


@pytest.mark.parametrize("seed", [15, 18, 54])
def test_these_histories_of_replicas_violate_nothing(seed: int, postgres: Server) -> None:
    """More of them: `python -m tests.simulation --engine postgresql --seeds 100`."""
    assert not check_replicas(seed, postgres)
