"""Texts that complete one another: what was said first, and only asked back, is not lost."""

from contextlib import suppress

import pytest

from bot.data.catalogue import load_machines
from bot.mining.errors import InvalidQuestion
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.hearing import hear
from bot.mining.parsing.understanding import Understanding, understand
from bot.mining.question import Question
from tests.mining.parsing.readings import reading

CATALOGUE = load_machines()


def _heard(language: str, *texts: str) -> Understanding | None:
    """What is asked once all texts are said, each of which is kept until one is answered."""
    unanswered: tuple[str, ...] = ()
    for text in texts[:-1]:
        with suppress(InvalidQuestion):
            assert hear(text, unanswered, CATALOGUE, Asker(language), None) is None
        unanswered = (*unanswered, text)
    return hear(texts[-1], unanswered, CATALOGUE, Asker(language), None)


@pytest.mark.parametrize(
    ("language", "texts", "as_one"),
    [
        ("en", ("7c", "s19"), "s19 7c"),
        ("en", ("0.065", "s19"), "s19 0.065"),
        ("de", ("8 cent", "s19"), "s19 8 cent"),
        ("es", ("8 céntimos", "s19"), "s19 8 céntimos"),
        ("ru", ("7 центов", "s19"), "s19 7 центов"),
        ("zh", ("5毛", "s19"), "s19 5毛"),
        ("en", ("7c", "2% fee", "s19"), "s19 7c 2% fee"),
        ("en", ("monthly", "s19 7c"), "s19 7c monthly"),
        ("en", ("hosting 90 a month s21", "7c"), "s21 7c hosting 90 a month"),
        ("en", ("s21 7c 10 usd a day", "hosting"), "s21 7c 10 usd a day hosting"),
        ("en", ("how many s21 do i need", "50 usd a day at 6c"), "how many s21 for 50 usd a day at 6c"),
        ("en", ("double fees", "s21 6c"), "what if fees double s21 6c"),
        ("de", ("doppelte fees", "s21 6c"), "was wenn fees doppelt s21 6c"),
        ("es", ("doble de fees", "s21 6c"), "doble de fees s21 6c"),
        ("ru", ("двойные комиссии", "s21 6 центов"), "двойные комиссии s21 6 центов"),
        ("zh", ("手续费翻倍", "s21 6美分"), "手续费翻倍 s21 6美分"),
        ("en", ("7c", "hello there", "s19"), "s19 7c"),
    ],
)
def test_what_was_said_first_is_not_lost(language: str, texts: tuple[str, ...], as_one: str) -> None:
    if texts[1].startswith("hello"):
        heard = hear(texts[2], texts[:2], CATALOGUE, Asker(language), None)
    else:
        heard = _heard(language, *texts)
    assert heard == understand(as_one, CATALOGUE, Asker(language))


@pytest.mark.parametrize(
    "texts",
    [
        ("7c", "s19 6c"),  # the later tariff counts
        ("s21 for 2000 9", "s19 7c"),  # another machine is another question
        ("foo bar baz s21 9q", "s19"),
        ("s21 xyzzy", "s21 7c"),
        ("no idea what any of this means", "s19 7c"),
    ],
)
def test_what_does_not_fit_is_left(texts: tuple[str, str]) -> None:
    heard = hear(texts[1], texts[:1], CATALOGUE, Asker("en"), None)
    assert heard == understand(texts[1], CATALOGUE, Asker("en"))


def test_a_command_is_done_whatever_was_said_before() -> None:
    assert reading("hashprice", CATALOGUE) == "/hashprice"
    assert hear("hashprice", ("7c",), CATALOGUE, Asker("en"), None) == understand(
        "hashprice", CATALOGUE, Asker("en")
    )


def test_a_tariff_said_after_the_last_answer_counts_more_than_that_of_the_answer() -> None:
    before = understand("s21 9c", CATALOGUE, Asker("en"))
    assert isinstance(before, Question)
    heard = hear("s19", ("7c each week foo",), CATALOGUE, Asker("en"), before)
    assert isinstance(heard, Question)
    assert heard.power_price == before.power_price  # what isn't understood changes nothing
    question = hear("7c", ("s19 hosting 90 a month",), CATALOGUE, Asker("en"), before)
    assert isinstance(question, Question)
    assert question.rig.name == "Antminer S19"
    assert question.fixed_cost is not None
