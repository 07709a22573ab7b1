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

    Companies that don't mine are left out. Raises SourceError when the answer can't be believed: a company's
    figure out of range, one company twice, or no miner at all.
    """
    headers = {"x-cg-demo-api-key": site.key} if site.key else None
    answer = await site.json(PATH, now, headers=headers, max_bytes=HISTORY_BYTES)
    found: dict[str, Holding] = {}
    for row in rows(field(answer, "companies", "the treasuries"), "companies"):
        company = mapping(row, "a company")
        symbol = re.split(r"[.:]", text(company.get("symbol"), "a ticker").upper())[0]
        if symbol not in MINERS:
            continue
        what = f"the holdings of {MINERS[symbol]}"
        told = number(field(company, "total_holdings", "a company"), what)
        held = within(told, 0.0, _MOST_BTC, what, "BTC")
        if symbol in found:
            raise SourceError(f"sent {what} twice")
        found[symbol] = Holding(symbol, MINERS[symbol], held)
    if not found:
        raise SourceError("sent no miner among the companies")
    return tuple(found[symbol] for symbol in sorted(found))
