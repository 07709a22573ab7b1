"""What is typed wrong is answered with a sentence and a right example, never with silence or a traceback."""

import re

import pytest

from handlers.registry import COMMANDS
from handlers.routing import Permission
from tests.handlers.program_client import ProgramClient

TAKES_NOTHING = {
    "start", "help", "status", "price", "hashrate", "hashprice", "difficulty", "retarget", "halving",
    "network", "watches", "unmute", "settings", "test", "privacy", "export", "forget", "pin",
    "about",
}  # fmt: skip
"""Commands that pass over what is typed behind them."""


@pytest.mark.parametrize(
    "name",
    [
        command.name
        for command in COMMANDS
        if command.permission is not Permission.OPERATOR and command.name not in TAKES_NOTHING
    ],
)
async def test_nonsense_gets_a_right_example(client: ProgramClient, name: str) -> None:
    answer = await client.ask(f"/{name} qwzx <b>")
    assert re.search(r"<code>/\w+", answer.text), answer.text
    assert len(answer.text.split("<blockquote")[0]) <= 600
    assert "<b>qwzx" not in answer.text
