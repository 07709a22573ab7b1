"""One site over real HTTP: what is asked, what is refused, and that no key ever shows."""

import asyncio
import gzip
import sys
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from importlib.util import find_spec

import httpx
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from bot.sources.client import ProviderClient, retry_after, user_agent
from bot.sources.rate_limit import Pace, TokenBucket
from bot.sources.source_error import FaultKind, SourceError
from bot.sources.types import Endpoint, Provider
from tests.sources.conftest import NOW

KEY = "k3y-that-nobody-may-see"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Open = Callable[..., Awaitable[ProviderClient]]


def facts(**changes: object) -> Provider:
    values: dict[str, object] = {
        "name": "test",
        "title": "Test",
        "home": "https://provider.invalid",
        "licence": "",
        "limits": "",
    }
    return Provider(**{**values, **changes})  # type: ignore[arg-type]  # a test's shorthand


@pytest.fixture
async def open_site(client: httpx.AsyncClient) -> AsyncIterator[Open]:
    """Serve one handler for every path and give a site that asks it."""
    runners: list[web.AppRunner] = []

    async def start(
        handler: Handler, *, key: str | None = None, max_bytes: int = 8_000_000
    ) -> ProviderClient:
        app = web.Application()
        app.router.add_get("/{path:.*}", handler)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        endpoint = Endpoint("test", f"http://{host}:{port}/prefix/", key)
        return ProviderClient(
            facts(needs_key=key is not None), endpoint, client, timeout_s=2.0, max_bytes=max_bytes
        )

    yield start
    for runner in runners:
        await runner.cleanup()


def replying(**answer: object) -> Handler:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(**answer)  # type: ignore[arg-type]  # a test's shorthand

    return handler


async def reason(site: ProviderClient, path: str = "/x") -> str:
    with pytest.raises(SourceError) as caught:
        await site.json(path, NOW)
    return str(caught.value)


async def test_the_providers_path_follows_the_prefix_given(open_site: Open) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.json_response({"path": request.path_qs})

    site = await open_site(handler)
    assert await site.json("/api/v1/prices", NOW, {"a": "1 2"}) == {"path": "/prefix/api/v1/prices?a=1+2"}


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"status": 503, "text": "x"}, "answered 503 (service unavailable)"),
        ({"status": 500, "text": '{"error":"Service Temporarily Unavailable"}'},
         "answered 500 (internal server error: Service Temporarily Unavailable)"),
        ({"status": 403, "text": '{"error":{"type":"forbidden","message":"Not available."}}'},
         "answered 403 (forbidden: Not available)"),
        ({"status": 299, "text": "{}"}, "answered 299 (unknown status)"),
        ({"status": 200, "text": ""}, "sent an empty answer"),
        ({"status": 200, "text": "<html></html>"}, "answered with a web page instead of data"),
        ({"status": 200, "text": '{"a": NaN}'}, "sent NaN where a number belongs"),
        ({"status": 200, "text": '{"a": -Infinity}'}, "sent -Infinity where a number belongs"),
        ({"status": 200, "text": '{"a": [1, 2'}, "broke off its answer"),
        ({"status": 200, "text": "price: 5"}, "sent something that isn't JSON"),
        ({"status": 200, "text": "[" * 100_000 + "]" * 100_000}, "sent JSON nested too deep to be an answer"),
        ({"status": 304}, "answered 304 (not modified)"),
    ],
)  # fmt: skip
async def test_bad_answers_are_named(answer: dict[str, object], says: str, open_site: Open) -> None:
    assert await reason(await open_site(replying(**answer))) == says


async def test_an_answer_too_large_is_cut_off(open_site: Open) -> None:
    site = await open_site(replying(text="[" + "1," * 3_000 + "1]"), max_bytes=5_000)
    assert await reason(site) == "sent more than 0.005 MB"


async def test_nobody_there(client: httpx.AsyncClient, unused_tcp_port: int) -> None:
    site = ProviderClient(facts(), Endpoint("test", f"http://127.0.0.1:{unused_tcp_port}"), client)
    with pytest.raises(SourceError) as caught:
        await site.json("/x", NOW)
    assert str(caught.value) == "can't be reached: the connection failed"
    assert caught.value.kind is FaultKind.UNREACHABLE


async def test_redirects_are_followed_but_not_in_circles(open_site: Open) -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.path.endswith("/old"):
            return web.Response(status=301, headers={"Location": "/prefix/new"})
        if request.path.endswith("/circle"):
            return web.Response(status=302, headers={"Location": "/prefix/circle"})
        return web.json_response({"fine": True})

    site = await open_site(handler)
    assert await site.json("/old", NOW) == {"fine": True}
    assert await reason(site, "/circle") == "redirects in circles"


async def test_a_key_is_not_carried_to_another_host(open_site: Open) -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "http://elsewhere.invalid/"})

    says = await reason(await open_site(handler, key=KEY))
    assert says == "redirects to another host, which isn't followed"


async def test_a_key_echoed_by_the_provider_is_not_repeated(open_site: Open) -> None:
    text = f'{{"error": "bad request api_key={KEY} at https://x.invalid/?api_key={KEY}"}}'
    says = await reason(await open_site(replying(status=400, text=text), key=KEY))
    assert says == "answered 400 (bad request: bad request api_key=… at …)"
    refused = await reason(await open_site(replying(status=403, text=text), key=KEY))
    assert refused == "answered 403: the key isn't accepted"


