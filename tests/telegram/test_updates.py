"""One update that can't be read stands in nobody's way."""

import json
from typing import Any

import pytest
from telegram import Bot, Update
from telegram.request import BaseRequest

from bot.telegram.updates import UpdatesRequest, read_update
from tests.fakes.telegram import TOKEN

GOOD = {
    "update_id": 1,
    "message": {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}, "text": "hello"},
}
BROKEN: list[Any] = [
    {"update_id": 2, "message": {"message_id": 1}},
    {"update_id": 3, "message": []},
    {"update_id": 4, "callback_query": {"id": "1", "from": 7}},
    {"update_id": 5, "message": GOOD["message"] | {"date": "yesterday"}},  # type: ignore[operator]  # both are dicts
    {"update_id": "six"},
    {"no_id": 1},
    [],
    None,
]


class _Canned(BaseRequest):
    def __init__(self, body: bytes, status: int = 200) -> None:
        self._answer = (status, body)

    @property
    def read_timeout(self) -> float | None:
        return 1.0

    async def initialize(self) -> None:
        return

    async def shutdown(self) -> None:
        return

    async def do_request(self, *_arguments: Any, **_named: Any) -> tuple[int, bytes]:
        return self._answer


async def _updates(body: object, status: int = 200) -> tuple[tuple[Update, ...], int]:
    heard: list[None] = []
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = UpdatesRequest(_Canned(raw, status), lambda: heard.append(None))
    bot = Bot(TOKEN, get_updates_request=request)
    return await bot.get_updates(), len(heard)


@pytest.mark.parametrize("broken", BROKEN)
def test_what_the_library_cant_read_is_known(broken: Any) -> None:
    assert read_update(broken) is None
    assert read_update(GOOD) is not None


async def test_good_ones_pass_broken_ones_only_count() -> None:
    updates, heard = await _updates({"ok": True, "result": [*BROKEN, GOOD]})
    assert [update.update_id for update in updates] == [2, 3, 4, 5, 1]
    assert [update.message.text for update in updates if update.message] == ["hello"]
    assert heard == 1


async def test_what_is_no_list_is_the_librarys_to_refuse() -> None:
    for body in ({"ok": True, "result": []}, {"ok": True, "result": [GOOD]}):
        updates, _ = await _updates(body)
        assert len(updates) == len(body["result"])  # type: ignore[arg-type]  # lists both
