"""One provider that lies, whatever it says, neither makes nor suppresses a critical alert."""

import pytest

from bot.sources import collector
from bot.sources.consensus import Candidate, Verdict
from tests.sources import liars

SEEDS = 10
"""Played here; `python -m tests.sources.liars 0 1000` plays more."""


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_a_liar_moves_no_critical_alert(seed: int) -> None:
    assert await liars.violations(seed) == []


async def test_the_search_finds_a_liar_where_the_first_provider_is_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The search itself is put to the test: with a credulous decision it must find something."""

    def credulous(candidates: list[Candidate], *_: object, **__: object) -> Verdict:
        return Verdict(candidates[0].readings if candidates else ())

    monkeypatch.setattr(collector, "decide", credulous)
    for seed in range(8):
        if await liars.violations(seed, days=12):
            return
    raise AssertionError("eight liars were believed and did no harm")
