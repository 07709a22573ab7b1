"""What each source of miner outflow really measures: the name it goes by as evidence beside an alert."""

from typing import Final

from bot.i18n.message import N_, Message, message

PROXY: Final = N_("pool wallets, a proxy for selling")
"""What every alert on our own ledger says of it."""

_NAMES: Final = (
    (
        "ledger:",
        message("net outflow of pool wallets, counted on the chain (a proxy for selling)"),
    ),
    (
        "bgeometrics",
        message("BGeometrics' miner outflow: all coins leaving wallets it takes for miners', days late"),
    ),
    ("glassnode", message("Glassnode's transfers from miners: wallets by its own clustering")),
    ("cryptoquant", message("CryptoQuant's miner outflow: by its own labels, moves among miners included")),
    (
        "coingecko",
        message("public miners' holdings as CoinGecko reports them from filings, often weeks late"),
    ),
)


def evidence_name(source: str) -> Message:
    """How a reading's source is named in evidence; the source's own name when nothing more is known of it."""
    for prefix, name in _NAMES:
        if source.lower().startswith(prefix):
            return name
    return message("miner outflow as {source} reports it", source=source)
