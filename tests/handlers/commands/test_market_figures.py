"""The market's figures, the currency, own machines and follow-ups, as a chat sees them."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from handlers.commands import breakeven, currency, fleet, machines, market_figures, network, whatif
from handlers.events import free_text, inline_query
from tests.handlers.handler_client import ADA, HandlerClient, handlers_running
from tests.mining.market import NOVEMBER_2026, fact

MARKET = replace(
    NOVEMBER_2026,
    rates={"GBP": fact(1.32, "European Central Bank"), "CNY": fact(0.14, "European Central Bank")},
    btc_high_usd=fact(126_000.0),
    hashrate_ehs=fact(950.0),
)


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[HandlerClient]:
    topics = (breakeven, whatif, fleet, machines, market_figures, currency, network, free_text, inline_query)
    async with handlers_running(tmp_path, MARKET, topics) as client:
        yield client


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("/price", ("Bitcoin 81,445 USD", "−35.4 % from the record of 126,000 USD", "mempool, 4 min old")),
        ("/hashprice", ("USD/PH/day", "sats/PH/day", "seven days")),
        ("/difficulty", ("Difficulty 132.76 T", "−3.4 %")),
        ("/retarget", ("−3.4 %", "70 % of the epoch")),
        ("/halving", ("block 1,050,000", "3.125 to 1.5625")),
        ("/hashrate", ("Hashrate 950 EH/s",)),
    ],
)
async def test_a_figure_comes_with_its_source(
    chat: HandlerClient, asked: str, expected: tuple[str, ...]
) -> None:
    answer = (await chat.ask(asked)).text
    for part in expected:
        assert part in answer


@pytest.mark.parametrize(
    ("language", "ahead"),
    [
        ("de", r", in \d+ Tagen"),
        ("es", r", dentro de \d+ días"),
        ("ru", r", через \d+ д"),
        ("zh", r"，\d+天后"),
    ],
)
async def test_how_far_ahead_something_is_has_the_languages_own_case(
    chat: HandlerClient, language: str, ahead: str
) -> None:
    chat.api.language = language
    for command in ("/halving", "/retarget"):
        assert re.search(ahead, (await chat.ask(command)).text)


async def test_the_halving_can_be_watched(chat: HandlerClient) -> None:
    said = await chat.ask("/halving")
    assert "mk1:w:halving below 30" in [button["callback_data"] for button in said.buttons]


async def test_foreign_money_is_converted_with_the_rate_and_its_day(chat: HandlerClient) -> None:
    answer = (await chat.ask("s21 £0.05/kWh")).text
    assert "power 6.6 c/kWh (0.05 GBP/kWh)" in answer
    assert "1 GBP = 1.32 USD (European Central Bank, " in answer
    assert "I have no rate of SEK" in (await chat.ask("s21 0.5 SEK/kWh")).text
    assert "publishes no rate for RUB" in (await chat.ask("s21 5 rub")).text


async def test_the_currency_of_a_chat_holds_for_every_answer(chat: HandlerClient) -> None:
    assert "shown in EUR" in (await chat.ask("/currency EUR")).text
    assert "EUR/day" in (await chat.ask("/breakeven s19 7c")).text
    assert "Bitcoin 70,822 EUR" in (await chat.ask("/price")).text
    assert "don't know the currency" in (await chat.ask("/currency moon")).text.replace("&#x27;", "'")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("/breakeven s19 7c", ("EUR/day", "1 EUR = 1.15 USD")),
        ("s19 vs s21 at 7c", ("A day in EUR", "1 EUR = 1.15 USD")),
        ("/whatif s19 7c price=-20%", ("EUR", "EUR/kWh", "EUR/PH/d", "70,822", "1 EUR = 1.15 USD")),
        ("/whatif price=-20%", ("Your fleet", "EUR/kWh", "EUR/PH/d", "1 EUR = 1.15 USD")),
        ("/fleet", ("EUR a day", "EUR/day", "EUR/kWh", "1 EUR = 1.15 USD")),
        ("/price", ("70,822 EUR", "109,565 EUR", "1 EUR = 1.15 USD")),
        ("/hashprice", ("EUR/PH/day", "EUR/TH/day", "1 EUR = 1.15 USD")),
        ("/network", ("EUR/kWh", "70,822 EUR", "1 EUR = 1.15 USD")),
        ("s21 4c for $2800 over 24 months difficulty growth 1%", ("EUR", "1 EUR = 1.15 USD")),
    ],
)
async def test_no_answer_forgets_the_currency(
    chat: HandlerClient, asked: str, expected: tuple[str, ...]
) -> None:
    await chat.ask("/currency EUR")
    await chat.ask("/fleet add 10 s21, 3 s9 power 6.5c")
    answer = (await chat.ask(asked)).text
    for part in expected:
        assert part in answer
    amounts = re.sub(r"= [\d.,]+ USD|\([\d.,]+ USD/kWh\)|machine [\d.,]+ USD", "", answer)
    assert "USD" not in amounts
    assert "$" not in amounts
    assert answer.count("1 EUR =") == 1


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("/price EUR", "70,822 EUR"),
        ("/price in gbp", "61,701 GBP"),
        ("/hashprice sats", "sats/PH/day"),
        ("/price moon", "don&#x27;t know the currency “moon”"),
    ],
)
async def test_a_currency_for_one_question(chat: HandlerClient, asked: str, expected: str) -> None:
    assert expected in (await chat.ask(asked)).text


async def test_bitcoins_own_price_is_never_shown_in_bitcoin(chat: HandlerClient) -> None:
    await chat.ask("/currency BTC")
    answer = (await chat.ask("/breakeven s19 7c")).text
    assert "81,445 USD" in answer
    assert "BTC/day" in answer
    table = (await chat.ask("/whatif s19 7c price=-20%")).text
    assert "81,445" in table
    assert "sats/PH/d" in table


async def test_a_question_goes_on_from_the_one_before(chat: HandlerClient) -> None:
    await chat.ask("is my s19 still profitable at 8 cents")
    assert "power 5 c/kWh" in (await chat.ask("and at 5 cents?")).text
    answer = (await chat.ask("and an S21?")).text
    assert "Antminer S21" in answer
    assert "power 5 c/kWh" in answer
    assert "EUR/day" in (await chat.ask("in euro?")).text


async def test_a_machine_of_ones_own(chat: HandlerClient) -> None:
    assert "Saved: my s19" in (await chat.ask("/machines add My S19 95TH 3000W")).text
    assert "95 TH/s · 3,000 W" in (await chat.ask("/breakeven my s19 7c")).text
    assert "my s19" in (await chat.ask("/machines")).text
    assert "Deleted" in (await chat.ask("/machines remove my s19")).text
    assert "J/TH" in (await chat.ask("/machines add toy 95TH 3W")).text


async def test_a_projection_over_months(chat: HandlerClient) -> None:
    answer = (await chat.ask("s21 at 4c for $2800 over 24 months difficulty growth 1%")).text
    assert "difficulty +1.0 %" in answer
    assert "no forecast" in answer


@pytest.mark.parametrize(
    ("words", "title", "expected"),
    [
        ("price", "Bitcoin 81,445 USD", "from the record"),
        ("hashprice", "Hashprice", "USD/PH/day"),
        ("difficulty", "Difficulty 132.76 T", "−3.4 %"),
        ("next retarget", "Next retarget: ~−3.4 %", "epoch"),
        ("when is the halving?", "Next halving about", "block 1,050,000"),
        ("bitcoin in euro", "Bitcoin 70,822 EUR", "1 EUR = 1.15 USD"),
        ("¿cuándo es el halving?", "Next halving about", "block 1,050,000"),
        ("хешпрайс", "Hashprice", "USD/PH/day"),
        ("比特币价格", "Bitcoin 81,445 USD", "from the record"),
        ("lohnt sich ein S19 bei 7 Cent?", "Antminer S19", "euro cents"),
        ("¿es rentable un S19 a 7 céntimos?", "Antminer S19", "euro cents"),
        ("рентабелен ли S19 при 7 центах", "Antminer S19", "power 7 c/kWh"),
        ("S19 7美分 赚钱吗", "Antminer S19", "power 7 c/kWh"),
        ("s19 vs s21 7c", "Comparison", "the best first"),
        ("s21 6c over 12 months difficulty growth 3%", "Antminer S21", "no forecast"),
    ],
)
async def test_any_question_in_any_chat(chat: HandlerClient, words: str, title: str, expected: str) -> None:
    answered = len(chat.api.answered)
    chat.api.ask_inline(ADA, words)
    await chat.api.until(lambda: len(chat.api.answered) > answered)
    (result,) = json.loads(chat.api.answered[-1]["results"])
    assert result["title"].startswith(title)
    assert expected in result["input_message_content"]["message_text"]
