"""Words the handlers share, and text made safe for Telegram's HTML."""

from html import escape

from bot.i18n.message import N_

SIGNAL_NAMES = {
    "miner_outflow": N_("Miner outflow"),
    "hashrate_decline": N_("Hashrate decline"),
    "price_drawdown": N_("Price drawdown"),
    "energy_price": N_("Energy price"),
    "capitulation": N_("Capitulation"),
}


def html(text: object) -> str:
    """Anything as text that HTML can't mistake for markup."""
    return escape(str(text), quote=True)
