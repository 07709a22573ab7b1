"""The first message of an episode is edited when it is over, and its end replies to it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
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
from bot.i18n.message import NOTHING
from bot.signals.alert import Alert, AlertKind
from bot.signals.incident import Incident
from bot.signals.rules import Severity
from storage import outbox
from storage.database import Store
from storage.outbox import EditContent, suppression
from storage.outbox.sent_messages import due_edits
from storage.outbox.silences import PUT_OFF
from storage.signals import alerts
from tests.delivery.fake_clock import run
from tests.delivery.simulation import START, Line, Simulation, simulation
from tests.fakes.engines import transaction

FIRED, CLEARED = AlertKind.FIRED, AlertKind.CLEARED
PRICE, HASHRATE = "price_drawdown.warning", "hashrate_decline.warning"
CRITICAL = "price_drawdown.critical"

both_engines = pytest.mark.usefixtures("on_both_engines")  # their statements run in no other test


def render_edit(content: EditContent, _now: datetime) -> OutgoingMessage:
    incidents = [Incident(tuple(map(alerts.parse, bodies))) for bodies in content.incidents]
    said = " + ".join(
        f"{each.current.rule} {'over' if each.is_over else each.current.kind}" for each in incidents
    )
    return OutgoingMessage(said, '{"inline_keyboard":[]}')


def an_alert(here: Simulation, kind: AlertKind, rule: str, *, began: int = 1) -> Alert:
    """An alert of a rule whose episode began on a day of January."""
    severity = Severity.CRITICAL if "critical" in rule else Severity.WARNING
    began_at = datetime(2026, 1, began, tzinfo=UTC)
    return Alert(
        rule,
        rule.split(".", maxsplit=1)[0],
        severity,
        kind,
        here.now(),
        NOTHING,
        value=-0.7,
        began=began_at,
        as_of=here.now(),
    )


def tell(here: Simulation, kind: AlertKind, *rules: str, began: int = 1) -> None:
    """Alerts of one poll."""
    put(here, *(an_alert(here, kind, rule, began=began) for rule in rules))


def put(here: Simulation, *news: Alert, suppress: bool = False) -> None:
    """Alerts of one poll, queued for every chat; `suppress`: at most one of a rule in six hours."""
    with transaction(here.store.db) as db:
        for alert in news:
            db.execute(
                "INSERT INTO subscriptions SELECT chat_id, topic_id, ?, 0 FROM chats WHERE true "
                "ON CONFLICT DO NOTHING",
                [alert.signal],
            )
        group = alerts.add(db, news)
        assert group is not None
        outbox.enqueue(db, group.id, here.now())
        if suppress:
            suppression.apply(db, group, here.now())
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
    tell(here, FIRED, PRICE)
    await here.settled()
    tell(here, CLEARED, PRICE)
    await here.settled()
    await asyncio.sleep(60)


def pending_edits(here: Simulation) -> int:
    [(count,)] = here.store.db.execute("SELECT count(edit_due) FROM sent_messages").fetchall()
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
    assert {request.text for _, request in line.edits} == {f"{PRICE} over"}
    assert pending == 0


def test_another_incident_of_the_same_rule_is_not_touched() -> None:
    async def story() -> Line:
        line = Line()
        async with editing(line, 1) as here:
            await _episode(here)
            tell(here, FIRED, PRICE, began=9)
            await here.settled()
            await asyncio.sleep(60)
            return line

    line = run(story())
    assert [request.message_id for _, request in line.edits] == [1]
    assert [request.reply_to for _, request in line.arrived] == [None, 1, None]


def test_a_warning_that_becomes_critical_is_pushed_and_the_first_message_follows() -> None:
    """Warning, critical, a reminder, no longer critical, over: the first message says each in its place."""

    async def story() -> Line:
        line = Line()
        async with editing(line, 1) as here:
            for kind, rule, began, stands in (
                (FIRED, PRICE, 1, None),
                (FIRED, CRITICAL, 3, None),
                (AlertKind.REMINDER, CRITICAL, 3, None),
                (CLEARED, CRITICAL, 3, Severity.WARNING),
                (CLEARED, PRICE, 1, None),
            ):
                put(here, replace(an_alert(here, kind, rule, began=began), stands=stands))
                await here.settled()
                await asyncio.sleep(60)
            return line

    line = run(story())
    assert [request.reply_to for _, request in line.arrived] == [None, 1, 1, 1, 1]
    of_first = [request.text for _, request in line.edits if request.message_id == 1]
    assert of_first == [f"{CRITICAL} fired", f"{CRITICAL} reminder", f"{CRITICAL} cleared", f"{PRICE} over"]
    last = {request.message_id: request.text for _, request in line.edits}
    assert last == dict.fromkeys((1, 2, 3, 4), f"{PRICE} over")


@both_engines
def test_what_is_told_by_an_earlier_message_is_told_by_its_edit() -> None:
    """It ends and begins again within hours: the chat hears of it once, and its message says so."""

    async def story() -> tuple[Line, int]:
        line = Line()
        async with editing(line, 1) as here:
            for began, kind in ((1, FIRED), (1, CLEARED), (2, FIRED)):
                put(here, an_alert(here, kind, PRICE, began=began), suppress=True)
                await asyncio.sleep(1800)
            told = len(line.arrived)
            await asyncio.sleep(8 * 3600)
            put(here, an_alert(here, CLEARED, PRICE, began=2), suppress=True)
            await here.settled()
            await asyncio.sleep(60)
            return line, told

    line, told = run(story())
    assert told == 1
    assert [request.text for _, request in line.edits] == [f"{PRICE} over", f"{PRICE} fired", f"{PRICE} over"]
    assert [request.reply_to for _, request in line.arrived] == [None, 1]


def test_an_alert_never_waits_for_edits() -> None:
    """A hundred edits of one group are due: the alert that comes then is sent at once."""

    async def story() -> tuple[float, int]:
        line = Line()
        async with editing(line, 0) as here:
            here.chats(-1)
            for number in range(1, 40):
                tell(here, FIRED, f"signal{number}.warning")
                await asyncio.sleep(70)
            tell(here, CLEARED, *(f"signal{number}.warning" for number in range(1, 40)))
            await here.settled()
            await asyncio.sleep(80)
            edited = len(line.edits)
            asked_at = asyncio.get_running_loop().time()
            tell(here, FIRED, CRITICAL)
            await here.settled()
            return line.arrived[-1][0] - asked_at, edited

    waited, edited = run(story())
    assert edited < 39
    assert waited < 0.1


def test_a_message_of_two_alerts_keeps_the_one_that_goes_on() -> None:
    async def story() -> Line:
        line = Line()
        async with editing(line, 1) as here:
            tell(here, FIRED, PRICE, HASHRATE)
            await here.settled()
            tell(here, CLEARED, HASHRATE)
            await here.settled()
            await asyncio.sleep(60)
            tell(here, CLEARED, PRICE)
            await here.settled()
            await asyncio.sleep(60)
            return line

    line = run(story())
    assert [request.text for _, request in line.edits] == [
        f"{PRICE} fired + {HASHRATE} over",
        f"{PRICE} over + {HASHRATE} over",
    ]
    assert [request.reply_to for _, request in line.arrived] == [None, 1, 1]


def test_edits_that_wait_merge_and_alerts_go_first() -> None:
    """While a limit holds, both ends come; then the message is edited once, to the newest state."""

    async def story() -> tuple[list[str], float]:
        line = Line()
        async with editing(line, 1) as here:
            tell(here, FIRED, PRICE, HASHRATE)
            await here.settled()
            here.pacer.flooded(1, 100)
            tell(here, CLEARED, HASHRATE)
            tell(here, CLEARED, PRICE)
            await here.settled()
            await asyncio.sleep(60)
            return [request.text for _, request in line.edits], line.arrived[-1][0]

    texts, told = run(story())
    assert texts == [f"{PRICE} over + {HASHRATE} over"]
    assert told < 102  # the limit, and a second between the two ends


@pytest.mark.parametrize("is_known", [True, False], ids=["before", "meanwhile"])
def test_a_chat_with_a_limit_of_an_hour_holds_up_no_edit_of_another(*, is_known: bool) -> None:
    """Known before its first edit, or while its second one waits for its turn."""

    async def story() -> tuple[list[int], list[int]]:
        line = Line()
        async with editing(line) as here:

            def flood(request: EditRequest, now: float) -> Outcome | None:
                if request.chat_id != 2 or now > 3600:
                    return None
                here.pacer.flooded(2, 3600)
                return Retry(RetryCause.FLOOD, "429", here.now() + timedelta(seconds=3600))

            line.answer_edit = flood
            for rule in (PRICE, HASHRATE, "miner_income.warning"):
                tell(here, FIRED, rule)
                await here.settled()
            tell(here, CLEARED, PRICE, HASHRATE)
            await here.settled()
            if is_known:
                here.pacer.flooded(2, 3600)
            await asyncio.sleep(120)
            tell(here, CLEARED, "miner_income.warning")
            await asyncio.sleep(120)
            soon = sorted(request.chat_id for _, request in line.edits)
            await asyncio.sleep(2 * 3600)
            return soon, sorted(request.chat_id for _, request in line.edits)

    assert run(story()) == ([1, 1, 1, 3, 3, 3], [1, 1, 1, 2, 2, 2, 3, 3, 3])


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


@both_engines
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
            await asyncio.sleep(23 * 3600)
            assert 0 < tries < MAX_ATTEMPTS
            await asyncio.sleep(2 * 3600)
            return tries, pending_edits(here)

    assert run(story()) == (MAX_ATTEMPTS, 0)


@both_engines
def test_a_summary_of_what_was_put_off_is_not_edited_but_replied_to() -> None:
    async def story() -> Line:
        line = Line()
        async with editing(line, 1) as here:
            tell(here, FIRED, PRICE)
            with transaction(here.store.db) as db:
                db.execute("UPDATE outbox SET bulletin = ?", [PUT_OFF])
            await here.settled()
            tell(here, CLEARED, PRICE)
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
            tell(here, FIRED, PRICE)
            await asyncio.sleep(10)
            tell(here, CLEARED, PRICE)
            await here.settled()
            await asyncio.sleep(60)
            return [request.text for _, request in line.edits]

    assert run(story()) == [f"{PRICE} over"]


def test_after_a_crash_before_it_was_recorded_an_edit_is_made_again() -> None:
    async def story() -> tuple[list[str], int]:
        line = Line()
        async with editing(line, 1) as here:
            tell(here, FIRED, PRICE)
            await here.settled()
            tell(here, CLEARED, PRICE)
            await here.settled()
            [edit] = due_edits(here.store.db, here.now() + timedelta(seconds=1), 10)
            await line.edit(EditRequest(edit.chat_id, edit.message_id, f"{PRICE} over"))  # and killed
            await asyncio.sleep(60)
            return [request.text for _, request in line.edits], pending_edits(here)

    assert run(story()) == ([f"{PRICE} over"] * 2, 0)


def test_a_text_that_can_not_be_rendered_leaves_the_message(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_content: EditContent, _now: datetime) -> OutgoingMessage:
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
