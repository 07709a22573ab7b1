"""A conversation about mining economics, on the market of a day in November 2026."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from handlers.commands import breakeven, fleet, machines, network, whatif
from handlers.events import free_text
from tests.handlers.conversation import Conversation, conversation
from tests.handlers.program import Room, opened
from tests.mining.market import NOVEMBER_2026


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Conversation]:
    async with conversation(
        tmp_path, NOVEMBER_2026, (breakeven, whatif, fleet, machines, network, free_text)
    ) as held:
        yield held


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with opened(tmp_path) as held:
        yield held
