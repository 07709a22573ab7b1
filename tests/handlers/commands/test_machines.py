"""/machines in chat."""

from syrupy.assertion import SnapshotAssertion

from tests.handlers.handler_client import HandlerClient


async def test_overview(chat: HandlerClient, snapshot: SnapshotAssertion) -> None:
    assert (await chat.ask("/machines")).text == snapshot


async def test_search(chat: HandlerClient, snapshot: SnapshotAssertion) -> None:
    message = await chat.ask("/machines s21")
    assert message.text == snapshot
    assert "Antminer S21 Pro" in (await chat.press_for_message(message, "S21 Pro")).text


async def test_a_long_list_is_cut(chat: HandlerClient) -> None:
    message = await chat.ask("/machines m")
    assert "more; search more narrowly" in message.text
    assert len(message.text) < 4096


async def test_nothing_found(chat: HandlerClient) -> None:
    assert "did you mean" in (await chat.ask("/machines s20")).text
    assert "&lt;toaster&gt;" in (await chat.ask("/machines <toaster>")).text


async def test_the_most_efficient_come_first_each_model_once(chat: HandlerClient) -> None:
    text = (await chat.ask("/machines best")).text
    rows = text[text.index("J/TH") :].splitlines()[1:16]
    efficiencies = [float(row.split()[-2]) for row in rows]
    assert efficiencies == sorted(efficiencies)
    assert efficiencies[0] < 10
    assert len({row.split(" " * 2)[0] for row in rows}) == len(rows) == 15


async def test_machines_are_listed_by_their_efficiency(chat: HandlerClient) -> None:
    text = (await chat.ask("/machines between 18 15 J/TH")).text
    rows = text[text.index("J/TH", text.index("<pre>")) :].splitlines()[1:-1]
    efficiencies = [float(row.split()[-2]) for row in rows]
    assert efficiencies == sorted(efficiencies)
    assert all(15.0 <= each <= 18.0 for each in efficiencies)
    assert "15–18 J/TH" in text
    assert "no machine of ≤ 6 J/TH" in (await chat.ask("/machines under 6")).text
    assert "more; search more narrowly" in (await chat.ask("/machines over 20")).text
