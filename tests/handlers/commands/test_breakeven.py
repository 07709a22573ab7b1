"""Breakeven questions in chat: what people read, and what the buttons do."""

from dataclasses import replace
from datetime import timedelta

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.data.catalogue import load_machines
from bot.i18n.translator import translator_for
from bot.mining.answer import answer
from bot.mining.market import Market
from bot.mining.parsing.question_parser import parse_command
from handlers.views import breakeven
from tests.handlers.handler_client import GROUP, HandlerClient
from tests.mining.market import AT, JULY_2022, NOVEMBER_2026, fact
from tests.mining.parsing.test_question_parser import COMMANDS, MESSAGES

CATALOGUE = load_machines()


@pytest.mark.parametrize(
    "asked",
    [
        "/breakeven s19 0.07",
        "/breakeven s21 5c fee=2% uptime=95% cost=3000",
        "/breakeven 110TH 3250W 6.5c hosting=1",
        "is an S9 worth running at 0.03 €/kWh?",
        "at what price does my S21 die?",
        "kann ein S19 bei 8 ct noch verdienen?",
        "/breakeven s21 5c fee=100%",
        "/breakeven s21 0",
        "/breakeven s21 5c fixed=100",
        "/breakeven S19j Pro 100 6c",
        "/breakeven",
        "/breakeven s20 7c",
        "/breakeven s19 m30s 7c",
        "/breakeven s19 <b>cheap</b> & dirty",
    ],
)
async def test_answers(chat: HandlerClient, asked: str, snapshot: SnapshotAssertion) -> None:
    message = await chat.ask(asked)
    assert message.text == snapshot
    assert [button["text"] for button in message.buttons] == snapshot


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("what btc price do i need to make 10 usd a day with an s21 at 7c", "For 10 USD a day of profit"),
        (
            "which tariff for an s21 for 3000 usd to pay back in 24 months",
            "It pays back in 24 months if power",
        ),
        ("what may an s21 cost to pay back in 12 months at 3c", "It pays back in 12 months if it costs"),
        ("bei welchem kurs verdient ein s21 10 usd am tag bei 7c", "For 10 USD a day of profit it takes bit"),
    ],
)
async def test_the_price_that_is_sought_stands_in_a_line_of_its_own(
    chat: HandlerClient, asked: str, says: str
) -> None:
    message = await chat.ask(asked)
    assert says in message.text
    assert "Understood" in message.text
    assert "a day" in (await chat.ask("and at 4 cents?")).text


async def test_the_summer_of_2022(chat: HandlerClient, snapshot: SnapshotAssertion) -> None:
    chat.market = JULY_2022
    assert (await chat.ask("/breakeven m20s 7c")).text == snapshot


async def test_other_power_price_replaces_the_answer(chat: HandlerClient) -> None:
    message = await chat.ask("/breakeven s21 5c fee=2%")
    changed = await chat.press_for_message(message, "6 c")
    assert changed.method == "editMessageText"
    assert changed.message_id == message.message_id
    assert "power 6 c/kWh" in changed.text
    assert "pool fee 2 %" in changed.text


async def test_other_machine(chat: HandlerClient) -> None:
    message = await chat.ask("/breakeven s21 5c")
    changed = await chat.press_for_message(message, "S21 188T")
    assert "188 TH/s" in changed.text
    assert "power 5 c/kWh" in changed.text


async def test_suggested_machine(chat: HandlerClient) -> None:
    message = await chat.ask("/breakeven s20 7c")
    changed = await chat.press_for_message(message, "Antminer S21")
    assert changed.text.startswith("<b>Antminer S21</b>")


async def test_chart_is_a_picture_with_a_caption(chat: HandlerClient) -> None:
    message = await chat.ask("/breakeven s21 5c")
    picture = await chat.press_for_message(message, "Chart")
    assert picture.method == "sendPhoto"
    assert picture.files == ("photo",)
    assert "It pays: 3.56 USD profit a day." in picture.text


async def test_suppositions_by_button(chat: HandlerClient) -> None:
    message = await chat.ask("/breakeven s21 5c")
    assert "price −20.0 %" in (await chat.press_for_message(message, "BTC −20 %")).text
    assert "halving" in (await chat.press_for_message(message, "Halving")).text


@pytest.mark.parametrize("data", ["b1:a:", "b1:a:gone 9000", "b1:c:x", "b1:w:s19", "b1:a:" + "9" * 59])
async def test_a_button_that_no_longer_works_says_so(chat: HandlerClient, data: str) -> None:
    message = await chat.ask("/breakeven s21 5c")
    await chat.press_data(message, data)
    assert (await chat.ask("/breakeven s21 5c")).text == message.text  # and the bot goes on


async def test_tapping_the_same_button_twice_is_no_error(chat: HandlerClient) -> None:
    message = await chat.ask("/breakeven s21 5c")
    await chat.press_for_message(message, "6 c")
    await chat.press_data(message, "b1:a:S21 200T 0.06")
    assert (await chat.ask("/breakeven s21 5c")).text == message.text


async def test_small_talk_in_private_gets_no_answer(chat: HandlerClient) -> None:
    chat.api.say(7, "good morning")
    assert "Antminer S19" in (await chat.ask("s19?")).text
    assert len(chat.api.sent) == 1


