"""Every message and keyboard in every language: nothing too long, nothing broken, all of it to be read.

Reading the snapshots of one language is reading the whole bot in it.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.i18n.translator import LANGUAGES
from tests.handlers.dialogues import alarms, operators, own_topics, past, personal, trouble
from tests.handlers.dialogues_mining import calculator, fleet
from tests.handlers.program_client import running_program
from tests.handlers.transcript import Transcript

Dialogue = Callable[[Transcript], Awaitable[None]]

DIALOGUES: tuple[Dialogue, ...] = (
    *(own_topics, alarms, past, personal, operators, trouble),
    *(calculator, fleet),
)


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda dialogue: dialogue.__name__)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_everything_said(
    dialogue: Dialogue, language: str, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    async with running_program(tmp_path) as client:
        transcript = Transcript(client, language)
        await dialogue(transcript)
    assert "\n".join(transcript.lines) == snapshot
