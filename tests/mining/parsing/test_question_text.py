"""A question retold as a command is the same question."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.data.catalogue import load_machines
from bot.mining.economics import Rig
from bot.mining.parsing.question_parser import parse_command
from bot.mining.parsing.question_text import to_command_text
from bot.mining.parsing.units import Currency, Money
from bot.mining.question import Focus, Question
from tests.mining.parsing.test_question_parser import COMMANDS

CATALOGUE = load_machines()


@pytest.mark.parametrize("asked", [text for text, _ in COMMANDS])
def test_retold_commands(asked: str) -> None:
    question = replace(parse_command(asked, CATALOGUE), focus=Focus.PROFIT)
    assert parse_command(to_command_text(question, CATALOGUE), CATALOGUE) == question


def _numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False).map(lambda value: float(f"{value:.6g}"))


_money = st.builds(Money, _numbers(0.01, 1e6), st.sampled_from(list(Currency)))
_rigs = st.builds(Rig, _numbers(0.5, 1e5), _numbers(2, 1e6)) | st.sampled_from(
    [machine.rig() for machine in CATALOGUE.machines]
)


@settings(deadline=None)
@given(
    st.builds(
        Question,
        rig=_rigs,
        power_price=st.none() | st.builds(Money, _numbers(0.0, 9.0), st.sampled_from(list(Currency))),
        btc_price=st.none() | _money,
        pool_fee=_numbers(0.0, 1.0),
        uptime=_numbers(0.0, 1.0),
        overhead=_numbers(1.0, 5.0),
        fixed_cost=st.none() | _money,
        machine_price=st.none() | _money,
        difficulty=st.none() | _numbers(1.0, 1e17),
        network_hashrate_ehs=st.none() | _numbers(1e-3, 1e6),
        fees_btc_per_block=st.none() | _numbers(0.0, 10.0),
        block_subsidy_btc=st.none() | _numbers(0.0, 50.0),
    )
)
def test_any_question_survives_retelling(question: Question) -> None:
    assert parse_command(to_command_text(question, CATALOGUE), CATALOGUE) == question
