"""A word of one language says nothing in the question of another."""

import pytest

from bot.data.catalogue import load_machines
from bot.mining.parsing.lexicon import LANGUAGES, lexicon
from tests.mining.parsing.readings import reading

CATALOGUE = load_machines()
QUESTIONS = {
    "en": "is my s19 still profitable at 7 cents",
    "de": "lohnt sich mein s19 noch bei 7 cent",
    "es": "es rentable todavía mi s19 a 7 céntimos",
    "ru": "рентабелен ли мой s19 при 7 центах",
    "zh": "我的S19 7美分 还赚钱吗",
}
PAIRS = [(asked, foreign) for asked in LANGUAGES for foreign in ("de", "es") if asked != foreign]
"""Cyrillic and Chinese words say their language themselves."""


@pytest.mark.parametrize(("asked", "foreign"), PAIRS)
def test_a_foreign_word_is_asked_about(asked: str, foreign: str) -> None:
    words = lexicon()
    usual = reading(QUESTIONS[asked], CATALOGUE, asked)
    assert not usual.startswith("?")
    known = (asked, "en")
    foreign_words = [
        word
        for word in words.words(foreign)
        if len(word) >= 5
        and word.isalpha()
        and not any(words.concept(word, language) for language in known)
        and not words.near(word, known)
        and not words.inflected(word, asked)
    ]
    assert len(foreign_words) > 50
    dropped = [
        word
        for word in foreign_words
        if len(word) < 30 and reading(f"{QUESTIONS[asked]} {word}", CATALOGUE, asked) == usual
    ]
    assert dropped == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_english_is_understood_in_every_chat(language: str) -> None:
    assert reading("what does an S21 earn per day at $0.06?", CATALOGUE, language) == (
        "S21 200T, power_price=0.06 USD"
    )


def test_a_word_of_two_languages_means_what_it_means_in_the_askers() -> None:
    assert reading("S19 pro Tag bei 7 ct", CATALOGUE, "de").startswith("S19 95T")
    assert reading("s19 pro 7c", CATALOGUE, "en").startswith("S19 Pro 110T")
    assert "power_price=0.07 EUR" in reading("S19 a 7 céntimos", CATALOGUE, "es")
