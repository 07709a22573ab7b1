"""The fake server refuses what Telegram refuses; what it enforces is what the benchmark measures against."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.fakes import telegram as fake
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram_html import UnparsableError, visible
from tests.fakes.telegram_limits import Gate, Limits

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def api() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as server:
        yield server


async def call(
    api: FakeTelegram, method: str, token: str = fake.TOKEN, **fields: object
) -> dict[str, object]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{api.url}/bot{token}/{method}", json=fields) as answer,
    ):
        values: dict[str, object] = await answer.json()
        assert answer.status == values.get("error_code", 200)
        return values


def test_without_burst_every_gap_counts_and_who_does_not_wait_gets_nothing() -> None:
    gate = Gate(Limits(per_second=30))
    assert gate.pass_or_wait(1, 0.0) == 0
    assert gate.pass_or_wait(2, 0.0333) == 1
    assert gate.pass_or_wait(3, 0.9) == 1
    assert gate.pass_or_wait(4, 1.1) == 0


def test_counted_by_the_second() -> None:
    gate = Gate(Limits(per_second=3, window=True))
    assert [gate.pass_or_wait(chat, 0.1 * chat) for chat in (1, 2, 3)] == [0, 0, 0]
    assert gate.pass_or_wait(4, 0.5) == 1


def test_limits_of_one_chat_are_its_own() -> None:
    gate = Gate(Limits(private_per_second=1, private_burst=1, group_per_minute=2))
    assert (gate.pass_or_wait(1, 0.0), gate.pass_or_wait(1, 0.5), gate.pass_or_wait(2, 0.5)) == (0, 1, 0)
    assert [gate.pass_or_wait(-1, at) for at in (0.0, 1.0, 2.0)] == [0, 0, 58]


async def test_a_wrong_token_is_unauthorized(api: FakeTelegram) -> None:
    assert (await call(api, "getMe", token="1:wrong"))["error_code"] == 401


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": " "}, "message text is empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "<b>x", "parse_mode": "HTML"}, "can't parse entities"),
        (
            {"text": "x", "reply_markup": '{"inline_keyboard":[[{"callback_data":"' + "x" * 65 + '"}]]}'},
            "BUTTON",
        ),
    ],
)
async def test_a_faulty_message_is_refused(api: FakeTelegram, fields: dict[str, str], words: str) -> None:
    answer = await call(api, "sendMessage", chat_id=5, **fields)
    assert words in str(answer["description"])
    assert api.sent == []


async def test_an_edit_must_change_something(api: FakeTelegram) -> None:
    await call(api, "sendMessage", chat_id=5, text="one")
    edit: dict[str, Any] = {"chat_id": 5, "message_id": api.sent[0].message_id}
    assert "not modified" in str((await call(api, "editMessageText", **edit, text="one"))["description"])
    assert (await call(api, "editMessageText", **edit, text="two"))["ok"]


async def test_of_two_pollers_the_older_is_put_out_and_a_webhook_puts_out_both(api: FakeTelegram) -> None:
    older = asyncio.create_task(call(api, "getUpdates", timeout=30))
    await api.until(lambda: api.calls["getUpdates"] == 1)
    newer = asyncio.create_task(call(api, "getUpdates", timeout=30))
    assert "terminated by other getUpdates" in str((await older)["description"])
    api.say(5, "hello")
    assert (await newer)["ok"]
    await call(api, "setWebhook", url="http://127.0.0.1:1/")
    assert "webhook is active" in str((await call(api, "getUpdates"))["description"])


@pytest.mark.parametrize("html", ["<b>x", "x</b>", "<b><i>x</b></i>", "<h1>x</h1>", "3 < 4"])
def test_html_that_telegram_refuses(html: str) -> None:
    with pytest.raises(UnparsableError):
        visible(html)


async def test_it_runs_as_a_process_and_is_steered_over_http() -> None:
    process = subprocess.Popen(  # noqa: ASYNC220 - it only starts here
        [sys.executable, "-m", "tests.fakes.telegram"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        async with aiohttp.ClientSession() as session:
            await session.post(f"{url}/control/say", json={"chat_id": 5, "text": "/start"})
            async with session.post(f"{url}/bot{fake.TOKEN}/getUpdates") as answer:
                [update] = (await answer.json())["result"]
            await session.post(f"{url}/bot{fake.TOKEN}/sendMessage", data={"chat_id": 5, "text": "hello"})
            async with session.get(f"{url}/control/sent") as answer:
                sent = json.loads(await answer.text())
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
    assert update["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert [(each["chat_id"], each["text"]) for each in sent] == [(5, "hello")]
