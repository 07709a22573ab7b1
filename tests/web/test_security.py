"""What every answer keeps to, and what is refused."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from bot.web import api_reports
from bot.web.client_limit import RateLimit
from bot.web.page_context import MiniApp
from tests.web.site import TOKEN, PageWorld, opened

PATHS = (
    "/",
    "/breakeven",
    "/api/v1/status",
    "/feed.atom",
    "/badge/phase.svg",
    "/static/page.css",
    "/nowhere",
)


@pytest.mark.parametrize("path", PATHS)
async def test_every_answer_has_its_headers_and_no_cookie(client: aiohttp.ClientSession, path: str) -> None:
    async with client.get(path) as answered:
        policy = answered.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answered.headers["X-Content-Type-Options"] == "nosniff"
        assert answered.headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in answered.headers
        assert "Strict-Transport-Security" not in answered.headers


async def test_behind_a_proxy_with_tls_browsers_are_told_to_keep_to_it(client: aiohttp.ClientSession) -> None:
    async with client.get("/", headers={"X-Forwarded-Proto": "https"}) as answered:
        assert answered.headers["Strict-Transport-Security"].startswith("max-age=")


async def test_telegram_may_show_the_pages_in_itself_only_with_the_mini_app(tmp_path: Path) -> None:
    async with (
        opened(tmp_path, mini_app=MiniApp(TOKEN, "https://page.example")) as page,
        aiohttp.ClientSession(page.url) as client,
        client.get("/breakeven") as answered,
    ):
        assert "frame-ancestors https://web.telegram.org" in answered.headers["Content-Security-Policy"]


async def test_too_many_requests_are_429_for_that_address_alone(tmp_path: Path) -> None:
    async with (
        opened(tmp_path, limit=RateLimit(burst=3, per_second=0.001)) as page,
        aiohttp.ClientSession(page.url) as client,
    ):
        greedy = {"X-Forwarded-For": "192.0.2.1"}
        for _ in range(3):
            async with client.get("/api/v1/machines", headers=greedy) as answered:
                assert answered.status == 200
        async with client.get("/api/v1/machines", headers=greedy) as answered:
            assert (answered.status, answered.content_type) == (429, "application/problem+json")
            assert int(answered.headers["Retry-After"]) > 0
            assert "Too many requests from your address" in (await answered.json())["detail"]
        async with client.get("/api/v1/machines", headers={"X-Forwarded-For": "192.0.2.2"}) as answered:
            assert answered.status == 200


async def test_large_and_long_requests_are_refused(client: aiohttp.ClientSession) -> None:
    async with client.get(f"/?x={'y' * 3000}") as answered:
        assert answered.status == 414
    async with client.get("/api/v1/status", headers={"X-Long": "z" * 20_000}) as answered:
        assert answered.status == 400


@pytest.mark.parametrize(
    "path",
    ["/static/../context.py", "/static/%2e%2e/context.py", "/static/page.css%00", "/static//etc/passwd"],
)
async def test_no_other_file_can_be_read(client: aiohttp.ClientSession, path: str) -> None:
    async with client.get(f"{path}") as answered:
        assert answered.status == 404


async def test_files_named_by_their_hash_are_kept_for_good(client: aiohttp.ClientSession) -> None:
    async with client.get("/") as answered:
        html = await answered.text()
    style = html.split('<link rel="stylesheet" href="')[1].split('"')[0]
    async with client.get(style) as answered:
        assert "immutable" in answered.headers["Cache-Control"]
    async with client.get(style.partition("?")[0]) as answered:
        assert "immutable" not in answered.headers["Cache-Control"]


async def test_a_fault_of_ours_tells_nothing_of_it(
    page: PageWorld, client: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(api_reports, "status", broken)
    async with client.get("/api/v1/status") as answered:
        assert (answered.status, answered.content_type) == (500, "application/problem+json")
        assert "secret" not in await answered.text()


async def test_half_a_request_holds_nobody_up(page: PageWorld, client: aiohttp.ClientSession) -> None:
    host, port = page.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n")
    await writer.drain()
    async with client.get("/api/v1/status") as answered:
        assert answered.status == 200
    writer.close()
    await writer.wait_closed()
    assert reader.at_eof() or True
