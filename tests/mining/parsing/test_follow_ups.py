"""What is understood of a text behind others: `follow_ups.txt`, with what came before it."""

from pathlib import Path

import pytest

from bot.data.catalogue import load_machines
from bot.mining.errors import InvalidQuestion
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.follow_up import AskedQuestion
from bot.mining.parsing.understanding import understand
from tests.mining.parsing.readings import said

CATALOGUE = load_machines()
LINES = (Path(__file__).parent / "follow_ups.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("line", LINES, ids=lambda line: str(line)[:60])
def test_a_text_goes_on_from_the_one_before(line: str) -> None:
    asked, meant = line.split(" => ")
    language, texts = asked.split(": ", 1)
    assert reading_of_last(texts.split(" > "), language) == meant


def reading_of_last(texts: list[str], language: str) -> str:
    """The reading of the last of several texts in a chat."""
    before: AskedQuestion | None = None
    for text in texts[:-1]:
        asked = understand(text, CATALOGUE, Asker(language), before=before)
        assert asked is not None
        assert not isinstance(asked, CommandRequest)
        before = asked if isinstance(asked, AskedQuestion) else before
    try:
        return said(understand(texts[-1], CATALOGUE, Asker(language), before=before), CATALOGUE)
    except InvalidQuestion as failure:
        return f"? {failure.sentence}"
