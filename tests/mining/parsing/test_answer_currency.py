"""The answer given last is converted, and what was supposed stays when one goes on."""

import pytest

from bot.data.catalogue import load_machines
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.follow_up import AskedQuestion
from bot.mining.parsing.understanding import understand
from tests.mining.parsing.readings import said

CATALOGUE = load_machines()


def _last_of(language: str, *turns: str) -> str:
    before: AskedQuestion | None = None
    for turn in turns[:-1]:
        asked = understand(turn, CATALOGUE, Asker(language), before=before)
        assert isinstance(asked, AskedQuestion)
        before = asked
    return said(understand(turns[-1], CATALOGUE, Asker(language), before=before), CATALOGUE)


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        ("en", "convert it to euros", "EUR"),
        ("en", "convert to swiss francs please", "CHF"),
        ("de", "in Euro umgerechnet", "EUR"),
        ("de", "rechne das in franken um", "CHF"),
        ("de", "kannst du das in euro umrechnen?", "EUR"),
        ("es", "pásalo a euros", "EUR"),
        ("es", "conviertelo a euros porfa", "EUR"),
        ("ru", "переведи в евро", "EUR"),
        ("ru", "переведи это в юани", "CNY"),
        ("ru", "а в юанях?", "CNY"),
        ("zh", "换算成人民币", "CNY"),
        ("zh", "换成人民币", "CNY"),
        ("zh", "折合人民币多少", "CNY"),
        ("zh", "用欧元算", "EUR"),
    ],
)
def test_the_answer_is_given_anew_in_another_currency(language: str, text: str, code: str) -> None:
    question = "S19 95T, power_price=0.06 USD"
    assert _last_of(language, "s19 $0.06/kWh", text) == f"{question}, currency={code}"
    assert _last_of(language, "s19 $0.06/kWh btc=50k", text).endswith(f"currency={code}")


@pytest.mark.parametrize(
    ("language", "text", "command"),
    [
        ("en", "switch to euro", "/currency EUR"),
        ("de", "zeig alles in euro", "/currency EUR"),
        ("es", "cambia a euros", "/currency EUR"),
        ("ru", "переведи всё в евро", "/currency EUR"),
        ("zh", "所有金额换成人民币", "/currency CNY"),
    ],
)
def test_what_is_to_stay_so_is_the_setting(language: str, text: str, command: str) -> None:
    assert _last_of(language, "s19 $0.06/kWh", text) == command


@pytest.mark.parametrize(
    ("language", "supposed", "text"),
    [
        ("en", "what if btc goes to 140k", "and an s21 xp?"),
        ("en", "what if btc goes to 140k", "s21 xp?"),
        ("de", "was wenn btc auf 140000 steigt", "und ein s21 xp?"),
        ("es", "y si btc sube a 140 mil?", "y un s21 xp?"),
        ("ru", "а если биток вырастет до 140к", "а s21 xp?"),
        ("zh", "如果币价涨到14万美元", "那s21 xp呢"),
    ],
)
def test_another_machine_keeps_what_was_supposed(language: str, supposed: str, text: str) -> None:
    expected = "what if price 140000: S21 XP 270T, power_price=0.06 USD"
    assert _last_of(language, "s19 $0.06/kWh", supposed, text) == expected


def test_another_bitcoin_price_keeps_what_else_was_supposed() -> None:
    turns = ("s19 6c", "what if btc 140k and difficulty +10%", "and at btc 100k?")
    expected = "what if difficulty +0.100: S19 95T, power_price=0.06 USD, btc_price=100000 USD"
    assert _last_of("en", *turns) == expected


def test_machines_compared_are_supposed_together() -> None:
    turns = ("s19 vs s21 at 6c", "what if difficulty rises 10%", "and at 5c?")
    supposed = "what if difficulty +0.100: "
    both = "S19 95T, power_price=0.05 USD vs S21 200T, power_price=0.05 USD"
    assert _last_of("en", *turns) == supposed + both
    assert _last_of("en", *turns, "and an s19 xp?") == f"{supposed}S19 XP 140T, power_price=0.05 USD"
    assert _last_of("en", *turns, "in euro").count("currency=EUR") == 2
    assert _last_of("en", "s19 6c", turns[1], "vs s21").startswith(supposed)
