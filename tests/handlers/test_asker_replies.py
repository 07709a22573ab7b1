"""Answers in groups that only the asker sees, over the simulated Bot API."""

import json

import pytest

from tests.fakes.telegram import Sent
from tests.fakes.telegram_faults import Refuse
from tests.handlers.chat_client import ADA, BOB, GROUP
from tests.handlers.program_client import ProgramClient

REFUSAL = Refuse(400, "Bad Request: ephemeral messages can't be sent here")


def seen_by(sent: Sent) -> int | None:
    """The only person who sees a message; None: everybody does."""
    parameters = sent.fields.get("ephemeral_message_parameters")
    return None if parameters is None else int(json.loads(parameters)["receiver_user_id"])


@pytest.mark.parametrize(
    "words",
    [
        "/help",
        "/privacy",
        "/watch",
        "/watch price around 5",
        "/why moon",
        "/history moon",
        "/mute moon",
        "/chart moon",
        "/about",
    ],
)
async def test_what_is_of_use_to_the_asker_alone_is_for_their_eyes_only(
    client: ProgramClient, words: str
) -> None:
    answer = await client.ask(words, GROUP, user=BOB)
    assert seen_by(answer) == BOB
    assert not answer.buttons
    assert seen_by(await client.ask(words, ADA)) is None


@pytest.mark.parametrize(
    "words", ["/status", "/price", "/settings", "/currency", "/subscribe price_drawdown"]
)
async def test_what_concerns_the_group_is_for_all(client: ProgramClient, words: str) -> None:
    assert seen_by(await client.ask(words, GROUP, user=ADA)) is None


async def test_a_refusal_to_a_member_is_for_their_eyes_only(client: ProgramClient) -> None:
    client.api.strangers.add(BOB)
    refused = await client.ask("/subscribe", GROUP, user=BOB)
    assert "admins" in refused.text
    assert seen_by(refused) == BOB


async def test_a_group_where_telegram_refuses_gets_usual_answers_for_a_while(client: ProgramClient) -> None:
    client.api.script_method("sendMessage", REFUSAL)
    for _ in range(2):  # the second time it is not even tried
        answer = await client.ask("/help", GROUP, user=BOB)
        assert seen_by(answer) is None
        assert "/status" in answer.text
    client.flood_limit_ahead_s += 3601
    assert seen_by(await client.ask("/help", GROUP, user=BOB)) == BOB


async def test_another_group_is_not_taken_for_one_that_refuses(client: ProgramClient) -> None:
    client.api.script_method("sendMessage", REFUSAL)
    assert seen_by(await client.ask("/help", GROUP, user=BOB)) is None
    assert seen_by(await client.ask("/help", GROUP - 1, user=BOB)) == BOB
