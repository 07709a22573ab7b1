"""A fleet's owner is told unasked, by the running program, when it stops paying and when it pays again."""

from datetime import timedelta

from tests.handlers.room import Room


async def test_a_fleet_that_crosses_its_cost_is_told_once_each_way(room: Room) -> None:
    await room.ask("/fleet add 10 s19 power 10.5c")
    for _ in range(40):
        await room.pass_time(timedelta(days=1))
    told = [sent.text for sent in await room.delivered() if "Your fleet" in sent.text and "BTC" in sent.text]
    heads = [text.splitlines()[0] for text in told if "below cost" in text or "pays again" in text]
    assert heads[:2] == ["🔴 <b>Your fleet is below cost</b>", "✅ <b>Your fleet pays again</b>"]
    assert all(one != after for one, after in zip(heads, heads[1:], strict=False)), (
        "never the same twice running"
    )
