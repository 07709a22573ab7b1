"""Public miners' holdings as CoinGecko reports them from filings."""

import re
from datetime import datetime
from typing import Final

from bot.ledger.treasuries import MINERS, Holding
from bot.sources.parse import field, mapping, number, rows, text, within
from bot.sources.source_error import SourceError
from bot.sources.types import HISTORY_BYTES, ProviderApi

PATH: Final = "/api/v3/companies/public_treasury/bitcoin"
_MOST_BTC: Final = 1_000_000.0


async def miners(site: ProviderApi, now: datetime) -> tuple[Holding, ...]:
    """What every listed miner is said to hold, in BTC, by ticker.

    Companies that don't mine are left out, and so is one whose figure is out of range or that is named twice.
    Raises SourceError when there is no miner at all.
    """
    headers = {"x-cg-demo-api-key": site.key} if site.key else None
    answer = await site.json(PATH, now, headers=headers, max_bytes=HISTORY_BYTES)
    holdings: dict[str, Holding] = {}
    refused: set[str] = set()
    for row in rows(field(answer, "companies", "the treasuries"), "companies"):
        company = mapping(row, "a company")
        symbol = re.split(r"[.:]", text(company.get("symbol"), "a ticker").upper())[0]
        if symbol not in MINERS:
            continue
        what = f"the holdings of {MINERS[symbol]}"
        try:
            total = number(field(company, "total_holdings", "a company"), what)
            held_btc = within(total, 0.0, _MOST_BTC, what, "BTC")
        except SourceError:
            refused.add(symbol)
            continue
        if symbol in holdings:
            refused.add(symbol)
        holdings[symbol] = Holding(symbol, MINERS[symbol], held_btc)
    for symbol in refused:
        holdings.pop(symbol, None)
    if not holdings:
        raise SourceError("sent no miner among the companies")
    return tuple(holdings[symbol] for symbol in sorted(holdings))
