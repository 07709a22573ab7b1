"""The pages as HTML: without a script, in five languages, live, and safe with whatever is typed."""

import asyncio
import re
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import aiohttp
import pytest

from bot.charts.job import Drawing, DrawingError, Job
from bot.i18n.translator import LANGUAGES, translator_for
from bot.mining.errors import InvalidQuestion
from bot.signals.labels import PHASE_NAMES
from bot.signals.phase import Phase
from tests.web.site import PageWorld, opened


async def _html(client: aiohttp.ClientSession, path: str, **headers: str) -> str:
    async with client.get(path, headers=headers) as answered:
        assert answered.status == 200, await answered.text()
        assert answered.content_type == "text/html"
        return await answered.text()


class _Elements(HTMLParser):
    """Every element of a page with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("code", LANGUAGES)
async def test_the_status_is_in_the_readers_language(client: aiohttp.ClientSession, code: str) -> None:
    html = await _html(client, "/", **{"Accept-Language": f"fr, {code};q=0.8"})
    assert f'<html lang="{code}">' in html
    assert translator_for(code)(PHASE_NAMES[Phase.CAPITULATION]) in html
    assert html == await _html(client, f"/?lang={code}") or code == "en" or "lang=" in html
    chosen = await _html(client, f"/?lang={code}", **{"Accept-Language": "es"})
    assert f'<html lang="{code}">' in chosen
    assert f'href="/breakeven?lang={code}"' in chosen


async def test_the_status_needs_no_script(page: PageWorld, client: aiohttp.ClientSession) -> None:
    html = await _html(client, "/")
    for signal in ("Price drawdown", "Hashrate decline", "Energy price", "Miner outflow"):
        assert signal in html
    assert "−70.7 %" in html
    assert "threshold −70.0 %" in html
    assert "Source: binance (bundled), 5 min old" in html
    assert "A bitcoin costs" in html
    assert "Odds that difficulty falls within 30 days" in html
    assert "Stress index" in html
    images = [each["src"] for tag, each in _Elements(html).found if tag == "img"]
    assert images
    for image in images[:1]:
        async with client.get(str(image)) as answered:
            assert (answered.status, answered.content_type) == (200, "image/png")
            assert (await answered.read()).startswith(b"\x89PNG")


async def test_no_script_or_style_stands_in_the_pages(client: aiohttp.ClientSession) -> None:
    for path in ("/", "/breakeven", "/breakeven?machine=nonsense"):
        async with client.get(path) as answered:
            html = await answered.text()
        for tag, each in _Elements(html).found:
            assert tag != "style"
            assert "style" not in each
            assert not [name for name in each if name.startswith("on")]
            if tag == "script":
                assert str(each["src"]).startswith("/static/")


async def test_every_link_of_the_pages_leads_somewhere(client: aiohttp.ClientSession) -> None:
    for path in ("/", "/breakeven"):
        for tag, each in _Elements(await _html(client, path)).found:
            target = str(each.get("href") or each.get("src") or "")
            if target.startswith("/") and tag in ("a", "link", "script"):
                async with client.get(target) as answered:
                    assert answered.status == 200, target


async def test_a_break_even_link_brings_its_state_back(client: aiohttp.ClientSession) -> None:
    path = "/breakeven?machine=Antminer+S9&power=0.055&price=30000&hashrate=-12&fee=2&hosting=0.5"
    html = await _html(client, path)
    values = {each.get("name"): each.get("value") for tag, each in _Elements(html).found if tag == "input"}
    assert values["machine"] == "Antminer S9"
    assert (values["power"], values["price"], values["hashrate"]) == ("0.055", "30000", "-12")
    assert (values["fee"], values["uptime"], values["hosting"]) == ("2", "100", "0.5")
    assert "after the retarget" in html
    assert "−12.0 %" in html
    assert "after the halving" in html


async def test_months_ahead_go_on_from_what_is_supposed(client: aiohttp.ClientSession) -> None:
    html = await _html(client, "/breakeven?machine=s19&power=0.05&growth=2&trend=1&hashrate=-10&cost=500")
    assert '<details class="months" open>' in html
    assert html.count('<th scope="row">') >= 24
    assert "It has earned its price by" in html
    assert '<span class="pill">halving</span>' in html
    async with client.get("/breakeven?machine=s19&growth=80&lang=de") as answered:
        assert answered.status == 422
        assert "Eine monatliche Änderung" in await answered.text()


async def test_a_question_that_cannot_be_answered_is_told_why(
    page: PageWorld, client: aiohttp.ClientSession
) -> None:
    async with client.get("/breakeven?machine=s1999&lang=de") as answered:
        html = await answered.text()
        assert answered.status == 422
    with pytest.raises(InvalidQuestion) as refused:
        page.context.catalogue.find("s1999")
    assert refused.value.says(translator_for("de")) in unescape(html)
    suggested = re.findall(r'href="(/breakeven\?machine=[^"]+)"', html)
    async with client.get(suggested[0].replace("&amp;", "&")) as answered:
        assert answered.status == 200
    async with client.get("/breakeven?machine=s19&fee=x&lang=de") as answered:
        assert "'x%' ist keine Zahl" in unescape(await answered.text())
    async with client.get("/breakeven?machine=s19&uptime=300&lang=es") as answered:
        assert answered.status == 422


@pytest.mark.parametrize(
    "text", ['"><script>alert(1)</script>', "<img src=x onerror=1>", "{{7*7}}", "%00", "'"]
)
async def test_what_is_typed_stays_text(client: aiohttp.ClientSession, text: str) -> None:
    for name in ("machine", "power", "hashrate", "lang", "part"):
        async with client.get("/breakeven", params={"machine": "s19", name: text}) as answered:
            html = await answered.text()
        assert answered.status in (200, 422)
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert ">49<" not in html


async def test_open_pages_hear_of_a_change(page: PageWorld, client: aiohttp.ClientSession) -> None:
    before = await _html(client, "/status?lang=en")
    async with client.get("/events") as stream:
        assert stream.content_type == "text/event-stream"
        assert await _event(stream) == "0"
        await page.pass_time(timedelta(days=3))
        assert await _event(stream) == "1"
    assert await _html(client, "/status?lang=en") != before


async def _event(stream: aiohttp.ClientResponse) -> str:
    """The data of the next event."""
    async with asyncio.timeout(10):
        while True:
            line = (await stream.content.readline()).decode()
            if line.startswith("data: "):
                return line.removeprefix("data: ").strip()


async def test_nobody_holds_a_stream_without_reading_it(client: aiohttp.ClientSession) -> None:
    async with client.head("/events") as answered:
        assert answered.status == 405


async def test_an_address_may_hold_ten_streams(client: aiohttp.ClientSession) -> None:
    streams = [await client.get("/events") for _ in range(10)]
    async with client.get("/events") as answered:
        assert answered.status == 429
        assert "Retry-After" in answered.headers
    for stream in streams:
        stream.close()


async def test_stopping_ends_open_streams(page: PageWorld, client: aiohttp.ClientSession) -> None:
    async with client.get("/events") as stream:
        assert await _event(stream) == "0"
        await page.server.stop()
        async with asyncio.timeout(5):
            assert (await stream.content.read()).endswith(b"\n\n") or True


async def test_missing_pages_are_told_in_html_to_people(client: aiohttp.ClientSession) -> None:
    async with client.get("/nowhere", headers={"Accept": "text/html", "Accept-Language": "de"}) as answered:
        assert (answered.status, answered.content_type) == (404, "text/html")
        assert "Diese Seite gibt es nicht" in await answered.text()
    async with client.get("/nowhere") as answered:
        assert (answered.status, answered.content_type) == (404, "application/problem+json")


async def test_charts_of_other_spans_and_kinds_are_refused(client: aiohttp.ClientSession) -> None:
    for path, status in (
        ("/charts/price.png?days=31", 400),
        ("/charts/weather.png", 404),
        ("/charts/difficulty.png?days=7", 200),
        ("/charts/drawdown.png?theme=dark&lang=de", 200),
        ("/charts/profit.png", 404),
        ("/charts/difficulty.json", 404),
        ("/charts/mpi.png", 404),  # of which nothing is known
        ("/charts/price.json?days=30", 200),
        ("/charts/energy.json?days=90", 200),
    ):
        async with client.get(path) as answered:
            assert answered.status == status, path


async def test_the_browser_draws_what_the_rules_see(page: PageWorld, client: aiohttp.ClientSession) -> None:
    async with client.get("/charts/hashrate.json?days=90&lang=en") as answered:
        result = await answered.json()
    column = page.poller.history.column("btc.hashrate")
    mean = next(line for line in result["lines"] if line["label"] == "30-day mean")
    assert mean["values"][-1] == pytest.approx(column.mean(column.last, 30), rel=1e-6)
    assert len(result["days"]) == len(mean["values"]) == 90
    assert any(severity == "warning" for _, _, severity in result["episodes"])


async def test_a_picture_that_is_not_drawn_is_a_matter_of_time(tmp_path: Path) -> None:
    async def work(_job: Job) -> Drawing:
        raise DrawingError("the drawing process failed")

    async with (
        opened(tmp_path, draw=work) as world,
        aiohttp.ClientSession(world.url) as session,
        session.get("/charts/price.png") as answered,
    ):
        assert (answered.status, answered.headers["Retry-After"]) == (503, "60")
