"""Destinations out of the outbox: the same rows, tries and results as Telegram's messages."""

import asyncio
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from bot.delivery.outcomes import Gone, Rejected
from bot.signals.alert import AlertKind
from storage import outbox
from storage.chats import chats
from storage.chats.chats import Address
from storage.chats.destinations import DestinationKind
from storage.database import Database
from storage.outbox import Lane
from tests.delivery.delivery_fixture import add_chats
from tests.delivery.destinations.stories import ALERTS, AT, Elsewhere, alert, elsewhere, secret
from tests.fakes import receiver
from tests.fakes.receiver import Receiver


async def until(here: Elsewhere, *states: str) -> list[tuple[str, int, str | None]]:
    """Wait until the rows are in these states."""
    async with asyncio.timeout(20):
        while [row[0] for row in await here.rows()] != list(states):  # noqa: ASYNC110 - it's a query
            await asyncio.sleep(0.01)
    return await here.rows()


async def until_noted(here: Elsewhere, error: str) -> None:
    """Wait until a try has failed with this word in its error and the row waits again."""

    def is_noted(row: tuple[str, int, str | None]) -> bool:
        return row[0] == "pending" and error in (row[2] or "")

    async with asyncio.timeout(20):
        while not any(map(is_noted, await here.rows())):  # noqa: ASYNC110 - it's a query
            await asyncio.sleep(0.01)


async def test_each_alert_of_a_poll_is_an_event_of_its_own_in_order(tmp_path: Path) -> None:
    async with Receiver() as there, elsewhere(tmp_path) as here:
        hook = await here.add(there.url)
        await here.tell(*ALERTS)
        await there.until_received(len(ALERTS))
        await until(here, *["sent"] * len(ALERTS))
    assert [request.event["data"]["kind"] for request in there.received] == [
        each.kind.value for each in ALERTS
    ]
    assert all(request.is_signed_with(secret(hook)) for request in there.received)
    assert here.refusals == []


async def test_a_failing_receiver_is_tried_until_it_takes_the_event(tmp_path: Path) -> None:
    async with Receiver() as there, elsewhere(tmp_path) as here:
        await here.add(there.url)
        there.answers = [receiver.status(503), receiver.cut, receiver.status(500)]
        await here.tell(alert())
        for error in ("503", "no usable answer", "500"):
            await until_noted(here, error)
            here.clock.advance(minutes=5)
            here.relay.wake()
        await until(here, "sent")
    ids = {request.headers["webhook-id"] for request in there.received}
    assert len(there.received) == 4
    assert len(ids) == 1, "a receiver knows a repeat by its id"
    assert len({request.body for request in there.received}) == 1


async def test_a_429_is_obeyed_by_the_clock(tmp_path: Path) -> None:
    async with Receiver() as there, elsewhere(tmp_path) as here:
        await here.add(there.url)
        there.answers = [receiver.status(429, Retry_After="600")]
        await here.tell(alert())
        await until_noted(here, "429")
        (due,) = await here.store.read(lambda db: db.execute("SELECT next_try_at FROM outbox").fetchone())
        assert timedelta(seconds=590) < type(AT).fromisoformat(due) - here.clock() <= timedelta(seconds=600)
        here.clock.advance(minutes=11)
        here.relay.wake()
        await until(here, "sent")


async def test_the_parts_that_arrived_do_not_go_again(tmp_path: Path) -> None:
    async with Receiver() as there, elsewhere(tmp_path) as here:
        await here.add(there.url)
        there.answers = [receiver.status(200), receiver.status(503)]
        await here.tell(alert(), alert(AlertKind.REMINDER))
        await until_noted(here, "503")
        here.clock.advance(minutes=5)
        here.relay.wake()
        await until(here, "sent", "sent")
    kinds = [request.event["data"]["kind"] for request in there.received]
    assert kinds == ["fired", "reminder", "reminder"]


async def test_what_is_refused_for_good_is_a_dead_letter_and_said(tmp_path: Path) -> None:
    async with Receiver() as there, elsewhere(tmp_path) as here:
        await here.add(there.url)
        there.answers = [receiver.status(422)]
        await here.tell(alert())
        assert await until(here, "dead") == [("dead", 0, "it answered 422")]
        await here.tell(alert(AlertKind.CLEARED, AT + timedelta(days=1)))
        await until(here, "dead", "sent")
    assert here.refusals == [(1, Rejected("it answered 422"))]


async def test_a_receiver_that_is_gone_gets_nothing_more_until_it_is_added_again(tmp_path: Path) -> None:
    async with Receiver() as there, elsewhere(tmp_path) as here:
        hook = await here.add(there.url)
        there.usual = receiver.status(410)
        await here.tell(alert())
        await until(here, "cancelled")
        await here.tell(alert(AlertKind.CLEARED, AT + timedelta(days=1)))
        assert len(await here.rows()) == 1
        there.usual = receiver.status(200)
        assert await here.add(there.url) == hook
        await here.tell(alert(AlertKind.FIRED, AT + timedelta(days=2)))
        await until(here, "cancelled", "sent")
    assert here.refusals == [(1, Gone("it answered 410"))]


