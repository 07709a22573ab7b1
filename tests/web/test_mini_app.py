"""The Mini App: a person's own fleet and watches, changed through the same storage as the chat."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.web.init_data import LASTS
from bot.web.page_context import MiniApp
from storage.chats import chats, fleets, watches
from storage.chats.chats import Address
from tests.web.signing import init_data
from tests.web.site import NOON, TOKEN, PageWorld, opened

ADA, BOB = 7, 8
APP = MiniApp(TOKEN, "https://page.example", max_watches_per_chat=2)


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[PageWorld]:
    async with opened(tmp_path, mini_app=APP) as world:
        yield world


async def _post(
    page: PageWorld, path: str, text: str | None = None, *, signed: str | None = None
) -> tuple[int, str]:
    result = init_data(TOKEN, ADA, page.now) if signed is None else signed
    data = None if text is None else {"text": text}
    async with (
        aiohttp.ClientSession(page.url) as client,
        client.post(path, data=data, headers={"Authorization": f"tma {result}"}) as answered,
    ):
        assert answered.headers["Cache-Control"] == "no-store"
        return answered.status, await answered.text()


async def test_without_a_public_address_there_is_no_mini_app(page: PageWorld) -> None:
    assert (await _post(page, "/app/mine"))[0] == 404


async def test_the_fleet_is_the_chats_own(app: PageWorld) -> None:
    status, html = await _post(app, "/app/fleet", "add 10 s19j pro power 6.5c")
    assert status == 200
    assert "Changed." in html
    assert "Antminer S19j Pro" in html
    stored = await app.store.read(lambda db: fleets.load(db, Address(ADA)))
    assert [(kind.rig.name, kind.count) for kind in stored.kinds] == [("Antminer S19j Pro", 10)]
    assert "Antminer S19j Pro" in (await _post(app, "/app/mine"))[1]
    await _post(app, "/app/fleet", "clear")
    assert (await app.store.read(lambda db: fleets.load(db, Address(ADA)))).kinds == ()


async def test_what_cannot_be_understood_changes_nothing(app: PageWorld) -> None:
    status, html = await _post(app, "/app/fleet", "add 10 unicorns")
    assert status == 200
    assert 'class="refusal"' in html
    assert (await app.store.read(lambda db: fleets.load(db, Address(ADA)))).kinds == ()


async def test_watches_are_added_paused_and_deleted(app: PageWorld) -> None:
    status, html = await _post(app, "/app/watches", "price below 15000")
    assert status == 200
    assert "Saved." in html
    (stored,) = await app.store.read(lambda db: watches.of_chat(db, Address(ADA)))
    assert stored.switch == "on"
    assert "paused" in (await _post(app, f"/app/watches/{stored.id}/pause"))[1]
    (stored,) = await app.store.read(lambda db: watches.of_chat(db, Address(ADA)))
    assert stored.switch == "paused"
    await _post(app, f"/app/watches/{stored.id}/on")
    await _post(app, f"/app/watches/{stored.id}/delete")
    assert await app.store.read(lambda db: watches.of_chat(db, Address(ADA))) == []
    assert "This watch is gone." in (await _post(app, f"/app/watches/{stored.id}/delete"))[1]


async def test_nobody_reaches_anothers_watches(app: PageWorld) -> None:
    await _post(app, "/app/watches", "price below 15000")
    (stored,) = await app.store.read(lambda db: watches.of_chat(db, Address(ADA)))
    bob = init_data(TOKEN, BOB, app.now)
    for action in ("pause", "on", "delete"):
        assert (
            "This watch is gone." in (await _post(app, f"/app/watches/{stored.id}/{action}", signed=bob))[1]
        )
    assert "price" not in (await _post(app, "/app/mine", signed=bob))[1].replace("price below 60000", "")
    assert len(await app.store.read(lambda db: watches.of_chat(db, Address(ADA)))) == 1


async def test_a_chat_keeps_as_many_watches_as_in_the_chat(app: PageWorld) -> None:
    for level in (15_000, 14_000, 13_000):
        _, html = await _post(app, "/app/watches", f"price below {level}")
    assert "A chat keeps at most 2 watches." in html
    assert len(await app.store.read(lambda db: watches.of_chat(db, Address(ADA)))) == 2


async def test_forged_old_and_missing_signatures_are_refused(app: PageWorld) -> None:
    forged = init_data("1:not-our-token", ADA, app.now)
    old = init_data(TOKEN, ADA, app.now - LASTS - timedelta(seconds=1))
    for signed in (forged, old, "", "user=7"):
        for path in ("/app/mine", "/app/fleet", "/app/watches", "/app/watches/1/delete"):
            status, body = await _post(app, path, "clear", signed=signed)
            assert status == 401
            assert TOKEN not in body


async def test_a_bot_for_some_is_a_page_for_some(tmp_path: Path) -> None:
    closed = MiniApp(TOKEN, "https://page.example", allowed_chat_ids=frozenset({BOB}))
    async with opened(tmp_path, mini_app=closed) as page:
        assert (await _post(page, "/app/mine"))[0] == 403
        assert (await _post(page, "/app/mine", signed=init_data(TOKEN, BOB, page.now)))[0] == 200


async def test_the_language_is_that_of_the_person(app: PageWorld) -> None:
    signed = init_data(TOKEN, ADA, app.now, language="de")
    assert "Deine Flotte ist leer." in (await _post(app, "/app/mine", signed=signed))[1]


async def test_looking_remembers_nobody(app: PageWorld) -> None:
    await _post(app, "/app/mine")
    rows = await app.store.read(lambda db: db.execute("SELECT count(*) FROM chats").fetchone()[0])
    assert rows == 0
    await app.store.write(lambda db: chats.remember(db, Address(ADA), "private", NOON))


async def test_a_long_text_is_refused(app: PageWorld) -> None:
    assert (await _post(app, "/app/fleet", "x" * 401))[0] == 400
    assert (await _post(app, "/app/fleet", "x" * 20_000))[0] == 413
