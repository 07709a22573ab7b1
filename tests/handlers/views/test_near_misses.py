"""What the buttons of commands that may have been meant say."""

import pytest

from bot.i18n.translator import LANGUAGES, translator_for
from bot.mining.parsing.command_request import CommandRequest
from handlers.views import near_misses


@pytest.mark.parametrize(
    ("language", "label"),
    [
        ("en", "Watch difficulty above 190 T"),
        ("de", "difficulty above 190 T beobachten"),
        ("es", "Vigilar difficulty above 190 T"),
        ("ru", "Следить: difficulty above 190 T"),
        ("zh", "监测 difficulty above 190 T"),
    ],
)
def test_a_watch_is_named_as_where_it_is_offered(language: str, label: str) -> None:
    request = CommandRequest("watch", "difficulty above 190000000000000")
    assert near_misses.label(request, translator_for(language)) == label


LABELS = [
    ("mute 2h", "Be quiet: 2h"),
    ("quiet 23-7", "Quiet hours: 23-7"),
    ("quiet off", "No quiet hours"),
    ("digest 9", "Regular summary: 9"),
    ("digest monday 8", "Regular summary: Monday 8"),
    ("currency EUR", "Currency: EUR"),
    ("price EUR", "Bitcoin's price: EUR"),
    ("chart price 2020+", "Charts: Price 2020+"),
    ("history 2022-06", "How it was: 2022-06"),
    ("history", "Past capitulations"),
]


def _label(line: str, language: str) -> str:
    name, _, arguments = line.partition(" ")
    return near_misses.label(CommandRequest(name, arguments), translator_for(language))


@pytest.mark.parametrize(("line", "said"), LABELS)
def test_a_button_says_in_words_what_it_would_do(line: str, said: str) -> None:
    assert _label(line, "en") == said


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_in_another_language_it_says_so_in_that(language: str) -> None:
    for line, said in LABELS:
        assert _label(line, language) != said
