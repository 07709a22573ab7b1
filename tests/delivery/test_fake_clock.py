"""The event loop with time of its own ends as the program's does."""

import asyncio

from tests.delivery.fake_clock import run


def test_what_still_runs_at_the_end_is_cancelled() -> None:
    ended: list[str] = []

    async def drawing() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("drawing")

    async def story() -> asyncio.Task[None]:
        task = asyncio.create_task(drawing())
        await asyncio.sleep(1)
        return task

    assert run(story()).cancelled()
    assert ended == ["drawing"]
