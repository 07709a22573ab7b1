"""The calculator as the command line runs it."""

import json
from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.cli import breakeven
from bot.data.catalogue import load_machines
from bot.i18n.message import ENGLISH
from bot.mining.errors import InvalidQuestion
from bot.mining.machines import Machine
from bot.mining.market import Fact, Market, PowerSlot

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
STATE = [
    "--difficulty",
    "17.62e12",
    "--block-subsidy",
    "6.25",
    "--block-fees",
    "0.08125",
    "--btc-price",
    "45000",
]


def _run(*arguments: str, market: Market | None = None) -> str:
    parser = ArgumentParser()
    breakeven.add_arguments(parser)
    return breakeven.run(parser.parse_args(arguments), market or Market(AT), load_machines())


def _json(*arguments: str, market: Market | None = None) -> dict[str, Any]:
    result = json.loads(_run(*arguments, "--json", market=market))
    assert isinstance(result, dict)
    return result


def test_published_check_without_any_stored_reading() -> None:
    result = _json("--hashrate", "95", "--power", "3250", "--power-price", "0.077", *STATE)
    assert result["btc_per_day"] == pytest.approx(0.000687, rel=1e-3)
    assert result["breakeven_btc_price_usd"] == pytest.approx(8746, rel=1e-3)
    assert result["as_of"] is None


def test_machine_and_power_price_by_position() -> None:
    result = _json("Antminer S19", "0.07", *STATE)
    assert result["machine"] == "Antminer S19"
    assert (result["hashrate_ths"], result["power_w"]) == (95, 3250)
    assert result["power_price_usd_per_kwh"] == 0.07


def test_stored_readings_fill_what_is_not_given() -> None:
    old = Fact(132.757e12, AT - timedelta(hours=3), "mempool")
    market = Market(AT, Fact(81_445, AT, "kraken"), old, power_price_usd_per_kwh=0.055)
    result = _json("s21", market=market)
    assert result["btc_price_usd"] == 81_445
    assert result["power_price_usd_per_kwh"] == 0.055
    assert result["as_of"] == old.as_of.isoformat()


def test_missing_readings_are_named() -> None:
    with pytest.raises(InvalidQuestion, match="no bitcoin price yet"):
        _run("s19", "0.07")
    with pytest.raises(InvalidQuestion, match="no difficulty yet"):
        _run("s19", "0.07", "--btc-price", "45000")


def test_needs_readings_only_when_the_state_is_not_given() -> None:
    parser = ArgumentParser()
    breakeven.add_arguments(parser)
    assert breakeven.needs_readings(parser.parse_args(["s19", "0.07"]))
    assert breakeven.needs_readings(parser.parse_args(["s19", "0.07", "--btc-price", "45000"]))
    assert not breakeven.needs_readings(parser.parse_args(["s19", "0.07", *STATE]))


def test_by_share_of_the_network() -> None:
    result = _json(
        "--hashrate", "288", "--power", "4900", "--power-price", "0.07", "--network-hashrate", "900",
        "--network-btc-per-day", "450", "--btc-price", "60000",
    )  # fmt: skip
    assert result["cost_per_btc_usd"] == pytest.approx(57_166.67, abs=0.01)
    assert result["network_hashrate_ehs"] == pytest.approx(900)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["s19", "cheap", *STATE], "POWER_PRICE"),
        (["s19", "--power-price", "nan", *STATE], "--power-price"),
        (["s19", "--power-price", "1e309", *STATE], "--power-price"),
        (["s19", "7", *STATE], "POWER_PRICE"),
        (["--hashrate", "95", "--power", "34.2", "0.07", *STATE], "J/TH"),
        (["--hashrate", "95000", "--power", "3250", "0.07", *STATE], "J/TH"),
        (["s19", "0.07", "--pool-fee", "1.01", *STATE], "--pool-fee"),
        (["s19", "0.07", "--pool-fee", "101%", *STATE], "--pool-fee"),
        (["s19", "0.07", "--uptime", "95", *STATE], "--uptime"),
        (["s19", "0.07", "--overhead", "0.5", *STATE], "--overhead"),
        (["--hashrate", "0", "--power", "3250", "0.07", *STATE], "--hashrate"),
        (["s19", "0.07", "--hashrate", "1e308", *STATE], "--hashrate"),
        (["s19", "0.07", "--power", "much", *STATE], "--power"),
        (["s19", "0.07", "--btc-price", "0"], "--btc-price"),
        (["s19", "0.07", "--difficulty", "-1"], "--difficulty"),
        (["S20", "0.07", *STATE], "did you mean Antminer S21"),
        (["toaster", "0.07", *STATE], "toaster"),
        (["", "0.07", *STATE], "MACHINE"),
        (["x" * 4096, "0.07", *STATE], "MACHINE"),
        (["0.07", *STATE], "Name a MACHINE"),
        (["s19", "0.07", "--power-price", "0.08", *STATE], "--power-price"),
    ],
)
def test_unusable_arguments_are_named_in_one_line_with_an_example(arguments: list[str], named: str) -> None:
    with pytest.raises(InvalidQuestion) as caught:
        _run(*arguments)
    assert named in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400
    assert "breakeven" in caught.value.example(ENGLISH)


@pytest.mark.parametrize("machine", load_machines().machines, ids=lambda machine: machine.name)
def test_every_machine_of_the_catalogue_answers(machine: Machine) -> None:
    result = _json(machine.name, "0.05", *STATE)
    assert result["hashrate_ths"] > 0
    assert result["breakeven_btc_price_usd"] > 0


def test_a_zone_with_what_comes_on_top_is_a_power_price() -> None:
    day = (PowerSlot(AT, AT + timedelta(days=1), 80.0),)
    market = Market(
        AT,
        btc_price_usd=Fact(100_000.0, AT, "test"),
        difficulty=Fact(150e12, AT, "test"),
        eur_usd=Fact(1.25, AT, "test"),
        day_ahead={"DE-LU": day},
    )
    by_zone = json.loads(_run("s21", "DE-LU+3c tax 19%", "--json", market=market))
    by_figure = json.loads(_run("s21", str((0.08 + 0.03) * 1.19 * 1.25), "--json", market=market))
    assert by_zone["profit_usd_per_day"] == pytest.approx(by_figure["profit_usd_per_day"])
    flagged = json.loads(_run("s21", "--power-price", "DE-LU+3c tax 19%", "--json", market=market))
    assert flagged == by_zone
