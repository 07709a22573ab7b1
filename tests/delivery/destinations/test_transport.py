"""One event to one receiver, over real HTTP, whatever the receiver does."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.delivery.destinations import destination_transport
from bot.delivery.destinations.destination_transport import DestinationConfig, DestinationTransport
from bot.delivery.outcomes import Delivered, Gone, Outcome, Rejected, Retry, RetryCause, SendRequest
from storage.chats import destinations
from storage.chats.destinations import DestinationKind
from tests.delivery.destinations.stories import KEY, elsewhere, secret
from tests.delivery.destinations.test_addresses import Names
from tests.fakes import receiver
from tests.fakes.receiver import Receiver

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BODY = '{"type": "test"}'


def cause(outcome: Outcome) -> RetryCause:
    assert isinstance(outcome, Retry), outcome
    return outcome.cause


@pytest.mark.parametrize("code", [200, 201, 202, 204, 299])
def test_2xx_has_arrived(code: int) -> None:
    assert destination_transport.outcome_of(code, None, NOW) == Delivered(None)


@pytest.mark.parametrize("code", [408, 409, 423, 425, 429, 500, 502, 503, 504, 599])
def test_what_passes_is_tried_soon(code: int) -> None:
    assert cause(destination_transport.outcome_of(code, None, NOW)) is RetryCause.DESTINATION


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308, 401, 403, 404, 405])
def test_what_an_operator_can_mend_is_tried_slowly(code: int) -> None:
    assert cause(destination_transport.outcome_of(code, None, NOW)) is RetryCause.RIGHTS


@pytest.mark.parametrize("code", [400, 406, 411, 413, 415, 422, 431, 451])
def test_any_other_4xx_is_final(code: int) -> None:
    assert isinstance(destination_transport.outcome_of(code, None, NOW), Rejected)


def test_410_is_gone() -> None:
    assert isinstance(destination_transport.outcome_of(410, None, NOW), Gone)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        ("0", 1),
        (" 30 ", 30),
        ("86400", 3600),
        ("9" * 400, 3600),
        ("Fri, 20 Nov 2026 12:02:00 GMT", 120),
        ("Fri, 20 Nov 2026 11:00:00 GMT", 1),
        ("Fri, 20 Nov 2036 12:00:00 GMT", 3600),
        ("-5", None),
        ("soon", None),
        ("٣", None),
    ],
)
def test_retry_after_is_believed_within_bounds(header: str, seconds: int | None) -> None:
    outcome = destination_transport.outcome_of(429, header, NOW)
    assert isinstance(outcome, Retry)
    assert outcome.at == (None if seconds is None else NOW + timedelta(seconds=seconds))


async def test_a_webhook_is_posted_and_signed(tmp_path: Path) -> None:
    async with Receiver() as there, elsewhere(tmp_path, run=False) as here:
        hook = await here.add(f"{there.url}?from=minerwatch")
        assert await here.transport.send(SendRequest(hook.chat_id, 0, BODY)) == Delivered(None)
    (request,) = there.received
    assert request.path == "/hook?from=minerwatch"
    assert request.body == BODY.encode()
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"] == "minerwatch/1.2.3"
    assert request.is_signed_with(secret(hook))
    stamp = datetime.fromtimestamp(int(request.headers["webhook-timestamp"]), UTC)
    assert abs(here.clock() - stamp) < timedelta(seconds=5)


async def test_every_try_of_an_event_has_the_same_id_and_other_events_another(tmp_path: Path) -> None:
    async with Receiver() as there, elsewhere(tmp_path, run=False) as here:
        hook, other = await here.add(there.url), await here.add(f"{there.url}/2")
        for chat_id, body in (
            (hook.chat_id, "1"),
            (hook.chat_id, "1"),
            (hook.chat_id, "2"),
            (other.chat_id, "1"),
        ):
            await here.transport.send(SendRequest(chat_id, 0, body))
    ids = [request.headers["webhook-id"] for request in there.received]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


async def test_both_secrets_sign_for_a_day_after_a_rotation(tmp_path: Path) -> None:
    async with Receiver() as there, elsewhere(tmp_path, run=False) as here:
        before = await here.add(there.url)
        await here.store.write(lambda db: destinations.rotate(db, before, "new", here.clock()))
        after = await here.store.read(lambda db: destinations.of_chat_id(db, before.chat_id))
        assert after is not None
        await here.transport.send(SendRequest(before.chat_id, 0, BODY))
        here.clock.advance(hours=25)
        await here.transport.send(SendRequest(before.chat_id, 0, BODY))
    during, later = there.received
    assert during.is_signed_with(secret(before))
    assert during.is_signed_with(secret(after))
    assert not later.is_signed_with(secret(before))
    assert later.is_signed_with(secret(after))


async def test_no_redirect_is_followed(tmp_path: Path) -> None:
    async with Receiver() as there, Receiver() as other, elsewhere(tmp_path, run=False) as here:
        hook = await here.add(there.url)
        for code in (301, 302, 303, 307, 308):
            there.answers = [receiver.status(code, Location=other.url)]
            outcome = await here.transport.send(SendRequest(hook.chat_id, 0, BODY))
            assert cause(outcome) is RetryCause.RIGHTS
        assert len(there.received) == 5
        assert other.received == []


async def test_an_endless_answer_is_not_read(tmp_path: Path) -> None:
    async with Receiver() as there, elsewhere(tmp_path, run=False) as here:
        hook = await here.add(there.url)
        there.answers = [receiver.endless]
        assert await here.transport.send(SendRequest(hook.chat_id, 0, BODY)) == Delivered(None)


async def test_silence_cut_connections_and_closed_ports_are_tried_again(tmp_path: Path) -> None:
    async with elsewhere(tmp_path, timeout_s=0.2, run=False) as here:
        async with Receiver() as there:
            hook = await here.add(there.url)
            there.answers = [there.silent, receiver.cut]
            silence = await here.transport.send(SendRequest(hook.chat_id, 0, BODY))
            cut = await here.transport.send(SendRequest(hook.chat_id, 0, BODY))
        closed = await here.transport.send(SendRequest(hook.chat_id, 0, BODY))
    assert [cause(outcome) for outcome in (silence, cut, closed)] == [RetryCause.DESTINATION] * 3
    assert "127.0.0.1" not in repr((silence, cut, closed)), "no error holds the address"


async def test_a_name_that_turns_inside_is_not_connected_to(tmp_path: Path) -> None:
    names = Names("1.1.1.1")
    async with Receiver() as there, elsewhere(tmp_path, run=False) as here:
        hook = await here.add("https://rebound.example/hook")
        config = DestinationConfig(key=KEY, services={})
        guarded = DestinationTransport(here.store, config, here.clock, "1", lookup=names, timeout_s=1)
        names.found = ("127.0.0.1",)
        outcome = await guarded.send(SendRequest(hook.chat_id, 0, BODY))
        await guarded.close()
        assert there.received == []
    assert cause(outcome) is RetryCause.RIGHTS
    assert "private network" in str(outcome)


async def test_an_address_that_is_no_longer_allowed_by_name_gets_nothing(tmp_path: Path) -> None:
    async with Receiver() as there, elsewhere(tmp_path, run=False) as here:
        hook = await here.add(there.url)
        strict = DestinationTransport(here.store, DestinationConfig(key=KEY, services={}), here.clock, "1")
        assert cause(await strict.send(SendRequest(hook.chat_id, 0, BODY))) is RetryCause.RIGHTS
        assert there.received == []


async def test_a_certificate_of_nobody_is_refused(tmp_path: Path) -> None:
    async with Receiver() as there, elsewhere(tmp_path, run=False) as here:
        hook = await here.add(there.url.replace("http://", "https://"))  # it speaks no TLS
        assert cause(await here.transport.send(SendRequest(hook.chat_id, 0, BODY))) is RetryCause.RIGHTS


async def test_a_service_that_is_not_set_up_is_said(tmp_path: Path) -> None:
    async with elsewhere(tmp_path, services=[("bad", "nonsense://x")], run=False) as here:
        gone = await here.add("gone", DestinationKind.SERVICE)
        bad = await here.add("bad", DestinationKind.SERVICE)
        body = '{"data": {"headline": "h", "text": "t"}}'
        for service, why in ((gone, "NOTIFY_SERVICES"), (bad, "Apprise understands")):
            outcome = await here.transport.send(SendRequest(service.chat_id, 0, body))
            assert cause(outcome) is RetryCause.RIGHTS
            assert why in str(outcome)
