"""The first message of an episode is edited when it is over, and its end replies to it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import cast

import pytest

from bot.delivery.editor import MAX_ATTEMPTS, Editor
from bot.delivery.outcomes import (
    EditRequest,
    Gone,
    Outcome,
    OutgoingMessage,
    Rejected,
    Retry,
    RetryCause,
    Uncertain,
)
from storage import outbox
from storage.database import Store, transaction
from storage.outbox import MessageEdit
from storage.outbox.episodes import due_edits
from storage.outbox.silences import PUT_OFF
from tests.delivery.fake_clock import run
from tests.delivery.simulation import START, Line, Simulation, simulation


def render_edit(edit: MessageEdit, _now: datetime) -> OutgoingMessage:
    said = " + ".join(f"{subject.signal} {subject.kind}" for subject in edit.subjects)
    return OutgoingMessage(said, '{"inline_keyboard":[]}')


def tell(here: Simulation, group: int, kind: str, *signals: str, began: str = "1") -> None:
    """Alerts of one poll."""
    with transaction(here.store.db) as db:
        for signal in signals:
            db.execute(
                "INSERT OR IGNORE INTO subscriptions SELECT chat_id, topic_id, ?, 0 FROM chats", [signal]
            )
            db.execute(
                "INSERT INTO alerts (bulletin, rule, signal, severity, kind, at, value, body) "
                "VALUES (?, ?, ?, 'warning', ?, ?, -0.7, json_object('began', ?))",
                [group, f"{signal}.warning", signal, kind, here.now().isoformat(), began],
            )
        outbox.enqueue(db, group, here.now())
    here.relay.wake()


@asynccontextmanager
async def editing(line: Line, chats: int = 3) -> AsyncIterator[Simulation]:
    async with simulation(line) as here:
        here.chats(*range(1, chats + 1))
        editor = Editor(cast(Store, here.store), line, here.pacer, render_edit, here.now)
        task = asyncio.create_task(editor.run())
        yield here
        task.cancel()
        await asyncio.wait([task])


async def _episode(here: Simulation) -> None:
    tell(here, 1, "fired", "price")
    await here.settled()
    tell(here, 2, "cleared", "price")
    await here.settled()
    await asyncio.sleep(60)


def pending_edits(here: Simulation) -> int:
    [(count,)] = here.store.db.execute("SELECT count(edit_due) FROM sent_alerts").fetchall()
    return int(count)


def test_the_end_replies_to_the_beginning_which_is_edited_in_every_chat() -> None:
    async def story() -> tuple[Line, int]:
        line = Line()
        async with editing(line) as here:
            await _episode(here)
            return line, pending_edits(here)

    line, pending = run(story())
    firsts = {request.chat_id: number for number, (_, request) in enumerate(line.arrived[:3], 1)}
    assert [request.reply_to for _, request in line.arrived[:3]] == [None] * 3
    ends = {request.chat_id: request.reply_to for _, request in line.arrived[3:]}
    assert ends == firsts
    assert {request.chat_id: request.message_id for _, request in line.edits} == firsts
    assert {request.text for _, request in line.edits} == {"price cleared"}
    assert pending == 0


def test_another_episode_of_the_same_rule_is_not_touched() -> None:
    async def story() -> Line:
        line = Line()
        async with editing(line, 1) as here:
            tell(here, 1, "fired", "price", began="1")
            await here.settled()
            await asyncio.sleep(1)
            tell(here, 2, "cleared", "price", began="other")
            await here.settled()
            await asyncio.sleep(60)
            return line

    line = run(story())
    assert (line.edits, line.arrived[1][1].reply_to) == ([], None)


def test_a_message_of_two_alerts_keeps_the_one_that_goes_on() -> None:
    async def story() -> Line:
        line = Line()
        async with editing(line, 1) as here:
            tell(here, 1, "fired", "price", "hashrate")
            await here.settled()
            tell(here, 2, "cleared", "hashrate")
            await here.settled()
            await asyncio.sleep(60)
            tell(here, 3, "cleared", "price")
            await here.settled()
            await asyncio.sleep(60)
            return line

    line = run(story())
    assert [request.text for _, request in line.edits] == [
        "price fired + hashrate cleared",
        "price cleared + hashrate cleared",
    ]
    assert [request.reply_to for _, request in line.arrived] == [None, 1, 1]


def test_edits_that_wait_merge_and_alerts_go_first() -> None:
    """While a limit holds, both ends come; then the message is edited once, to the newest state."""

    async def story() -> tuple[list[str], float, float]:
        line = Line()
        async with editing(line, 1) as here:
            tell(here, 1, "fired", "price", "hashrate")
            await here.settled()
            here.pacer.flooded(1, 100)
            tell(here, 2, "cleared", "hashrate")
            tell(here, 3, "cleared", "price")
            await here.settled()
            await asyncio.sleep(60)
            return [request.text for _, request in line.edits], line.arrived[-1][0], line.edits[0][0]

    texts, told, edited = run(story())
    assert texts == ["price cleared + hashrate cleared"]
    assert edited > told


def _after(outcome: Outcome, times: int) -> Callable[[EditRequest, float], Outcome | None]:
    tries = iter([outcome] * times)
    return lambda _request, _now: next(tries, None)


@pytest.mark.parametrize(
    "outcome",
    [
        Retry(RetryCause.SERVER, "502"),
        Retry(RetryCause.OFFLINE, "no connection"),
        Retry(RetryCause.FLOOD, "429", START + timedelta(seconds=500)),
        Uncertain("no answer"),
    ],
    ids=lambda outcome: type(outcome).__name__,
)
def test_what_passes_is_tried_again(outcome: Outcome) -> None:
    async def story() -> tuple[int, int]:
        line = Line(answer_edit=_after(outcome, 3))
        async with editing(line, 1) as here:
            await _episode(here)
            await asyncio.sleep(3600)
            return len(line.edits), pending_edits(here)

    assert run(story()) == (1, 0)


@pytest.mark.parametrize("outcome", [Rejected("message can't be edited"), Gone("blocked")])
def test_what_can_not_be_edited_is_left(outcome: Outcome) -> None:
    async def story() -> tuple[int, int]:
        line = Line(answer_edit=lambda _request, _now: outcome)
        async with editing(line, 1) as here:
            await _episode(here)
            return pending_edits(here), len(line.arrived)

    assert run(story()) == (0, 2)  # the end was told all the same


def test_an_edit_is_given_up_in_the_end() -> None:
    async def story() -> tuple[int, int]:
        tries = 0

        def refuse(_request: EditRequest, _now: float) -> Outcome:
            nonlocal tries
            tries += 1
            return Retry(RetryCause.SERVER, "502")

        line = Line(answer_edit=refuse)
        async with editing(line, 1) as here:
            await _episode(here)
            await asyncio.sleep(10 * 3600)
            return tries, pending_edits(here)

    assert run(story()) == (MAX_ATTEMPTS, 0)


def test_a_summary_of_what_was_put_off_is_not_edited_but_replied_to() -> None:
    async def story() -> Line:
        line = Line()
        async with editing(line, 1) as here:
            tell(here, 1, "fired", "price")
            with transaction(here.store.db) as db:
                db.execute("UPDATE outbox SET bulletin = ?", [PUT_OFF])
            await here.settled()
            tell(here, 2, "cleared", "price")
            await here.settled()
            await asyncio.sleep(60)
            return line

    line = run(story())
    assert (line.edits, line.arrived[1][1].reply_to) == ([], 1)


def test_a_beginning_that_arrives_after_its_end_is_edited_too() -> None:
    async def story() -> list[str]:
        line = Line()
        async with editing(line, 1) as here:
            here.pacer.flooded(1, 100)
            tell(here, 1, "fired", "price")
            await asyncio.sleep(10)
            tell(here, 2, "cleared", "price")
            await here.settled()
            await asyncio.sleep(60)
            return [request.text for _, request in line.edits]

    assert run(story()) == ["price cleared"]


def test_after_a_crash_before_it_was_recorded_an_edit_is_made_again() -> None:
    async def story() -> tuple[list[str], int]:
        line = Line()
        async with editing(line, 1) as here:
            tell(here, 1, "fired", "price")
            await here.settled()
            tell(here, 2, "cleared", "price")
            await here.settled()
            [edit] = due_edits(here.store.db, here.now() + timedelta(seconds=1), 10)
            await line.edit(EditRequest(edit.chat_id, edit.message_id, "price cleared"))  # and killed
            await asyncio.sleep(60)
            return [request.text for _, request in line.edits], pending_edits(here)

    assert run(story()) == (["price cleared"] * 2, 0)


def test_a_text_that_can_not_be_rendered_leaves_the_message(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_edit: MessageEdit, _now: datetime) -> OutgoingMessage:
        raise KeyError("value")

    async def story() -> int:
        line = Line()
        async with simulation(line) as here:
            here.chats(1)
            editor = Editor(cast(Store, here.store), line, here.pacer, broken, here.now)
            task = asyncio.create_task(editor.run())
            await _episode(here)
            task.cancel()
            await asyncio.wait([task])
            assert line.edits == []
            return pending_edits(here)

    assert run(story()) == 0
    assert "can't be rendered" in caplog.text
