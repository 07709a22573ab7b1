"""Watches in plain words, as the line that `/watch` takes."""

import pytest

from bot.data.catalogue import load_machines
from tests.mining.parsing.readings import reading

CATALOGUE = load_machines()


@pytest.mark.parametrize(
    ("text", "language", "line"),
    [
        ("lmk when a new all time high hits", "en", "price record"),
        ("sag bescheid bei neuem allzeithoch", "de", "price record"),
        ("avísame cuando haya un nuevo máximo histórico", "es", "price record"),
        ("сообщи о новом историческом максимуме", "ru", "price record"),
        ("比特币创新高时提醒我", "zh", "price record"),
        ("alert me when difficulty adjustment is worse than -5%", "en", "retarget below -5%"),
        ("warn me when power in germany is above 200 eur", "en", "power DE-LU above 200"),
        ("币价24小时跌8%通知我", "zh", "price drops 8% in 1d"),
    ],
)
def test_a_watch_in_words(text: str, language: str, line: str) -> None:
    assert reading(text, CATALOGUE, language) == f"/watch {line}"


@pytest.mark.parametrize(
    "text", ["tell me if hashrate sheds more than 7% in a month", "ping me at 7% of price"]
)
def test_which_way_a_figure_moves_is_not_guessed(text: str) -> None:
    assert not reading(text, CATALOGUE).startswith("/watch")


@pytest.mark.parametrize(
    "text",
    [
        "tell me if btc holds above 60k for a good while",
        "ping me if btc stays under 50k, two days, three days",
    ],
)
def test_how_long_something_lasts_is_never_dropped(text: str) -> None:
    assert not reading(text, CATALOGUE).startswith("/watch")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "tell me when fees go above 50 sats"),
        ("de", "sag bescheid wenn die gebühren über 50 sat steigen"),
        ("ru", "сообщи когда комиссия выше 50 сат"),
        ("zh", "手续费高于50聪通知"),
    ],
)
def test_fees_of_one_payment_are_no_fees_of_a_block(language: str, text: str) -> None:
    assert not reading(text, CATALOGUE, language).startswith("/watch fees")
