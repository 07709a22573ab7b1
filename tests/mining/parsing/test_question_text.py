"""A question retold as a command is the same question."""

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.data.catalogue import load_machines
from bot.mining.economics import Rig
from bot.mining.parsing.question_parser import parse_command
from bot.mining.parsing.question_text import to_command_text
from bot.mining.parsing.units import Currency, Money
from bot.mining.question import Focus, PeakPrice, Question, Scheme
from tests.mining.parsing.test_question_parser import COMMANDS

CATALOGUE = load_machines()


@pytest.mark.parametrize("asked", [text for text, _ in COMMANDS])
def test_retold_commands(asked: str) -> None:
    question = replace(parse_command(asked, CATALOGUE), focus=Focus.PROFIT)
    assert parse_command(to_command_text(question, CATALOGUE), CATALOGUE) == question


def _numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False).map(lambda value: float(f"{value:.6g}"))


_FIAT = st.sampled_from([currency for currency in Currency if currency is not Currency.BTC])
_btc_price = st.builds(Money, _numbers(1000, 1e6), _FIAT)
_machine_price = st.builds(Money, _numbers(20, 2e5), _FIAT)
_fixed = st.builds(Money, _numbers(0.01, 1e4), _FIAT)
_price = st.builds(Money, _numbers(-0.4, 0.49), st.just(Currency.USD)) | st.builds(
    Money, _numbers(0.004, 0.99), _FIAT
)
_tariffs = st.just((None, ())) | st.tuples(
    _price,
    st.lists(st.tuples(st.integers(0, 287), _price), max_size=8, unique_by=lambda cut: cut[0]).map(
        lambda cuts: _peaks(sorted(cuts))
    ),
)
_rigs = st.builds(
    lambda ths, j_per_th: Rig(ths, float(f"{ths * j_per_th:.6g}")), _numbers(0.5, 4e4), _numbers(9, 2000)
) | st.sampled_from([machine.rig() for machine in CATALOGUE.machines])


def _hour(cut: int) -> float:
    return cut // 12 + cut % 12 * 5 / 60.0


def _peaks(cuts: list[tuple[int, Money]]) -> tuple[PeakPrice, ...]:
    """Spans between every second pair of cuts of a day into five minutes each."""
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    return tuple(PeakPrice(price, _hour(start), _hour(end)) for (start, price), (end, _) in pairs)


@settings(deadline=None)
@given(
    st.builds(
        Question,
        rig=_rigs,
        btc_price=st.none() | _btc_price,
        pool_fee=st.integers(0, 30).map(lambda percent: percent / 100.0),
        uptime=st.integers(20, 100).map(lambda percent: percent / 100.0),
        overhead=_numbers(1.0, 5.0),
        fixed_cost=st.none() | _fixed,
        shared_cost=st.none() | _fixed,
        machine_price=st.none() | _machine_price,
        difficulty=st.none() | _numbers(1e12, 1e15),
        count=st.integers(1, 5000),
        scheme=st.none() | st.sampled_from(list(Scheme)),
        period=st.sampled_from(["day", "week", "month", "year"]),
        currency=st.none() | _FIAT,
        network_hashrate_ehs=st.none() | _numbers(1e-3, 1e6),
        fees_btc_per_block=st.none() | _numbers(0.0, 10.0),
        block_subsidy_btc=st.none() | _numbers(0.0, 50.0),
    ),
    _tariffs,
)
@example(Question(Rig(200.0, 3500.0, "Antminer S21"), hashprice=Money(45.5)), (None, ()))
def test_any_question_survives_retelling(
    asked: Question, tariff: tuple[Money | None, tuple[PeakPrice, ...]]
) -> None:
    question = replace(asked, power_price=tariff[0], peaks=tariff[1])
    assert parse_command(to_command_text(question, CATALOGUE), CATALOGUE) == question
