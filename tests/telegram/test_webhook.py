"""Webhook mode: what Telegram posts is taken, what anybody else posts is not."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from telegram import Update
from telegram.ext import TypeHandler

from bot.app import Program, utc_now
from bot.cli.demo import ReplayFeed
from bot.delivery.pacer import Pacer
from bot.settings import Settings
from bot.telegram.update_queue import MAX_UNFINISHED
from bot.telegram.webhook import LARGEST_UPDATE, Webhook
from storage.database import Store
from tests.fakes.telegram import FakeTelegram

SECRET = "a-secret-word-for-tests"
HEADER = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
HELLO = {
    "update_id": 1,
    "message": {
        "message_id": 1,
        "date": 1,
        "chat": {"id": 7, "type": "private", "first_name": "Ada"},
        "from": {"id": 7, "is_bot": False, "first_name": "Ada"},
        "text": "/help",
        "entities": [{"type": "bot_command", "offset": 0, "length": 5}],
    },
}


class _WebhookClient:
    def __init__(self, program: Program, session: aiohttp.ClientSession, url: str) -> None:
        self.program = program
        self._session = session
        self._url = url

    @property
    def waiting(self) -> int:
        return self.program.application.update_queue.qsize()

    async def post(self, body: object, headers: dict[str, str] | None = None, path: str = "/") -> int:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with self._session.post(self._url + path, data=data, headers=headers or {}) as answer:
            return answer.status

    async def other(self, method: str) -> int:
        async with self._session.request(method, self._url, headers=HEADER) as answer:
            return answer.status


@pytest.fixture
async def webhook_client(tmp_path: Path) -> AsyncIterator[_WebhookClient]:
    async with _opened(tmp_path) as made:
        yield made


@asynccontextmanager
async def _opened(tmp_path: Path) -> AsyncIterator[_WebhookClient]:
    with Store(tmp_path / "bot.db") as store:
        async with FakeTelegram() as api:
            settings = Settings(_env_file=None, telegram_api_url=api.url)
            program = Program(
                settings,
                store,
                ReplayFeed([]),
                token=api.token,
                clock=utc_now,
                bundle=list,
                pacer=Pacer(1e3),
            )
            hook = Webhook(program.application, "127.0.0.1", 0, SECRET, program.is_overloaded)
            port = await hook.start()
            async with aiohttp.ClientSession() as session:
                yield _WebhookClient(program, session, f"http://127.0.0.1:{port}")
            await hook.stop()


async def test_an_update_with_the_secret_is_taken(webhook_client: _WebhookClient) -> None:
    assert await webhook_client.post(HELLO, HEADER) == 200
    assert await webhook_client.post(HELLO, HEADER, "/behind/a/proxy") == 200
    assert webhook_client.waiting == 2


@pytest.mark.parametrize("values", [None, "", "wrong", SECRET[:-1], SECRET + "x", "gehe\u00efm"])
async def test_a_forged_one_is_refused(webhook_client: _WebhookClient, values: str | None) -> None:
    headers = {} if values is None else {"X-Telegram-Bot-Api-Secret-Token": values}
    assert await webhook_client.post(HELLO, headers) == 403
    assert webhook_client.waiting == 0


async def test_a_body_too_large_is_refused(webhook_client: _WebhookClient) -> None:
    assert await webhook_client.post(b"x" * (LARGEST_UPDATE + 1), HEADER) == 413
    assert webhook_client.waiting == 0


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 50_000])
async def test_what_is_no_json_is_refused(webhook_client: _WebhookClient, body: bytes) -> None:
    assert await webhook_client.post(body, HEADER) == 400
    assert webhook_client.waiting == 0


@pytest.mark.parametrize("body", [None, [], 7, {}, {"update_id": "x"}, {"update_id": 1, "message": []}])
async def test_what_cant_be_read_is_taken_once_and_left_out(
    webhook_client: _WebhookClient, body: Any
) -> None:
    assert await webhook_client.post(body, HEADER) == 200
    assert webhook_client.waiting == 0


async def test_only_posts_are_answered(webhook_client: _WebhookClient) -> None:
    for method in ("GET", "PUT", "DELETE"):
        assert await webhook_client.other(method) == 405


async def test_more_than_it_can_hold_is_left_with_telegram_until_some_are_answered(
    webhook_client: _WebhookClient,
) -> None:
    """The library takes updates out of its queue at once, so those that are being answered count, too."""
    release = asyncio.Event()

    async def slow(_update: object, _context: object) -> None:
        await release.wait()

    application = webhook_client.program.application
    application.handlers.clear()
    application.add_handler(TypeHandler(object, slow))
    await webhook_client.program.connect()
    for number in range(MAX_UNFINISHED):
        message = {"message_id": 1, "date": 1, "chat": {"id": number % 50 + 1, "type": "private"}}
        application.update_queue.put_nowait(Update.de_json({"update_id": number, "message": message}))
    await asyncio.sleep(0)
    assert await webhook_client.post(HELLO, HEADER) == 503
    release.set()
    async with asyncio.timeout(10):
        while await webhook_client.post(HELLO, HEADER) != 200:  # noqa: ASYNC110 - asked as Telegram would
            await asyncio.sleep(0)
    await application.stop()
    await application.shutdown()


async def test_it_listens_on_the_loopback_only(webhook_client: _WebhookClient) -> None:
    assert webhook_client._url.startswith("http://127.0.0.1:")
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.2", int(webhook_client._url.rsplit(":", 1)[1]))
