"""Settings named in plain words: the very change, or an offer of it, never only a page to look it up on."""

import pytest

from bot.data.catalogue import load_machines
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.offered_commands import likely
from tests.mining.parsing.readings import reading

CATALOGUE = load_machines()


@pytest.mark.parametrize(
    ("text", "language", "right"),
    [
        ("change language to german", "en", "/settings de"),
        ("speak russian please", "en", "/settings ru"),
        ("german power price", "en", "/chart DE-LU"),
        ("do you speak german?", "en", "/settings"),
        ("stell auf englisch", "de", "/settings en"),
        ("cambia el idioma a español", "es", "/settings es"),
        ("говори по-английски", "ru", "/settings en"),
        ("改成中文", "zh", "/settings zh"),
    ],
)
def test_a_language_is_set_by_its_name(text: str, language: str, right: str) -> None:
    assert reading(text, CATALOGUE, language) == right


@pytest.mark.parametrize(
    ("text", "language", "zone"),
    [
        ("im in texas, set my time", "en", "America/Chicago"),
        ("use pacific time", "en", "America/Los_Angeles"),
        ("stell die uhr auf berliner zeit", "de", "Europe/Berlin"),
        ("estoy en españa, cambia la hora", "es", "Europe/Madrid"),
        ("поставь московское время", "ru", "Europe/Moscow"),
        ("живу в казахстане, поставь моё время", "ru", "Asia/Almaty"),
        ("我在成都，改时间", "zh", "Asia/Shanghai"),
    ],
)
def test_a_clock_is_set_by_a_place(text: str, language: str, zone: str) -> None:
    assert reading(text, CATALOGUE, language) == f"/quiet {zone}"


@pytest.mark.parametrize(
    ("text", "language", "zone"),
    [("i'm in texas", "en", "America/Chicago"), ("ich wohne in wien", "de", "Europe/Vienna")],
)
def test_a_place_alone_is_offered_for_the_clock(text: str, language: str, zone: str) -> None:
    assert reading(text, CATALOGUE, language) == "-"
    [near] = likely(text, CATALOGUE, Asker(language))
    assert (near.name, near.arguments) == ("quiet", zone)


@pytest.mark.parametrize("text", ["price in china", "power in germany tomorrow", "what time is it in berlin"])
def test_a_place_in_another_question_sets_no_clock(text: str) -> None:
    assert "/quiet" not in reading(text, CATALOGUE)
    assert all(each.name != "quiet" or not each.arguments for each in likely(text, CATALOGUE, Asker("en")))


@pytest.mark.parametrize(
    ("text", "language", "price"),
    [
        ("my power price is 5.4 cents", "en", "5.4 cents"),
        ("mein strom kostet 22 cent", "de", "22 cent"),
        ("我的电价是0.4元", "zh", "0.4 元"),
    ],
)
def test_a_price_of_ones_own_power_is_offered_for_ones_machines(text: str, language: str, price: str) -> None:
    assert reading(text, CATALOGUE, language) == "-"
    [near] = likely(text, CATALOGUE, Asker(language))
    assert (near.name, near.arguments) == ("fleet", f"power {price}")
