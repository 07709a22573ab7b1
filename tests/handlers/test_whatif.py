"""/whatif in chat."""

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.handlers.conversation import Conversation


@pytest.mark.parametrize(
    "asked",
    [
        "/whatif s19 price=40000 hashrate=-10% power=0.05 fees=+50% halving=yes",
        "/whatif price=-20%",
        "/whatif s21 5c hashrate=+25%",
        "/whatif s21 5c difficulty=100T",
        "/whatif",
        "/whatif s19 7c hashrate=-100%",
    ],
)
async def test_suppositions(talk: Conversation, asked: str, snapshot: SnapshotAssertion) -> None:
    assert (await talk.ask(asked)).text == snapshot
