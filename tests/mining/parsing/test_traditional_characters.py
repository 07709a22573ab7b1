"""Traditional characters are read as simplified ones, but amounts in some dollar are asked about."""

import pytest

from bot.data.catalogue import load_machines
from tests.mining.parsing.readings import reading

CATALOGUE = load_machines()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("電費5美分 S21 一天賺多少", "S21 200T, power_price=0.05 USD"),
        ("s21 電費0.5人民幣 賺多少", "S21 200T, power_price=0.5 CNY"),
        ("s21 電費1.2港元 賺錢嗎", "S21 200T, power_price=1.2 HKD"),
        ("神馬m50 電費6美分 值得開機嗎", "M50 118T, power_price=0.06 USD"),
        ("難度什麼時候調整", "/retarget"),
        ("區塊獎勵減半還有多久", "/halving"),
    ],
)
def test_they_mean_the_same(text: str, meant: str) -> None:
    assert reading(text, CATALOGUE, "zh") == meant


@pytest.mark.parametrize("text", ["螞蟻S19 電價0.4元 還賺錢嗎", "s21 電費1.2塊 賺錢嗎", "s21 電費3台幣"])
def test_a_dollar_of_taiwan_or_hong_kong_is_no_yuan(text: str) -> None:
    assert reading(text, CATALOGUE, "zh").startswith("? ")
