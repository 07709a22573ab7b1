"""Words the handlers share, and text made safe for Telegram's HTML."""

from html import escape

from bot.i18n.message import mark as mark  # noqa: PLC0414 - the handlers find their words here, this one too

SIGNAL_NAMES = {
    "miner_outflow": mark("Miner outflow"),
    "hashrate_decline": mark("Hashrate decline"),
    "price_drawdown": mark("Price drawdown"),
    "energy_price": mark("Energy price"),
    "capitulation": mark("Capitulation"),
}


def html(text: object) -> str:
    """Anything as text that HTML can't mistake for markup."""
    return escape(str(text), quote=True)
