"""Every message and keyboard in every language: nothing too long, nothing broken, all of it to be read.

Reading the snapshots of one language is reading the whole bot in it.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.i18n.translator import LANGUAGES
from tests.handlers.program import opened
from tests.handlers.transcript import Transcript
from tests.handlers.walks import alarms, operators, own_topics, past, personal, trouble
from tests.handlers.walks_mining import calculator, fleet

Walk = Callable[[Transcript], Awaitable[None]]

WALKS: tuple[Walk, ...] = (
    *(own_topics, alarms, past, personal, operators, trouble),
    *(calculator, fleet),
)


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_everything_said(
    walk: Walk, language: str, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    async with opened(tmp_path) as room:
        transcript = Transcript(room, language)
        await walk(transcript)
    assert "\n".join(transcript.lines) == snapshot
