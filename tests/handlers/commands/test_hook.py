"""Operators send alerts beyond Telegram: webhooks are added, tried, rotated and removed in the chat."""

import re

import pytest

from bot.delivery.destinations import services
from tests.fakes import receiver
from tests.fakes.receiver import Receiver
from tests.handlers.program_client import ADMIN, GROUP, ProgramClient


def secret_in(text: str) -> str:
    """The secret that a message shows."""
    shown = re.search(r"<tg-spoiler><code>(whsec_[A-Za-z0-9+/=]+)</code></tg-spoiler>", text)
    assert shown is not None, text
    return shown.group(1)


async def test_only_operators_may(client: ProgramClient) -> None:
    assert (
        await client.ask("/hook https://example.org/x")
    ).text == "This command is for the bot's operators."
    assert (await client.ask("/hook@minerwatch_test_bot", GROUP, user=ADMIN)).text.startswith("This command")


async def test_a_webhook_is_added_tested_and_removed(client: ProgramClient) -> None:
    assert "Alerts go to Telegram only." in (await client.ask("/hook", ADMIN)).text
    async with Receiver() as there:
        added = (await client.ask(f"/hook {there.url}", ADMIN)).text
        assert "Alerts go to webhook <b>127.0.0.1</b> from now on." in added
        assert "on its way" in (await client.ask("/hook test 1", ADMIN)).text
        (request,) = await there.until_received(1)
        assert request.event["type"] == "test"
        assert request.is_signed_with(secret_in(added))
        await client.delivered()
        listed = (await client.ask("/hook", ADMIN)).text
        assert "1. webhook <b>127.0.0.1</b>: every signal\n" in listed
        assert "last arrived <tg-time" in listed
        assert "whsec" not in listed
        assert there.url not in listed
        assert "No alerts go to webhook" in (await client.ask("/hook remove 1", ADMIN)).text
        assert "no destination of that number" in (await client.ask("/hook test 1", ADMIN)).text


async def test_alerts_of_a_poll_reach_a_webhook(client: ProgramClient) -> None:
    async with Receiver() as there:
        added = (await client.ask(f"/hook {there.url} all info", ADMIN)).text
        while not there.received:
            await client.pass_a_day()
        assert there.received[0].event["type"].startswith("alert.")
        assert there.received[0].is_signed_with(secret_in(added))
        assert there.received[0].event["data"]["signal"] in there.received[0].event["data"]["rule"]


@pytest.mark.both_engines
async def test_a_rotated_secret_is_a_new_one_and_shown_again_on_request(client: ProgramClient) -> None:
    async with Receiver() as there:
        first = secret_in((await client.ask(f"/hook {there.url}", ADMIN)).text)
        assert secret_in((await client.ask("/hook secret 1", ADMIN)).text) == first
        rotated = (await client.ask("/hook rotate 1", ADMIN)).text
        assert secret_in(rotated) != first
        assert "For 24 h I sign with the former one too." in rotated
        await client.ask("/hook test 1", ADMIN)
        (request,) = await there.until_received(1)
        assert request.is_signed_with(first)
        assert request.is_signed_with(secret_in(rotated))


async def test_signals_and_a_severity_may_be_chosen_and_changed(client: ProgramClient) -> None:
    async with Receiver() as there:
        await client.ask(f"/hook {there.url} energy_price critical", ADMIN)
        assert "Energy price, critical only" in (await client.ask("/hook list", ADMIN)).text
        await client.ask(f"/hook add {there.url} warning", ADMIN)
        listed = (await client.ask("/hook", ADMIN)).text
        assert "every signal, from warning" in listed
        assert "2. " not in listed
        assert "no signal “nonsense”" in (await client.ask(f"/hook {there.url} nonsense", ADMIN)).text


async def test_a_bad_address_gets_one_sentence_with_a_right_example(client: ProgramClient) -> None:
    for address, why in (
        ("http://example.org/x", "it must begin with https://"),
        ("https://a:b@example.org/", "it holds a password"),
        ("https://10.0.0.1/x", "it leads into a private network; HOOK_PRIVATE_HOSTS may name its host"),
        ("https://localhost/x", "it leads into a private network"),
        ("nonsense", "it is no web address"),
        ("https://no-such-host.invalid/", "its host can&#x27;t be found"),
    ):
        text = (await client.ask(f"/hook {address}", ADMIN)).text
        assert why in text
        assert "/hook https://example.org/minerwatch" in text
    assert "Alerts go to Telegram only." in (await client.ask("/hook", ADMIN)).text
    assert "For example <code>/hook remove 1</code>" in (await client.ask("/hook remove one", ADMIN)).text


async def test_operators_hear_of_a_receiver_that_refuses(client: ProgramClient) -> None:
    async with Receiver() as there:
        await client.ask(f"/hook {there.url}", ADMIN)
        there.usual = receiver.status(410)
        await client.ask("/hook test 1", ADMIN)
        await there.until_received(1)
        while not (messages := [sent.text for sent in client.api.sent if "refuses alerts" in sent.text]):
            await client.program.supervisor.tell_delivery_problems()
            await client.delivered()
        assert "webhook 1 (127.0.0.1): it answered 410" in messages[0]
        assert "It gets nothing more." in messages[0]


async def test_while_telegram_is_out_of_reach_webhooks_are_told(client: ProgramClient) -> None:
    async with Receiver() as there:
        await client.ask(f"/hook {there.url}", ADMIN)
        await client.ask("/hook test 1", ADMIN)
        await there.until_received(1)
        await client.api.stop()
        while len(there.received) < 2:
            await client.pass_a_day()
        assert there.received[1].event["type"].startswith("alert.")


async def test_a_service_is_called_by_its_name(client: ProgramClient) -> None:
    assert "/hook phone" in (await client.ask("/hook", ADMIN)).text
    text = (await client.ask("/hook phone", ADMIN)).text
    if services.is_installed():
        assert "Alerts go to service <b>phone</b> from now on." in text
        assert "A service has no secret of mine." in (await client.ask("/hook secret 1", ADMIN)).text
        assert "127.0.0.1" not in (await client.ask("/hook", ADMIN)).text
    else:
        assert "pip install" in text
