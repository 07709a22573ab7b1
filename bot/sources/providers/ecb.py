"""The European Central Bank's own data service: the euro's daily reference rate in US dollars."""

from datetime import timedelta
from typing import Final

from bot.sources.parse import daily, iso_day
from bot.sources.readings import of_days
from bot.sources.source_error import SourceError
from bot.sources.types import FetchRequest, Provider, ProviderAnswer, ProviderApi, Query

PROVIDER: Final = Provider(
    name="ecb",
    title="European Central Bank",
    home="https://data-api.ecb.europa.eu",
    licence="free with the source named",
    limits="none published",
)


async def rates(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """Working days' rates, USD for one euro, published about 15:00 UTC."""
    first = ask.first or ask.today - timedelta(days=20)
    params = {"format": "csvdata", "startPeriod": first.isoformat()}
    if ask.last:
        params["endPeriod"] = ask.last.isoformat()
    header, *table = await site.csv(
        "/service/data/EXR/D.USD.EUR.SP00.A", ask.now, params, max_bytes=ask.max_bytes
    )
    try:
        when, what, money = (header.index(name) for name in ("TIME_PERIOD", "OBS_VALUE", "CURRENCY"))
    except ValueError:
        raise SourceError("sent a table with unknown columns") from None
    if any(len(row) != len(header) for row in table):
        raise SourceError("broke off its answer")
    points = [(iso_day(row[when], "a day"), row[what]) for row in table if row[money] == "USD" and row[what]]
    known = daily(points, "the rate", ask.today + timedelta(days=1), longest_gap=6)
    return ProviderAnswer(of_days("fx.eur_usd", known, site, ask))


RATES: Final = Query("ecb", "euro reference rate", rates, history=True)
