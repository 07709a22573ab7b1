"""What a relay writes down and tells of each outcome, when it looks again, and what it is asked to send."""

import asyncio
import logging
import math
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from itertools import pairwise

import pytest

from bot.delivery.outcomes import (
    Delivered,
    Gone,
    Halt,
    Moved,
    Outcome,
    OutgoingMessage,
    Rejected,
    Retry,
    RetryCause,
    SendRequest,
    Uncertain,
)
from bot.delivery.relay import LEASE_CHECK_S, DeliveryHaltedError, DeliveryProblem
from storage import outbox
from storage.chats.chats import ELSEWHERE
from storage.database import Database
from storage.errors import StorageError
from storage.outbox import Lane, MessageContent, OutboxMessage, RecoveredRows
from tests.delivery import simulation as simulated
from tests.delivery.delivery_fixture import add_alert, add_chats
from tests.delivery.fake_clock import run
from tests.delivery.simulation import START, Line, MemoryStore, Simulation, simulation
from tests.fakes.engines import new_database, transaction


def loop_time() -> float:
    return asyncio.get_running_loop().time()


def queue_silently(here: Simulation, group: int = 1) -> None:
    """Queue an alert as another program does: this one is not told."""
    with transaction(here.store.db) as db:
        add_alert(db, group, at=here.now())
        outbox.enqueue(db, group, here.now())


def once(*outcomes: Outcome) -> Callable[[SendRequest, float], Outcome | None]:
    answers = iter(outcomes)
    return lambda _request, _now: next(answers, None)


@pytest.mark.parametrize(
    ("outcome", "counted", "row", "problems"),
    [
        (None, {"sent": 1}, ("sent", None, 0, 0, 1), []),
        (Retry(RetryCause.FLOOD, "429"), {"later": 1, "sent": 1}, ("sent", None, 0, 0, 1), []),
        (Retry(RetryCause.OFFLINE, "away"), {"later": 1, "sent": 1}, ("sent", None, 0, 0, 1), []),
        (Retry(RetryCause.SERVER, "502"), {"later": 1, "sent": 1}, ("sent", None, 0, 0, 1), []),
        (
            Retry(RetryCause.RIGHTS, "no rights"),
            {"later": 1, "sent": 1},
            ("sent", None, 0, 0, 1),
            [(DeliveryProblem.RIGHTS, 1, "no rights")],
        ),
        (Moved(-100, None, "upgraded"), {"moved": 1, "sent": 1}, ("sent", None, 0, 0, 1), []),
        (Gone("blocked"), {"gone": 1}, ("cancelled", "blocked", 0, 0, None), []),
        (Rejected("too long"), {"dead": 1}, ("dead", "too long", 0, 0, None), []),
        (Uncertain("no answer"), {"uncertain": 1}, ("uncertain", "no answer", 0, 1, None), []),
    ],
    ids=lambda value: getattr(value, "cause", type(value).__name__),
)
def test_every_outcome_is_recorded_counted_and_told(
    outcome: Outcome | None,
    counted: dict[str, int],
    row: tuple[object, ...],
    problems: list[tuple[DeliveryProblem, int, str]],
) -> None:
    async def story() -> None:
        line = Line(once(outcome) if outcome else once())
        async with simulation(line) as here:
            here.chats(1)
            here.alert()
            await here.settled()
            assert here.rows("state, error, attempts, doubts, message_id") == [row]
            stats = await here.relay.stats()
            assert (stats.outcomes, stats.waiting, here.problems) == (counted, 0, problems)
            [group] = stats.alert_groups or [None]
            assert (group is not None and group.sent) == (row[0] == "sent")

    run(story())


def test_a_refusal_is_checked_for_five_seconds_before_it_is_believed() -> None:
    async def story() -> None:
        async with simulation(Line(once(Gone("blocked")))) as here:
            here.chats(1, 2)
            here.alert()
            await asyncio.sleep(4.9)
            assert here.states() == {"leased": 1, "sent": 1}
            await asyncio.sleep(0.3)
            assert here.states() == {"cancelled": 1, "sent": 1}

    run(story())


def test_a_request_has_all_that_the_renderer_said_and_its_address() -> None:
    def render(content: MessageContent, _now: datetime) -> OutgoingMessage:
        return OutgoingMessage(f"group {content.alert_group}", '{"inline_keyboard":[]}', silent=True)

    async def story() -> list[SendRequest]:
        line = Line()
        async with simulation(line, render=render) as here:
            here.chats(-5, topic=7)
            here.alert()
            await here.settled()
            return [request for _, request in line.requests]

    assert run(story()) == [SendRequest(-5, 7, "group 1", '{"inline_keyboard":[]}', silent=True)]


