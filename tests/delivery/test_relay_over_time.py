"""Hours of outages, refusals and limits, in simulated time."""

import asyncio
import logging
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from bot.delivery import relay as relay_module
from bot.delivery.outcomes import (
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
from bot.delivery.relay import DeliveryHaltedError, DeliveryProblem
from storage import outbox
from storage.outbox import ArrivedParts, MessageContent
from storage.outbox.silences import PUT_OFF
from tests.delivery.delivery_fixture import add_alert
from tests.delivery.fake_clock import run
from tests.delivery.simulation import START, Line, outage, plain, simulation
from tests.fakes.engines import transaction

HOUR = 3600.0


@pytest.mark.parametrize("severity", ["critical", "warning"])
@pytest.mark.parametrize("cause", [RetryCause.SERVER, RetryCause.OFFLINE])
def test_two_hours_without_telegram_lose_nothing_and_ask_seldom(cause: RetryCause, severity: str) -> None:
    async def story() -> tuple[dict[str, int], int, float]:
        line = Line(outage(cause, 2 * HOUR))
        async with simulation(line) as here:
            here.chats(*range(1, 21))
            here.alert(severity=severity)
            await here.settled()
            return here.states(), len(line.requests), line.arrived[-1][0]

    states, requests, ended = run(story())
    assert states == {"sent": 20}
    assert requests < 20 + 2 * HOUR / 30 * 20  # at most a few every half minute
    assert 2 * HOUR <= ended < 2 * HOUR + 330  # five minutes between two tries at most


def test_an_outage_is_asked_about_ever_less_often_up_to_every_half_minute() -> None:
    async def story() -> list[float]:
        line = Line(outage(RetryCause.OFFLINE, 300))
        async with simulation(line) as here:
            here.chats(1)
            here.alert()
            await here.settled()
            return line.times(1)

    gaps = [later - before for before, later in pairwise(run(story()))]
    assert gaps[:5] == pytest.approx([1, 1, 2, 4, 8], abs=0.3)  # not twice a second to one chat
    assert max(gaps) == pytest.approx(30, abs=0.3)


def test_an_outage_that_is_over_is_forgotten() -> None:
    async def story() -> list[float]:
        line = Line(lambda _r, now: Retry(RetryCause.OFFLINE, "no") if now < 40 or 200 < now < 201 else None)
        async with simulation(line) as here:
            here.chats(1)
            here.alert(1)
            await here.settled()
            await asyncio.sleep(200.5 - asyncio.get_running_loop().time())
            here.alert(2)
            await here.settled()
            return [at for at in line.times(1) if at > 200]

    first, second, *_ = run(story())
    assert second - first == pytest.approx(1, abs=0.1)


def test_after_five_faults_of_the_server_nothing_is_sent_for_a_moment() -> None:
    async def story() -> tuple[int, int]:
        line = Line(outage(RetryCause.SERVER, 60))
        async with simulation(line) as here:
            here.chats(*range(1, 301))
            here.alert()
            await asyncio.sleep(59)
            tried = len(line.requests)
            await here.settled()
            return tried, len(line.arrived)

    tried, arrived = run(story())
    assert tried < 60  # not 30 a second
    assert arrived == 300


def test_what_could_not_be_sent_within_a_day_is_not_sent_at_all() -> None:
    async def story() -> list[tuple[object, ...]]:
        async with simulation(Line(outage(RetryCause.SERVER, 30 * HOUR))) as here:
            here.chats(1)
            here.alert(severity="critical")
            await here.settled(40 * HOUR)
            return here.rows("state, error")

    assert run(story()) == [("cancelled", "expired")]


def test_a_chat_in_slow_mode_waits_alone() -> None:
    def answer(request: SendRequest, now: float) -> Outcome | None:
        if request.chat_id == -1 and now < 3000:
            return Retry(RetryCause.FLOOD, "429", _at(3000))
        return None

    async def story() -> tuple[list[float], float]:
        line = Line(answer)
        async with simulation(line) as here:
            here.chats(-1, *range(1, 31))
            here.alert()
            await here.settled()
            return line.times(-1), max(at for at, request in line.arrived if request.chat_id > 0)

    tries, others = run(story())
    assert tries == [tries[0], pytest.approx(3000, abs=1)]
    assert others < 3


def test_a_chat_that_gets_a_limit_in_the_middle_of_its_message_holds_nobody_up() -> None:
    async def story() -> tuple[list[tuple[object, ...]], float, dict[str, int]]:
        line = Line()
        text = "\n".join(f"{number} " + "x" * 1000 for number in range(16))
        async with simulation(line, render=plain(text)) as here:

            def limit_after_the_first_part(request: SendRequest, _now: float) -> Outcome | None:
                if request.chat_id < 5 and request.text.startswith("0 "):
                    here.pacer.flooded(request.chat_id, 2000)  # what a reply was answered with
                return None

            line.answer = limit_after_the_first_part
            here.chats(*range(1, 11))
            here.alert()
            await asyncio.sleep(60)
            states = here.rows("state, parts")
            last = max(at for at, request in line.arrived if request.chat_id >= 5)
            await here.settled()
            return states, last, here.states()

    states, last, ended = run(story())
    assert states == [("pending", 1)] * 4 + [("sent", 0)] * 6
    assert last < 10
    assert ended == {"sent": 10}


def test_a_chat_that_gets_a_limit_while_its_message_waits_for_a_slot_keeps_no_lease() -> None:
    async def story() -> tuple[list[tuple[object, ...]], dict[str, int]]:
        line = Line()
        async with simulation(line) as here:

            def limit_the_next(request: SendRequest, _now: float) -> Outcome | None:
                if request.chat_id == 1:
                    for chat in (2, 3):  # leased, and waiting for their turns
                        here.pacer.flooded(chat, 2_000)  # what a reply was answered with
                return None

            line.answer = limit_the_next
            here.chats(1, 2, 3, 4)
            here.alert()
            await asyncio.sleep(60)
            waiting = here.rows("state")
            await here.settled()
            return waiting, here.states()

    waiting, ended = run(story())
    assert waiting == [("sent",), ("pending",), ("pending",), ("sent",)]
    assert ended == {"sent": 4}


def test_a_limit_over_all_chats_is_waited_out_with_few_tries() -> None:
    def answer(_request: SendRequest, now: float) -> Outcome | None:
        return Retry(RetryCause.FLOOD, "429", _at(3600)) if now < 600 else None

    async def story() -> tuple[int, float, int]:
        line = Line(answer)
        async with simulation(line) as here:
            here.chats(*range(1, 101))
            here.alert(severity="critical")
            await asyncio.sleep(599)
            tries = len(line.requests)
            await here.settled()
            chats = {request.chat_id for _, request in line.arrived}
            return tries, min(at for at, _ in line.arrived), len(chats)

    tries, first, reached = run(story())
    assert tries <= 4 + 11
    assert 600 <= first < 670  # not 3600
    assert reached == 100


def test_chats_that_go_on_refusing_all_at_once_are_believed_after_half_an_hour() -> None:
    async def story() -> tuple[dict[str, int], list[float], int]:
        line = Line(lambda _request, _now: Gone("blocked"))
        async with simulation(line) as here:
            here.chats(1, 2, 3, 4)
            here.alert()
            await here.settled()
            [(active,)] = here.store.db.execute("SELECT sum(active) FROM chats").fetchall()
            assert here.problems[0] == (DeliveryProblem.DEPARTURES, 1, "blocked")
            return here.states(), line.times(1), active

    states, tries, active = run(story())
    assert (states, active) == ({"cancelled": 4}, 0)
    assert [round(at / 60) for at in tries] == [0, 10, 20, 30]


@pytest.mark.parametrize(("refusing", "delivered", "believed"), [(2, 0, True), (3, 3, True), (3, 2, False)])
def test_a_refusal_is_doubted_when_several_chats_and_most_of_them_refuse(
    refusing: int, delivered: int, believed: bool
) -> None:
    async def story() -> int:
        line = Line(lambda request, _now: Gone("blocked") if request.chat_id <= refusing else None)
        async with simulation(line) as here:
            here.chats(*range(1, refusing + delivered + 1))
            here.alert()
            await asyncio.sleep(60)
            [(active,)] = here.store.db.execute("SELECT sum(active) FROM chats").fetchall()
            return int(active)

    assert run(story()) == delivered + (0 if believed else refusing)


def test_missing_rights_are_asked_for_every_ten_minutes_for_a_day() -> None:
    async def story() -> tuple[list[float], list[tuple[object, ...]], int]:
        line = Line(lambda _request, _now: Retry(RetryCause.RIGHTS, "no rights"))
        async with simulation(line) as here:
            here.chats(-1)
            here.alert()
            await here.settled()
            assert set(here.problems) == {(DeliveryProblem.RIGHTS, -1, "no rights")}
            [(active,)] = here.store.db.execute("SELECT active FROM chats").fetchall()
            return line.times(-1), here.rows("state, error"), active

    tries, rows, active = run(story())
    gaps = [later - before for before, later in pairwise(tries)]
    assert gaps == pytest.approx([600] * len(gaps), abs=1)
    assert len(tries) == 144
    assert (rows, active) == ([("cancelled", "expired")], 1)


def test_messages_for_one_chat_go_one_after_the_other_in_order() -> None:
    async def story() -> tuple[list[str], list[float]]:
        line = Line(latency_s=5)
        async with simulation(line, render=_group) as here:
            here.chats(1)
            for group in range(1, 5):
                here.alert(group)
            await here.settled()
            return line.texts(1), line.times(1)

    texts, times = run(story())
    assert texts == ["1", "2", "3", "4"]
    assert min(later - before for before, later in pairwise(times)) >= 5


def test_little_is_leased_beyond_what_can_be_sent_at_once() -> None:
    async def story() -> int:
        line = Line(latency_s=0.5)
        async with simulation(line) as here:
            here.chats(*range(1, 200))
            here.alert()
            most = 0
            for _ in range(50):
                await asyncio.sleep(0.1)
                most = max(most, here.states().get("leased", 0))
            return most

    assert run(story()) <= 30 * 0.5 + 2 + 2


def test_a_disk_that_is_full_for_a_while_is_waited_out_and_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story() -> tuple[dict[str, int], int]:
        line = Line()
        async with simulation(line) as here:
            here.chats(*range(1, 6))
            here.alert()
            await asyncio.sleep(0.08)
            here.store.fails = True
            await asyncio.sleep(600)
            here.store.fails = False
            await here.settled()
            return here.states(), len(line.arrived)

    states, arrived = run(story())
    assert (states, arrived) == ({"sent": 5}, 5)
    assert sum("needs the database waits" in record.message for record in caplog.records) == 1


def test_a_token_that_is_refused_ends_delivery_and_keeps_everything(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> dict[str, int]:
        line = Line(lambda _request, _now: Halt("Unauthorized"))
        async with simulation(line) as here:
            here.chats(*range(1, 4))
            here.alert()
            with pytest.raises(DeliveryHaltedError, match="Unauthorized"):
                await here.running
            return here.states()

    assert run(story()) == {"pending": 3}
    assert sum(record.levelno == logging.CRITICAL for record in caplog.records) == 1


def test_stopping_takes_about_a_second_and_marks_what_was_under_way() -> None:
    async def story() -> tuple[float, list[tuple[object, ...]], dict[str, int]]:
        line = Line(latency_s=3600)
        async with simulation(line) as here:
            here.chats(*range(1, 101))
            here.alert()
            await asyncio.sleep(1)
            began = asyncio.get_running_loop().time()
            await here.relay.stop()
            took = asyncio.get_running_loop().time() - began
            under_way = len(line.requests)
            marked = [row for row in here.rows("state, doubts") if row[1]]
            assert len(marked) == under_way
            return took, marked, here.states()

    took, marked, states = run(story())
    assert took == pytest.approx(relay_module.STOP_GRACE_S, abs=0.1)
    assert set(marked) == {("pending", 1)}
    assert states == {"pending": 100}


def test_stopping_waits_for_answers_that_come_soon_and_sends_nothing_more() -> None:
    async def story() -> tuple[dict[str, int], int]:
        line = Line(latency_s=0.5)
        async with simulation(line) as here:
            here.chats(*range(1, 101))
            here.alert()
            await asyncio.sleep(1)
            under_way = len(line.requests)
            await here.relay.stop()
            assert len(line.requests) == under_way
            return here.states(), len(line.arrived)

    states, arrived = run(story())
    assert states == {"sent": arrived, "pending": 100 - arrived}


def test_a_refusal_that_is_being_checked_does_not_hold_up_the_stop() -> None:
    async def story() -> tuple[float, list[tuple[object, ...]], int]:
        line = Line(lambda _request, _now: Gone("blocked"))
        async with simulation(line) as here:
            here.chats(1)
            here.alert()
            await asyncio.sleep(1)
            began = asyncio.get_running_loop().time()
            await here.relay.stop()
            [(active,)] = here.store.db.execute("SELECT active FROM chats").fetchall()
            assert (await here.relay.stats()).outcomes == {"stopped": 1}
            return asyncio.get_running_loop().time() - began, here.rows("state, doubts, error"), active

    took, rows, active = run(story())
    assert took < 0.1
    assert (rows, active) == ([("pending", 0, None)], 1)


def test_a_critical_message_without_answers_is_sent_again_ever_more_slowly_each_copy_marked() -> None:
    async def story() -> tuple[list[str], list[tuple[object, ...]]]:
        line = Line(lambda _request, _now: Uncertain("no answer"))
        async with simulation(line) as here:
            here.chats(1)
            here.alert(severity="critical")
            await asyncio.sleep(4 * 3_600)
            return [request.text for _, request in line.requests], here.rows("state, doubts")

    texts, rows = run(story())
    repeated = "<b>possible repeat: price_drawdown</b>"
    late = "<b>possible repeat: delayed: price_drawdown</b>"
    assert texts == ["<b>price_drawdown</b>", repeated, repeated, late, late]
    assert rows == [("pending", 5)]


def test_a_chat_that_moved_is_written_to_at_once_at_its_new_address() -> None:
    async def story() -> tuple[list[str], float]:
        line = Line(lambda request, _now: Moved(-100, None, "moved") if request.chat_id == -1 else None)
        async with simulation(line) as here:
            here.chats(-1)
            here.alert()
            await here.settled()
            return line.texts(-100), asyncio.get_running_loop().time()

    texts, took = run(story())
    assert texts == ["<b>price_drawdown</b>"]
    assert took < 2


def test_an_error_of_the_program_costs_one_message_five_minutes(caplog: pytest.LogCaptureFixture) -> None:
    def answer(request: SendRequest, now: float) -> Outcome | None:
        if request.chat_id == 1 and now < 60:
            raise RuntimeError("a bug")
        return None

    async def story() -> tuple[list[float], list[float], dict[str, int]]:
        line = Line(answer)
        async with simulation(line) as here:
            here.chats(1, 2)
            here.alert()
            await here.settled()
            return line.times(1), line.times(2), here.states()

    mine, other, states = run(story())
    assert states == {"sent": 2}
    assert mine[1] - mine[0] == pytest.approx(300, abs=1)
    assert other[0] < 1
    assert "a bug" in caplog.text


def test_a_renderer_that_fails_is_a_dead_letter_with_the_cause(caplog: pytest.LogCaptureFixture) -> None:
    def render(_content: MessageContent, _now: datetime) -> OutgoingMessage:
        raise KeyError("value")

    async def story() -> list[tuple[object, ...]]:
        async with simulation(Line(), render=render) as here:
            here.chats(1)
            here.alert()
            await here.settled()
            assert (await here.relay.stats()).outcomes == {"dead": 1}
            return here.rows("state, error")

    assert run(story()) == [("dead", "can't be rendered: KeyError")]
    assert "'alert'" in caplog.text


def test_a_message_is_sent_in_another_form_once(caplog: pytest.LogCaptureFixture) -> None:
    def answer(request: SendRequest, _now: float) -> Outcome | None:
        if request.html:
            instead = SendRequest(request.chat_id, 0, "plain", html=False)
            return Rejected("can't parse", (instead,))
        return Rejected("not this either", (request,))

    async def story() -> tuple[list[str], list[tuple[object, ...]]]:
        line = Line(answer)
        async with simulation(line) as here:
            here.chats(1)
            here.alert()
            await here.settled()
            return [request.text for _, request in line.requests], here.rows("state, error")

    texts, rows = run(story())
    assert texts == ["<b>price_drawdown</b>", "plain"]
    assert rows == [("dead", "not this either")]
    assert "sent in another form, since Telegram said: can't parse" in caplog.text
    assert "a message of kind 'alert' was refused: not this either" in caplog.text


def test_every_part_of_a_long_message_waits_for_its_slot_and_none_is_sent_twice() -> None:
    fails = iter([False, False, True])

    def answer(_request: SendRequest, _now: float) -> Outcome | None:
        return Retry(RetryCause.SERVER, "502") if next(fails, False) else None

    async def story() -> tuple[list[str], list[float]]:
        line = Line(answer)
        text = "\n".join(f"{number} " + "x" * 1000 for number in range(16))
        async with simulation(line, render=plain(text)) as here:
            here.chats(1)
            here.alert()
            await here.settled()
            return line.texts(1), line.times(1)

    texts, times = run(story())
    assert [text.split()[0] for text in texts] == ["0", "4", "8", "12"]
    assert min(later - before for before, later in pairwise(times)) >= 1


def test_a_message_with_all_its_parts_arrived_is_done() -> None:
    async def story() -> tuple[int, list[tuple[object, ...]]]:
        line = Line()
        async with simulation(line, render=plain("short")) as here:
            here.chats(1)
            here.alert()  # nobody takes it before the next line, since nothing is awaited
            digest = ArrivedParts.of(["short"]).digest
            with transaction(here.store.db) as db:
                db.execute("UPDATE outbox SET parts = 1, parts_digest = ?", [digest])
            await here.settled()
            return len(line.requests), here.rows("state, message_id")

    assert run(story()) == (0, [("sent", None)])


def test_what_is_put_off_beside_a_message_sent_in_part_is_told() -> None:
    def render(content: MessageContent, _now: datetime) -> OutgoingMessage:
        if content.alert_group == PUT_OFF:
            signals = [subject.signal for subject in content.subjects]
            return OutgoingMessage(f"put off{' repeat' if content.repeat else ''}: {signals}")
        return OutgoingMessage("first " + "word " * 900 + "last")

    fails = iter([False, True])

    def answer(_request: SendRequest, _now: float) -> Outcome | None:
        return Retry(RetryCause.SERVER, "502") if next(fails, False) else None

    async def story() -> tuple[list[str], dict[str, int]]:
        line = Line(answer)
        async with simulation(line, render=render) as here:
            here.chats(1)
            here.alert(1)
            await asyncio.sleep(2)  # the first part arrived, the second failed and waits
            assert here.states() == {"pending": 1}
            with transaction(here.store.db) as db:
                until = (here.now() + timedelta(minutes=10)).isoformat()
                db.execute(
                    "INSERT INTO chat_settings (chat_id, topic_id, muted_until) VALUES (1, 0, ?)", [until]
                )
                db.execute("INSERT INTO subscriptions VALUES (1, 0, 'hashrate_decline', 1)")
                add_alert(db, 2, signal="hashrate_decline", at=here.now())
                outbox.enqueue(db, 2, here.now())
            here.relay.wake()
            await here.settled()
            return line.texts(1), here.states()

    texts, states = run(story())
    assert states == {"sent": 2}
    assert texts[1:] == ["put off repeat: ['price_drawdown', 'hashrate_decline']"]


def _group(content: MessageContent, _now: datetime) -> OutgoingMessage:
    return OutgoingMessage(str(content.alert_group))


def _at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)
