"""What is told unasked, in the currency its chat has chosen."""

from datetime import timedelta

from bot.data.catalogue import load_machines
from bot.i18n.translator import translator_for
from bot.mining.answer import USD, display_in
from bot.mining.fleet_alerts import ProfitabilityChange
from bot.mining.parsing.units import Currency
from bot.signals.digest import Digest
from bot.signals.history import History
from bot.signals.phase import Phase
from bot.signals.series import Reading
from handlers.views import digest, fleet
from handlers.views.situation import Situation, machine_line
from handlers.views.watches import figure_words
from tests.mining.market import AT, NOVEMBER_2026

T = translator_for("en")
EUR = display_in(Currency.EUR, NOVEMBER_2026, [])
SITUATION = Situation(load_machines(), NOVEMBER_2026)


def test_an_alerts_own_line() -> None:
    assert "USD a day" in (machine_line(SITUATION, T) or "")
    line = machine_line(SITUATION.shown_in("EUR"), T) or ""
    assert "EUR/kWh" in line
    assert "EUR a day" in line
    assert "USD" not in line


def test_a_currency_without_a_rate_leaves_dollars() -> None:
    assert SITUATION.shown_in("GBP") == SITUATION


def test_a_watchs_figures_come_in_both_since_levels_are_in_dollars() -> None:
    assert figure_words("price", 81_445.0, T, USD) == "81,445 USD"
    assert figure_words("price", 81_445.0, T, EUR) == "81,445 USD (70,822 EUR)"
    assert figure_words("hashprice", 46.0, T, EUR) == "46 USD/PH/day (40.00 EUR/PH/day)"
    assert figure_words("drawdown", -0.5, T, EUR) == "−50 %"


def test_a_fleets_alert() -> None:
    change = ProfitabilityChange(True, -11.5, 230.0, 81_445.0, 92_000.0, 0.0575, AT)
    text = fleet.notice(change, AT + timedelta(minutes=4), T, EUR)
    assert "−10.00 EUR a day on 200.00 EUR revenue" in text
    assert "BTC 70,822 EUR, break-even 80,000 EUR, power 0.05 EUR/kWh" in text


def test_a_digest() -> None:
    history = History()
    history.add(Reading("btc.price", 81_445.0, AT, "mempool", AT))
    history.add(Reading("btc.hashprice", 46.0, AT, "calculated", AT))
    since = AT - timedelta(days=1)
    result = Digest(since, AT, AT, Phase.CALM, since, (), ())
    situation = Situation(load_machines(), NOVEMBER_2026, history).shown_in("EUR")
    text = digest.digest(result, AT, T, situation)
    assert "Bitcoin 70,822 EUR" in text
    assert "Hashprice 40.00 EUR/PH/day" in text
    assert text.count("1 EUR = 1.15 USD") == 1