def test_an_answer_that_never_came_does_not_end_a_row_of_faults() -> None:
    """Five faults of the server in a row are an outage; what was not answered says nothing of the server."""
    fault = Retry(RetryCause.SERVER, "502")

    def pause(*outcomes: Outcome) -> float:
        async def story() -> float:
            line = Line(once(*outcomes), latency_s=0.001)
            async with simulation(line) as here:
                here.chats(*range(1, 21))
                here.alert()
                await here.settled()
                times = [at for at, _ in line.requests]
                return max(later - before for before, later in pairwise(times[:12]))

        return run(story())

    assert pause(*[fault] * 4, Uncertain("no answer"), fault) > 0.4
    assert pause(*[fault] * 4, Delivered(1), fault) < 0.1
    assert pause(*[fault] * 4, Retry(RetryCause.FLOOD, "429"), fault) < 0.1


def test_a_429_without_a_time_stops_its_chat_for_a_second_and_is_counted() -> None:
    async def story() -> None:
        async with simulation(Line(once(Retry(RetryCause.FLOOD, "429")))) as here:
            here.chats(-1)
            here.alert()
            await asyncio.sleep(0.2)
            assert here.pacer.floods == (await here.relay.stats()).floods == 1
            assert 0.7 < here.pacer.ready_in(-1) <= 1
            await here.settled()
            first, second = here.line.times(-1)
            assert 1 <= second - first < 1.2

    run(story())


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database that a program has left which sent to three chats, more than once to the last."""
    db = new_database()
    add_chats(db, [1, 2, 3])
    add_alert(db, at=START)
    outbox.enqueue(db, 1, START)
    db.execute("UPDATE outbox SET state = 'leased', doubts = CASE WHEN chat_id = 3 THEN 3 ELSE 0 END")
    monkeypatch.setattr(simulated, "open_database", lambda: nullcontext(db))
    return db


def test_what_a_dead_program_was_sending_is_said_counted_and_sent(
    left: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        async with simulation(Line()) as here:
            await asyncio.sleep(1)
            assert here.rows("state") == [("sent",), ("sent",), ("uncertain",)]
            assert (await here.relay.stats()).outcomes == {"again": 2, "uncertain": 1, "repeated": 2}
            with transaction(left) as db:
                db.execute("UPDATE outbox SET state = 'leased'")
            await asyncio.sleep(60)
            assert here.states() == {"leased": 3}, "asked once only, where there is no other program"

    run(story())
    assert "3 messages were being sent when the program last stopped: 2 go again" in caplog.text
    assert "1 count as sent" in caplog.text


def test_a_lease_that_nobody_works_on_is_found_within_minutes(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> tuple[list[float], list[str]]:
        line = Line(latency_s=400)
        async with simulation(line) as here:
            here.chats(1)
            here.alert()
            await asyncio.sleep(10)
            with transaction(here.store.db) as db:
                add_chats(db, [2], signal="hashrate_decline")
                add_alert(db, 2, at=here.now(), signal="hashrate_decline")
                outbox.enqueue(db, 2, here.now())
                db.execute("UPDATE outbox SET state = 'leased' WHERE chat_id = 2")
            await here.settled()
            return line.times(2), line.texts(1)

    lost, told = run(story())
    assert len(lost) == 1
    assert LEASE_CHECK_S <= lost[0] <= LEASE_CHECK_S + 31
    assert len(told) == 1, "a message that is being sent is nobody's loss"
    assert "1 messages were leased and nobody sent them" in caplog.text


def test_what_another_program_queues_is_found_at_the_next_look() -> None:
    """Alone it looks every half minute, beside others five times a second."""

    def found_after(shared: bool) -> float:
        async def story() -> float:
            line = Line()
            async with simulation(line) as here:
                here.chats(1)
                await asyncio.sleep(65)
                queue_silently(here)
                began = loop_time()
                await here.settled()
                return line.times(1)[0] - began

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(MemoryStore, "is_shared", shared)
            patch.setattr(outbox, "recover", lambda *_: RecoveredRows(0, 0))
            return run(story())

    assert found_after(True) <= 0.25
    assert 20 < found_after(False) <= 30


def test_beside_other_programs_the_dead_are_looked_for_every_second(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[float] = []

    def recover(_db: Database, now: datetime, _lane: outbox.Lane) -> RecoveredRows:
        looks.append((now - START).total_seconds())
        return RecoveredRows(0, 0)

    async def story() -> None:
        async with simulation(Line()):
            await asyncio.sleep(10)

    monkeypatch.setattr(outbox, "recover", recover)
    run(story())
    assert looks == pytest.approx([0], abs=0.1)
    looks.clear()
    monkeypatch.setattr(MemoryStore, "is_shared", True)
    run(story())
    assert looks == pytest.approx([1.0 * number for number in range(len(looks))], abs=2)
    assert 7 <= len(looks) <= 11


def test_due_rows_that_others_have_are_asked_for_twenty_times_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks: list[float] = []

    def claim(*_args: object, **_more: object) -> list[OutboxMessage]:
        looks.append(loop_time())
        return []

    async def story() -> None:
        async with simulation(Line()) as here:
            here.chats(1)
            monkeypatch.setattr(outbox, "claim", claim)
            here.alert()
            await asyncio.sleep(10)
            monkeypatch.undo()

    monkeypatch.setattr(MemoryStore, "is_shared", True)
    monkeypatch.setattr(outbox, "recover", lambda *_: RecoveredRows(0, 0))
    run(story())
    gaps = [later - before for before, later in pairwise(looks)]
    assert max(gaps[1:]) < 0.11
    assert min(gaps[1:]) > 0.04


@pytest.mark.parametrize(
    ("per_second", "shared", "most"), [(30, False, 2), (30, True, 3), (1000, False, 49), (1000, True, 98)]
)
def test_it_leases_as_much_ahead_as_it_can_send_in_a_moment(
    per_second: float, shared: bool, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MemoryStore, "is_shared", shared)
    monkeypatch.setattr(outbox, "recover", lambda *_: RecoveredRows(0, 0))

    async def story() -> int:
        line = Line(latency_s=0)
        async with simulation(line, per_second=per_second) as here:
            here.chats(*range(1, 200))
            queue_silently(here)
            here.relay.wake()
            await asyncio.sleep(0.0001)
            return here.states().get("leased", 0)

    assert run(story()) == most


def test_without_a_limit_it_leases_as_many_as_may_be_under_way() -> None:
    async def story() -> int:
        line = Line(latency_s=10)
        async with simulation(line, per_second=math.inf) as here:
            here.chats(*range(1, 600))
            here.alert()
            await asyncio.sleep(9)
            return here.states().get("leased", 0)

    assert run(story()) == 2 * 256


def test_of_one_chat_the_second_message_goes_back_until_its_limit_allows_it() -> None:
    async def story() -> None:
        async with simulation(Line(latency_s=0.05)) as here:
            here.chats(1)
            here.alert(1)
            await asyncio.sleep(0.5)
            here.alert(2)
            await asyncio.sleep(0.1)
            [(first, _, _), (state, due, error)] = here.rows("state, next_try_at, error")
            assert (first, state, error) == ("sent", "pending", None)
            assert 0.3 < (datetime.fromisoformat(str(due)) - here.now()).total_seconds() < 0.5
            await here.settled()
            first_at, second_at = here.line.times(1)
            assert 1.02 <= second_at - first_at < 1.3
            assert (await here.relay.stats()).outcomes == {"sent": 2}

    run(story())


def test_topics_of_one_group_are_told_beside_each_other() -> None:
    async def story() -> list[float]:
        line = Line(latency_s=5)
        async with simulation(line) as here:
            here.chats(-1, topic=1)
            here.chats(-1, topic=2)
            here.alert()
            await here.settled()
            return line.times(-1)

    first, second = run(story())
    assert second - first < 2


def test_an_error_of_the_program_is_written_to_the_row(caplog: pytest.LogCaptureFixture) -> None:
    def answer(_request: SendRequest, now: float) -> Outcome | None:
        if now < 60:
            raise RuntimeError("a bug")
        return None

    async def story() -> None:
        async with simulation(Line(answer)) as here:
            here.chats(1)
            here.alert()
            await asyncio.sleep(1)
            assert here.rows("state, error, attempts, doubts") == [("pending", "RuntimeError", 0, 0)]
            await here.settled()
            first, second = here.line.times(1)
            assert 300 <= second - first < 301

    run(story())
    assert "a message of kind 'alert' failed; it is tried again" in caplog.text


def test_a_database_that_is_away_while_a_message_is_sent_costs_a_second_and_one_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def answer(_request: SendRequest, now: float) -> Outcome | None:
        if now < 3:
            raise StorageError("the database can't be reached", "look at its server", passing=True)
        return None

    async def story() -> float:
        line = Line(answer)
        async with simulation(line) as here:
            here.chats(1)
            here.alert()
            await here.settled()
        return line.times(1)[-1]

    assert run(story()) < 5
    assert caplog.text.count("the database can't be reached") == 1
    assert "Traceback" not in caplog.text


def test_results_that_can_not_be_written_at_a_stop_go_again_marked(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> tuple[float, list[tuple[object, ...]]]:
        line = Line(latency_s=0.5)
        async with simulation(line) as here:
            here.chats(1, 2)
            here.alert()
            await asyncio.sleep(0.2)
            here.store.fails = True
            began = loop_time()
            await here.relay.stop()
            return loop_time() - began, here.rows("state")

    took, rows = run(story())
    assert took < 1
    assert rows == [("leased",)] * 2
    errors = [record.message for record in caplog.records if record.levelno == logging.ERROR]
    assert [error for error in errors if "the last results can't be recorded" in error]


def test_a_full_disk_is_tried_every_second_and_its_end_is_said(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        line = Line()
        async with simulation(line) as here:
            here.chats(1)
            here.store.fails = True
            here.alert()
            await asyncio.sleep(60)
            here.store.fails = False
            began = loop_time()
            await here.settled()
            assert line.times(1)[0] - began <= 1.01

    run(story())
    assert caplog.text.count("what needs the database waits") == 1
    assert caplog.text.count("the database can be used again") == 1


def test_nothing_is_sent_once_another_program_may_be_sending_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MemoryStore, "may_send", lambda _store, replica: replica != 0)

    async def story() -> None:
        async with simulation(Line()) as here:
            here.chats(1)
            here.alert()
            await asyncio.sleep(1)
            assert (here.line.requests, here.rows("state, doubts")) == ([], [("pending", 0)])
            assert set((await here.relay.stats()).outcomes) == {"stopped"}

    run(story())


def test_a_clock_that_has_just_jumped_lets_nothing_expire() -> None:
    is_steady = False

    async def story() -> None:
        nonlocal is_steady
        async with simulation(Line(), is_clock_steady=lambda: is_steady) as here:
            here.chats(1)
            for group in (1, 2):
                queue_silently(here, group)
                with transaction(here.store.db) as db:
                    db.execute("UPDATE outbox SET expires_at = ?", [START.isoformat()])
                here.relay.wake()
                await asyncio.sleep(10)
                is_steady = True
            assert here.rows("state, error") == [("sent", None), ("cancelled", "expired")]

    run(story())


def test_a_private_bot_sends_to_those_it_serves_only() -> None:
    async def story() -> None:
        async with simulation(Line(), allowed=frozenset({2})) as here:
            here.chats(1, 2)
            here.alert()
            await here.settled()
            assert [request.chat_id for _, request in here.line.requests] == [2]
            assert here.rows("chat_id, state, error")[0] == (1, "cancelled", "not in ALLOWED_CHAT_IDS")

    run(story())


def test_messages_that_can_not_be_rendered_hold_up_nobody() -> None:
    def render(content: MessageContent, _now: datetime) -> OutgoingMessage:
        if content.alert_group < 20:
            raise KeyError("value")
        return OutgoingMessage("text")

    async def story() -> None:
        async with simulation(Line(), render=render) as here:
            for group in range(1, 21):
                here.chats(group)
                here.alert(group)
                await asyncio.sleep(0.5)
            await here.settled()
            assert here.line.texts(20) == ["text"]
            assert (await here.relay.stats()).outcomes["dead"] == sum(range(1, 20))

    run(story())


def test_what_could_not_be_sent_for_want_of_a_connection_is_due_when_the_pause_is_over() -> None:
    """Not before: what is due and not taken is what operators are told of."""

    async def story() -> list[float]:
        found = []
        async with simulation(Line(lambda _request, _now: Retry(RetryCause.OFFLINE, "away"))) as here:
            here.chats(1)
            here.alert()
            for _ in range(4):
                tries = len(here.line.requests)
                while len(here.line.requests) == tries:  # noqa: ASYNC110 - time passes only in sleep
                    await asyncio.sleep(0.05)
                await asyncio.sleep(0.1)
                [(due,)] = here.rows("next_try_at")
                failed_at = here.line.requests[-1][0] + here.line.latency_s
                found.append((datetime.fromisoformat(str(due)) - START).total_seconds() - failed_at)
        return found

    assert run(story()) == pytest.approx([0.5, 1, 2, 4], abs=0.01)


@pytest.mark.parametrize("shared", [False, True])
def test_a_relay_sends_recovers_and_counts_what_is_of_its_lane(
    shared: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two chats the one elsewhere is its own; the other's row was being sent when a program stopped."""
    db = new_database()
    add_chats(db, [ELSEWHERE, 1])
    add_chats(db, [ELSEWHERE], signal="hashrate_decline")
    add_alert(db, at=START)
    outbox.enqueue(db, 1, START)
    db.execute("UPDATE outbox SET state = 'leased'")
    monkeypatch.setattr(simulated, "open_database", lambda: nullcontext(db))
    monkeypatch.setattr(MemoryStore, "is_shared", shared)

    async def story() -> None:
        async with simulation(Line(), lane=Lane.ELSEWHERE) as here:
            await asyncio.sleep(400)
            add_alert(db, 2, at=here.now(), signal="hashrate_decline")
            outbox.enqueue(db, 2, here.now())  # by another program, which does not wake this one
            await asyncio.sleep(60)
            assert here.rows("chat_id, bulletin, state, doubts") == [
                (ELSEWHERE, 1, "sent", 1),
                (1, 1, "leased", 0),
                (ELSEWHERE, 2, "sent", 0),
            ]
            assert {request.chat_id for _, request in here.line.requests} == {ELSEWHERE}
            stats = await here.relay.stats()
            counted = {name: number for name, number in stats.outcomes.items() if number}
            assert (stats.waiting, counted) == (0, {"again": 1, "repeated": 1, "sent": 1})

    run(story())


