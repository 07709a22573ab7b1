"""Day-ahead zones in questions, with a surcharge and tax."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.data.catalogue import load_machines
from bot.i18n.message import ENGLISH
from bot.mining.answer import answer
from bot.mining.assumptions import understood
from bot.mining.errors import InvalidQuestion
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.question_parser import parse_command
from bot.mining.parsing.question_text import to_command_text
from bot.mining.parsing.understanding import understand
from bot.mining.parsing.units import Currency, Money
from bot.mining.question import Question
from tests.mining.market import AT, NOVEMBER_2026, slots

CATALOGUE = load_machines()
MARKET = replace(
    NOVEMBER_2026, day_ahead={"DE-LU": slots(AT - timedelta(hours=6), [*[500.0] * 6, *[80.0] * 40])}
)


@pytest.mark.parametrize(
    ("text", "language", "zone", "surcharge", "tax"),
    [
        ("s21 DE-LU+3c", "en", "DE-LU", 0.03, 0.0),
        ("s21 de-lu + 3 ct", "de", "DE-LU", 0.03, 0.0),
        ("S21 bei DE-LU plus 3 ct Aufschlag", "de", "DE-LU", 0.03, 0.0),
        ("s21 DE-LU + 0.03 tax 19%", "en", "DE-LU", 0.03, 0.19),
        ("s21 DE-LU-0,5ct", "de", "DE-LU", -0.005, 0.0),
        ("s21 power FR", "en", "FR", None, 0.0),
        ("s21 @ NL + 2c", "en", "NL", 0.02, 0.0),
        ("is an S21 profitable at NO2?", "en", "NO2", None, 0.0),
        ("¿es rentable un S21 con luz FR + 2 céntimos?", "es", "FR", 0.02, 0.0),
        ("S21 电价 DE-LU + 3 分", "zh", "DE-LU", 0.03, 0.0),
    ],
)
def test_a_zone_is_read_with_its_surcharge_and_tax(
    text: str, language: str, zone: str, surcharge: float | None, tax: float
) -> None:
    question = understand(text, CATALOGUE, Asker(language))
    assert isinstance(question, Question)
    assert question.zone == zone
    assert question.surcharge == (None if surcharge is None else Money(surcharge, Currency.EUR))
    assert question.power_tax == pytest.approx(tax)
    assert parse_command(to_command_text(question, CATALOGUE), CATALOGUE) == question


@pytest.mark.parametrize("text", ["s21 at 7c", "is it worth it at si 7c s21", "s21 be 7c", "s21 ch 7c"])
def test_words_are_no_zones(text: str) -> None:
    try:
        question = understand(text, CATALOGUE)
    except InvalidQuestion:
        return
    assert isinstance(question, Question)
    assert question.zone is None


def test_the_price_is_the_mean_of_the_hours_ahead_with_surcharge_and_tax() -> None:
    answered = answer(parse_command("s21 DE-LU+3c tax 19%", CATALOGUE), MARKET)
    assert answered.base_power_price_usd == pytest.approx(0.08 * 1.15)
    assert answered.now.power_price_usd_per_kwh == pytest.approx((0.08 + 0.03) * 1.15 * 1.19)
    assert "DE-LU day-ahead, mean of 24 h" in understood(answered, ENGLISH)
    assert not answered.assumed_power_price


def test_a_zone_without_prices_is_said_and_so_are_two_prices() -> None:
    with pytest.raises(InvalidQuestion, match="no day-ahead prices for FR"):
        answer(parse_command("s21 power FR", CATALOGUE), MARKET)
    with pytest.raises(InvalidQuestion, match="two different power prices"):
        parse_command("s21 DE-LU 7c", CATALOGUE)
