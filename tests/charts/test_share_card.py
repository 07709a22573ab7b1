"""Share cards: what they say, and that every card can be read."""

import io
from datetime import date

import pytest
from matplotlib.transforms import Bbox
from PIL import Image

from bot.charts.drawing.pictures import draw, figure_of
from bot.charts.drawing.share_picture import CARD_HEIGHT, CARD_WIDTH
from bot.charts.share_card import ShareCard, Tone, breakeven_card, fleet_card, phase_card
from bot.i18n.translator import LocaleTranslator, translator_for
from bot.signals.phase import Phase
from tests.charts.history import NOW, machine, source

LINK = "t.me/minerwatch_bot"


def cards(t: LocaleTranslator) -> list[ShareCard]:
    now = source().market
    assert now is not None
    return [
        *(phase_card(phase, date(2022, 6, 18), now, 83.2, LINK, t) for phase in Phase),
        phase_card(Phase.UNKNOWN, None, now, None, LINK, t),
        breakeven_card(machine(), NOW, LINK, t),
        fleet_card(1, 95.0, 3250.0, -0.4, None, NOW, LINK, t),
        fleet_card(12_345, 2.4e6, 41e6, 123_456.7, 15_000.0, NOW, LINK, t),
    ]


@pytest.mark.parametrize("language", ["en", "de", "es", "ru"])
def test_nothing_on_a_card_overlaps_or_leaves_it(language: str) -> None:
    t = translator_for(language)
    for card in cards(t):
        figure = figure_of(card, t)
        boxes = [text.get_window_extent() for text in figure.texts if text.get_text()]
        for box in boxes:
            assert min(box.x0, box.y0) >= 0
            assert box.x1 <= CARD_WIDTH
            assert box.y1 <= CARD_HEIGHT
        for index, box in enumerate(boxes):
            assert not any(_shrunk(box).overlaps(_shrunk(other)) for other in boxes[index + 1 :]), card


def _shrunk(box: Bbox) -> Bbox:
    return box.padded(-4)


def test_a_card_is_a_small_picture_of_the_size_messengers_show() -> None:
    t = translator_for("en")
    drawing = draw(cards(t)[0], t)
    image = Image.open(io.BytesIO(drawing.png))
    assert (image.format, image.size) == ("PNG", (1200, 630))
    assert len(drawing.png) < 60 * 1024
    assert drawing.headline.startswith("Bitcoin miners: ")


def test_what_a_card_says() -> None:
    t = translator_for("en")
    now = source().market
    assert now is not None
    card = phase_card(Phase.CAPITULATION, date(2022, 6, 18), now, 83.2, LINK, t)
    assert (card.headline, card.subtitle, card.tone) == (
        "Bitcoin miners: capitulation",
        "since 18 Jun 2022",
        Tone.CRITICAL,
    )
    values = {figure.label: figure.value for figure in card.figures}
    assert values["Bitcoin"] == "19,900 USD"
    assert values["from its record"] == "−71.2 %"
    assert values["Stress index"] == "83 of 100"
    loses = fleet_card(3, 285.0, 9750.0, -1.5, 30_000.0, NOW, LINK, t)
    assert (loses.headline, loses.subtitle, loses.tone) == (
        "3 machines",
        "loses 1.50 USD a day",
        Tone.CRITICAL,
    )


def test_numbers_are_the_readers() -> None:
    card = fleet_card(1_200, 114_000.0, 3.9e6, 1234.5, None, NOW, LINK, translator_for("de"))
    assert card.headline.startswith("1.200 ")
    assert "1.234" in card.subtitle