def test_it_claims_and_records_under_the_number_of_its_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MemoryStore, "replica", 3)

    async def story() -> None:
        async with simulation(Line(latency_s=400)) as here:
            here.chats(1, 2)
            here.alert()
            await asyncio.sleep(1)
            assert here.rows("state, claimed_by") == [("leased", 3)] * 2
            with transaction(here.store.db) as db:
                add_chats(db, [5], signal="hashrate_decline")
                add_alert(db, 2, at=here.now(), signal="hashrate_decline")
                outbox.enqueue(db, 2, here.now())
                db.execute("UPDATE outbox SET state = 'leased', claimed_by = 4 WHERE chat_id = 5")
            await asyncio.sleep(1000)
            states = here.rows("chat_id, state")
            assert (5, "leased") in states, "another program's"
            assert {state for chat, state in states if chat != 5} == {"sent"}

    run(story())


def test_a_database_that_does_not_answer_holds_up_a_stop_for_five_seconds(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> float:
        async with simulation(Line(latency_s=0.5)) as here:
            here.chats(1)
            here.alert()
            await asyncio.sleep(0.2)

            async def hang(_store: MemoryStore, _work: object) -> None:
                await asyncio.sleep(3600)

            monkeypatch.setattr(MemoryStore, "write_beside", hang)
            began = loop_time()
            await here.relay.stop()
            return loop_time() - began

    assert run(story()) == pytest.approx(5.35, abs=0.1)
    assert "the last results can't be recorded" in caplog.text


def test_a_message_that_a_stop_interrupts_says_so() -> None:
    async def story() -> list[tuple[object, ...]]:
        async with simulation(Line(latency_s=3600)) as here:
            here.chats(1)
            here.alert()
            await asyncio.sleep(1)
            await here.relay.stop()
            assert (await here.relay.stats()).outcomes == {"again": 1}
            return here.rows("state, error, doubts")

    assert run(story()) == [("pending", "the program stopped while this was being sent", 1)]


def test_a_message_whose_chat_gets_a_limit_in_the_middle_says_what_it_waits_for() -> None:
    async def story() -> None:
        async with simulation(Line(), render=lambda _content, _now: OutgoingMessage("x" * 5000)) as here:

            def limit(_request: SendRequest, _now: float) -> Outcome | None:
                here.pacer.flooded(1, 100)
                return None

            here.line.answer = limit
            here.chats(1)
            here.alert()
            await asyncio.sleep(1)
            [(state, error, parts, due)] = here.rows("state, error, parts, next_try_at")
            assert (state, error, parts) == ("pending", "its chat has a limit", 1)
            assert 98 < (datetime.fromisoformat(str(due)) - here.now()).total_seconds() < 100

    run(story())


def test_a_program_that_telegram_refuses_altogether_ends_and_says_why_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story() -> None:
        async with simulation(Line(lambda _request, _now: Halt("Unauthorized"))) as here:
            here.chats(1)
            here.alert()
            await asyncio.sleep(1)
            with pytest.raises(DeliveryHaltedError, match="Unauthorized"):
                here.running.result()
            assert here.rows("state, error, doubts") == [("pending", "Unauthorized", 0)]

    run(story())
    critical = [record.message for record in caplog.records if record.levelno == logging.CRITICAL]
    assert critical == ["delivery stops: Unauthorized"]
