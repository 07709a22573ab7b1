"""Webhook mode: what Telegram posts is taken, what anybody else posts is not."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import aiohttp
import pytest

from bot.app import Program, utc_now
from bot.cli.replay_feed import ReplayFeed
from bot.delivery.pacer import Pacer
from bot.settings import Settings
from bot.telegram import update_inbox
from bot.telegram.webhook import LARGEST_UPDATE, Webhook, secret_of
from storage.chats import received_updates
from storage.database import Database, Store
from storage.errors import StorageError
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
        self.url = url

    async def stored(self) -> int:
        def count(db: Database) -> int:
            return int(
                db.execute("SELECT count(*) FROM received_updates WHERE raw IS NOT NULL").fetchone()[0]
            )

        return await self.program.store.read(count)

    async def post(self, body: object, headers: dict[str, str] | None = None, path: str = "/") -> int:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with self._session.post(self.url + path, data=data, headers=headers or {}) as answer:
            return answer.status

    async def other(self, method: str) -> int:
        async with self._session.request(method, self.url, headers=HEADER) as answer:
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
            hook = Webhook(program.inbox, "127.0.0.1", 0, SECRET)
            program.inbox.start()
            port = await hook.start()
            async with aiohttp.ClientSession() as session:
                yield _WebhookClient(program, session, f"http://127.0.0.1:{port}")
            await hook.stop()
            await program.inbox.stop()
            if program.application.running:
                await program.application.stop()
                await program.application.shutdown()


async def test_an_update_with_the_secret_is_taken(webhook_client: _WebhookClient) -> None:
    assert await webhook_client.post(HELLO, HEADER) == 200
    assert await webhook_client.post(HELLO | {"update_id": 2}, HEADER, "/behind/a/proxy") == 200
    assert await webhook_client.stored() == 2


@pytest.mark.parametrize("values", [None, "", "wrong", SECRET[:-1], SECRET + "x", "gehe\u00efm"])
async def test_a_forged_one_is_refused(webhook_client: _WebhookClient, values: str | None) -> None:
    headers = {} if values is None else {"X-Telegram-Bot-Api-Secret-Token": values}
    assert await webhook_client.post(HELLO, headers) == 403
    assert await webhook_client.stored() == 0


async def test_a_body_too_large_is_refused(webhook_client: _WebhookClient) -> None:
    assert await webhook_client.post(b"x" * (LARGEST_UPDATE + 1), HEADER) == 413
    assert await webhook_client.stored() == 0


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 50_000])
async def test_what_is_no_json_is_refused(webhook_client: _WebhookClient, body: bytes) -> None:
    assert await webhook_client.post(body, HEADER) == 400
    assert await webhook_client.stored() == 0


@pytest.mark.parametrize("body", [None, [], 7, {}, {"update_id": "x"}, {"update_id": 1, "message": []}])
async def test_what_cant_be_read_is_taken_once_and_left_out(
    webhook_client: _WebhookClient, body: Any
) -> None:
    assert await webhook_client.post(body, HEADER) == 200
    assert await webhook_client.stored() == 0


async def test_only_posts_are_answered(webhook_client: _WebhookClient) -> None:
    for method in ("GET", "PUT", "DELETE"):
        assert await webhook_client.other(method) == 405


async def test_more_than_it_can_hold_is_left_with_telegram_until_some_are_answered(
    webhook_client: _WebhookClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(update_inbox, "MAX_WAITING", 2)
    answers = [await webhook_client.post(HELLO | {"update_id": number}, HEADER) for number in (1, 2, 3)]
    assert answers == [200, 200, 503]
    await webhook_client.program.connect()
    async with asyncio.timeout(10):
        while await webhook_client.post(HELLO | {"update_id": 3}, HEADER) != 200:  # noqa: ASYNC110 - asked as Telegram would
            await asyncio.sleep(0)


async def test_what_cant_be_stored_is_left_with_telegram(webhook_client: _WebhookClient) -> None:
    store = webhook_client.program.store

    async def is_full(_work: object) -> None:
        raise StorageError("the disk is full", "free some space", passing=True)

    with patch.object(store, "write_beside", is_full):
        assert await webhook_client.post(HELLO, HEADER) == 503
    async with asyncio.timeout(10):
        while await webhook_client.post(HELLO, HEADER) != 200:  # noqa: ASYNC110 - asked as Telegram would
            await asyncio.sleep(0)
    assert await webhook_client.stored() == 1


async def test_a_fault_of_our_own_ends_the_program_in_words_and_confirms_nothing(
    webhook_client: _WebhookClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise LookupError

    monkeypatch.setattr(received_updates, "keep", breaks)
    posting = asyncio.create_task(webhook_client.post(HELLO, HEADER))
    async with asyncio.timeout(10):
        await webhook_client.program.stopping.wait()
    assert "updates can't be stored" in str(webhook_client.program.fatal)
    posting.cancel()
    await asyncio.gather(posting, return_exceptions=True)


def test_the_secret_of_a_token_is_always_the_same_and_tells_nothing_of_it() -> None:
    assert secret_of("42:a") == secret_of("42:a") != secret_of("42:b")
    assert re.fullmatch(r"[A-Za-z0-9_-]{32,256}", secret_of("42:a"))


async def test_it_listens_on_the_loopback_only(webhook_client: _WebhookClient) -> None:
    assert webhook_client.url.startswith("http://127.0.0.1:")
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.2", int(webhook_client.url.rsplit(":", 1)[1]))
