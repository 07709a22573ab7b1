"""Suppositions in plain words are what `/whatif` would be told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.data.catalogue import load_machines
from bot.i18n.message import ENGLISH
from bot.mining.errors import InvalidQuestion
from bot.mining.parsing.understanding import parse_whatif, understand
from bot.mining.question import Question
from bot.mining.scenario import KEYS
from bot.mining.whatif import WhatIf

CATALOGUE = load_machines()


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("what if the price goes to 40,000?", "price=40000"),
        ("what if btc hits $40k", "price=40k"),
        ("What if the price goes to 40,000 or a tenth of the hashrate leaves", "price=40000 hashrate=-10%"),
        ("what if btc drops 20% and i run an s19 at 7 cents?", "s19 7c price=-20%"),
        ("what if bitcoin falls by 20 percent", "price=-20%"),
        ("what if bitcoin falls to a third", "price=-66.6667%"),
        ("what happens to my S19j Pro at 6.5c if bitcoin crashes to $30k?", "s19j pro 6.5c price=30k"),
        ("what if bitcoin goes up 20 %", "price=+20%"),
        ("what if the price halves", "price=-50%"),
        ("what happens if the bitcoin price doubles", "price=+100%"),
        ("what if 10% of the network goes offline", "hashrate=-10%"),
        ("what if half of the miners shut down", "hashrate=-50%"),
        ("if a third of miners quit, does an s19 at 7c pay?", "s19 7c hashrate=-33.3333%"),
        ("does an s19 at 7c survive when 20 percent of the hashrate capitulates", "s19 7c hashrate=-20%"),
        ("what if we lose a quarter of the hashrate", "hashrate=-25%"),
        ("what if a fifth of the hashrate comes online", "hashrate=+20%"),
        ("what if the hashrate drops to 900 EH/s", "hashrate=900EH/s"),
        ("what if hashrate rises to 1.2 ZH/s", "hashrate=1200EH/s"),
        ("what if the price goes to 40,000 usd and power to 9c", "price=40000 power=9c"),
        ("what if the price were 40 000 dollars", "price=40000"),
        (
            "what happens to an s19 at 7c when price falls 30% and difficulty drops 10%",
            "s19 7c price=-30% difficulty=-10%",
        ),
        ("suppose fees double and hashrate falls 15 percent, s21 at 5c", "s21 5c fees=+100% hashrate=-15%"),
        ("what if difficulty rises 5%", "difficulty=+5%"),
        ("what if difficulty goes to 140T, s21 at 5c", "s21 5c difficulty=140T"),
        ("what if power goes to 10 cents for an s19", "s19 power=10c"),
        ("what if electricity rises to 80 EUR/MWh for an s19", "s19 power=80EUR/MWh"),
        ("what if power gets 20 % more expensive for an s19", "s19 power=+20%"),
        ("what happens at the halving", "halving=yes"),
        ("is an s19 profitable at 7c after the halving?", "s19 7c halving=yes"),
        ("does an s19 at 7c pay if a tenth of the hashrate leaves?", "s19 7c hashrate=-10%"),
        ("my s19 pays 7 cents, what if btc is at 40000", "s19 7c price=40000"),
        ("how about 110TH 3250W at 5c, assuming the price drops 30%", "110TH 3250W 5c price=-30%"),
        ("was wenn der Preis auf 40.000 fällt, S19 bei 7 Cent", "s19 0.07€/kWh price=40000"),
        ("was wäre wenn bitcoin um 20 % fällt", "price=-20%"),
        ("was passiert, wenn ein Zehntel der Hashrate verschwindet?", "hashrate=-10%"),
        ("was wenn die hälfte der hashrate vom netz geht", "hashrate=-50%"),
        ("angenommen die Gebühren steigen um 50 %", "fees=+50%"),
    ],
)
def test_plain_words_are_what_a_command_would_be(text: str, typed: str) -> None:
    supposed = understand(text, CATALOGUE)
    assert isinstance(supposed, WhatIf)
    expected = parse_whatif(typed, CATALOGUE)
    for key in KEYS[:-1]:
        ours, theirs = getattr(supposed.scenario, key), getattr(expected.scenario, key)
        assert (ours is None) == (theirs is None)
        if ours is not None:
            assert (ours.to, ours.by, ours.currency) == (
                theirs.to,
                pytest.approx(theirs.by, abs=1e-6),
                theirs.currency,
            )
    assert supposed.scenario.halving == expected.scenario.halving
    assert (supposed.question.rig, supposed.reference) == (expected.question.rig, expected.reference)
    assert supposed.question.power_price == expected.question.power_price


@pytest.mark.parametrize(
    "text",
    [
        "what's breakeven for an S19 at 7 cents?",
        "when does an s19 die at 7c?",
        "does an s19 at 7c pay if bitcoin falls to $20,000?",
        "what if my power price is 7 cents for an s19",
        "how about an s19 at 6 cents",
        "wenn bitcoin auf 20.000 fällt, lohnt sich ein S19 bei 6 Cent noch?",
    ],
)
def test_a_question_with_a_price_in_it_stays_a_question(text: str) -> None:
    assert isinstance(understand(text, CATALOGUE), Question)


@pytest.mark.parametrize(
    "text",
    [
        "what if the hash price falls 10%",
        "if the price is right",
        "when btc hits 100k i will sell",
        "",
        "what if",
        "nach dem halving",
    ],
)
def test_what_asks_nothing_of_miners_is_nothing(text: str) -> None:
    assert understand(text, CATALOGUE) is None


@pytest.mark.parametrize(
    "text",
    [
        "what if price drops by 5000",
        "what happens if the hashrate falls",
        "was wenn der Preis fällt",
    ],
)
def test_a_supposition_without_an_amount_is_asked_for_one(text: str) -> None:
    with pytest.raises(InvalidQuestion, match="What should be different") as failure:
        understand(text, CATALOGUE)
    parse_whatif(failure.value.example(ENGLISH).removeprefix("/whatif "), CATALOGUE)


def test_figures_that_cannot_be_are_refused() -> None:
    with pytest.raises(InvalidQuestion, match="120%"):
        understand("what if the price falls 120%", CATALOGUE)


@given(st.integers(1, 99), st.sampled_from(["price", "hashrate", "difficulty"]), st.booleans())
def test_every_percentage_up_and_down(percent: int, key: str, down: bool) -> None:
    text = f"what if the {key} {'falls' if down else 'rises'} by {percent} %"
    result = understand(text, CATALOGUE)
    assert isinstance(result, WhatIf)
    assert result.scenario == parse_whatif(f"{key}={'-' if down else '+'}{percent}%", CATALOGUE).scenario


_WORDS = st.sampled_from(
    [
        "what",
        "if",
        "the",
        "price",
        "btc",
        "hashrate",
        "power",
        "fees",
        "goes",
        "to",
        "falls",
        "by",
        "a",
        "tenth",
        "half",
        "of",
        "40,000",
        "10",
        "%",
        "7c",
        "s19",
        "halving",
        "and",
        "um",
        "auf",
    ]
)


@given(st.lists(_WORDS, max_size=30).map(" ".join) | st.text(max_size=450))
def test_whatever_is_said_is_understood_or_refused_in_words(said: str) -> None:
    try:
        understand(said, CATALOGUE)
    except InvalidQuestion:
        return
