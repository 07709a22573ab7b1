"""The error table, row by row, over real HTTP."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from telegram import Bot

from bot.delivery.outcomes import (
    Delivered,
    EditRequest,
    Gone,
    Halt,
    Moved,
    Rejected,
    Retry,
    RetryCause,
    SendRequest,
    Uncertain,
)
from bot.telegram.error_outcomes import split_request
from bot.telegram.request import AiohttpRequest
from bot.telegram.transport import TelegramTransport
from tests.fakes import telegram as fake
from tests.fakes.telegram import FakeTelegram

NOW = datetime(2022, 6, 18, 12, 0, tzinfo=UTC)
HELLO = SendRequest(5, 0, "<b>hello</b>")


@pytest.fixture
async def api() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as server:
        yield server


@pytest.fixture
async def transport(api: FakeTelegram) -> AsyncIterator[TelegramTransport]:
    request = AiohttpRequest(read_timeout=0.3, connect_timeout=0.5)
    await request.initialize()
    bot = Bot(api.token, base_url=f"{api.url}/bot", request=request, get_updates_request=request)
    yield TelegramTransport(bot, lambda: NOW)
    await request.shutdown()


async def test_delivered(api: FakeTelegram, transport: TelegramTransport) -> None:
    keyboard = '{"inline_keyboard":[[{"text":"Why?","callback_data":"why:1"}]]}'
    outcome = await transport.send(SendRequest(-5, 7, "<b>hello</b>", keyboard, silent=True))
    [sent] = api.sent
    assert outcome == Delivered(sent.message_id)
    assert (sent.chat_id, sent.topic_id, sent.buttons[0]["text"]) == (-5, 7, "Why?")
    assert sent.fields["disable_notification"] == "true"
    assert sent.fields["parse_mode"] == "HTML"
    assert "allow_paid_broadcast" not in sent.fields


async def test_paid_broadcasts_say_so(api: FakeTelegram) -> None:
    request = AiohttpRequest()
    await request.initialize()
    bot = Bot(api.token, base_url=f"{api.url}/bot", request=request, get_updates_request=request)
    await TelegramTransport(bot, lambda: NOW, is_paid=True).send(HELLO)
    await request.shutdown()
    assert api.sent[0].fields["allow_paid_broadcast"] == "true"


async def test_a_reply_names_the_message_and_is_sent_without_it_too(
    api: FakeTelegram, transport: TelegramTransport
) -> None:
    await transport.send(SendRequest(5, 0, "over", reply_to=77))
    [sent] = api.sent
    assert json.loads(sent.fields["reply_parameters"]) == {
        "message_id": 77,
        "allow_sending_without_reply": True,
    }


async def test_an_edit_changes_text_and_buttons(api: FakeTelegram, transport: TelegramTransport) -> None:
    first = await transport.send(HELLO)
    assert isinstance(first, Delivered)
    assert first.message_id is not None
    keyboard = '{"inline_keyboard":[[{"text":"Why?","callback_data":"why:1"}]]}'
    edit = EditRequest(5, first.message_id, "<b>over</b>", keyboard)
    assert await transport.edit(edit) == Delivered(first.message_id)
    assert api.calls["editMessageText"] == 1


@pytest.mark.parametrize(
    ("description", "outcome"),
    [
        ("Bad Request: message is not modified: specified new message content is the same", Delivered),
        ("Bad Request: message to edit not found", Rejected),
        ("Bad Request: message can't be edited", Rejected),
        ("Bad Request: chat not found", Gone),
    ],
)
async def test_what_an_edit_is_answered(
    api: FakeTelegram, transport: TelegramTransport, description: str, outcome: type
) -> None:
    api.script_method("editMessageText", fake.Refuse(400, description))
    assert isinstance(await transport.edit(EditRequest(5, 1, "over")), outcome)


async def test_429(api: FakeTelegram, transport: TelegramTransport) -> None:
    api.script(5, fake.flood(9))
    outcome = await transport.send(HELLO)
    assert isinstance(outcome, Retry)
    assert (outcome.at, outcome.cause) == (NOW + timedelta(seconds=9), RetryCause.FLOOD)


@pytest.mark.parametrize("refusal", [fake.BLOCKED, fake.DEACTIVATED, fake.KICKED, fake.NOT_FOUND])
async def test_blocked_deactivated_kicked_not_found(
    api: FakeTelegram, transport: TelegramTransport, refusal: fake.Refuse
) -> None:
    api.script(5, refusal)
    assert isinstance(await transport.send(HELLO), Gone)


async def test_migrated(api: FakeTelegram, transport: TelegramTransport) -> None:
    api.script(-5, fake.migrated(-1005))
    outcome = await transport.send(SendRequest(-5, 0, "hello"))
    assert isinstance(outcome, Moved)
    assert (outcome.chat_id, outcome.topic_id) == (-1005, None)


async def test_topic_closed_goes_to_the_general_topic(
    api: FakeTelegram, transport: TelegramTransport
) -> None:
    api.script(-5, fake.TOPIC_CLOSED)
    outcome = await transport.send(SendRequest(-5, 7, "hello"))
    assert isinstance(outcome, Rejected)
    assert outcome.instead == (SendRequest(-5, 0, "hello"),)


async def test_topic_deleted_moves_to_the_general_topic(
    api: FakeTelegram, transport: TelegramTransport
) -> None:
    api.script(-5, fake.TOPIC_DELETED)
    outcome = await transport.send(SendRequest(-5, 7, "hello"))
    assert isinstance(outcome, Moved)
    assert (outcome.chat_id, outcome.topic_id) == (-5, 0)


async def test_html_that_does_not_parse_may_go_as_plain_text(
    api: FakeTelegram, transport: TelegramTransport
) -> None:
    outcome = await transport.send(SendRequest(5, 0, "<b>3 &lt; 4"))
    assert isinstance(outcome, Rejected)
    assert outcome.instead == (SendRequest(5, 0, "3 < 4", html=False),)
    assert isinstance(await transport.send(outcome.instead[0]), Delivered)


async def test_too_long_may_go_in_parts(api: FakeTelegram, transport: TelegramTransport) -> None:
    outcome = await transport.send(SendRequest(5, 0, "word\n" * 900, keyboard="{}"))
    assert isinstance(outcome, Rejected)
    assert len(outcome.instead) == 3
    assert [part.keyboard for part in outcome.instead] == [None, None, "{}"]


def test_a_long_message_is_cut_before_it_is_sent() -> None:
    cut = split_request(SendRequest(5, 0, "word\n" * 900, keyboard="{}"))
    assert [part.keyboard for part in cut] == [None, "{}"]


async def test_any_other_refusal_is_for_good(api: FakeTelegram, transport: TelegramTransport) -> None:
    api.script(5, fake.Refuse(400, "Bad Request: wrong type of the web page content"))
    outcome = await transport.send(HELLO)
    assert isinstance(outcome, Rejected)
    assert outcome.instead == ()
    assert "web page" in outcome.why


@pytest.mark.parametrize(
    "refusal",
    [
        fake.Refuse(400, "Bad Request: not enough rights to send text messages to the chat"),
        fake.Refuse(400, "Bad Request: need administrator rights in the channel chat"),
        fake.Refuse(403, "Forbidden: CHAT_WRITE_FORBIDDEN"),
    ],
)
async def test_rights_that_are_missing_may_come_back(
    api: FakeTelegram, transport: TelegramTransport, refusal: fake.Refuse
) -> None:
    api.script(5, refusal)
    outcome = await transport.send(HELLO)
    assert isinstance(outcome, Retry)
    assert outcome.cause is RetryCause.RIGHTS


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_5xx(api: FakeTelegram, transport: TelegramTransport, status: int) -> None:
    api.script(5, fake.Refuse(status, "Internal Server Error"))
    outcome = await transport.send(HELLO)
    assert isinstance(outcome, Retry)
    assert (outcome.at, outcome.cause) == (None, RetryCause.SERVER)


async def test_connect_error(api: FakeTelegram, transport: TelegramTransport) -> None:
    await api.stop()
    outcome = await transport.send(HELLO)
    assert isinstance(outcome, Retry)
    assert outcome.cause is RetryCause.OFFLINE


@pytest.mark.parametrize(
    "behaviour", [fake.Silence(), fake.Reset(after=True), fake.Reset(after=False)], ids=str
)
async def test_read_timeout_and_resets(
    api: FakeTelegram, transport: TelegramTransport, behaviour: fake.Behaviour
) -> None:
    api.script(5, behaviour)
    assert isinstance(await transport.send(HELLO), Uncertain)


@pytest.mark.parametrize("refusal", [fake.UNAUTHORIZED, fake.CONFLICT])
async def test_invalid_token_and_conflict(
    api: FakeTelegram, transport: TelegramTransport, refusal: fake.Refuse
) -> None:
    api.script(5, refusal)
    assert isinstance(await transport.send(HELLO), Halt)
