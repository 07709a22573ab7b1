"""When an edit is tried again, where, and what keeps it from being made."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import cast

import pytest

from bot.delivery.editor import Editor
from bot.delivery.outcomes import (
    EditRequest,
    Gone,
    Halt,
    Moved,
    Outcome,
    Rejected,
    Retry,
    RetryCause,
    Uncertain,
)
from storage.database import Store
from tests.delivery.fake_clock import run
from tests.delivery.simulation import START, Line, Simulation, simulation
from tests.delivery.test_editor import CLEARED, FIRED, PRICE, pending_edits, render_edit, tell
from tests.fakes.engines import transaction


@dataclass
class Answers:
    """Answers edits one after the other, then accepts them; keeps what was asked, and when."""

    outcomes: list[Outcome] = field(default_factory=list)
    asked: list[tuple[float, EditRequest]] = field(default_factory=list)

    def __call__(self, request: EditRequest, now: float) -> Outcome | None:
        self.asked.append((now, request))
        return self.outcomes.pop(0) if self.outcomes else None

    def gaps(self) -> list[float]:
        return [later - before for (before, _), (later, _) in pairwise(self.asked)]


@asynccontextmanager
async def over(
    answers: Answers, *chats: int, allowed: frozenset[int] = frozenset()
) -> AsyncIterator[tuple[Simulation, Editor]]:
    """Chats that were told of an episode's beginning and end, and an editor that has not begun yet."""
    async with simulation(Line(answer_edit=answers)) as here:
        here.chats(*chats)
        for kind in (FIRED, CLEARED):
            tell(here, kind, PRICE)
            await here.settled()
        await asyncio.sleep(61)  # the limits of the chats are over
        editor = Editor(
            cast(Store, here.store), here.line, here.pacer, render_edit, here.now, allowed=allowed
        )
        task = asyncio.create_task(editor.run())
        yield here, editor
        task.cancel()
        await asyncio.wait([task])


def gaps(*outcomes: Outcome, hours: float = 1) -> list[float]:
    """Seconds between the tries of an edit that is answered so, then accepted."""
    answers = Answers(list(outcomes))

    async def story() -> None:
        async with over(answers, 1) as (here, _):
            await asyncio.sleep(hours * 3600)
            assert pending_edits(here) == 0

    run(story())
    assert {request.text for _, request in answers.asked} == {f"{PRICE} over"}
    return answers.gaps()


@pytest.mark.parametrize(
    "outcome", [Retry(RetryCause.SERVER, "502"), Uncertain("no answer"), Halt("another program")]
)
def test_it_is_tried_again_after_15_30_45_seconds(outcome: Outcome) -> None:
    assert gaps(outcome, outcome, outcome) == pytest.approx([15, 30, 45], abs=0.5)


def test_it_waits_five_minutes_at_most_unless_telegram_asks_for_more() -> None:
    fault = Retry(RetryCause.SERVER, "502")
    assert gaps(*[fault] * 22, hours=3)[18:] == pytest.approx([285, 300, 300, 300], abs=0.5)
    flood, long_over = (
        Retry(RetryCause.FLOOD, "429", START + timedelta(seconds=seconds)) for seconds in (500, 1)
    )
    [wait] = gaps(flood)
    assert 400 < wait < 500
    assert gaps(long_over) == pytest.approx([15], abs=0.5)


def test_a_message_is_edited_where_its_chat_moved_to_at_the_next_look() -> None:
    answers = Answers([Moved(-100, None, "upgraded")])

    async def story() -> None:
        async with over(answers, -1) as (here, _):
            await asyncio.sleep(60)
            assert pending_edits(here) == 0

    run(story())
    assert [request.chat_id for _, request in answers.asked] == [-1, -100]
    assert answers.gaps() == pytest.approx([15], abs=0.5)


@pytest.mark.parametrize("outcome", [Rejected("message can't be edited"), Gone("blocked")])
def test_what_can_not_be_edited_is_never_tried_again(
    outcome: Outcome, caplog: pytest.LogCaptureFixture
) -> None:
    answers = Answers([outcome])

    async def story() -> list[tuple[object, ...]]:
        async with over(answers, 1) as (here, _):
            await asyncio.sleep(60)
            tell(here, FIRED, PRICE)
            await asyncio.sleep(60)
            return here.store.db.execute(
                "SELECT min(is_editable), count(edit_due) FROM sent_messages"
            ).fetchall()

    assert run(story()) == [(0, 0)]
    assert len(answers.asked) == 1
    assert ("message can't be edited" in caplog.text) == isinstance(outcome, Rejected)


