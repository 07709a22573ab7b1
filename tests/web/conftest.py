"""The page of July 2022, and a client that asks it."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.web.site import PageWorld, opened


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[PageWorld]:
    async with opened(tmp_path) as world:
        yield world


@pytest.fixture
async def client(page: PageWorld) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(page.url) as session:
        yield session
