"""How many machines a circuit carries."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.data.catalogue import load_machines
from bot.i18n.translator import translator_for
from bot.mining import assumptions
from bot.mining.answer import answer
from bot.mining.errors import InvalidQuestion
from bot.mining.parsing.understanding import understand
from bot.mining.question import Question
from tests.mining.market import NOVEMBER_2026

CATALOGUE = load_machines()
_S21_W = 3500.0


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 800), st.integers(100, 690), st.booleans())
def test_so_many_machines_fit_as_a_circuit_carries_for_hours(
    amperes: int, volts: int, three_phase: bool
) -> None:
    phases = "three-phase " if three_phase else ""
    carried = 0.8 * volts * amperes * (math.sqrt(3.0) if three_phase else 1.0)
    text = f"how many s21 on a {phases}{amperes} A {volts} V circuit at 7c"
    if carried < _S21_W:
        with pytest.raises(InvalidQuestion, match="Not one"):
            understand(text, CATALOGUE)
        return
    asked = understand(text, CATALOGUE)
    assert isinstance(asked, Question)
    assert asked.count * _S21_W <= carried < (asked.count + 1) * _S21_W


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "how many s21 on a 100 A 240 V circuit",
            "5 machines on 100 A, 240 V (80 % of it for continuous load: 19.2 kW)",
        ),
        (
            "how many s21 on 63A 400V 3-phase",
            "9 machines on 63 A, 400 V three-phase (80 % of it for continuous load: 34.92 kW)",
        ),
        (
            "how many s21 on 20 A 240 V",
            "1 machine on 20 A, 240 V (80 % of it for continuous load: 3.84 kW)",
        ),
    ],
)
def test_the_answer_says_what_the_circuit_carries(text: str, said: str) -> None:
    asked = understand(text, CATALOGUE)
    assert isinstance(asked, Question)
    assert said in assumptions.understood(answer(asked, NOVEMBER_2026), translator_for("en"))


@pytest.mark.parametrize("text", ["s21 7c on 30A 240V", "how much do 3 s21 make on a 30 A 240 V circuit"])
def test_a_circuit_without_a_number_asked_for_is_asked_about(text: str) -> None:
    with pytest.raises(InvalidQuestion, match="Of a circuit"):
        understand(text, CATALOGUE)
