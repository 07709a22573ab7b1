"""The badge of the phase."""

from xml.etree import ElementTree as ET

import aiohttp
import pytest

from bot.i18n.translator import translator_for
from bot.signals.phase import Phase
from bot.web.badge import badge

_SVG = "{http://www.w3.org/2000/svg}"


async def test_the_badge_names_the_phase(client: aiohttp.ClientSession) -> None:
    async with client.get("/badge/phase.svg?lang=de") as answered:
        assert answered.content_type == "image/svg+xml"
        assert answered.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        picture = ET.fromstring(await answered.text())
    assert picture.findtext(f"{_SVG}title") == "minerwatch: Kapitulation"


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("code", ["en", "ru", "zh"])
def test_every_phase_fits_its_badge(phase: Phase, code: str) -> None:
    picture = ET.fromstring(badge(phase, stale=False, t=translator_for(code)).content)
    rects = [float(rect.get("width") or 0) for rect in picture.iter(f"{_SVG}rect")]
    assert rects[0] == sum(rects[1:])


def test_a_phase_without_data_is_called_stale() -> None:
    picture = ET.fromstring(badge(Phase.CALM, stale=True, t=translator_for("en")).content)
    assert picture.findtext(f"{_SVG}title") == "minerwatch: calm (stale)"
    assert b"#1a7f45" not in badge(Phase.CALM, stale=True, t=translator_for("en")).content
