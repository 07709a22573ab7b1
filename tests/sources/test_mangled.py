"""Answers mangled at random, every provider at once: a round never breaks, and never says what can't be."""

import json
import math
import random
from datetime import timedelta

import pytest

from bot.sources.diagnostics import diagnose_sources
from bot.sources.series_config import PROVIDERS
from tests.fakes.providers import Providers
from tests.sources.conftest import KEY, NOW, Build

JUNK: tuple[object, ...] = (
    *(None, True, False, 0, -1, "", "x", [], {}, [[]], [None], {"a": 1}, 10**400, "1e999", -1e308),
    *("2026-99-99", "2026-11-18", 1_789_776_000, "９", math.nan, "\ud800"),
)


def mangled(value: object, dice: random.Random) -> object:
    """A JSON value with parts replaced, dropped and shuffled."""
    if dice.random() < 0.02:
        return dice.choice(JUNK)
    if isinstance(value, dict):
        return {name: mangled(part, dice) for name, part in value.items() if dice.random() > 0.01}
    if isinstance(value, list):
        parts = [mangled(part, dice) for part in value]
        if dice.random() < 0.03:
            dice.shuffle(parts)
        return parts
    return value


def mangled_text(text: str, dice: random.Random) -> str:
    """A text with a stretch replaced, or the JSON in it mangled."""
    if dice.random() < 0.2 or not text.startswith(("{", "[")):
        start = dice.randrange(len(text) + 1)
        noise = "".join(dice.choice('{}[],:"0-e.\n\x00é') for _ in range(dice.randrange(4)))
        return text[:start] + noise + text[start + dice.randrange(40) :]
    return json.dumps(mangled(json.loads(text), dice))


@pytest.mark.parametrize("seed", range(12))
async def test_a_round_of_mangled_answers(seed: int, fakes: Providers, build: Build) -> None:
    dice = random.Random(seed)
    fakes.mangle = lambda text: mangled_text(text, dice)
    round_result = await build().gather(NOW, {})
    assert {report.source for report in round_result.reports} <= set(PROVIDERS)
    for reading in round_result.readings:
        assert math.isfinite(reading.value)
        assert reading.as_of <= NOW + timedelta(minutes=5)
    for report in round_result.reports:
        assert report.ok == (report.error is None)
        assert str(report.error or "-").isprintable()
        assert KEY not in str(report.error or "")
    for finding in await diagnose_sources(build(), NOW, {}):
        assert (finding.detail + finding.remedy).isprintable()
