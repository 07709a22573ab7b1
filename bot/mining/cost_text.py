"""In a sentence, what a bitcoin costs the network in power against its price: the same on every surface."""

from bot.i18n.message import Translator
from bot.mining import formatting
from bot.mining.answer import USD, Display
from bot.mining.hashrate_mix import BAND_USD_PER_KWH, NetworkView


def cost_line(view: NetworkView, t: Translator, display: Display = USD) -> str:
    """“A bitcoin costs 14,200 to 24,800 USD in power at 4.0 to 7.0 c/kWh …; it trades at 20,176 USD.”"""
    low, high = (formatting.cents(price, t, display) for price in BAND_USD_PER_KWH)
    # Translators: {cheap}, {dear}, {price} are money; {low}, {high} power prices (“4.0 c/kWh”).
    return t(
        "A bitcoin costs {cheap} to {dear} in power at {low} to {high} and {efficiency} J/TH; it trades "
        "at {price}.",
        cheap=formatting.money(view.cost_low_usd, display.of_btc_price, t),
        dear=formatting.money(view.cost_high_usd, display.of_btc_price, t),
        low=low,
        high=high,
        efficiency=formatting.number(view.mean_efficiency_j_per_th, 1, t),
        price=formatting.money(view.btc_price_usd, display.of_btc_price, t),
    )