async def test_what_waits_longer_than_a_day_expires(tmp_path: Path) -> None:
    async with Receiver() as there, elsewhere(tmp_path) as here:
        await here.add(there.url)
        there.usual = receiver.status(404)
        await here.tell(alert())
        await until_noted(here, "404")
        here.clock.advance(hours=25)
        here.relay.wake()
        await until(here, "cancelled")
        assert len(there.received) == 1


async def test_one_silent_receiver_holds_nobody_up(tmp_path: Path) -> None:
    async with Receiver() as silent, Receiver() as there, elsewhere(tmp_path, timeout_s=30) as here:
        silent.usual = silent.silent
        await here.add(silent.url)
        await here.add(there.url)
        for day in range(5):
            await here.tell(
                alert(AlertKind.FIRED if day % 2 == 0 else AlertKind.CLEARED, AT + timedelta(days=day))
            )
            here.clock.advance(hours=7)
        await there.until_received(1)
        await silent.until_received(1)
        assert len(silent.received) == 1


async def test_a_lane_leaves_the_rows_of_the_other_alone(tmp_path: Path) -> None:
    async with elsewhere(tmp_path, run=False) as here:
        hook = await here.add("https://example.org/x")
        await here.store.write(lambda db: add_chats(db, [1]))
        await here.tell(alert())

        def work(db: Database) -> tuple[list[int], list[int], list[int]]:
            now = here.clock() + timedelta(seconds=1)
            telegram = [message.chat_id for message in outbox.claim(db, now, 10)]
            there = [message.chat_id for message in outbox.claim(db, now, 10, lane=Lane.ELSEWHERE)]
            assert outbox.next_due(db) is None
            recovered = outbox.recover(db, now)
            left = db.execute("SELECT chat_id FROM outbox WHERE state = 'leased'").fetchall()
            assert recovered.again == 1
            assert outbox.return_lost_leases(db, (), now) == 0
            assert outbox.waiting(db) == outbox.waiting(db, Lane.ELSEWHERE) == 1
            assert outbox.recover(db, now, Lane.ELSEWHERE).again == 1
            return telegram, there, [chat_id for (chat_id,) in left]

        assert await here.store.write(work) == ([1], [hook.chat_id], [hook.chat_id])


async def test_claims_of_destinations_use_an_index_of_their_own(tmp_path: Path) -> None:
    async with elsewhere(tmp_path, run=False) as here:
        plan = await here.store.read(
            lambda db: db.execute(
                "EXPLAIN QUERY PLAN SELECT id FROM outbox WHERE state = 'pending' AND priority = 1 "
                f"AND next_try_at <= '2026' AND {Lane.ELSEWHERE} ORDER BY next_try_at, chat_id, topic_id, id"
            ).fetchall()
        )
    assert "outbox_pending_elsewhere" in repr(plan), "else a whole broadcast would be read through"


async def test_messages_of_destinations_are_never_edited(tmp_path: Path) -> None:
    async with Receiver() as there, elsewhere(tmp_path) as here:
        await here.add(there.url)
        await here.tell(alert())
        await until(here, "sent")
        await here.tell(alert(AlertKind.CLEARED, AT + timedelta(days=1)))
        await until(here, "sent", "sent")
        assert await here.store.read(
            lambda db: db.execute("SELECT count(*) FROM sent_alerts").fetchone()
        ) == (0,)


async def test_a_broadcast_goes_to_chats_only(tmp_path: Path) -> None:
    async with elsewhere(tmp_path, run=False) as here:
        await here.add("https://example.org/x")

        def work(db: Database) -> int:
            chats.remember(db, Address(5), "private", AT)
            notice = outbox.add_notice(db, outbox.NoticeKind.BROADCAST, ALERTS[0].severity, "{}", AT)
            return outbox.enqueue_notice(db, notice, AT)

        assert await here.store.write(work) == 1


async def test_a_service_gets_headline_and_text_through_apprise(tmp_path: Path) -> None:
    pytest.importorskip("apprise")
    async with Receiver() as there:
        address = there.url.replace("http://", "json://")
        async with elsewhere(tmp_path, services=[("ops", address)]) as here:
            await here.add("ops", DestinationKind.SERVICE)
            there.answers = [receiver.status(500)]
            await here.tell(alert())
            await until_noted(here, "did not take")
            here.clock.advance(minutes=5)
            here.relay.wake()
            await until(here, "sent")
    result = there.received[-1].event
    assert "critical" in result["title"]
    assert "threshold" in result["message"]
    assert len(there.received) == 2


def test_apprise_is_not_imported_before_a_service_is_sent_to() -> None:
    program = "import sys, bot.app, handlers.registry; print('apprise' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