async def test_in_a_group_only_what_is_said_to_the_bot(chat: HandlerClient) -> None:
    chat.api.say(GROUP, "is an s19 worth it at 7c?")
    mention = "@minerwatch_test_bot what about an s21 at 5c, does it pay?"
    chat.api.push(
        {
            "message": {
                "message_id": 900,
                "date": 1_795_000_000,
                "chat": {"id": GROUP, "type": "supergroup", "title": "Miners"},
                "from": {"id": 7, "is_bot": False, "first_name": "Ada"},
                "text": mention,
                "entities": [{"type": "mention", "offset": 0, "length": 20}],
            }
        }
    )
    await chat.api.until_sent(1)
    chat.api.push(
        {
            "message": {
                "message_id": 901,
                "date": 1_795_000_001,
                "chat": {"id": GROUP, "type": "supergroup", "title": "Miners"},
                "from": {"id": 7, "is_bot": False, "first_name": "Ada"},
                "text": "and an s9 at 5c?",
                "reply_to_message": {
                    "message_id": chat.api.sent[0].message_id,
                    "date": 1_795_000_000,
                    "chat": {"id": GROUP, "type": "supergroup", "title": "Miners"},
                    "from": {
                        "id": 4200,
                        "is_bot": True,
                        "first_name": "m",
                        "username": "minerwatch_test_bot",
                    },
                    "text": "before",
                },
            }
        }
    )
    await chat.api.until_sent(2)
    assert "Antminer S21" in chat.api.sent[0].text
    assert "Antminer S9" in chat.api.sent[1].text
    assert len(chat.api.sent) == 2


async def test_without_readings_the_answer_says_so(chat: HandlerClient) -> None:
    chat.market = Market(AT)
    assert "I have no bitcoin price yet" in (await chat.ask("/breakeven s19 0.07")).text
    chat.market = NOVEMBER_2026
    assert "profit" in (await chat.ask("/breakeven s21 5c")).text


async def test_4096_characters_and_emoji(chat: HandlerClient) -> None:
    assert "Antminer S19" in (await chat.ask("/breakeven " + "s19 " * 140)).text
    assert "too long" in (await chat.ask("/breakeven " + "s19 " * 1020)).text
    assert "Which machine" in (await chat.ask("/breakeven 🤖")).text


@pytest.mark.parametrize("asked", [text for text, _ in COMMANDS])
def test_every_answer_fits_a_phone_and_every_button_fits_telegram(asked: str) -> None:
    result = answer(parse_command(asked, CATALOGUE), NOVEMBER_2026)
    text = breakeven.breakeven(result, translator_for("en"))
    assert len(text) < 1500
    table = text.split("<pre>")[1].split("</pre>")[0]
    assert max(len(line) for line in table.splitlines()) <= 36
    for row in breakeven.keyboard(result, CATALOGUE, translator_for("en")).inline_keyboard:
        for button in row:
            assert len(str(button.callback_data).encode()) <= 64
    assert not any(word in text.lower() for word in ("nan", "inf ", "none,", "e+"))


def test_there_are_phrasings_enough() -> None:
    assert len(COMMANDS) + len(MESSAGES) >= 120


async def test_old_readings_are_warned_of(chat: HandlerClient) -> None:
    chat.market = replace(NOVEMBER_2026, btc_price_usd=fact(81_445.0, age=timedelta(hours=5)))
    assert "Careful: BTC price is 5 h old." in (await chat.ask("/breakeven s21 5c")).text


@pytest.mark.parametrize("asked", ["s19j pro 7c", "s19 70c fee=2%", "whatsminer m30s 5c"])
async def test_there_is_always_a_way_back(chat: HandlerClient, asked: str) -> None:
    first = await chat.ask(f"/breakeven {asked}")
    others = [button for button in first.buttons if button["callback_data"].startswith(breakeven.ASK)]
    assert len(others) > 4
    for other in others:
        second = await chat.press_data_for_message(first, other["callback_data"])
        back = [
            button["callback_data"]
            for button in second.buttons
            if button["callback_data"].startswith(breakeven.ASK)
        ]
        returned = [(await chat.press_data_for_message(second, data)).text for data in back]
        assert first.text in returned
        first = await chat.ask(f"/breakeven {asked}")


@pytest.mark.parametrize(
    ("price", "steps"),
    [
        ("7c", ["5 c", "6 c", "8 c", "9 c"]),
        ("28c", ["24 c", "26 c", "30 c", "32 c"]),
        ("70c", ["60 c", "65 c", "75 c", "80 c"]),
    ],
)
async def test_the_steps_of_the_power_price_fit_its_size(
    chat: HandlerClient, price: str, steps: list[str]
) -> None:
    answer = await chat.ask(f"/breakeven s19 {price}")
    assert [button["text"] for button in answer.buttons[:4]] == steps


async def test_the_price_at_which_it_stops_paying_can_be_watched(chat: HandlerClient) -> None:
    said = await chat.ask("at what btc price does my s19 stop paying at 6 cents?")
    offered = [button["callback_data"] for button in said.buttons if button["text"].startswith("👁")]
    assert offered == ["mk1:w:price above 103412"]
    asked_of_profit = await chat.ask("s19 6c")
    assert not [button for button in asked_of_profit.buttons if button["text"].startswith("👁")]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("which whatsminers still make money at 3c", ["machines by MicroBT I know pay", "only machines by"]),
        ("which whatsminers still make money at 40c", ["None of the", "machines by MicroBT"]),
        ("best antminer at 3c", ["only machines by Bitmain"]),
        ("400 kW at 4.5c what should I plug in", ["as many as fit on 400 kW", "74 × S23 XP Hyd"]),
        ("what can i run on 100A 240V at 7c", ["as many as fit on 100 A, 240 V (80 %"]),
    ],
)
async def test_what_limits_a_choice_of_machines_is_said(
    chat: HandlerClient, asked: str, says: list[str]
) -> None:
    text = (await chat.ask(asked)).text
    assert all(each in text for each in says), text
    assert "Together" not in text
