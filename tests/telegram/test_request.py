"""The transport says of every failure whether anything was sent, and never says the token."""

import asyncio
import logging
import socket
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from aiohttp import web
from telegram import Bot, InputFile
from telegram.error import BadRequest, NetworkError, TelegramError

from bot.delivery.outcomes import SendRequest, Uncertain
from bot.telegram import request as request_module
from bot.telegram.error_outcomes import outcome_of
from bot.telegram.request import (
    AiohttpRequest,
    FloodedError,
    NotSentError,
    ServerFaultError,
    UnansweredError,
)
from tests.fakes import telegram as fake
from tests.fakes.telegram import FakeTelegram, Reset, Silence, Slow


@pytest.fixture
async def api() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as server:
        yield server


@pytest.fixture
async def bot(api: FakeTelegram) -> AsyncIterator[Bot]:
    request = AiohttpRequest(read_timeout=0.3, connect_timeout=0.5, pool_timeout=0.5)
    async with Bot(api.token, base_url=f"{api.url}/bot", request=request, get_updates_request=request) as bot:
        yield bot


async def test_the_library_works_over_it(api: FakeTelegram, bot: Bot) -> None:
    message = await bot.send_message(5, "price & hashrate: 3 < 4 ⛏", parse_mode=None)
    assert (message.message_id, api.texts(5)) == (api.sent[0].message_id, ["price & hashrate: 3 < 4 ⛏"])
    assert bot.username == "minerwatch_test_bot"


async def test_a_file_is_uploaded(api: FakeTelegram, bot: Bot) -> None:
    await bot.send_photo(5, InputFile(b"\x89PNG", filename="chart.png"), caption="hashprice")
    assert (api.sent[0].files, api.sent[0].text) == (("photo",), "hashprice")


async def test_what_comes_after_the_connections_are_closed_was_not_sent(bot: Bot) -> None:
    await bot.shutdown()
    with pytest.raises(NotSentError):
        await bot.send_message(5, "too late")


async def test_updates_are_long_polled(api: FakeTelegram, bot: Bot) -> None:
    polling = asyncio.create_task(bot.get_updates(timeout=5))
    await api.until(lambda: api.calls["getUpdates"] == 1)
    api.say(5, "/status")
    [update] = await polling
    assert update.message is not None
    assert update.message.text == "/status"


async def test_a_refused_connection_was_not_sent() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        request = AiohttpRequest()
        await request.initialize()
        with pytest.raises(NotSentError):
            await request.post(f"http://127.0.0.1:{taken.getsockname()[1]}/bot1:x/sendMessage")
        await request.shutdown()


async def test_a_name_that_does_not_resolve_was_not_sent() -> None:
    request = AiohttpRequest()
    await request.initialize()
    with pytest.raises(NotSentError):
        await request.post("http://telegram.invalid/bot1:x/sendMessage")
    await request.shutdown()


async def test_a_full_pool_was_not_sent(api: FakeTelegram) -> None:
    request = AiohttpRequest(1, read_timeout=5, pool_timeout=0.05)
    bot = Bot(api.token, base_url=f"{api.url}/bot", request=request, get_updates_request=request)
    await request.initialize()
    api.script(1, Slow(0.5))
    first = asyncio.create_task(bot.send_message(1, "slow"))
    await api.until(lambda: api.calls["sendMessage"] == 1)
    with pytest.raises(NotSentError):
        await bot.send_message(2, "no room")
    await first
    await request.shutdown()
    assert [sent.chat_id for sent in api.sent] == [1]


@pytest.mark.parametrize("behaviour", [Reset(after=False), Reset(after=True), Silence()], ids=str)
async def test_no_usable_answer_is_uncertain(api: FakeTelegram, bot: Bot, behaviour: fake.Behaviour) -> None:
    api.script(5, behaviour)
    with pytest.raises(UnansweredError):
        await bot.send_message(5, "hello")


async def test_a_fault_of_the_server_is_told_apart(api: FakeTelegram, bot: Bot) -> None:
    api.script(5, fake.BAD_GATEWAY)
    with pytest.raises(ServerFaultError, match="502"):
        await bot.send_message(5, "hello")


async def test_a_flood_says_when_to_come_back_without_a_warning(api: FakeTelegram, bot: Bot) -> None:
    api.script(5, fake.flood(17))
    with pytest.raises(FloodedError) as raised:
        await bot.send_message(5, "hello")
    assert raised.value.retry_after == 17


