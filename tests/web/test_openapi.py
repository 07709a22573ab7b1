"""The OpenAPI document: right in itself, and what the API really does, whatever is asked."""

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from pydantic import TypeAdapter
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bot.mining.economics import Economics
from bot.web.api import OPERATIONS
from bot.web.openapi import document
from bot.web.schema import EconomicsReport
from tests.web.site import opened

DOCUMENT = document("1.2.3", "https://page.example")
PATHS = [operation.path for operation in OPERATIONS]
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "30"))
"""Questions an operation; more are asked now and then by hand."""

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


class _Server(threading.Thread):
    """The page in a thread of its own, since the fuzzer asks and waits."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._listens = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._ending = asyncio.Event()
        self.url = ""

    def run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        async with opened(self._folder) as world:
            self.url = world.url
            self._listens.set()
            await self._ending.wait()

    def __enter__(self) -> "_Server":
        self.start()
        self._listens.wait(60)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._ending.set)
        self.join()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Server]:
    with _Server(tmp_path_factory.mktemp("page")) as running:
        yield running


def _schema() -> Any:
    return schemathesis.openapi.from_dict(DOCUMENT)


def test_the_document_is_valid_openapi_3_1() -> None:
    _schema().validate()
    assert DOCUMENT["openapi"].startswith("3.1")
    assert len({operation.name for operation in OPERATIONS}) == len(OPERATIONS)


def test_every_key_of_the_command_lines_breakeven_is_there() -> None:
    assert list(EconomicsReport.model_fields) == list(TypeAdapter(Economics).json_schema()["properties"])


@pytest.mark.parametrize(
    "mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value
)
@pytest.mark.parametrize("path", PATHS)
def test_whatever_is_asked_gets_a_documented_answer(server: _Server, path: str, mode: GenerationMode) -> None:
    operation = _schema()[path]["GET"]
    if mode is GenerationMode.NEGATIVE and not operation.query:
        pytest.skip("there is nothing to get wrong")
    with requests.Session() as session:

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=EXAMPLES == 30,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def ask(case: Case[Any]) -> None:
            answered = case.call(base_url=f"{server.url}/api/v1", session=session)
            case.validate_response(answered, checks=CHECKS)

        ask()
