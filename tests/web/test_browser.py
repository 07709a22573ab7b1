"""The pages as people meet them, in a real browser."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from bot.web.init_data import LASTS
from bot.web.page_context import MiniApp
from bot.web.static_files import load_static_files
from storage.chats import fleets, watches
from storage.chats.chats import Address
from tests.web.browser import AXE, CHROMIUM, DESKTOP, PHONE, Scheme, chromium, tab
from tests.web.signing import init_data
from tests.web.site import TOKEN, PageWorld, opened

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium"),
    pytest.mark.asyncio(loop_scope="module"),
]
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
needs_charts = pytest.mark.skipif(not load_static_files().charts, reason="`make web` has not been run")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def page(tmp_path: Path) -> AsyncIterator[PageWorld]:
    async with opened(tmp_path) as world:
        yield world


@pytest_asyncio.fixture(loop_scope="module")
async def app(tmp_path: Path) -> AsyncIterator[PageWorld]:
    async with opened(tmp_path, mini_app=MiniApp(TOKEN, "https://page.example")) as world:
        yield world


async def test_the_status_follows_a_poll_without_reloading(page: PageWorld, browser: Browser) -> None:
    async with tab(browser) as (open_page, faults):
        await open_page.goto(f"{page.url}/")
        await expect(open_page.locator("#phase")).to_contain_text("capitulation")
        price = open_page.locator("dl.facts dd").first
        await expect(price).to_contain_text("20,237 USD")
        await open_page.evaluate("document.body.dataset.same = 'yes'")
        await page.pass_time(timedelta(days=50))
        await expect(price).not_to_contain_text("20,237 USD")
        newest = page.poller.history.newest("btc.price")
        assert newest is not None
        await expect(price).to_contain_text(f"{newest.value:,.0f} USD")
        assert await open_page.evaluate("document.body.dataset.same") == "yes"
        assert faults == []


async def test_sliders_change_the_answer_and_the_link(page: PageWorld, browser: Browser) -> None:
    async with tab(browser) as (open_page, faults):
        await open_page.goto(f"{page.url}/breakeven?machine=s19")
        headline = open_page.locator("#headline")
        await expect(headline).to_have_text("It pays: 2.84 USD profit a day.")
        await open_page.get_by_role("slider", name="Power price").fill("0.12")
        await expect(headline).to_have_text("It doesn't pay: it loses 1.06 USD a day.")
        await expect(open_page.get_by_label("Power price (USD/kWh)").first).to_have_value("0.12")
        await open_page.get_by_role("slider", name="Hashrate changes by").fill("-20")
        await expect(open_page.locator("table.answer thead").first).to_contain_text("−20.0 %")
        link = open_page.url
        assert "power=0.12" in link
        assert "hashrate=-20" in link
        await open_page.goto(link)
        await expect(headline).to_have_text("It doesn't pay: it loses 1.06 USD a day.")
        assert faults == []


async def test_a_mistyped_number_is_told_where_it_stands(page: PageWorld, browser: Browser) -> None:
    async with tab(browser) as (open_page, _):
        await open_page.goto(f"{page.url}/breakeven?machine=s19")
        await open_page.locator("#uptime").fill("x")
        await expect(open_page.get_by_role("alert")).to_contain_text("is no number")
        await open_page.locator("#uptime").fill("90")
        await expect(open_page.locator("#headline")).to_contain_text("It pays")


async def test_everything_works_without_scripts(page: PageWorld, browser: Browser) -> None:
    async with tab(browser, script=False) as (open_page, _):
        await open_page.goto(f"{page.url}/")
        signals = {rule.signal for rule in page.snapshot.status().rules}
        await expect(open_page.locator(".card")).to_have_count(len(signals))
        picture = open_page.locator("figure img").first
        await picture.scroll_into_view_if_needed()
        await expect(picture).to_be_visible()
        await open_page.get_by_role("link", name="Break-even").click()
        await open_page.locator("#machine").fill("Antminer S9")
        await open_page.locator("#power").fill("0.05")
        await open_page.get_by_role("button", name="Calculate").click()
        await expect(open_page.locator("#headline")).to_contain_text("It doesn't pay")
        assert "machine=Antminer+S9" in open_page.url
        await open_page.get_by_role("link", name="Deutsch").click()
        await expect(open_page.locator("#headline")).to_contain_text("Es lohnt sich nicht")


@needs_charts
async def test_charts_are_drawn_in_the_browser(page: PageWorld, browser: Browser) -> None:
    async with tab(browser) as (open_page, faults):
        await open_page.goto(f"{page.url}/")
        for chart in await open_page.locator("[data-chart]").all():
            await chart.scroll_into_view_if_needed()
            await expect(chart.locator("canvas")).to_be_visible()
        await expect(open_page.locator("[data-chart]").first).to_have_attribute(
            "aria-label", re.compile(r"Bitcoin price: 20,2\d\d USD")
        )
        assert faults == []


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: npm ci")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_axe_finds_no_violation(
    app: PageWorld, browser: Browser, scheme: Scheme, size: tuple[int, int]
) -> None:
    signed = quote(init_data(TOKEN, 7, app.now))
    paths = (
        "/",
        "/breakeven?machine=s19&hashrate=-10",
        "/breakeven?machine=s1999",
        f"/app#tgWebAppData={signed}",
    )
    async with tab(browser, scheme=scheme, size=size) as (open_page, _):
        for path in paths:
            await open_page.goto(f"{app.url}{path}")
            if path.startswith("/app"):
                await expect(open_page.locator("#fleet")).to_be_visible()
            await open_page.evaluate(AXE.read_text(encoding="utf-8"))
            result = await open_page.evaluate("tags => axe.run({runOnly: tags})", AXE_TAGS)
            assert [(each["id"], each["nodes"][0]["html"]) for each in result["violations"]] == [], path


@pytest.mark.parametrize("size", [(320, 640), PHONE, DESKTOP], ids=["small", "phone", "desktop"])
async def test_no_page_scrolls_sideways(app: PageWorld, browser: Browser, size: tuple[int, int]) -> None:
    async with tab(browser, size=size) as (open_page, _):
        for path in ("/?lang=de", "/breakeven?lang=ru", "/app"):
            await open_page.goto(f"{app.url}{path}")
            wide = await open_page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, path


async def test_past_episodes_stay_short_rows_on_a_phone(page: PageWorld, browser: Browser) -> None:
    async with tab(browser, size=PHONE) as (open_page, _):
        await open_page.goto(f"{page.url}/")
        row = open_page.locator("table.episodes tbody tr").first
        box = await row.bounding_box()
        assert box is not None
        assert box["height"] < 120


async def test_the_mini_app_shows_and_changes_the_persons_own(app: PageWorld, browser: Browser) -> None:
    signed = quote(init_data(TOKEN, 7, app.now))
    theme = quote('{"bg_color":"#112233","text_color":"#eeeeee"}')
    async with tab(browser) as (open_page, faults):
        await open_page.goto(f"{app.url}/app#tgWebAppData={signed}&tgWebAppThemeParams={theme}")
        await expect(open_page.get_by_text("Your fleet is empty.")).to_be_visible()
        await expect(open_page.locator("body")).to_have_css("background-color", "rgb(17, 34, 51)")
        await open_page.get_by_role("link", name="Break-even").click()
        await expect(open_page.locator("body")).to_have_css("background-color", "rgb(17, 34, 51)")
        await open_page.get_by_role("link", name="My fleet").click()
        await open_page.get_by_label("Change the fleet").fill("add 3 s19j pro")
        await open_page.get_by_role("button", name="Change", exact=True).click()
        await expect(open_page.get_by_role("rowheader", name="Antminer S19j Pro")).to_be_visible()
        await open_page.get_by_label("Tell me when").fill("price below 15000")
        await open_page.get_by_role("button", name="Watch", exact=True).click()
        await expect(open_page.get_by_text("Saved.")).to_be_visible()
        await open_page.get_by_role("button", name="pause").click()
        await expect(open_page.get_by_text("Paused", exact=True)).to_be_visible()
        assert faults == []
    stored = await app.store.read(lambda db: fleets.load(db, Address(7)))
    assert [kind.count for kind in stored.kinds] == [3]
    assert [each.switch for each in await app.store.read(lambda db: watches.of_chat(db, Address(7)))] == [
        "paused"
    ]


async def test_forged_and_old_visitors_see_nothing(app: PageWorld, browser: Browser) -> None:
    forged = init_data("1:another", 7, app.now)
    old = init_data(TOKEN, 7, app.now - LASTS - timedelta(minutes=1))
    for signed in (forged, old):
        async with tab(browser) as (open_page, _):
            await open_page.goto(f"{app.url}/app#tgWebAppData={quote(signed)}")
            await expect(open_page.locator("#mine")).to_contain_text("open the page again from the chat")


async def test_a_start_link_leads_to_its_page(app: PageWorld, browser: Browser) -> None:
    signed = quote(init_data(TOKEN, 7, app.now))
    async with tab(browser) as (open_page, _):
        await open_page.goto(f"{app.url}/app#tgWebAppData={signed}&tgWebAppStartParam=breakeven")
        await expect(open_page.get_by_role("heading", name="Does a machine pay?")).to_be_visible()
        await open_page.get_by_role("link", name="My fleet").click()
        await expect(open_page.get_by_text("Your fleet is empty.")).to_be_visible()


async def test_keyboard_users_can_skip_to_the_content(page: PageWorld, browser: Browser) -> None:
    async with tab(browser) as (open_page, _):
        await open_page.goto(f"{page.url}/")
        await open_page.keyboard.press("Tab")
        await expect(open_page.get_by_role("link", name="Skip to the content")).to_be_focused()
        await expect(open_page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