def test_only_the_chats_of_a_private_bot_have_their_messages_edited() -> None:
    answers = Answers()

    async def story() -> int:
        async with over(answers, 1, 2, allowed=frozenset({2})) as (here, _):
            await asyncio.sleep(60)
            return pending_edits(here)

    assert run(story()) == 0
    assert [request.chat_id for _, request in answers.asked] == [2]


def test_a_program_that_was_given_up_for_dead_edits_nothing_and_another_may() -> None:
    answers = Answers()

    async def story(patch: pytest.MonkeyPatch) -> None:
        async with over(answers, 1) as (here, editor):
            patch.setattr(here.store, "may_send", lambda replica: replica != here.store.replica)
            editor.wake()
            await asyncio.sleep(60)
            assert (answers.asked, pending_edits(here)) == ([], 1)
            patch.undo()
            await asyncio.sleep(120)
            assert (len(answers.asked), pending_edits(here)) == (1, 0)

    with pytest.MonkeyPatch.context() as patch:
        run(story(patch))


def test_what_reads_as_before_is_not_sent_and_a_caption_is_edited_as_one() -> None:
    answers = Answers()

    async def story() -> None:
        async with over(answers, 1) as (here, editor):
            await asyncio.sleep(30)
            assert [request.is_caption for _, request in answers.asked] == [False]
            due = "UPDATE sent_messages SET edit_due = ?"
            with transaction(here.store.db) as db:
                db.execute(due, [here.now().isoformat()])
            await asyncio.sleep(30)
            assert (len(answers.asked), pending_edits(here)) == (2, 0), (
                "the end's own message, first looked at"
            )
            with transaction(here.store.db) as db:
                db.execute(f"{due}, text_digest = '', has_picture = true", [here.now().isoformat()])
            editor.wake()
            await asyncio.sleep(14)
            assert {request.is_caption for _, request in answers.asked[2:]} == {True}

    run(story())


def test_a_full_disk_keeps_edits_waiting_and_they_are_made_again(caplog: pytest.LogCaptureFixture) -> None:
    answers = Answers()

    async def story() -> None:
        async with over(answers, 1) as (here, _):
            here.store.fails = True
            await asyncio.sleep(60)
            assert pending_edits(here) == 1
            here.store.fails = False
            await asyncio.sleep(30)
            assert pending_edits(here) == 0

    run(story())
    assert caplog.text.count("what needs the database waits") == 1
    assert caplog.text.count("the database can be used again") == 1
    assert answers.gaps() == pytest.approx([16] * (len(answers.asked) - 1), abs=1)


def test_it_looks_every_15_seconds_and_at_once_when_woken() -> None:
    answers = Answers()

    async def story() -> list[float]:
        async with over(answers, 1) as (here, editor):
            await asyncio.sleep(1)
            began = asyncio.get_running_loop().time()
            for wakes in (False, True):
                with transaction(here.store.db) as db:
                    db.execute(
                        "UPDATE sent_messages SET edit_due = ?, text_digest = '' WHERE message_id = 1",
                        [here.now().isoformat()],
                    )
                if wakes:
                    editor.wake()
                await asyncio.sleep(20)
            return [at - began for at, _ in answers.asked[1:]]

    assert run(story()) == pytest.approx([14, 20], abs=0.3)


def test_three_hundred_edits_are_made_without_a_pause_and_few_at_once() -> None:
    answers = Answers()

    async def story() -> None:
        async with over(answers, *range(1, 301)) as (here, _):
            await asyncio.sleep(60)
            assert pending_edits(here) == 0

    run(story())
    times = [at for at, _ in answers.asked]
    assert len(times) == 300
    assert max(answers.gaps()) < 1
    assert times[-1] - times[0] < 300 / 8 * 0.4


def test_an_alert_that_comes_between_edits_goes_first() -> None:
    answers = Answers()

    async def story() -> tuple[int, float]:
        async with over(answers, *range(1, 101)) as (here, _):
            while not answers.asked:  # noqa: ASYNC110 - time passes only while somebody sleeps
                await asyncio.sleep(0.01)
            began = asyncio.get_running_loop().time()
            here.chats(500)
            tell(here, FIRED, PRICE)
            await here.settled()
            before = sum(at < here.line.arrived[-1][0] for at, _ in answers.asked)
            return before, here.line.arrived[-1][0] - began

    edits, took = run(story())
    assert edits <= 16, "those under way, and no more"
    assert took < 6
