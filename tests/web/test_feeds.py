"""The feeds: the alerts of the chat, with ids that never change."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import aiohttp

from bot.i18n.message import ENGLISH
from bot.signals.alert import AlertKind
from bot.signals.headlines import headline
from storage.signals import alerts
from tests.web.site import PageWorld, opened

_ATOM = "{http://www.w3.org/2005/Atom}"


async def _atom(page: PageWorld, query: str = "") -> ET.Element:
    async with aiohttp.ClientSession(page.url) as client, client.get(f"/feed.atom{query}") as answered:
        assert answered.content_type == "application/atom+xml"
        return ET.fromstring(await answered.text())


async def _json(page: PageWorld, query: str = "") -> Any:
    async with aiohttp.ClientSession(page.url) as client, client.get(f"/feed.json{query}") as answered:
        assert answered.content_type == "application/feed+json"
        return await answered.json()


def _ids(feed: ET.Element) -> list[str]:
    return [str(entry.findtext(f"{_ATOM}id")) for entry in feed.iter(f"{_ATOM}entry")]


async def test_both_feeds_tell_the_alerts_of_the_chat(page: PageWorld) -> None:
    await page.pass_time(timedelta(days=50))
    rows = await page.store.read(lambda db: alerts.recent(db, 50))
    assert rows
    atom, feed = await _atom(page), await _json(page)
    assert len(_ids(atom)) == len(rows) == len(set(_ids(atom)))
    assert [item["id"] for item in feed["items"]] == _ids(atom)
    for item, (_, each) in zip(feed["items"], rows, strict=True):
        assert item["tags"] == [each.signal, each.severity.word, each.kind.value]
        assert item["date_published"] == each.at.isoformat()
        assert item["content_text"]
        if each.kind is AlertKind.FIRED:
            assert item["title"].startswith(headline(each, ENGLISH))


async def test_ids_are_the_same_after_a_restart(tmp_path: Path) -> None:
    async with opened(tmp_path) as page:
        await page.pass_time(timedelta(days=50))
        before = _ids(await _atom(page))
    async with opened(tmp_path) as page:
        assert _ids(await _atom(page)) == before
    assert all(each.startswith("urn:uuid:") for each in before)


async def test_a_feed_can_be_of_one_signal_and_of_grave_alerts(page: PageWorld) -> None:
    await page.pass_time(timedelta(days=50))
    everything = (await _json(page))["items"]
    energy = (await _json(page, "?signal=energy_price"))["items"]
    assert energy == [item for item in everything if item["tags"][0] == "energy_price"]
    critical = (await _json(page, "?severity=critical"))["items"]
    assert critical == [item for item in everything if item["tags"][1] == "critical"]
    async with aiohttp.ClientSession(page.url) as client, client.get("/feed.atom?signal=x") as answered:
        assert answered.status == 400


async def test_a_feed_speaks_the_language_asked_for(page: PageWorld) -> None:
    await page.pass_time(timedelta(days=50))
    assert (await _json(page, "?lang=de"))["title"] == "minerwatch-Alarme"
    feed = await _atom(page, "?lang=de")
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "de"


async def test_an_empty_feed_is_a_feed(page: PageWorld) -> None:
    assert _ids(await _atom(page)) == []
    assert (await _json(page))["items"] == []


async def test_unchanged_feeds_are_304(page: PageWorld) -> None:
    async with aiohttp.ClientSession(page.url) as client:
        async with client.get("/feed.atom") as answered:
            etag = answered.headers["ETag"]
        async with client.get("/feed.atom", headers={"If-None-Match": etag}) as answered:
            assert answered.status == 304
