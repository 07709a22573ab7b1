"""Under which terms the figures of each source may be passed on."""

from typing import Final

from bot.sources.series_config import PROVIDERS
from bot.web.schema import SourceTerms

_WITHHELD: Final = frozenset({"cryptoquant", "glassnode", "bgeometrics"})
"""Sources whose terms forbid, or don't allow, passing figures on: signals may rest on them, the API not."""

_OTHERS: Final = {
    "binance": ("Binance", "https://data.binance.vision", "public market data; see the exchange's terms"),
    "blockchain.com": ("blockchain.com", "https://www.blockchain.com/explorer", "free with attribution"),
    "chain": ("the Bitcoin blockchain", "https://bitcoin.org", "facts of a public ledger"),
    "ember": ("Ember, from ENTSO-E", "https://ember-energy.org", "CC BY 4.0"),
    "eia": ("U.S. Energy Information Administration", "https://www.eia.gov", "public domain"),
    "company reports": ("company reports", "", "facts published by the companies"),
    "computed": ("minerwatch", "", "computed here from the other series"),
}
"""Sources that are no providers: of the bundled history, and minerwatch's own reckoning."""

_LICENCE_OF_SUMS: Final = "computed here from the public blockchain"


def is_withheld(source: str) -> bool:
    """Whether a source's figures may not be passed on."""
    return _name(source) in _WITHHELD


def terms(source: str) -> SourceTerms:
    """The terms of a source as readings name it, such as “kraken” or “ember (bundled)”."""
    name = _name(source)
    provider = PROVIDERS.get(name)
    if name in _OTHERS:
        title, home, licence = _OTHERS[name]
    elif provider is not None:
        title, home, licence = provider.title, provider.home, provider.licence
    else:
        title, home, licence = name, "", _LICENCE_OF_SUMS
    return SourceTerms(source=source, title=title, home=home, licence=licence)


def _name(source: str) -> str:
    return source.removesuffix(" (bundled)")
