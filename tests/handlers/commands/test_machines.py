"""/machines in chat."""

from syrupy.assertion import SnapshotAssertion

from tests.handlers.conversation import Conversation


async def test_overview(talk: Conversation, snapshot: SnapshotAssertion) -> None:
    assert (await talk.ask("/machines")).text == snapshot


async def test_search(talk: Conversation, snapshot: SnapshotAssertion) -> None:
    told = await talk.ask("/machines s21")
    assert told.text == snapshot
    assert "Antminer S21 Pro" in (await talk.press(told, "S21 Pro")).text


async def test_a_long_list_is_cut(talk: Conversation) -> None:
    told = await talk.ask("/machines m")
    assert "more; search more narrowly" in told.text
    assert len(told.text) < 4096


async def test_nothing_found(talk: Conversation) -> None:
    assert "did you mean" in (await talk.ask("/machines s20")).text
    assert "&lt;toaster&gt;" in (await talk.ask("/machines <toaster>")).text
