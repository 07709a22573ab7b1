"""The calculator's tables on a phone, in every language."""

from dataclasses import replace

import pytest

from bot.data.catalogue import load_machines
from bot.i18n.message import left, right, width
from bot.i18n.translator import LANGUAGES, translator_for
from bot.mining.answer import answer
from bot.mining.fleet import Fleet
from bot.mining.fleet_report import fleet_report
from bot.mining.fleet_whatif import fleet_what_if
from bot.mining.parsing.fleet_parser import parse_fleet
from bot.mining.parsing.question_parser import parse_command
from bot.mining.parsing.understanding import parse_whatif, understand
from bot.mining.parsing.units import Currency
from bot.mining.whatif import WhatIf, what_if
from handlers.commands import machines
from handlers.views import breakeven, fleet_whatif, whatif
from handlers.views import fleet as fleet_view
from tests.mining.market import NOVEMBER_2026, fact
from tests.mining.parsing.test_question_parser import COMMANDS

CATALOGUE = load_machines()
COLUMNS = 38


MARKET = replace(NOVEMBER_2026, rates={"JPY": fact(0.0064, "European Central Bank")})


@pytest.mark.parametrize("currency", [None, Currency.EUR, Currency.JPY, Currency.BTC])
@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_fit(language: str, currency: Currency | None) -> None:
    t = translator_for(language)
    texts = [machines.listing(CATALOGUE, CATALOGUE.search("s19"), t)]
    for asked in (*(text for text, _ in COMMANDS), "s21 0", "s21 5c fee=30%", "s21 5c fixed=100"):
        texts.append(breakeven.breakeven(answer(parse_command(asked, CATALOGUE), MARKET, currency), t))
    for asked in ("s19 price=40000 hashrate=-10% power=0.05 halving=yes", "s21 5c fee=30% price=-20%"):
        texts.append(whatif.outlook(what_if(parse_whatif(asked, CATALOGUE), MARKET, currency), t))
    for asked in ("10 s19j pro, 5 m30s++, 4 x 270TH 3645W", "1000 s19j pro, 5000 avalonminer 1246 fee 30%"):
        fleet = parse_fleet(asked, CATALOGUE, ()).applied(Fleet())
        texts.append(fleet_view.report(fleet_report(fleet, MARKET, currency), fleet, t))
        supposed = parse_whatif("price=40000 hashrate=-10%", CATALOGUE).scenario
        outlook = fleet_what_if(fleet, supposed, MARKET, currency)
        texts.append(fleet_whatif.outlook(outlook, fleet, t))
    rows = [row for text in texts for row in text.split("<pre>")[1].split("</pre>")[0].splitlines()]
    wide = [row for row in rows if width(row) > COLUMNS]
    assert not wide, "\n".join(wide)


def test_chinese_characters_take_two_columns() -> None:
    assert (width("Profit"), width("利润"), width("−3,4 %")) == (6, 4, 6)
    assert (left("利润", 6) + "|", right("利润", 6)) == ("利润  |", "  利润")


def _supposed(text: str) -> str:
    asked = understand(text, CATALOGUE)
    assert isinstance(asked, WhatIf)
    return whatif.outlook(what_if(asked, MARKET), translator_for("en"))


def test_a_highest_power_price_that_is_asked_for_leads_the_supposition() -> None:
    text = _supposed("max power price for s21 xp hyd if btc goes to 95k and difficulty +15%")
    assert "<b>It pays up to " in text.split("<pre>")[0]
    assert "<b>It pays up to " not in _supposed("s21 xp hyd 6c if difficulty rises 15%")


def test_a_hashprice_supposed_says_how_it_is_reckoned() -> None:
    first = _supposed("hashprice drops 20%, t21 5.5c?").split("\n")[0]
    assert "hashprice −20.0 % (reckoned as the BTC price)" in first