async def test_no_address_is_logged(open_site: Open, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    site = await open_site(replying(text="{}"), key=KEY)
    await site.json("/x", NOW, {"api_key": KEY})
    assert KEY not in caplog.text


async def test_what_has_not_changed_is_asked_for_conditionally(open_site: Open) -> None:
    calls: list[str | None] = []

    async def handler(request: web.Request) -> web.Response:
        calls.append(request.headers.get("If-None-Match"))
        if calls[-1] == '"v1"':
            return web.Response(status=304)
        return web.json_response({"value": 7}, headers={"ETag": '"v1"'})

    site = await open_site(handler)
    assert [await site.json("/x", NOW), await site.json("/x", NOW)] == [{"value": 7}] * 2
    assert calls == [None, '"v1"']
    assert site.calls[NOW.date()] == 2


async def test_a_daily_limit_is_kept_at_the_providers_own_address() -> None:
    answers = httpx.MockTransport(lambda _: httpx.Response(200, json={}))
    async with httpx.AsyncClient(transport=answers) as client:
        site = ProviderClient(facts(daily_limit=2, pace=Pace(9, 0.0)), Endpoint("test"), client)
        for _ in range(2):
            await site.json("/x", NOW)
        with pytest.raises(SourceError) as caught:
            await site.json("/x", NOW)
        assert str(caught.value) == "has had its 2 requests of today"
        assert caught.value.retry_after == timedelta(hours=9, minutes=53)
        assert await site.json("/x", NOW + timedelta(days=1)) == {}


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        ("Wed, 18 Nov 2026 14:08:00 GMT", 60),
        ("Wed, 18 Nov 2026 14:00:00 GMT", 0),
        ("99999999999999999999", 86_400),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after(header: str | None, seconds: int | None) -> None:
    assert retry_after(header, NOW) == (None if seconds is None else timedelta(seconds=seconds))


@given(st.text())
def test_any_retry_after_is_a_pause_of_at_most_a_day_or_nothing(header: str) -> None:
    pause = retry_after(header, NOW)
    assert pause is None or timedelta(0) <= pause <= timedelta(days=1)


@given(st.text())
def test_a_contact_never_breaks_the_header(contact: str) -> None:
    agent = user_agent(contact)
    assert agent.startswith("minerwatch")
    assert agent.isprintable()
    agent.encode("ascii")


async def test_a_burst_goes_at_once_and_then_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(round(seconds, 1))

    monkeypatch.setattr(asyncio, "sleep", sleep)
    pacer = TokenBucket(Pace(burst=3, interval_s=2.0))
    for _ in range(6):
        await pacer.wait()
    assert slept == [2.0, 4.0, 6.0]


def packed(body: bytes, times: int = 1) -> bytes:
    for _ in range(times):
        body = gzip.compress(body)
    return body


@pytest.mark.parametrize("most", [100, 10_000])
async def test_a_packed_answer_is_counted_while_it_is_unpacked(most: int, open_site: Open) -> None:
    """A few kilobytes that hold gigabytes never take the memory of more than what is allowed."""
    bomb = packed(b" " * 50_000_000)
    site = await open_site(replying(body=bomb, headers={"Content-Encoding": "gzip"}), max_bytes=most)
    tracemalloc.start()
    assert await reason(site) == f"sent more than {most / 1e6:g} MB"
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("coding", ["gzip, gzip", "deflate", "br", "gzip,identity", "zip"])
async def test_only_the_coding_that_was_asked_for_is_unpacked(coding: str, open_site: Open) -> None:
    body = packed(b"[1]", coding.count("gzip") or 1)
    answer = replying(body=body, headers={"Content-Encoding": coding})
    assert await reason(await open_site(answer)) == "sent an answer packed in a way that wasn't asked for"


async def test_a_packed_answer_is_read_and_a_broken_one_named(open_site: Open) -> None:
    whole = packed(b'{"value": [1, 2, 3]}')
    site = await open_site(replying(body=whole, headers={"Content-Encoding": "gzip"}))
    assert await site.json("/x", NOW) == {"value": [1, 2, 3]}
    cut = await open_site(replying(body=whole[:-12], headers={"Content-Encoding": "gzip"}))
    assert await reason(cut) == "broke off its answer"
    other = await open_site(replying(body=b"{}", headers={"Content-Encoding": "gzip"}))
    assert await reason(other) == "sent a compressed answer that can't be unpacked"


async def test_an_answer_of_empty_lists_is_refused_before_it_takes_memory(open_site: Open) -> None:
    lists = "[" + "[]," * 200_000 + "[]]"
    assert (
        await reason(await open_site(replying(text=lists))) == "sent JSON of too many parts to be an answer"
    )


@pytest.mark.parametrize(
    ("location", "says"),
    [
        ("http://elsewhere.invalid/", "redirects to another host, which isn't followed"),
        ("https://elsewhere.invalid/x", "redirects to another host, which isn't followed"),
        ("https://169.254.169.254/latest", "redirects to another host, which isn't followed"),
        ("http://127.0.0.1:1/x", "redirects to another host, which isn't followed"),
        ("ftp://127.0.0.1/x", "redirects to an unprotected address, which isn't followed"),
        ("/x", "redirects in circles"),
    ],
)
async def test_redirects_never_leave_the_host(location: str, says: str, open_site: Open) -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": location})

    assert await reason(await open_site(handler)) == says


def test_no_request_searches_the_path_for_a_package_that_is_not_there() -> None:
    """httpcore imports it with every request; that was a tenth of what a poll costs."""
    assert "sniffio" in sys.modules or find_spec("sniffio") is not None
