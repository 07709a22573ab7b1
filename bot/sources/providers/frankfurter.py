"""frankfurter.dev: the European Central Bank's daily reference rates of the euro."""

from collections.abc import Mapping
from typing import Final

from bot.sources.parse import daily, field, iso_day, mapping, positive
from bot.sources.readings import of_day, of_days
from bot.sources.source_error import SourceError
from bot.sources.types import CurrencyRates, FetchRequest, Provider, ProviderAnswer, ProviderApi, Query

PROVIDER: Final = Provider(
    name="frankfurter",
    title="frankfurter.dev",
    home="https://api.frankfurter.dev",
    licence="ECB reference rates, free with the source named",
    limits="none published",
)


async def latest(site: ProviderApi, ask: FetchRequest) -> ProviderAnswer:
    """The newest reference rate, or those of the days asked for."""
    when = f"{ask.first}..{ask.last or ask.today}" if ask.first else "latest"
    params = {"base": "EUR", "symbols": "USD"} if ask.first else {"base": "EUR"}
    body = await site.json(f"/v1/{when}", ask.now, params, max_bytes=ask.max_bytes)
    if field(body, "base", "the rate") != "EUR" or field(body, "amount", "the rate") != 1:
        raise SourceError("sent a rate that isn't for one euro")
    rates = mapping(field(body, "rates", "the rate"), "the rates")
    if ask.first:
        points = [(iso_day(day, "a day"), field(rate, "USD", "a rate")) for day, rate in rates.items()]
        return ProviderAnswer(
            of_days("fx.eur_usd", daily(points, "the rate", ask.today, longest_gap=6), site, ask)
        )
    day = iso_day(field(body, "date", "the rate"), "the date of the rate")
    if day > ask.today:
        raise SourceError(f"stamped the rate in the future ({day})")
    value = positive(field(rates, "USD", "the rates"), "the rate")
    reading = of_day("fx.eur_usd", day, value, site, ask)
    return ProviderAnswer(
        (reading,), rates=CurrencyRates(_cross_rates(rates, value), reading.as_of, reading.source)
    )


def _cross_rates(rates: Mapping[str, object], usd_per_eur: float) -> dict[str, float]:
    """US dollars for one unit of every other currency; what is no believable rate is left out."""
    cross = {}
    for code, rate in rates.items():
        if code == "USD" or not isinstance(rate, int | float) or isinstance(rate, bool):
            continue
        if 0.1 <= rate <= 1e5:
            cross[code] = usd_per_eur / rate
    return cross


LATEST: Final = Query("frankfurter", "euro reference rate", latest, history=True)
