"""The widgets as a phone's browser engine draws them: nothing fails, nothing is wider than the screen."""

import pytest

from bot.i18n.translator import LANGUAGES, translator_for
from bot.mining.economics import Rig
from bot.mining.question import Question
from handlers.widgets.breakeven_steppers import breakeven_steppers
from handlers.widgets.status_widget import status_document
from tests.handlers.widgets.test_breakeven_steppers import breakeven, market
from tests.web.browser import CHROMIUM, chromium, tab

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")


async def test_every_widget_fits_360_pixels_and_answers_a_press() -> None:
    machine = Question(Rig(95.0, 3250.0, "Antminer S19"))
    async with chromium() as browser:
        for language in LANGUAGES:
            t = translator_for(language)
            for document in (breakeven_steppers(*breakeven(machine, market()), t), status_document(t)):
                async with tab(browser, size=(360, 640)) as (page, faults):
                    await page.set_content(document)
                    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
                    if await page.locator("#more1").count():
                        before = await page.locator("#profit").text_content()
                        await page.click("#more1")
                        assert await page.locator("#profit").text_content() != before
                    assert faults == []
