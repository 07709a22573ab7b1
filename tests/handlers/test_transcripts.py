"""Everything the bot says: English whole, one file a dialogue; a sampler in each other language.

Every dialogue is held in every language, so that Telegram's limits are checked on all texts
(`Transcript` does that). Placeholders and missing translations are checked on the catalogues
(`test_languages`), English left over by the pseudo-locale (`test_no_english`).
"""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from bot.i18n.translator import LANGUAGES
from tests.handlers.dialogues import alarms, operators, own_topics, past, personal, sampler, trouble
from tests.handlers.dialogues_mining import calculator, fleet
from tests.handlers.program_client import running_program
from tests.handlers.transcript import Transcript

Dialogue = Callable[[Transcript], Awaitable[None]]

DIALOGUES: tuple[Dialogue, ...] = (
    *(own_topics, alarms, past, personal, operators, trouble),
    *(calculator, fleet),
)
OTHERS = [language for language in LANGUAGES if language != "en"]
_UNFILLED = re.compile(r"\{[a-z_]+\}")
_HAN, _HAN_OR_MARK = "[\u4e00-\u9fff]", "[\u4e00-\u9fff，。；：、（）“”！？]"
_MARK_OF_LATIN = re.compile(
    rf"{_HAN_OR_MARK}(?:<[^>]*>)*[;,:!?]|[;,] (?:<[^>]*>)*{_HAN}|{_HAN_OR_MARK} ?[(]|{_HAN}[)]"
    "|[。；，：、）] (?![/·])"
)
"""A half-width mark beside Chinese, or a space behind a full-width one other than before a command."""


class TextFiles(SingleFileSnapshotExtension):
    """A text file a snapshot, so that one change of wording is one small diff."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"


async def _transcript(dialogue: Dialogue, language: str, folder: Path) -> str:
    async with running_program(folder) as client:
        transcript = Transcript(client, language)
        await dialogue(transcript)
    return "\n".join(transcript.lines) + "\n"


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda dialogue: dialogue.__name__)
async def test_everything_said_in_english(
    dialogue: Dialogue, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    text = await _transcript(dialogue, "en", tmp_path)
    assert text == snapshot(extension_class=TextFiles)


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda dialogue: dialogue.__name__)
async def test_everything_said_fits_in_every_language(
    dialogue: Dialogue, language: str, tmp_path: Path
) -> None:
    text = await _transcript(dialogue, language, tmp_path)
    assert not _UNFILLED.findall(text)
    if language == "zh":
        said = "\n".join(line for line in text.splitlines() if not line.startswith((">", "(")))
        assert not _MARK_OF_LATIN.findall(said)


@pytest.mark.parametrize("language", OTHERS)
async def test_a_sampler_of_each_language(language: str, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    text = await _transcript(sampler, language, tmp_path)
    assert text == snapshot(extension_class=TextFiles)