async def test_a_flood_that_does_not_say_when_is_waited_out_all_the_same(api: FakeTelegram, bot: Bot) -> None:
    api.script(5, fake.Refuse(429, "Too Many Requests"))
    with pytest.raises(FloodedError) as raised:
        await bot.send_message(5, "hello")
    assert raised.value.retry_after == 5


async def test_other_refusals_are_the_librarys(api: FakeTelegram, bot: Bot) -> None:
    api.script(5, fake.NOT_FOUND)
    with pytest.raises(BadRequest, match="hat not found"):
        await bot.send_message(5, "hello")


@asynccontextmanager
async def gateway(api: FakeTelegram, status: int, body: str) -> AsyncIterator[None]:
    """A server in between answers everything in Telegram's place."""
    await api.stop()

    async def answer(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=status, text=body, content_type="text/html")

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", api.port).start()
    try:
        yield
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("status", [200, 204, 302, 400, 401, 403, 404, 405, 407, 409, 429, 451, 502, 521])
@pytest.mark.parametrize("body", ["<h1>no</h1>", '{"error": "no"}', '{"ok": false, "detail": "no"}', "[]"])
async def test_an_answer_that_is_not_the_bot_apis_says_nothing_of_chat_token_and_message(
    api: FakeTelegram, bot: Bot, status: int, body: str
) -> None:
    async with gateway(api, status, body):
        with pytest.raises(ServerFaultError):
            await bot.send_message(5, "hello")


@pytest.mark.parametrize("body", ["", "{", '{"ok":true,"result":{"mess'])
async def test_an_answer_cut_short_is_uncertain(api: FakeTelegram, bot: Bot, body: str) -> None:
    async with gateway(api, 200, body):
        with pytest.raises(TelegramError) as caught:
            await bot.send_message(5, "hello")
    assert isinstance(outcome_of(caught.value, SendRequest(5, 0, "hello"), datetime.now(UTC)), Uncertain)


async def test_a_server_in_between_that_takes_no_long_request_may_get_parts(
    api: FakeTelegram, bot: Bot
) -> None:
    async with gateway(api, 413, "<h1>413</h1>"):
        with pytest.raises(BadRequest, match="too long"):
            await bot.send_message(5, "ж" * 3_000)


async def test_a_page_that_calls_a_short_message_too_long_says_nothing_about_it(
    api: FakeTelegram, bot: Bot
) -> None:
    async with gateway(api, 413, "<h1>413</h1>"):
        with pytest.raises(ServerFaultError):
            await bot.send_message(5, "hello")


async def test_an_address_that_is_none_was_not_sent() -> None:
    request = AiohttpRequest()
    await request.initialize()
    with pytest.raises(NotSentError):
        await request.post("telegram/bot1:x/sendMessage")
    await request.shutdown()


async def test_nothing_says_the_token(api: FakeTelegram, bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    api.script(5, Reset(after=True), Silence(), fake.BAD_GATEWAY, fake.flood(1), fake.Garble())
    texts = []
    for _ in range(5):
        try:
            await bot.send_message(5, "hello")
        except NetworkError as error:
            texts.append("".join(traceback.format_exception(error)))
        except FloodedError as error:
            texts.append("".join(traceback.format_exception(error)))
    await api.stop()
    try:
        await bot.send_message(5, "hello")
    except NetworkError as error:
        texts.append("".join(traceback.format_exception(error)))
    assert len(texts) == 6
    assert api.token not in "".join(texts) + caplog.text


async def test_a_proxy_from_the_environment_is_used(
    api: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def proxy(request: web.BaseRequest) -> web.StreamResponse:
        asked.append(str(request.url))
        return web.json_response({"ok": True, "result": True})

    runner = web.ServerRunner(web.Server(proxy))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    request_module._proxy.cache_clear()
    request = AiohttpRequest()
    await request.initialize()
    bot = Bot(api.token, base_url=f"{api.url}/bot", request=request, get_updates_request=request)
    assert await request.post("http://telegram.invalid/bot1:x/getMe") is True
    await bot.send_message(5, "not through it")
    await request.shutdown()
    await runner.cleanup()
    request_module._proxy.cache_clear()
    assert asked == ["http://telegram.invalid/bot1:x/getMe"]
    assert api.texts(5) == ["not through it"]
