"""A fleet's owner is told unasked, by the running program, when it stops paying and when it pays again."""

from datetime import timedelta
from itertools import pairwise

import pytest

from tests.handlers.program_client import ProgramClient


@pytest.mark.both_engines
async def test_a_fleet_that_crosses_its_cost_is_told_once_each_way(client: ProgramClient) -> None:
    await client.ask("/fleet add 10 s19 power 10.5c")
    for _ in range(40):
        await client.pass_time(timedelta(days=1))
        sent = await client.delivered()
    heads = [each.text.splitlines()[0] for each in sent]
    messages = [head for head in heads if "below cost" in head or "pays again" in head]
    assert messages[:2] == ["🔴 <b>Your fleet is below cost</b>", "✅ <b>Your fleet pays again</b>"]
    assert all(each != after for each, after in pairwise(messages)), "never the same twice running"
