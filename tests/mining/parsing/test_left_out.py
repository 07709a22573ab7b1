"""Words that were not understood: an answer that leaves one out says so, and most are asked about."""

import pytest

from bot.data.catalogue import load_machines
from bot.i18n.message import ENGLISH
from bot.i18n.translator import LANGUAGES, translator_for
from bot.mining.answer import answer
from bot.mining.assumptions import understood
from bot.mining.errors import InvalidQuestion
from bot.mining.goal import GoalRequest
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.question_parser import parse_command
from bot.mining.parsing.understanding import understand
from bot.mining.question import Question
from tests.mining.market import NOVEMBER_2026
from tests.mining.parsing.readings import reading

CATALOGUE = load_machines()


@pytest.mark.parametrize(
    ("language", "text", "word"),
    [
        ("en", "what does my s19 make at 7 cents a day, assiduously asking", "assiduously"),
        ("ru", "у меня S19, свет 7 центов, сколько в месяц выгорит", "выгорит"),
        ("de", "was bringt ein s19 bei 7 cent am tag, summarisch gefragt", "summarisch"),
        ("en", "we get 4.85 cents by the zork, m53 hydro any good", "zork"),  # the price has its unit
    ],
)
def test_a_word_left_out_is_named_in_the_answer(language: str, text: str, word: str) -> None:
    asked = understand(text, CATALOGUE, Asker(language, None))
    assert isinstance(asked, Question)
    assert word in asked.left_out
    assert f"“{word}” left out" in understood(answer(asked, NOVEMBER_2026), ENGLISH)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "s19 at 7c in winterland"),  # behind what leads to a price or a place
        ("en", "s21 at a farthing"),  # no price is known without it
        ("en", "s19 7c leased"),  # beside a figure
        ("en", "does a tokenised s19 pay at 7c"),  # beside the machine
        ("en", "does it pay at 7c or bullion, my s19"),  # an alternative
        ("en", "my s19 at 7c, what would Foundry say"),  # a name
        ("en", "s19 7c per decade"),
        ("en", "s19 7 by the zork"),  # a figure without a unit
        ("de", "kurs achzehntausend, s19 mit 7 cent"),  # a number, misspelt
        ("en", "bitcoin falls to fiveteenish, s19 7c"),
        ("en", "s19 7c, blah blub foo bar quux"),  # too many
        ("de", "lohnt sich s19 bei 7 cent, auch mit Nebelkammer"),  # a thing
        ("ru", "s19 по 7 центов, выплаты в payoneer"),  # no Russian word
        ("zh", "s19 7美分 三倍速"),  # a number
    ],
)
def test_what_may_change_the_answer_is_asked_about(language: str, text: str) -> None:
    assert reading(text, CATALOGUE, language).startswith("? ")


def test_in_a_command_every_word_counts() -> None:
    with pytest.raises(InvalidQuestion, match="assiduously"):
        parse_command("what does my s19 make at 7 cents a day, assiduously asking", CATALOGUE)


def test_a_text_that_goes_on_names_only_its_own_words() -> None:
    before = understand("у меня S19, свет 7 центов, сколько в месяц выгорит", CATALOGUE, Asker("ru"))
    assert isinstance(before, Question)
    after = understand("а по 5 центов?", CATALOGUE, Asker("ru"), before=before)
    assert isinstance(after, Question)
    assert (after.left_out, after.period) == ((), "month")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_of_a_number_of_machines_works(language: str) -> None:
    with pytest.raises(InvalidQuestion, match="How many machines for what") as refusal:
        understand("how many s19 do I need", CATALOGUE)
    asked = understand(refusal.value.example(translator_for(language)), CATALOGUE, Asker(language))
    assert isinstance(asked, GoalRequest)
