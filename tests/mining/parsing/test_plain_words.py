"""Plain messages written before anybody looked at the vocabulary, with what may answer each.

A line of `plain_words/*.txt` is a message, `=>`, and the commands that answer it rightly, with bars between.
A command without arguments stands for it with any.
"""

from pathlib import Path

import pytest

from bot.data.catalogue import load_machines
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.intent_table import INTENTS
from bot.mining.parsing.lexicon import LANGUAGES
from bot.mining.parsing.offered_commands import likely
from tests.mining.parsing.readings import reading

CATALOGUE = load_machines()
_CHANGING = {intent.command for intent in INTENTS if intent.changes} | {"mute", "quiet", "digest", "currency"}


def _messages(language: str) -> list[tuple[str, list[str]]]:
    text = (Path(__file__).parent / "plain_words" / f"{language}.txt").read_text(encoding="utf-8")
    pairs = (line.split(" => ") for line in text.splitlines())
    return [(message, right.split(" | ")) for message, right in pairs]


def _is_right(message: str, command: str, right: list[str]) -> bool:
    if command == f"chart {message}":  # the chart command reads the words by itself
        return any(each.startswith("chart") for each in right)
    return command in right or command.split(" ", maxsplit=1)[0] in right


@pytest.mark.parametrize("language", LANGUAGES)
def test_most_messages_are_answered_and_none_wrongly(language: str) -> None:
    messages = _messages(language)
    commands = {message: reading(message, CATALOGUE, language).removeprefix("/") for message, _ in messages}
    answered = {message for message, right in messages if _is_right(message, commands[message], right)}
    wrong = {message: commands[message] for message, _ in messages if commands[message] != "-"}
    assert {message: command for message, command in wrong.items() if message not in answered} == {}
    assert len(answered) >= 0.8 * len(messages)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_answered_at_once_is_offered(language: str) -> None:
    asker, offered, left_out = Asker(language), 0, []
    for message, right in _messages(language):
        if reading(message, CATALOGUE, language) != "-":
            continue
        near = [f"{each.name} {each.arguments}".strip() for each in likely(message, CATALOGUE, asker)]
        offered += any(each.split(" ")[0] in {one.split(" ")[0] for one in right} for each in near)
        left_out += [] if near else [message]
        assert len(near) <= 2
    assert left_out == []
    assert offered > 0


@pytest.mark.parametrize(
    ("message", "language"),
    [
        ("unsubscrib me plz", "en"),
        ("sielnce for 2 hours", "en"),
        ("only critixal please", "en"),
        ("abmeldn", "de"),
        ("solo criticaas", "es"),
        ("отпишис", "ru"),
    ],
)
def test_a_guessed_word_changes_nothing(message: str, language: str) -> None:
    command = reading(message, CATALOGUE, language).removeprefix("/").split(" ")[0]
    assert command not in _CHANGING
    assert {each.name for each in likely(message, CATALOGUE, Asker(language))} & _CHANGING


@pytest.mark.parametrize(
    ("message", "language", "command"),
    [
        ("mute for 30 minutes", "en", "mute 30min"),
        ("mute for a month", "en", "mute 1mo"),
        ("cancel my watches", "en", "watches"),
        ("schick mir keine bilder", "de", "settings"),
        ("stop the daily digest", "en", "digest off"),
        ("alert at 75k", "en", "watch price crosses 75000"),
        ("precio de la luz en francia", "es", "chart FR"),
        ("what does 1 PH/s earn a day", "en", "hashprice"),
    ],
)
def test_what_is_like_it_means_something_else(message: str, language: str, command: str) -> None:
    assert reading(message, CATALOGUE, language) == f"/{command}"


@pytest.mark.parametrize(
    ("message", "language", "command"),
    [
        ("cuando sera el proximo reajuste de la dificultad", "es", "retarget"),  # without accents
        ("schwierigkeiten", "de", "difficulty"),  # inflected
        ("netzwerkschwierigkeit", "de", "difficulty"),  # run together
        ("btcprice", "en", "price"),
        ("сложностью", "ru", "difficulty"),
        ("difficlty?", "en", "difficulty"),  # a letter left out
        ("hashprcie now", "en", "hashprice"),  # two changed places
        ("比特币现在什么价格", "zh", "price"),  # the longest first word would leave a character over
    ],
)
def test_a_word_is_known_in_whatever_form(message: str, language: str, command: str) -> None:
    assert reading(message, CATALOGUE, language) == f"/{command}"
