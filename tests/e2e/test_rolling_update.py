"""A rolling update as the Kubernetes manifest plans it, while people ask and alerts go out."""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import aiohttp
import pytest

from handlers.views.alerts import REPEAT
from storage.database import Store, read_beside
from tests.delivery.delivery_fixture import add_chats
from tests.deploy.manifest import container, environment_of, pod, resources
from tests.e2e.program import Program
from tests.e2e.test_run import crash
from tests.fakes import replica_history
from tests.fakes.connections import write_now
from tests.fakes.ports import free_port
from tests.fakes.postgres_server import Server
from tests.fakes.providers import Providers
from tests.fakes.replica_history import arrivals_of, violations
from tests.fakes.telegram import FakeTelegram, Sent

pytestmark = pytest.mark.postgresql

ASKING, TOLD = range(1001, 1006), range(2001, 2301)
QUESTIONS = 12
DEPLOYMENT = resources(webhook=True)["Deployment"]


@pytest.fixture
def url(postgres: Server) -> Iterator[str]:
    with postgres.database() as address:
        yield address


class Pod:
    """The program in the environment of the manifest, but for addresses of this machine."""

    def __init__(self, folder: Path, url: str, telegram: FakeTelegram, providers: Providers) -> None:
        folder.mkdir()
        self.metrics, self.webhook = free_port(), free_port()
        environment = environment_of(DEPLOYMENT, {"token": telegram.token, "database-url": url})
        ports = {"METRICS_PORT": str(self.metrics), "WEBHOOK_PORT": str(self.webhook)}
        self.program = Program(folder, telegram, providers, **environment | ports, MESSAGES_PER_SECOND="15")

    @property
    def address(self) -> str:
        """Where the service posts."""
        return f"http://127.0.0.1:{self.webhook}/"

    async def passes(self, probe: str) -> bool:
        """Ask what a probe of the manifest asks."""
        asks = container(DEPLOYMENT)[probe]
        url = f"http://127.0.0.1:{self.metrics}{asks['httpGet']['path']}"
        timeout = aiohttp.ClientTimeout(total=asks["timeoutSeconds"])
        try:
            async with aiohttp.ClientSession(timeout=timeout) as client, client.get(url) as answer:
                return answer.status < 400
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def ready(self, open_: AsyncExitStack) -> None:
        """Start, and wait as the rollout does."""
        await open_.enter_async_context(self.program)
        async with asyncio.timeout(60):
            while not await self.passes("readinessProbe"):  # noqa: ASYNC110 - as Kubernetes asks
                await asyncio.sleep(0.1)
        assert await self.passes("livenessProbe")

    async def stop(self) -> None:
        """Stop as the rollout does: SIGTERM, and SIGKILL when the time is over."""
        assert await self.program.end_within(pod(DEPLOYMENT)["terminationGracePeriodSeconds"]) == 0


async def test_a_rolling_update_under_traffic_loses_and_doubles_nothing(
    tmp_path: Path, url: str, telegram: FakeTelegram, providers: Providers
) -> None:
    await asyncio.to_thread(_add_chats, url)
    pods = [Pod(tmp_path / f"pod{number}", url, telegram, providers) for number in range(4)]
    serving = pods[:2]
    async with AsyncExitStack() as open_:
        for first in serving:
            await first.ready(open_)
        await _until(lambda: any("the first poll is done" in each.program.log for each in serving))
        await _until(lambda: bool(telegram.webhook.get("url")))
        telegram.balance([each.address for each in serving])
        asking = asyncio.create_task(_ask(telegram))
        crash(providers)
        await _until(lambda: len(_alerts(telegram)) > 10)
        for leaving, coming in zip(pods[:2], pods[2:], strict=True):
            await coming.ready(open_)  # maxSurge: 1, maxUnavailable: 0
            serving.append(coming)
            telegram.balance([each.address for each in serving])  # the service may still name who is stopping
            await leaving.stop()
            serving.remove(leaving)
            telegram.balance([each.address for each in serving])
        assert len(_alerts(telegram)) < len(TOLD), "updated in the middle"
        await asking
        await _until(lambda: {sent.chat_id for sent in _alerts(telegram)} >= set(TOLD))
        await _until(lambda: all(_answered(telegram, chat)[-1:] == [QUESTIONS - 1] for chat in ASKING))
    database = await asyncio.to_thread(read_beside, url, replica_history.written)
    assert violations(arrivals_of(_alerts(telegram)), TOLD, database) == []
    assert not [sent for sent in telegram.sent if REPEAT in sent.text], "nobody died: nothing comes again"
    for chat in ASKING:
        assert _answered(telegram, chat) == list(range(QUESTIONS))
    assert "Traceback" not in "".join(each.program.log for each in pods)


def _add_chats(url: str) -> None:
    with Store(url) as store:
        write_now(store, partial(add_chats, chats=TOLD))


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - other processes make it so
            await asyncio.sleep(0.02)


async def _ask(telegram: FakeTelegram) -> None:
    """Ask about once a second in each chat, whatever is answered by then."""
    for number in range(QUESTIONS):
        for chat in ASKING:
            telegram.say(chat, f"/nothing{number}")
        await asyncio.sleep(0.8)


def _answered(telegram: FakeTelegram, chat: int) -> list[int]:
    return [int(number) for text in telegram.texts(chat) for number in re.findall(r"/nothing(\d+)", text)]


def _alerts(telegram: FakeTelegram) -> list[Sent]:
    return [sent for sent in telegram.sent if sent.chat_id in TOLD]
