"""A chat about mining economics on the market of one day in November 2026, and one with the whole program."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from handlers.commands import breakeven, fleet, machines, network, whatif
from handlers.events import free_text
from tests.handlers.handler_client import HandlerClient, handlers_running
from tests.handlers.program_client import ProgramClient, running_program
from tests.mining.market import NOVEMBER_2026


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[HandlerClient]:
    async with handlers_running(
        tmp_path, NOVEMBER_2026, (breakeven, whatif, fleet, machines, network, free_text)
    ) as failure:
        yield failure


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[ProgramClient]:
    async with running_program(tmp_path) as failure:
        yield failure
