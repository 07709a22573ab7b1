"""What is offered where no rule understands a message: the commands of the messages most like it."""

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from bot.data.catalogue import load_machines
from bot.mining.parsing import nearest_messages
from bot.mining.parsing.command_request import MEANING, SAID_IN_A_SENTENCE, THANKS, CommandRequest
from bot.mining.parsing.intent_table import INTENTS, SUBSCRIPTIONS, UNSUBSCRIPTIONS
from bot.mining.parsing.nearest_messages import MessageIndex, message_index
from handlers.registry import COMMANDS
from handlers.views.near_misses import SENTENCES
from tests.mining.parsing.readings import reading

LANGUAGES = ("en", "de", "es", "ru", "zh")
MESSAGES = Path(nearest_messages.__file__).parent / "messages"
FEWEST_RIGHT = 0.7
"""Of the messages left out; 0.77 to 0.83 when this was written, by language."""


@cache
def _lines(language: str, folder: str) -> list[tuple[str, str]]:
    text = (MESSAGES / folder / f"{language}.txt").read_text(encoding="utf-8")
    pairs = [line.split(" => ") for line in text.splitlines()]
    return [(said, meant) for said, meant in pairs]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_names_a_command_and_is_there_once(language: str) -> None:
    said = Counter(text for folder in ("read", "near") for text, _ in _lines(language, folder))
    assert [text for text, count in said.items() if count > 1] == []
    known = {command.name for command in COMMANDS} | SENTENCES.keys() | {THANKS}
    named = {meant.removeprefix("/").split()[0] for _, meant in _lines(language, "near")}
    assert named <= known


def test_what_a_sentence_answers_has_its_sentence() -> None:
    sentences = {name for name in SENTENCES if not name.startswith(MEANING)}
    assert sentences == SAID_IN_A_SENTENCE - {THANKS}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_that_is_known_comes_first(language: str) -> None:
    index = message_index(language)
    for text, meant in _lines(language, "near"):
        first = index.nearest(text)[0].request
        assert meant.startswith(f"/{first.name}"), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_messages_unknown_so_far_most_have_their_command_among_the_first_two(language: str) -> None:
    """A tenth of the messages at a time is left out and looked for with the others."""
    lines = [
        (text, CommandRequest(meant.removeprefix("/").split()[0])) for text, meant in _lines(language, "near")
    ]
    right = 0
    for tenth in range(10):
        rest = [pair for place, pair in enumerate(lines) if place % 10 != tenth]
        index = MessageIndex(rest, language)
        for text, request in lines[tenth::10]:
            right += request in [near.request for near in index.nearest(text)[:2]]
    assert right >= FEWEST_RIGHT * len(lines)


def test_what_is_like_nothing_known_has_no_command() -> None:
    assert message_index("en").nearest("xyzzy plugh") == []


def test_a_command_much_less_like_than_the_first_is_not_named() -> None:
    index = MessageIndex(
        [
            ("how many blocks until the halving", CommandRequest("halving")),
            ("the price", CommandRequest("price")),
        ],
        "en",
    )
    assert [near.request.name for near in index.nearest("how many blocks until the next halving")] == [
        "halving"
    ]
    assert [near.request.name for near in index.nearest("price")] == ["price"]


CHANGING = {intent.command for intent in (*INTENTS, *SUBSCRIPTIONS, *UNSUBSCRIPTIONS) if intent.changes}
CHANGING_BY_ARGUMENTS = {"mute", "quiet", "digest", "currency", "fleet", "settings", "pin"}
"""Without arguments these show what is set and ask for more."""


def _changes(read: str) -> bool:
    """True for the reading of a message as a command that changes something."""
    if not read.startswith("/") or read == "/fleet hours":
        return False
    name, _, arguments = read.removeprefix("/").partition(" ")
    return name in CHANGING or (name in CHANGING_BY_ARGUMENTS and bool(arguments))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_changes_what_it_does_not_ask_to_change(language: str) -> None:
    catalogue = load_machines()
    wrong = {}
    for text, meant in _lines(language, "near"):
        read = reading(text, catalogue, language)
        if _changes(read) and read.split()[0] != meant.split()[0]:
            wrong[text] = read
    assert wrong == {}


@pytest.mark.parametrize(
    ("read", "changes"),
    [
        ("/unsubscribe", True),
        ("/subscribe only hashrate_decline", True),
        ("/mute 2h", True),
        ("/mute", False),
        ("/fleet hours", False),
        ("/fleet remove 2 s19", True),
        ("/price", False),
        ("what if price 40000: S19 95T", False),
        ("-", False),
    ],
)
def test_what_counts_as_a_change(read: str, changes: bool) -> None:
    assert _changes(read) is changes
